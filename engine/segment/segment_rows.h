// A segment as rows again.
#ifndef REPRISE_ENGINE_SEGMENT_SEGMENT_ROWS_H_
#define REPRISE_ENGINE_SEGMENT_SEGMENT_ROWS_H_

#include <cstdint>
#include <vector>

#include "engine/segment/table_reader.h"
#include "format/row_batch.h"
#include "reprise/status.h"

namespace reprise {

// The shape that all rows of a table have; requires one that is not sparse.
ShapePtr ShapeOf(const SegmentIndex& index, const SegmentTable& table);

// All rows of the segment, appended in step order to `rows`, which is empty.
Status ReadRows(const TableReader& reader, RowBatch* rows);

}  // namespace reprise

#endif  // REPRISE_ENGINE_SEGMENT_SEGMENT_ROWS_H_
