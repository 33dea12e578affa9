// What the column codec promises, for the targets that decode columns.
#ifndef REPRISE_FUZZ_COLUMN_PROMISES_H_
#define REPRISE_FUZZ_COLUMN_PROMISES_H_

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "format/column.h"
#include "format/segment_chunks.h"
#include "fuzz/fuzz_input.h"

namespace reprise::fuzz {

inline constexpr std::size_t kVectorEdge = 1024;

// Rows first .. first + part.rows - 1 of `whole` are those of `part`.
inline void RequireSlice(const Column& whole, std::size_t first, const Column& part) {
  Require(part.type == whole.type, "a range has the type of the whole");
  for (std::size_t i = 0; i < part.rows; ++i) {
    Require(part.value(i) == whole.value(first + i), "a range is a slice of the whole");
  }
}

// `whole` was decoded from `chunk`: every range of it decodes to the same values.
inline void RequireRange(std::string_view chunk, const Column& whole, std::size_t first,
                         std::size_t count) {
  first = std::min(first, whole.rows);
  count = std::min(count, whole.rows - first);
  Column part;
  Require(DecodeColumnRange(chunk, whole.type, whole.rows, first, count, &part).ok(),
          "a range of what decodes as a whole decodes");
  Require(part.rows == count, "a range has as many rows as were asked for");
  RequireSlice(whole, first, part);
}

inline void RequireRanges(std::string_view chunk, const Column& whole, FuzzInput* input) {
  const std::size_t first = input->Number<std::uint16_t>();
  const std::size_t count = input->Number<std::uint16_t>();
  RequireRange(chunk, whole, first, count);
  RequireRange(chunk, whole, 0, 1);
  RequireRange(chunk, whole, whole.rows, 0);
  RequireRange(chunk, whole, whole.rows - std::min<std::size_t>(whole.rows, 1), 1);
  RequireRange(chunk, whole, kVectorEdge - 1, 2);
}

// Encodes what has been decoded, or made: the same values come back, from the same bytes each time.
inline std::string RequireRoundTrip(const Column& column) {
  std::vector<std::string_view> texts;
  const ColumnView view = ViewOf(column, &texts);
  std::string chunk;
  EncodeColumn(view, &chunk);
  std::string again;
  EncodeColumn(view, &again);
  Require(chunk == again, "the same values give the same bytes");
  Column decoded;
  Require(DecodeColumn(chunk, column.type, column.rows, &decoded).ok(), "what was encoded decodes");
  Require(decoded.rows == column.rows, "all rows come back");
  RequireSlice(column, 0, decoded);
  return chunk;
}

}  // namespace reprise::fuzz

#endif  // REPRISE_FUZZ_COLUMN_PROMISES_H_
