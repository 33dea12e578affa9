// The chunks of a segment: the bytes of one column, or of one tiny table. Specified in
// format/segment.md.
#ifndef REPRISE_FORMAT_SEGMENT_CHUNKS_H_
#define REPRISE_FORMAT_SEGMENT_CHUNKS_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "format/column.h"
#include "format/row_batch.h"
#include "format/segment_index.h"
#include "format/tiny_block.h"
#include "reprise/status.h"
#include "reprise/value.h"

namespace reprise {

// `column` as the encoder takes it. `texts` keeps what the view needs; both must outlive it.
ColumnView ViewOf(const Column& column, std::vector<std::string_view>* texts);

// The chunk of a tiny table.
void EncodeTinyTable(const RowTable& table, std::string* out);
Status DecodeTinyTable(std::string_view chunk, const SegmentTable& table, Table* decoded);

// Steps strictly ascend from 0 or more: kCorrupt if they do not.
Status DecodeStepsChunk(std::string_view chunk, std::size_t rows, std::vector<Step>* steps);

// A column of a sparse table: values, and in which of the table's rows they are.
struct SparseColumn {
  std::vector<std::int64_t> positions;  // ascend
  Column values;
};
void EncodeSparseChunk(std::span<const std::int64_t> positions, const ColumnView& values,
                       std::string* out);
// Of `rows` values in a table of `table_rows` rows.
Status DecodeSparseChunk(std::string_view chunk, Type type, std::size_t rows,
                         std::size_t table_rows, SparseColumn* column);
// Only the positions of one.
Status DecodeSparsePositions(std::string_view chunk, std::size_t rows, std::size_t table_rows,
                             std::vector<std::int64_t>* positions);

}  // namespace reprise

#endif  // REPRISE_FORMAT_SEGMENT_CHUNKS_H_
