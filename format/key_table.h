// The keys of a segment: sorted, without repeats, each stored as what it shares with the one
// before it and the rest. Specified in format/segment.md.
#ifndef REPRISE_FORMAT_KEY_TABLE_H_
#define REPRISE_FORMAT_KEY_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "reprise/status.h"

namespace reprise {

inline constexpr std::size_t kMaxKeyBytes = 1024;
inline constexpr std::size_t kMaxSegmentKeys = 1'000'000;
// Of all keys of a table, decoded: shared beginnings must not multiply without bound. So many also
// of the columns of all shapes of a segment (segment_size.h).
inline constexpr std::size_t kMaxKeyTableBytes = std::size_t{32} << 20;

// Thread safety: const access from any thread.
class KeyTable {
 public:
  // `keys` ascend, within the limits above.
  static void Encode(std::span<const std::string_view> keys, std::string* out);
  // kCorrupt for bytes that Encode cannot have written; offsets count from the start of `bytes`.
  static Result<KeyTable> Decode(std::string_view bytes);

  std::size_t size() const { return ends_.size(); }
  // Requires id < size(). Lives as long as the table.
  std::string_view key(std::size_t id) const;
  // The id of a key, which is its place in the order.
  std::optional<std::uint32_t> Find(std::string_view key) const;

 private:
  std::string bytes_;  // all keys, one after the other
  std::vector<std::uint32_t> ends_;
};

}  // namespace reprise

#endif  // REPRISE_FORMAT_KEY_TABLE_H_
