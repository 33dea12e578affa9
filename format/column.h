// The column codec: all values of one key and one type in a segment, as one chunk of bytes.
//
// A chunk holds neither its type nor its row count nor a checksum: the segment's directory has
// them. Numbers are encoded in independent vectors of 1,024, so a range of rows is decoded without
// the rest. The layout is specified in format/column.md.
//
// Encoding is deterministic: the same values, and the same plans known, give the same bytes on
// every machine. Decoding gives back every bit. Damaged or hostile chunks are rejected or give
// wrong values, at a bounded cost; they never make a decoder read outside the chunk.
//
// Thread safety: functions are free of state; a Column is a plain value.
#ifndef REPRISE_FORMAT_COLUMN_H_
#define REPRISE_FORMAT_COLUMN_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "reprise/status.h"
#include "reprise/value.h"

namespace reprise {

struct ColumnPlans;  // plan_memory.h

// Decoders refuse more rows or, in bytes, a longer value or more text than this. Text counts in
// each row that has it.
inline constexpr std::size_t kMaxColumnRows = std::size_t{1} << 20;
inline constexpr std::size_t kMaxTextBytes = std::size_t{4} << 20;
inline constexpr std::size_t kMaxColumnTextBytes = std::size_t{64} << 20;

// `rows` values of one type, all present; not owned. `bits` has them for bool, int64 and double,
// `texts` for string, bytes and json; null needs neither.
struct ColumnView {
  Type type = Type::kNull;
  std::size_t rows = 0;
  std::span<const std::uint64_t> bits;
  std::span<const std::string_view> texts;

  // Requires i < rows. Text lives as long as what the view refers to.
  ValueView value(std::size_t i) const {
    if (IsText(type)) return ValueView::Stored(type, 0, texts[i]);
    return ValueView::Stored(type, type == Type::kNull ? 0 : bits[i], {});
  }
};

// Decoded values, owned. Rows with equal text may share its bytes.
struct Column {
  struct TextSlot {
    std::uint32_t offset = 0;
    std::uint32_t size = 0;
  };

  Type type = Type::kNull;
  std::size_t rows = 0;
  std::vector<std::uint64_t> bits;  // one per row for bool, int64 and double, else empty
  std::vector<TextSlot> slots;      // one per row for text, else empty
  std::string blob;                 // what the slots point into

  // Both require i < rows, and text(i) a text type. Views live until the column changes.
  std::string_view text(std::size_t i) const {
    return std::string_view(blob).substr(slots[i].offset, slots[i].size);
  }
  ValueView value(std::size_t i) const {
    if (IsText(type)) return ValueView::Stored(type, 0, text(i));
    return ValueView::Stored(type, type == Type::kNull ? 0 : bits[i], {});
  }
};

// Appends the encoded chunk to `out`. Null columns and columns of no rows take no bytes.
// Requires rows <= kMaxColumnRows, every text <= kMaxTextBytes, all text <= kMaxColumnTextBytes,
// and bools that are 0 or 1.
// With `known`, which may be null, numbers are encoded as they were last time where that still
// suits, which is quicker for columns of a few thousand rows.
void EncodeColumn(const ColumnView& values, ColumnPlans* known, std::string* out);
inline void EncodeColumn(const ColumnView& values, std::string* out) {
  EncodeColumn(values, nullptr, out);
}

// Decodes a chunk of `rows` values, replacing what `out` held; its memory is reused.
// Fails with kCorrupt, or kUnsupportedVersion for an encoding of a later release; `out` then holds
// anything. Offsets in messages count from the start of the chunk.
Status DecodeColumn(std::string_view chunk, Type type, std::size_t rows, Column* out);

// Only rows first .. first + count - 1, touching only the vectors (and dictionary) they need.
// Fails with kInvalidArgument if they are not among the `rows` of the chunk.
Status DecodeColumnRange(std::string_view chunk, Type type, std::size_t rows, std::size_t first,
                         std::size_t count, Column* out);

// The same chunks for int64 without a Column: steps, times, row ordinals.
void EncodeInt64s(std::span<const std::int64_t> values, ColumnPlans* known, std::string* out);
inline void EncodeInt64s(std::span<const std::int64_t> values, std::string* out) {
  EncodeInt64s(values, nullptr, out);
}
Status DecodeInt64s(std::string_view chunk, std::size_t rows, std::vector<std::int64_t>* out);
// Decodes rows first .. first + out.size() - 1.
Status DecodeInt64Range(std::string_view chunk, std::size_t rows, std::size_t first,
                        std::span<std::int64_t> out);

}  // namespace reprise

#endif  // REPRISE_FORMAT_COLUMN_H_
