#include "tests/engine/run/model_driver.h"

#include <fmt/format.h>

#include <utility>

#include "reprise/verify.h"
#include "tests/engine/run/model_compare.h"
#include "tests/support/store_checks.h"

namespace reprise {

namespace {

// More than the least memory that a store may be given.
constexpr std::size_t kFillBytes = std::size_t{11} << 17;

std::string Compare(Code is, std::string_view message, Code should) {
  if (is == should) return "";
  return fmt::format("gave {} ({}) and should give {}", CodeName(is), message, CodeName(should));
}
std::string Compare(const Status& is, Code should) {
  return Compare(is.code(), is.message(), should);
}
template <typename T>
std::string Compare(const Result<T>& is, Code should) {
  return is ? Compare(Code::kOk, "", should) : Compare(is.error(), should);
}

std::vector<Field> ToFields(const ModelFields& fields) {
  std::vector<Field> views;
  for (const auto& [key, value] : fields) views.push_back({key, value.view()});
  return views;
}

bool SameConfig(const Config& config, const std::map<std::string, Value>& expected) {
  return std::map<std::string, Value>(config.begin(), config.end()) == expected &&
         config.size() == expected.size();
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

Config ToConfig(const ModelFields& fields) { return Config(fields.begin(), fields.end()); }

}  // namespace

ModelDriver::ModelDriver(const Options& options) : options_(options) { Open(); }

std::string ModelDriver::Apply(const ModelOp& op) {
  std::string difference;
  if (op.call <= ModelCall::kDrop) {
    const auto writer = writers_.find(op.run);
    if (writer == writers_.end()) return "";
    difference = ApplyToWriter(op, writer->second);
  } else {
    difference = ApplyToStore(op);
  }
  return difference.empty() ? CheckWriters() : difference;
}

std::string ModelDriver::End() {
  std::string difference = CheckAll();
  if (difference.empty()) difference = CheckHeld();
  // Beside its writers; a session's background thread may be at it too.
  if (difference.empty()) difference = FindDamage(dir_.Of("store"));
  if (difference.empty()) difference = Close();
  if (difference.empty()) difference = FindDamage(dir_.Of("store"));
  if (difference.empty()) difference = FindRebuildDifference(dir_.Of("store"));
  if (difference.empty()) difference = CheckHeld();
  if (difference.empty()) difference = Open();
  if (difference.empty()) difference = CheckAll();
  return difference;
}

// --- a writer's calls

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
      const Config config = ToConfig(op.fields);
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
  const auto passed = writers_.find(run);
  const ModelRun* now = model_.Find(run);
  if (passed == writers_.end() || (now != nullptr && now->has_writer)) return "";
  RunWriter& writer = passed->second;
  std::string difference = CheckFenced(writer);
  if (difference.empty()) difference = Compare(writer.Finish(), Code::kFenced);
  if (!difference.empty()) return "the writer that was passed: " + difference;
  if (number % 2 == 0) fenced_.push_back(std::move(writer));
  writers_.erase(passed);
  return "";
}

// --- the store's calls

std::string ModelDriver::ApplyToStore(const ModelOp& op) {
  const Takeover takeover = op.takeover ? Takeover::kTake : Takeover::kRefuse;
  std::string difference;
  switch (op.call) {
    case ModelCall::kStart:
    case ModelCall::kStartRewound:
    case ModelCall::kStartForked:
      return Start(op);
    case ModelCall::kRewind: {
      const Code code = model_.RewindOutside(op.moment, op.takeover);
      difference = Compare(store_->Rewind(op.moment, takeover), code);
      break;
    }
    case ModelCall::kRestore: {
      const Code code = model_.Restore(op.moment.run, *op.moment.branch, op.takeover);
      difference = Compare(store_->Restore(op.moment, takeover), code);
      break;
    }
    case ModelCall::kFork: {
      ForkOptions options;
      options.run_id = op.run;
      options.config = ToConfig(op.fields);
      const Code code = model_.Fork(op.moment, op.run, options.config);
      return Compare(store_->Fork(op.moment, options), code);
    }
    case ModelCall::kConfig: {
      const Config config = ToConfig(op.fields);
      const Code code = model_.UpdateConfigOutside(op.run, config);
      return Compare(store_->UpdateConfig(op.run, config), code);
    }
    case ModelCall::kFinishOutside:
      return Compare(store_->Finish(op.run, op.number), model_.FinishOutside(op.run, op.number));
    case ModelCall::kDelete:
      difference = Compare(store_->Delete(op.run, takeover), model_.Delete(op.run, op.takeover));
      break;
    case ModelCall::kReopen:
      difference = Close();
      return difference.empty() ? Open() : difference;
    case ModelCall::kRebuild:
      return Rebuild();
    case ModelCall::kHold:
      return Hold(op);
    case ModelCall::kCheckRun:
      return CheckRun(op.run);
    default:
      return Check(op.moment, op.number);
  }
  return difference.empty() ? RetireFenced(op.run, op.number) : difference;
}

std::string ModelDriver::Start(const ModelOp& op) {
  RunOptions options;
  options.run_id = op.run;
  options.takeover = op.takeover;
  options.config = ToConfig(op.fields);
  Code code = Code::kOk;
  const auto before = model_.Find(op.run);
  const bool had_writer = before != nullptr && before->has_writer;
  if (op.call == ModelCall::kStart) {
    options.resume = op.resume;
    code = model_.Start(op.run, op.resume, op.takeover, options.config);
  } else if (op.call == ModelCall::kStartRewound) {
    options.resume_from = op.moment;
    options.config.clear();
    code = model_.StartRewound(op.run, op.moment, op.takeover);
  } else {
    options.fork_from = op.moment;
    code = model_.StartForked(op.run, op.moment, options.config);
  }
  auto started = store_->StartRun(options);
  std::string difference = Compare(started, code);
  if (!difference.empty()) return difference;
  if (!started) return RetireFenced(op.run, op.number);
  const auto passed = writers_.find(op.run);
  if (had_writer && passed != writers_.end()) {
    difference = CheckFenced(passed->second);
    if (!difference.empty()) return "the writer that was passed: " + difference;
    if (op.number % 2 == 0) fenced_.push_back(std::move(passed->second));
    writers_.erase(passed);
  }
  writers_.emplace(op.run, std::move(*started));
  return "";
}

std::string ModelDriver::Open() {
  auto opened = Store::Open(dir_.Of("store"), options_);
  if (!opened) return "open: " + opened.error().ToString();
  store_.emplace(std::move(*opened));
  return "";
}

std::string ModelDriver::Close() {
  if (!store_) return "";
  const std::string difference = Compare(store_->Close(), Code::kOk);
  if (!difference.empty()) return "close: " + difference;
  for (auto& [id, writer] : writers_) {
    const std::string closed = Compare(writer.Log({}), Code::kClosed);
    if (!closed.empty()) return fmt::format("{} after the store was closed: {}", id, closed);
    model_.EndWriter(id, RunState::kCrashed);
  }
  writers_.clear();
  fenced_.clear();
  store_.reset();
  return "";
}

std::string ModelDriver::Rebuild() {
  std::string difference = Close();
  if (difference.empty()) difference = FindRebuildDifference(dir_.Of("store"));
  return difference.empty() ? Open() : difference;
}

// --- reading

std::string ModelDriver::Hold(const ModelOp& op) {
  ModelView view;
  const Code code = model_.View(op.moment, &view);
  auto history = store_->OpenHistory(op.moment);
  const std::string difference = Compare(history, code);
  if (!difference.empty() || !history) return difference;
  held_.push_back({std::move(*history), std::move(view)});
  return "";
}

std::string ModelDriver::Check(const Moment& moment, int seed) {
  ModelView view;
  const Code code = model_.View(moment, &view);
  const auto history = store_->OpenHistory(moment);
  const std::string difference = Compare(history, code);
  if (!difference.empty() || !history) return difference;
  return FindDifference(*history, view, static_cast<std::uint64_t>(seed));
}

std::string ModelDriver::CheckRun(const std::string& id) {
  const ModelRun* run = model_.Find(id);
  const auto read = store_->ReadLineage(id);
  const std::string difference = Compare(read, run == nullptr ? Code::kNotFound : Code::kOk);
  if (!difference.empty() || run == nullptr) return difference;
  const RunInfo& info = read->run;
  ModelView view;
  model_.View({id, {}, {}}, &view);
  if (info.state != run->state) {
    return fmt::format("state of {} is {} and should be {}", id, RunStateName(info.state),
                       RunStateName(run->state));
  }
  if (!SameConfig(info.config, run->config)) return "config of " + id;
  if (info.rows != view.rows.size()) return "number of rows of " + id;
  if (info.last_step != view.last_step()) return "last step of " + id;
  if (read->branches.size() != run->branches.size()) return "number of branches of " + id;
  for (std::size_t i = 0; i < run->branches.size(); ++i) {
    const BranchInfo& branch = read->branches[i];
    const ModelBranch& expected = run->branches[i];
    const bool archived = i + 1 < run->branches.size();
    std::uint64_t own = expected.open ? 1 : 0;
    for (const ModelRow& row : expected.rows) own += row.step > expected.fork_step ? 1 : 0;
    const std::string name = fmt::format("{}@{}", id, i);
    if (branch.archived != archived) return "whether it is archived: " + name;
    if (branch.fork_step != expected.fork_step) return "fork step of " + name;
    if (branch.last_step != expected.committed()) return "last step of " + name;
    if (branch.own_rows != own) return "own rows of " + name;
    if (branch.state != (archived ? expected.state : run->state)) return "state of " + name;
    const auto config = store_->ReadConfig({id, static_cast<std::uint32_t>(i), {}});
    if (!config || !SameConfig(*config, archived ? expected.config : run->config)) {
      return "config of " + name;
    }
  }
  return "";
}

std::string ModelDriver::CheckAll() {
  for (const auto& [id, run] : model_.runs()) {
    std::string difference = CheckRun(id);
    if (!difference.empty()) return difference;
    for (std::size_t i = 0; i < run.branches.size(); ++i) {
      const Moment moment{id, static_cast<std::uint32_t>(i), {}};
      difference = Check(moment, static_cast<int>(i));
      if (!difference.empty()) return fmt::format("{}: {}", ToString(moment), difference);
    }
  }
  return "";
}

std::string ModelDriver::CheckHeld() {
  for (const Held& held : held_) {
    const std::string difference = FindDifference(held.history, held.view, 1);
    if (!difference.empty()) return "a history opened earlier changed: " + difference;
  }
  return "";
}

}  // namespace reprise
