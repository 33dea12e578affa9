// The calls on a run that is being written.
#include <fmt/format.h>

#include <limits>
#include <map>
#include <utility>

#include "tests/engine/run/model_driver.h"
#include "tests/engine/run/model_outcome.h"

namespace reprise {
namespace {

// More than the least memory that a store may be given.
constexpr std::size_t kFillBytes = std::size_t{11} << 17;

std::vector<Field> ToFields(const ModelFields& fields) {
  std::vector<Field> views;
  for (const auto& [key, value] : fields) views.push_back({key, value.view()});
  return views;
}

// Calls of a writer that was passed. At the end of all steps there is none left to log at.
std::string CheckFenced(RunWriter& writer) {
  if (writer.next_step() == std::numeric_limits<Step>::max()) {
    return Compare(writer.SetSummary("late", 1), Code::kFenced);
  }
  return Compare(writer.Log({{"late", 1}}), Code::kFenced);
}

// A batch in which every row has the same values, and what it borrows.
struct Columns {
  explicit Columns(const ModelOp& op) : times(op.steps.size(), op.options.time.value_or(0)) {
    const std::size_t rows = op.steps.size();
    for (const auto& [key, value] : op.fields) {
      Storage& stored = storage[key];
      stored.doubles.assign(rows, value.as_double());
      stored.int64s.assign(rows, value.as_int64());
      stored.texts.assign(rows, value.text());
      columns.push_back({key, value.type(), {}, {}, {}});
      ColumnBatch::Column& column = columns.back();
      if (value.type() == Type::kDouble) column.doubles = stored.doubles;
      if (value.type() == Type::kInt64) column.int64s = stored.int64s;
      if (IsText(value.type())) column.texts = stored.texts;
    }
    batch.steps = op.steps;
    batch.times = times;
    batch.columns = columns;
  }

  struct Storage {
    std::vector<double> doubles;
    std::vector<std::int64_t> int64s;
    std::vector<std::string_view> texts;
  };
  std::map<std::string, Storage> storage;
  std::vector<TimeMicros> times;
  std::vector<ColumnBatch::Column> columns;
  ColumnBatch batch;
};

}  // namespace

std::string ModelDriver::ApplyToWriter(const ModelOp& op, RunWriter& writer) {
  switch (op.call) {
    case ModelCall::kLog:
    case ModelCall::kFill:
      return Log(op, writer);
    case ModelCall::kAppend:
      return Append(op, writer);
    case ModelCall::kSetSummary: {
      const auto& [key, value] = op.fields.front();
      return Compare(writer.SetSummary(key, value), model_.SetSummary(op.run, key, value));
    }
    case ModelCall::kRemoveSummary: {
      const std::string& key = op.fields.front().first;
      return Compare(writer.RemoveSummary(key), model_.SetSummary(op.run, key, {}));
    }
    case ModelCall::kWriterConfig: {
      const Config config = op.config();
      return Compare(writer.UpdateConfig(config), model_.UpdateConfig(op.run, config));
    }
    case ModelCall::kWriterRewind:
      return Compare(writer.Rewind(*op.moment.step), model_.Rewind(op.run, *op.moment.step));
    case ModelCall::kSync:
      return Compare(writer.Sync(), Code::kOk);
    case ModelCall::kFinish:
      return Finish(op, writer);
    default:
      writers_.erase(op.run);
      model_.EndWriter(op.run, RunState::kCrashed);
      return "";
  }
}

std::string ModelDriver::Log(const ModelOp& op, RunWriter& writer) {
  ModelFields fields = op.fields;
  if (op.call == ModelCall::kFill) fields.emplace_back("fill", std::string(kFillBytes, 'f'));
  Step expected = kNoStep;
  const Code code = model_.Log(op.run, fields, op.options, &expected);
  const auto step = writer.Log(ToFields(fields), op.options);
  const std::string difference = Compare(step, code);
  if (!difference.empty() || !step || *step == expected) return difference;
  return fmt::format("wrote step {} and should write {}", *step, expected);
}

std::string ModelDriver::Append(const ModelOp& op, RunWriter& writer) {
  const Columns columns(op);
  std::uint64_t expected = 0;
  Code code = Code::kOk;
  for (const Step step : op.steps) {
    const ModelRow row{step, columns.times.front(), {op.fields.begin(), op.fields.end()}};
    code = model_.Append(op.run, row);
    if (code != Code::kOk) break;
    ++expected;
  }
  const auto appended = writer.AppendColumns(columns.batch);
  const std::string difference = Compare(appended, code);
  if (!difference.empty() || !appended || *appended == expected) return difference;
  return fmt::format("appended {} rows and should append {}", *appended, expected);
}

std::string ModelDriver::Finish(const ModelOp& op, RunWriter& writer) {
  model_.EndWriter(op.run, op.number == 0 ? RunState::kFinished : RunState::kFailed);
  std::string difference = Compare(writer.Finish(op.number), Code::kOk);
  if (difference.empty()) difference = Compare(writer.Log({}), Code::kClosed);
  writers_.erase(op.run);
  return difference;
}

std::string ModelDriver::CheckWriters() {
  for (const auto& [id, writer] : writers_) {
    const ModelRun& run = *model_.Find(id);
    const ModelBranch& head = run.head();
    const Step last = head.open ? head.open->step : head.committed();
    if (writer.next_step() != last + 1) {
      return fmt::format("{}.next_step() is {} and should be {}", id, writer.next_step(), last + 1);
    }
    if (writer.branch() != run.branches.size() - 1) {
      return fmt::format("{}.branch() is {} and should be {}", id, writer.branch(),
                         run.branches.size() - 1);
    }
  }
  return "";
}

std::string ModelDriver::RetireFenced(const std::string& run, int number) {
  const ModelRun* now = model_.Find(run);
  if (now != nullptr && now->has_writer) return "";
  return RetirePassed(run, number);
}

std::string ModelDriver::RetirePassed(const std::string& run, int number) {
  const auto passed = writers_.find(run);
  if (passed == writers_.end()) return "";
  RunWriter& writer = passed->second;
  std::string difference = CheckFenced(writer);
  if (difference.empty()) difference = Compare(writer.Finish(), Code::kFenced);
  if (!difference.empty()) return "the writer that was passed: " + difference;
  if (number % 2 == 0) fenced_.push_back(std::move(writer));
  writers_.erase(passed);
  return "";
}

}  // namespace reprise
