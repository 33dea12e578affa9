// A tiny block: a whole table of at most 16 rows in one piece of bytes.
//
// Half of all real columns have fewer than ten values, and there a chunk, its directory entry and
// its checksum would outweigh them. A tiny block spends one byte a column beyond the values. It
// holds neither its row count nor its types; the segment has them. Layout: format/tiny_block.md.
//
// Encoding is deterministic. Decoding gives back every bit, never reads outside the block, and
// takes memory in proportion to rows and types.
//
// Thread safety: functions are free of state; a Table is a plain value.
#ifndef REPRISE_FORMAT_TINY_BLOCK_H_
#define REPRISE_FORMAT_TINY_BLOCK_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "format/column.h"
#include "reprise/status.h"
#include "reprise/value.h"

namespace reprise {

inline constexpr std::size_t kMaxTinyRows = 16;

// The rows of one shape, not owned: every column is present in every row.
struct TableView {
  std::size_t rows = 0;
  std::span<const std::int64_t> steps;  // one per row
  std::span<const std::int64_t> times;  // TimeMicros, one per row; empty if the table has no time
  std::span<const ColumnView> columns;  // each of `rows` rows
};

// The same, owned.
struct Table {
  std::size_t rows = 0;
  std::vector<std::int64_t> steps;
  std::vector<std::int64_t> times;  // empty if the table has no time
  std::vector<Column> columns;
};

enum class HasTime : bool { kNo, kYes };

// Appends the encoded table. Requires 1 <= rows <= kMaxTinyRows and the limits of EncodeColumn.
void EncodeTinyBlock(const TableView& table, std::string* out);

// Decodes a block of `rows` rows with one column for every one of `types`, replacing what `out`
// held. Fails with kCorrupt, or kUnsupportedVersion for an encoding of a later release; `out` then
// holds anything. Offsets in messages count from the start of the block.
Status DecodeTinyBlock(std::string_view block, std::size_t rows, HasTime has_time,
                       std::span<const Type> types, Table* out);

}  // namespace reprise

#endif  // REPRISE_FORMAT_TINY_BLOCK_H_
