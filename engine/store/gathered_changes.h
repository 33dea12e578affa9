// All changes of a store as a list of places, so that any number of them can be read in order.
#ifndef REPRISE_ENGINE_STORE_GATHERED_CHANGES_H_
#define REPRISE_ENGINE_STORE_GATHERED_CHANGES_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "engine/catalog/catalog.h"
#include "engine/io/directory.h"
#include "format/change.h"
#include "reprise/status.h"

namespace reprise {

// Where one change lies, and what decides whether it became true. One for each record there is, so
// its size is what a store of many changes costs.
struct ChangePlace {
  ChangeNumber number = 0;
  std::uint64_t boot_nanos = 0;
  SessionId session = 0;
  std::uint32_t frame = 0;    // of those known; kInLog: a log has it
  std::uint32_t ordinal = 0;  // among the frame's changes, or those of logs
  std::uint32_t size = 0;     // bytes, encoded

  static constexpr std::uint32_t kInLog = ~std::uint32_t{0};
};

// Changes of one write transaction: they share the moment at which it numbered them.
using ChangeTransaction = std::pair<SessionId, std::uint64_t>;

inline ChangeTransaction TransactionOf(const ChangePlace& place) {
  return {place.session, place.boot_nanos};
}

// The changes of a store that became true, by number. In memory: 40 bytes for each record that was
// found; those that only logs have, as they are; and while changes are read, up to kWindowBytes of
// them and one expanded frame of a pack.
// Thread-compatible. Refers to the packs' directory.
class GatheredChanges {
 public:
  // How many bytes of encoded changes are read at once. Each frame is expanded once for each window
  // that needs something of it.
  static constexpr std::size_t kWindowBytes = std::size_t{32} << 20;

  explicit GatheredChanges(Directory& packs) : packs_(&packs) {}

  // First, one by one in any order; `bytes` is what was decoded to `change`. A frame's are added
  // one after the other.
  void AddLogged(const Change& change, std::string_view bytes);
  void AddPacked(const Change& change, std::string_view bytes, std::uint64_t pack,
                 std::uint64_t offset, std::uint32_t ordinal);
  // Then: leaves one record for each number, of those that became true (see gather.h).
  void Choose();

  // By number.
  const std::deque<ChangePlace>& places() const { return places_; }
  ChangeNumber last() const { return places_.empty() ? 0 : places_.back().number; }
  // The numbers that gaps among them have declared void, or lost, for good: sorted, disjoint.
  const std::vector<ChangeRange>& void_ranges() const { return void_ranges_; }

  // Whether both have the same changes, wherever they lie.
  bool IsSameAs(const GatheredChanges& other) const;

  // Visits changes `first` to `last` in order, some at a time: none of them is larger than a
  // catalog's transaction should be. kCorrupt, kNotFound or kIoError where one cannot be read
  // again.
  Status Read(ChangeNumber first, ChangeNumber last,
              const std::function<Status(std::span<const Change>)>& visit) const;

 private:
  struct Frame {
    std::uint64_t pack = 0;
    std::uint64_t offset = 0;
  };
  struct Window;
  // A record: number, then transaction.
  using GapKey = std::tuple<ChangeNumber, SessionId, std::uint64_t>;

  void Add(const Change& change, std::string_view bytes, std::uint32_t frame,
           std::uint32_t ordinal);
  void Sort();
  void KeepOneEach();
  void EraseVoid();
  void DropUnusedBytes();
  Status Fetch(Window* window) const;
  Status FetchFrame(Window* window, std::span<const std::uint32_t> wanted) const;

  Directory* packs_;
  std::deque<ChangePlace> places_;
  std::vector<Frame> frames_;
  std::vector<std::string> logged_;
  std::map<GapKey, std::vector<ChangeRange>> gaps_;
  std::vector<ChangeRange> void_ranges_;
};

// The first number from `number` on that is in none of the ranges.
ChangeNumber SkipVoid(const std::vector<ChangeRange>& ranges, ChangeNumber number);

// All of them, for a catalog.
ChangeStream StreamOf(GatheredChanges changes);

}  // namespace reprise

#endif  // REPRISE_ENGINE_STORE_GATHERED_CHANGES_H_
