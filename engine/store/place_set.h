// Places in packs that mostly come in order: 8 bytes each.
#ifndef REPRISE_ENGINE_STORE_PLACE_SET_H_
#define REPRISE_ENGINE_STORE_PLACE_SET_H_

#include <algorithm>
#include <cstdint>
#include <map>
#include <set>
#include <vector>

namespace reprise {

// Thread-compatible.
class PlaceSet {
 public:
  void Add(std::uint64_t pack, std::uint64_t offset) {
    Offsets& offsets = packs_[pack];
    if (offsets.rising.empty() || offset > offsets.rising.back()) {
      offsets.rising.push_back(offset);
    } else if (offset != offsets.rising.back()) {
      offsets.others.insert(offset);
    }
  }

  bool Contains(std::uint64_t pack, std::uint64_t offset) const {
    const auto found = packs_.find(pack);
    if (found == packs_.end()) return false;
    const auto& [rising, others] = found->second;
    return std::binary_search(rising.begin(), rising.end(), offset) || others.contains(offset);
  }

 private:
  struct Offsets {
    std::vector<std::uint64_t> rising;  // each was above all before it
    std::set<std::uint64_t> others;
  };
  std::map<std::uint64_t, Offsets> packs_;
};

}  // namespace reprise

#endif  // REPRISE_ENGINE_STORE_PLACE_SET_H_
