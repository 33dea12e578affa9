#include "engine/segment/table_reader.h"

#include <fmt/format.h>

#include "format/bytes.h"
#include "format/try.h"

namespace reprise {

Status TableReader::CheckRange(Step first, Step last) const {
  const SegmentRef& ref = bytes_.ref();
  if (first >= ref.first && last <= ref.last) return {};
  return Status::Error(
      Code::kCorrupt,
      fmt::format("segment has steps outside its range: {} to {} (stated {} to {}); run 'reprise "
                  "verify --deep'",
                  first, last, ref.first, ref.last));
}

Status TableReader::CheckSteps(const std::vector<Step>& steps) const {
  return steps.empty() ? Status() : CheckRange(steps.front(), steps.back());
}

Status TableReader::CountText(const Column& column, SegmentSize* read) const {
  SegmentSize with = *read;
  with.AddText(column);
  REPRISE_TRY(bytes_.Named(with.Check()));
  *read = with;
  return {};
}

Status TableReader::ReadTable(std::size_t table, SegmentSize* read, Table* decoded) const {
  const SegmentTable& stored = index_.tables[table];
  if (!stored.is_tiny()) {
    REPRISE_TRY(ReadSteps(table, &decoded->steps));
    REPRISE_TRY(ReadTimes(table, &decoded->times));
    decoded->rows = stored.rows;
    decoded->columns.resize(stored.columns.size());
    for (std::size_t i = 0; i < stored.columns.size(); ++i) {
      REPRISE_TRY(ReadColumn(table, i, &decoded->columns[i]));
      REPRISE_TRY(CountText(decoded->columns[i], read));
    }
    return {};
  }
  std::string buffer;
  REPRISE_TRY_ASSIGN(const std::string_view chunk,
                     bytes_.ReadChecked(index_.chunks[stored.steps_chunk()], &buffer));
  REPRISE_TRY(bytes_.Named(DecodeTinyTable(chunk, stored, decoded)));
  for (const Column& column : decoded->columns) REPRISE_TRY(CountText(column, read));
  return bytes_.Named(CheckSteps(decoded->steps));
}

Result<std::shared_ptr<const Table>> TableReader::ReadTiny(std::size_t table) const {
  {
    const std::lock_guard lock(tiny_mutex_);
    if (tiny_ != nullptr && tiny_number_ == table) return tiny_;
  }
  auto decoded = std::make_shared<Table>();
  SegmentSize read;
  REPRISE_TRY(ReadTable(table, &read, decoded.get()));
  const std::lock_guard lock(tiny_mutex_);
  tiny_number_ = table;
  tiny_ = std::move(decoded);
  return tiny_;
}

Status TableReader::ReadSteps(std::size_t table, std::vector<Step>* steps) const {
  const SegmentTable& stored = index_.tables[table];
  if (stored.is_tiny()) {
    REPRISE_TRY_ASSIGN(const auto tiny, ReadTiny(table));
    *steps = tiny->steps;
    return {};
  }
  std::string buffer;
  REPRISE_TRY_ASSIGN(const std::string_view chunk,
                     bytes_.ReadChecked(index_.chunks[stored.steps_chunk()], &buffer));
  REPRISE_TRY(bytes_.Named(DecodeStepsChunk(chunk, stored.rows, steps)));
  return bytes_.Named(CheckSteps(*steps));
}

Status TableReader::ReadTimes(std::size_t table, std::vector<TimeMicros>* times) const {
  times->clear();
  const SegmentTable& stored = index_.tables[table];
  if (!stored.has_time) return {};
  if (stored.is_tiny()) {
    REPRISE_TRY_ASSIGN(const auto tiny, ReadTiny(table));
    *times = tiny->times;
    return {};
  }
  std::string buffer;
  REPRISE_TRY_ASSIGN(const std::string_view chunk,
                     bytes_.ReadChecked(index_.chunks[stored.times_chunk()], &buffer));
  return bytes_.Named(DecodeInt64s(chunk, stored.rows, times));
}

Status TableReader::ReadColumn(std::size_t table, std::size_t column, Column* values) const {
  const SegmentTable& stored = index_.tables[table];
  if (stored.is_tiny()) {
    REPRISE_TRY_ASSIGN(const auto tiny, ReadTiny(table));
    *values = tiny->columns[column];
    return {};
  }
  std::string buffer;
  REPRISE_TRY_ASSIGN(const std::string_view chunk,
                     bytes_.ReadChecked(index_.chunks[stored.column_chunk(column)], &buffer));
  return bytes_.Named(DecodeColumn(chunk, stored.columns[column].type, stored.rows, values));
}

Status TableReader::ReadSparse(std::size_t table, std::size_t column, SparseColumn* values) const {
  const SegmentTable& stored = index_.tables[table];
  const SegmentTable::Column& about = stored.columns[column];
  std::string buffer;
  REPRISE_TRY_ASSIGN(const std::string_view chunk,
                     bytes_.ReadChecked(index_.chunks[stored.column_chunk(column)], &buffer));
  return bytes_.Named(DecodeSparseChunk(chunk, about.type, about.rows, stored.rows, values));
}

Status TableReader::ReadPositions(std::size_t table, std::size_t column,
                                  std::vector<std::int64_t>* positions) const {
  const SegmentTable& stored = index_.tables[table];
  std::string buffer;
  REPRISE_TRY_ASSIGN(const std::string_view chunk,
                     bytes_.ReadChecked(index_.chunks[stored.column_chunk(column)], &buffer));
  return bytes_.Named(
      DecodeSparsePositions(chunk, stored.columns[column].rows, stored.rows, positions));
}

Status TableReader::ReadCells(std::size_t table, std::size_t column, Cells* cells) const {
  const SegmentTable& stored = index_.tables[table];
  const SegmentTable::Column& about = stored.columns[column];
  std::string buffer;
  REPRISE_TRY_ASSIGN(const std::string_view steps_chunk,
                     bytes_.ReadChecked(index_.chunks[stored.cell_steps_chunk()], &buffer));
  CellSteps steps;
  REPRISE_TRY(bytes_.Named(DecodeCellSteps(steps_chunk, about.rows, &steps)));
  REPRISE_TRY(bytes_.Named(CheckRange(steps.first.front(), steps.last.back())));
  REPRISE_TRY_ASSIGN(const std::string_view chunk,
                     bytes_.ReadChecked(index_.chunks[about.cells], &buffer));
  return bytes_.Named(DecodeCells(chunk, about.type, about.rows, std::move(steps), cells));
}

Status TableReader::ReadSparseCells(std::size_t table, std::size_t column, Cells* cells) const {
  const SegmentTable::Column& about = index_.tables[table].columns[column];
  std::string buffer;
  REPRISE_TRY_ASSIGN(const std::string_view chunk,
                     bytes_.ReadChecked(index_.chunks[about.cells], &buffer));
  REPRISE_TRY(bytes_.Named(DecodeSparseCells(chunk, about.type, about.rows, cells)));
  return bytes_.Named(CheckRange(cells->steps.first.front(), cells->steps.last.back()));
}

std::uint64_t TableReader::CellBytes() const {
  std::uint64_t bytes = 0;
  for (const SegmentTable& table : index_.tables) {
    bool has_cells = false;
    for (const SegmentTable::Column& column : table.columns) {
      if (!column.has_cells()) continue;
      has_cells = true;
      bytes += index_.chunks[column.cells].length;
    }
    if (has_cells && table.form == TableForm::kDense) {
      bytes += index_.chunks[table.cell_steps_chunk()].length;
    }
  }
  return bytes;
}

Result<SummaryTable> TableReader::ReadPrefix() const {
  SummaryTable prefix;
  if (!index_.has_prefix()) return prefix;
  std::string buffer;
  REPRISE_TRY_ASSIGN(const std::string_view chunk,
                     bytes_.ReadChecked(index_.chunks.back(), &buffer));
  ByteReader reader(chunk);
  REPRISE_TRY(bytes_.Named(prefix.Decode(&reader)));
  if (reader.AtCleanEnd()) return prefix;
  return Fail(bytes_.Named(Status::Error(
      Code::kCorrupt, "bytes follow the prefix summaries; run 'reprise verify --deep'")));
}

}  // namespace reprise
