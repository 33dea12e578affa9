// Reads the tables of one segment: steps, times and columns, each checked before it is given out.
#ifndef REPRISE_ENGINE_SEGMENT_TABLE_READER_H_
#define REPRISE_ENGINE_SEGMENT_TABLE_READER_H_

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "engine/segment/segment_bytes.h"
#include "format/cells.h"
#include "format/column.h"
#include "format/segment_chunks.h"
#include "format/segment_index.h"
#include "format/segment_size.h"
#include "reprise/status.h"

namespace reprise {

// `table` and `column` are places in index().tables. Thread safety: const access from any thread.
class TableReader {
 public:
  TableReader(SegmentBytes bytes, SegmentIndex index)
      : bytes_(std::move(bytes)), index_(std::move(index)) {}

  const SegmentBytes& bytes() const { return bytes_; }
  const SegmentIndex& index() const { return index_; }
  const SegmentTable& table(std::size_t i) const { return index_.tables[i]; }

  // All of a table that is not sparse; its text is counted in `read` (CountText).
  Status ReadTable(std::size_t table, SegmentSize* read, Table* decoded) const;
  // Of any table; of a sparse one those of all its rows.
  Status ReadSteps(std::size_t table, std::vector<Step>* steps) const;
  Status ReadTimes(std::size_t table, std::vector<TimeMicros>* times) const;
  // Of a table that is not sparse.
  Status ReadColumn(std::size_t table, std::size_t column, Column* values) const;
  // Of a sparse table.
  Status ReadSparse(std::size_t table, std::size_t column, SparseColumn* values) const;
  Status ReadPositions(std::size_t table, std::size_t column,
                       std::vector<std::int64_t>* positions) const;

  // Of a column that has them.
  Status ReadCells(std::size_t table, std::size_t column, Cells* cells) const;
  Status ReadSparseCells(std::size_t table, std::size_t column, Cells* cells) const;
  std::uint64_t CellBytes() const;

  Result<SummaryTable> ReadPrefix() const;

  // Adds the column's text to what was `read` of the segment so far. kCorrupt, and nothing is
  // added, if that is more than a segment may have.
  Status CountText(const Column& column, SegmentSize* read) const;

 private:
  // Steps lie in the range that the frame's header states.
  Status CheckRange(Step first, Step last) const;
  Status CheckSteps(const std::vector<Step>& steps) const;

  // The last tiny table that was asked for is kept: it is decoded whole, and its columns are asked
  // for one after the other.
  Result<std::shared_ptr<const Table>> ReadTiny(std::size_t table) const;

  const SegmentBytes bytes_;
  const SegmentIndex index_;
  mutable std::mutex tiny_mutex_;
  mutable std::size_t tiny_number_ = 0;
  mutable std::shared_ptr<const Table> tiny_;  // null: none was asked for yet
};

}  // namespace reprise

#endif  // REPRISE_ENGINE_SEGMENT_TABLE_READER_H_
