#include "format/row_batch.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace reprise {

namespace {

std::size_t AppendText(std::string_view text, Column* column) {
  column->slots.push_back(
      {static_cast<std::uint32_t>(column->blob.size()), static_cast<std::uint32_t>(text.size())});
  column->blob.append(text);
  return sizeof(Column::TextSlot) + text.size();
}

// Appends; `value` has the column's type. Returns the memory it takes. A null takes none here, but
// as much as a number among the rows of rare shapes, so it counts like one.
std::size_t AppendValue(const ValueView& value, Column* column) {
  ++column->rows;
  if (IsText(column->type)) return AppendText(value.text(), column);
  if (column->type != Type::kNull) column->bits.push_back(value.bits());
  return sizeof(std::uint64_t);
}

// Of numbers: what most rows are of, and every one that is logged comes by here.
std::size_t AppendNumbers(std::span<const ValueView> values, Column* columns) {
  for (const ValueView& value : values) {
    columns->bits.push_back(value.bits());
    ++columns->rows;
    ++columns;
  }
  return values.size() * sizeof(std::uint64_t);
}

// To the columns of a row, a value each.
std::size_t AppendValues(std::span<const ValueView> values, RowTable* table) {
  if (table->only_numbers) return AppendNumbers(values, table->columns.data());
  std::size_t bytes = 0;
  Column* column = table->columns.data();
  for (const ValueView& value : values) bytes += AppendValue(value, column++);
  return bytes;
}

void ClearTable(RowTable* table) {
  table->shape = nullptr;
  table->steps.clear();
  table->times.clear();
  for (Column& column : table->columns) {
    column.rows = 0;
    column.bits.clear();
    column.slots.clear();
    column.blob.clear();
  }
}

std::size_t CapacityOf(const RowTable& table) {
  std::size_t bytes =
      table.steps.capacity() * sizeof(Step) + table.times.capacity() * sizeof(TimeMicros);
  for (const Column& column : table.columns) {
    bytes += sizeof(Column) + column.bits.capacity() * sizeof(std::uint64_t) +
             column.slots.capacity() * sizeof(Column::TextSlot) + column.blob.capacity();
  }
  return bytes;
}

}  // namespace

std::size_t AppendValues(const Column& from, Column* column) {
  if (!IsText(column->type)) {
    column->rows += from.rows;
    column->bits.insert(column->bits.end(), from.bits.begin(), from.bits.end());
    return from.rows * sizeof(std::uint64_t);
  }
  std::size_t bytes = 0;
  column->rows += from.rows;
  for (std::size_t i = 0; i < from.rows; ++i) bytes += AppendText(from.text(i), column);
  return bytes;
}

void RowBatch::Append(const ShapePtr& shape, Step step, TimeMicros time,
                      std::span<const ValueView> values) {
  if (tables_.empty() || tables_[last_table_].shape != shape) last_table_ = TableFor(shape);
  RowTable& table = tables_[last_table_];
  order_.push_back(
      {static_cast<std::uint32_t>(last_table_), static_cast<std::uint32_t>(table.rows())});
  table.steps.push_back(step);
  bytes_ += sizeof(Position) + sizeof(Step);
  if (table.shape->has_time) {
    table.times.push_back(time);
    bytes_ += sizeof(TimeMicros);
  }
  bytes_ += AppendValues(values, &table);
  values_ += values.size();
}

void RowBatch::AppendRow(const RowBatch& from, const Position& at) {
  const RowTable& table = from.tables_[at.table];
  row_.clear();
  for (const Column& column : table.columns) row_.push_back(column.value(at.row));
  const TimeMicros time = table.times.empty() ? kNoTime : table.times[at.row];
  Append(table.shape, table.steps[at.row], time, row_);
}

std::vector<RowBatch::Position> RowBatch::AppendAll(const RowBatch& from) {
  std::vector<Position> begins;
  for (const RowTable& table : from.tables_) {
    const std::size_t to = TableFor(table.shape);
    begins.push_back(
        {static_cast<std::uint32_t>(to), static_cast<std::uint32_t>(tables_[to].rows())});
    AppendTable(table, &tables_[to]);
  }
  for (const Position& at : from.order_) {
    const Position& begin = begins[at.table];
    order_.push_back({begin.table, begin.row + at.row});
  }
  values_ += from.values_;
  return begins;
}

void RowBatch::AppendTable(const RowTable& from, RowTable* to) {
  to->steps.insert(to->steps.end(), from.steps.begin(), from.steps.end());
  to->times.insert(to->times.end(), from.times.begin(), from.times.end());
  bytes_ += from.rows() * (sizeof(Position) + sizeof(Step));
  bytes_ += from.times.size() * sizeof(TimeMicros);
  for (std::size_t i = 0; i < from.columns.size(); ++i) {
    bytes_ += AppendValues(from.columns[i], &to->columns[i]);
  }
}

void RowBatch::Clear() {
  for (RowTable& table : tables_) ClearTable(&table);
  // The first table, which is mostly the largest, is to be the first again.
  std::move(tables_.rbegin(), tables_.rend(), std::back_inserter(cleared_));
  tables_.clear();
  order_.clear();
  by_content_.clear();
  last_table_ = 0;
  bytes_ = 0;
  values_ = 0;
}

std::size_t RowBatch::capacity_bytes() const {
  std::size_t bytes = order_.capacity() * sizeof(Position);
  for (const auto* tables : {&tables_, &cleared_}) {
    for (const RowTable& table : *tables) bytes += CapacityOf(table);
  }
  return bytes;
}

RowBatch RowBatch::Of(RowTable table) {
  RowBatch batch;
  batch.AddTable(table.shape);
  batch.by_content_.emplace(table.shape, 0);
  const std::size_t rows = table.rows();
  batch.order_.reserve(rows);
  for (std::uint32_t row = 0; row < rows; ++row) batch.order_.push_back({0, row});
  batch.bytes_ +=
      rows * (sizeof(Position) + sizeof(Step)) + table.times.size() * sizeof(TimeMicros);
  for (const Column& column : table.columns) {
    batch.bytes_ += rows * sizeof(std::uint64_t) + column.blob.size();
  }
  batch.values_ = rows * table.columns.size();
  batch.tables_[0] = std::move(table);
  return batch;
}

Step RowBatch::first_step() const {
  const Position& first = order_.front();
  return tables_[first.table].steps[first.row];
}

Step RowBatch::last_step() const {
  const Position& last = order_.back();
  return tables_[last.table].steps[last.row];
}

// A few shapes mostly take turns, and then by the same pointers: comparing these is enough. Only
// shapes that tables own are found so, since another's address may come to mean a new shape.
std::size_t RowBatch::TableFor(const ShapePtr& shape) {
  constexpr std::size_t kTried = 8;
  for (std::size_t i = 0; i < std::min(kTried, tables_.size()); ++i) {
    if (tables_[i].shape == shape) return i;
  }
  const auto [at, is_new] = by_content_.try_emplace(shape, tables_.size());
  if (is_new) AddTable(shape);
  return at->second;
}

void RowBatch::AddTable(const ShapePtr& shape) {
  RowTable& table = tables_.emplace_back();
  if (!cleared_.empty()) {
    table = std::move(cleared_.back());
    cleared_.pop_back();
  }
  table.shape = shape;
  table.columns.resize(shape->columns.size());
  table.only_numbers = std::all_of(shape->columns.begin(), shape->columns.end(),
                                   [](const ShapeColumn& column) { return IsNumber(column.type); });
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    table.columns[i].type = shape->columns[i].type;
    bytes_ += sizeof(Column) + sizeof(ShapeColumn) + shape->columns[i].key.size();
  }
}

}  // namespace reprise
