// A row part as the log keeps it: what one Log call adds to one row. Specified in format/log.md.
//
// A part names its shape by a number, so both sides must be given the shape's column types. They
// are few and known by then, and the values need no tags.
#ifndef REPRISE_FORMAT_ROW_PART_H_
#define REPRISE_FORMAT_ROW_PART_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "reprise/value.h"

namespace reprise {

// Everything of a part but its values.
struct RowPartHeader {
  std::uint32_t run = 0;    // handle
  std::uint32_t shape = 0;  // id
  bool commit = false;      // the row is complete with this part
  bool restate = false;     // replaces what earlier parts said of the row
  Step step = 0;

  friend bool operator==(const RowPartHeader&, const RowPartHeader&) = default;
};

// Appends a whole record to `group`. `values` have the types of the shape; `time` is dropped unless
// the shape has one, and counts from the time of the group it is appended to.
void AppendRowPart(const RowPartHeader& header, bool has_time, TimeMicros time,
                   TimeMicros group_time, std::span<const ValueView> values, std::string* group);

// Reads a record's payload in two steps: what it names, then, when its shape is known, the rest.
class RowPartReader {
 public:
  explicit RowPartReader(std::string_view payload) : payload_(payload) {}

  // False if the payload is too short or its flags or step make no sense.
  bool ReadHeader(RowPartHeader* header);
  // After ReadHeader. `time` becomes kNoTime where the shape has none. Text views point into the
  // payload. False unless the payload is exactly such a part.
  bool ReadValues(bool has_time, TimeMicros group_time, std::span<const Type> types,
                  TimeMicros* time, std::vector<ValueView>* values);

 private:
  std::string_view payload_;
  std::size_t position_ = 0;  // of what follows the header
  bool is_narrow_ = false;    // it has a mask of the values that are kept as float32
};

}  // namespace reprise

#endif  // REPRISE_FORMAT_ROW_PART_H_
