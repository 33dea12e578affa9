// Decodes all tables, and merges their rows by step.
#include "engine/segment/segment_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <span>

#include "format/try.h"

namespace reprise {

namespace {

// One value of a row: a column of its table, and which value of that.
struct Cell {
  std::uint32_t column = 0;
  std::uint32_t value = 0;
};

// A decoded table, with the shape and values of each row.
class LoadedTable {
 public:
  virtual ~LoadedTable() = default;
  virtual const std::vector<Step>& steps() const = 0;
  virtual TimeMicros time(std::size_t row) const = 0;
  virtual const ShapePtr& shape(std::size_t row) const = 0;
  virtual void ReadValues(std::size_t row, std::vector<ValueView>* values) const = 0;
};

class LoadedDense final : public LoadedTable {
 public:
  LoadedDense(ShapePtr shape, Table table) : shape_(std::move(shape)), table_(std::move(table)) {}

  const std::vector<Step>& steps() const override { return table_.steps; }
  TimeMicros time(std::size_t row) const override {
    return table_.times.empty() ? kNoTime : table_.times[row];
  }
  const ShapePtr& shape(std::size_t) const override { return shape_; }
  void ReadValues(std::size_t row, std::vector<ValueView>* values) const override {
    for (const Column& column : table_.columns) values->push_back(column.value(row));
  }

 private:
  const ShapePtr shape_;
  const Table table_;
};

class LoadedSparse final : public LoadedTable {
 public:
  static Result<std::unique_ptr<LoadedTable>> Load(const TableReader& reader, std::size_t table,
                                                   SegmentSize* read);

  const std::vector<Step>& steps() const override { return steps_; }
  TimeMicros time(std::size_t row) const override { return times_.empty() ? kNoTime : times_[row]; }
  const ShapePtr& shape(std::size_t row) const override { return shapes_[row]; }
  void ReadValues(std::size_t row, std::vector<ValueView>* values) const override {
    for (const Cell& cell : CellsOf(row)) {
      values->push_back(columns_[cell.column].values.value(cell.value));
    }
  }

 private:
  std::span<const Cell> CellsOf(std::size_t row) const {
    return std::span(cells_).subspan(starts_[row], starts_[row + 1] - starts_[row]);
  }
  void SortCells();
  Status MakeShapes(const SegmentIndex& index, const SegmentTable& table, SegmentSize* read);

  std::vector<Step> steps_;
  std::vector<TimeMicros> times_;
  std::vector<SparseColumn> columns_;
  std::vector<Cell> cells_;          // by row, then by column
  std::vector<std::size_t> starts_;  // of each row in cells_, and the end
  std::vector<ShapePtr> shapes_;     // by row
};

Result<std::unique_ptr<LoadedTable>> LoadedSparse::Load(const TableReader& reader,
                                                        std::size_t table, SegmentSize* read) {
  const SegmentTable& stored = reader.table(table);
  auto loaded = std::make_unique<LoadedSparse>();
  REPRISE_TRY(reader.ReadSteps(table, &loaded->steps_));
  REPRISE_TRY(reader.ReadTimes(table, &loaded->times_));
  loaded->columns_.resize(stored.columns.size());
  for (std::size_t i = 0; i < stored.columns.size(); ++i) {
    REPRISE_TRY(reader.ReadSparse(table, i, &loaded->columns_[i]));
    REPRISE_TRY(reader.CountText(loaded->columns_[i].values, read));
  }
  loaded->SortCells();
  REPRISE_TRY(reader.bytes().Named(loaded->MakeShapes(reader.index(), stored, read)));
  return std::unique_ptr<LoadedTable>(std::move(loaded));
}

// Turns columns with positions into rows with cells: counts, then fills.
void LoadedSparse::SortCells() {
  starts_.assign(steps_.size() + 1, 0);
  for (const SparseColumn& column : columns_) {
    for (const std::int64_t row : column.positions) ++starts_[static_cast<std::size_t>(row) + 1];
  }
  for (std::size_t row = 0; row < steps_.size(); ++row) starts_[row + 1] += starts_[row];
  cells_.resize(starts_.back());
  std::vector<std::size_t> next(starts_.begin(), starts_.end() - 1);
  for (std::uint32_t c = 0; c < columns_.size(); ++c) {
    const std::vector<std::int64_t>& rows = columns_[c].positions;
    for (std::uint32_t i = 0; i < rows.size(); ++i) {
      cells_[next[static_cast<std::size_t>(rows[i])]++] = {c, i};
    }
  }
}

// The shape with these columns; null if a key is there twice.
ShapePtr ShapeOfColumns(const SegmentIndex& index, const SegmentTable& table,
                        const std::vector<std::uint32_t>& columns) {
  auto shape = std::make_shared<Shape>();
  shape->has_time = table.has_time;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const SegmentTable::Column& column = table.columns[columns[i]];
    if (i > 0 && table.columns[columns[i - 1]].key == column.key) return nullptr;
    shape->columns.push_back({std::string(index.keys.key(column.key)), column.type});
  }
  return shape;
}

// The shapes of rows can have far more keys in all than the table has columns.
Status CountShape(const SegmentIndex& index, const SegmentTable& table,
                  const std::vector<std::uint32_t>& columns, SegmentSize* read) {
  for (const std::uint32_t column : columns) {
    read->AddColumn(index.keys.key(table.columns[column].key));
  }
  return read->Check();
}

Status LoadedSparse::MakeShapes(const SegmentIndex& index, const SegmentTable& table,
                                SegmentSize* read) {
  std::map<std::vector<std::uint32_t>, ShapePtr> known;
  std::vector<std::uint32_t> columns;
  for (std::size_t row = 0; row < steps_.size(); ++row) {
    columns.clear();
    for (const Cell& cell : CellsOf(row)) columns.push_back(cell.column);
    const auto [at, is_new] = known.try_emplace(columns);
    if (is_new) {
      REPRISE_TRY(CountShape(index, table, columns, read));
      at->second = ShapeOfColumns(index, table, columns);
    }
    if (at->second == nullptr) {
      return Status::Error(
          Code::kCorrupt,
          fmt::format("a row has a key twice: at step {}; run 'reprise verify --deep'",
                      steps_[row]));
    }
    shapes_.push_back(at->second);
  }
  return {};
}

// Where a row is before the tables are merged.
struct RowPlace {
  Step step = 0;
  std::uint32_t table = 0;
  std::uint32_t row = 0;
};

std::vector<RowPlace> RowsByStep(const std::vector<std::unique_ptr<LoadedTable>>& tables) {
  std::vector<RowPlace> places;
  for (std::uint32_t t = 0; t < tables.size(); ++t) {
    const std::vector<Step>& steps = tables[t]->steps();
    for (std::uint32_t row = 0; row < steps.size(); ++row) places.push_back({steps[row], t, row});
  }
  std::sort(places.begin(), places.end(),
            [](const RowPlace& a, const RowPlace& b) { return a.step < b.step; });
  return places;
}

Status CheckEnds(Step first, Step last, const SegmentRef& ref) {
  if (first == ref.first && last == ref.last) return {};
  return Status::Error(Code::kCorrupt,
                       fmt::format("segment has other steps than stated: {} to {} (stated {} to "
                                   "{}); run 'reprise verify --deep'",
                                   first, last, ref.first, ref.last));
}

Status CheckOrder(const std::vector<RowPlace>& places, const SegmentRef& ref) {
  const auto twice =
      std::adjacent_find(places.begin(), places.end(),
                         [](const RowPlace& a, const RowPlace& b) { return a.step == b.step; });
  if (twice != places.end()) {
    return Status::Error(
        Code::kCorrupt,
        fmt::format("segment has a step twice: step {}; run 'reprise verify --deep'", twice->step));
  }
  return CheckEnds(places.front().step, places.back().step, ref);
}

Result<std::unique_ptr<LoadedTable>> LoadTable(const TableReader& reader, std::size_t table,
                                               SegmentSize* read) {
  const SegmentTable& stored = reader.table(table);
  if (stored.form == TableForm::kSparse) return LoadedSparse::Load(reader, table, read);
  Table decoded;
  REPRISE_TRY(reader.ReadTable(table, read, &decoded));
  return std::unique_ptr<LoadedTable>(
      std::make_unique<LoadedDense>(ShapeOf(reader.index(), stored), std::move(decoded)));
}

}  // namespace

ShapePtr ShapeOf(const SegmentIndex& index, const SegmentTable& table) {
  auto shape = std::make_shared<Shape>();
  shape->has_time = table.has_time;
  shape->columns.reserve(table.columns.size());
  for (const SegmentTable::Column& column : table.columns) {
    shape->columns.push_back({std::string(index.keys.key(column.key)), column.type});
  }
  return shape;
}

namespace {

bool HasOneDenseTable(const SegmentIndex& index) {
  return index.tables.size() == 1 && index.tables[0].form != TableForm::kSparse;
}

// Rows of one shape are in order as they are.
Status ReadOneTable(const TableReader& reader, RowBatch* rows) {
  Table decoded;
  SegmentSize read;
  REPRISE_TRY(reader.ReadTable(0, &read, &decoded));
  const Step first = decoded.steps.front();
  const Step last = decoded.steps.back();
  REPRISE_TRY(reader.bytes().Named(CheckEnds(first, last, reader.bytes().ref())));
  *rows = RowBatch::Of({ShapeOf(reader.index(), reader.table(0)), std::move(decoded.steps),
                        std::move(decoded.times), std::move(decoded.columns)});
  return {};
}

}  // namespace

Status ReadRows(const TableReader& reader, RowBatch* rows) {
  if (HasOneDenseTable(reader.index())) return ReadOneTable(reader, rows);
  std::vector<std::unique_ptr<LoadedTable>> tables;
  SegmentSize read;
  for (std::size_t i = 0; i < reader.index().tables.size(); ++i) {
    REPRISE_TRY_ASSIGN(std::unique_ptr<LoadedTable> table, LoadTable(reader, i, &read));
    tables.push_back(std::move(table));
  }
  const std::vector<RowPlace> places = RowsByStep(tables);
  REPRISE_TRY(reader.bytes().Named(CheckOrder(places, reader.bytes().ref())));
  std::vector<ValueView> values;
  for (const RowPlace& place : places) {
    const LoadedTable& table = *tables[place.table];
    values.clear();
    table.ReadValues(place.row, &values);
    rows->Append(table.shape(place.row), place.step, table.time(place.row), values);
  }
  return {};
}

}  // namespace reprise
