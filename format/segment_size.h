// How much a segment may hold. A few bytes of a segment can stand for gigabytes of rows: equal
// numbers, texts of one dictionary, keys that share their beginnings. A writer refuses more than
// this before it writes, and a reader before it allocates.
#ifndef REPRISE_FORMAT_SEGMENT_SIZE_H_
#define REPRISE_FORMAT_SEGMENT_SIZE_H_

#include <cstddef>
#include <optional>
#include <string_view>

#include "format/column.h"
#include "format/row_batch.h"
#include "reprise/status.h"

namespace reprise {

// The engine seals rows at 8 MiB of memory, in which a value takes at least 8 bytes, and has at
// most one row of 8 MiB more. These are two to four times what such a segment can have. Of text, a
// segment may have what one column may, kMaxColumnTextBytes, and of keys kMaxKeyTableBytes.
inline constexpr std::size_t kMaxSegmentValues = std::size_t{1} << 22;
inline constexpr std::size_t kMaxSegmentColumns = 1'000'000;

// What was counted of a segment so far.
struct SegmentSize {
  std::size_t values = 0;      // nulls too
  std::size_t columns = 0;     // of each shape for itself
  std::size_t key_bytes = 0;   // of these columns: a key counts in each shape that has it
  std::size_t text_bytes = 0;  // of each row for itself, though rows may share it

  void AddColumn(std::string_view key) {
    ++columns;
    key_bytes += key.size();
  }
  void AddShape(const Shape& shape);
  void AddText(const Column& column);

  // What there is too much of; nothing if all is within bounds.
  struct Excess {
    std::string_view what;
    std::size_t size = 0;
    std::size_t limit = 0;
  };
  std::optional<Excess> excess() const;
  // Of what is read: kCorrupt if there is too much of anything.
  Status Check() const;
};

}  // namespace reprise

#endif  // REPRISE_FORMAT_SEGMENT_SIZE_H_
