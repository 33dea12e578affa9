// Bulk append: rows of the same keys, each written like a committed record, flushed together.
#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "engine/run/row_rules.h"
#include "engine/run/writer_impl.h"
#include "format/try.h"

namespace reprise {

namespace {

Status WrongSize(std::string_view what, std::size_t has, std::size_t rows) {
  return Status::Error(
      Code::kInvalidArgument,
      fmt::format("{} has {} values for {} steps; give one per row", what, has, rows));
}

std::size_t Size(const ColumnBatch::Column& column) {
  if (IsText(column.type)) return column.texts.size();
  return column.type == Type::kInt64 ? column.int64s.size() : column.doubles.size();
}

ValueView ValueOf(const ColumnBatch::Column& column, std::size_t row) {
  if (column.type == Type::kInt64) return {column.int64s[row]};
  if (column.type == Type::kDouble) return {column.doubles[row]};
  return ValueView::Stored(column.type, 0, column.texts[row]);
}

Status CheckColumns(const ColumnBatch& batch) {
  const std::size_t rows = batch.steps.size();
  if (!batch.times.empty() && batch.times.size() != rows) {
    return WrongSize("`times`", batch.times.size(), rows);
  }
  for (const ColumnBatch::Column& column : batch.columns) {
    REPRISE_TRY(CheckKey(column.key));
    if (column.type == Type::kNull || column.type == Type::kBool) {
      return Status::Error(Code::kInvalidArgument,
                           fmt::format("column '{}' is of a type that comes in no column; use "
                                       "int64, double, string, bytes or json",
                                       column.key));
    }
    if (Size(column) != rows) {
      return WrongSize(fmt::format("column '{}'", column.key), Size(column), rows);
    }
  }
  return {};
}

// The columns in the order of a shape's, by key.
Result<std::vector<const ColumnBatch::Column*>> Sorted(const ColumnBatch& batch) {
  std::vector<const ColumnBatch::Column*> columns;
  for (const ColumnBatch::Column& column : batch.columns) columns.push_back(&column);
  const auto key_less = [](const auto* a, const auto* b) { return a->key < b->key; };
  std::sort(columns.begin(), columns.end(), key_less);
  const auto same =
      std::adjacent_find(columns.begin(), columns.end(),
                         [](const auto* a, const auto* b) { return a->key == b->key; });
  if (same == columns.end()) return columns;
  return Fail(Code::kInvalidArgument,
              fmt::format("key '{}' stands in two columns; give each key once", (*same)->key));
}

Shape ShapeOf(const std::vector<const ColumnBatch::Column*>& columns, bool has_time) {
  Shape shape;
  shape.has_time = has_time;
  for (const auto* column : columns) {
    shape.columns.push_back({std::string(column->key), column->type});
  }
  return shape;
}

// Rows between two flushes: enough to make one write of many rows.
constexpr std::size_t kRowsPerFlush = 256;

}  // namespace

Result<std::uint64_t> RunWriter::Impl::AppendColumns(const ColumnBatch& batch) {
  REPRISE_TRY(CheckColumns(batch));
  REPRISE_TRY(session_.WaitForMemory());
  const std::lock_guard lock(mutex_);
  REPRISE_TRY(CheckWritable());
  if (batch.steps.empty()) return 0;
  std::uint64_t appended = 0;
  const Status status = AppendColumnRows(batch, &appended);
  if (status.ok()) return appended;
  const Status acknowledged = AcknowledgeAppended();
  const Status& told = acknowledged.ok() ? status : acknowledged;
  return Fail(told.code(), fmt::format("{} ({} of {} rows were appended)", told.message(), appended,
                                       batch.steps.size()));
}

// Rows before the one that was refused may wait for a flush that comes no more.
Status RunWriter::Impl::AcknowledgeAppended() {
  if (session_.context().options.durability == Durability::kNone) return {};
  REPRISE_TRY(session_.log().Flush());
  return Acknowledge(session_.log().last_written());
}

Status RunWriter::Impl::AppendColumnRows(const ColumnBatch& batch, std::uint64_t* appended) {
  REPRISE_TRY_ASSIGN(const auto columns, Sorted(batch));
  const TimeMicros now = session_.context().io.clock->Now();
  const auto with_time = session_.Intern(ShapeOf(columns, true));
  const auto without_time = session_.Intern(ShapeOf(columns, false));
  std::vector<ValueView> values(columns.size());
  for (std::size_t row = 0; row < batch.steps.size(); ++row) {
    std::size_t bytes = 0;
    for (std::size_t c = 0; c < columns.size(); ++c) {
      values[c] = ValueOf(*columns[c], row);
      REPRISE_TRY(CheckValue(columns[c]->key, values[c]));
      bytes += columns[c]->key.size() + 8 + values[c].text().size();
    }
    REPRISE_TRY(CheckRowBytes(bytes));
    const TimeMicros time = batch.times.empty() ? now : batch.times[row];
    const bool flush = (row + 1) % kRowsPerFlush == 0 || row + 1 == batch.steps.size();
    REPRISE_TRY(AppendRow(time == kNoTime ? without_time : with_time, batch.steps[row], time,
                          values, flush));
    ++*appended;
  }
  return {};
}

Status RunWriter::Impl::AppendRow(const Session::InternedShape& shape, Step step, TimeMicros time,
                                  std::span<const ValueView> values, bool flush) {
  const Step head = open_.exists() ? open_.step() : committed_;
  if (step <= head || step == std::numeric_limits<Step>::max()) return OutOfOrder(step);
  RowPart part;
  part.run = log_run_;
  part.shape = shape.log_shape;
  part.step = step;
  part.time = time;
  part.commit = true;
  part.flush = flush && session_.context().options.durability != Durability::kNone;
  part.values = values;
  const std::uint32_t log_file = session_.log().current_file();
  REPRISE_TRY_ASSIGN(const Sequence sequence, session_.log().AddRow(part));
  if (flush) REPRISE_TRY(Acknowledge(sequence));
  if (open_.exists()) MoveOpenRowToTail();
  AppendToTail(shape.shape, step, time, values, log_file);
  return {};
}

}  // namespace reprise
