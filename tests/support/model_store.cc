#include "tests/support/model_store.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "tests/support/exact_reference.h"

namespace reprise {

namespace {

// The step after it must exist too.
constexpr Step kMaxStep = std::numeric_limits<Step>::max() - 1;

void CommitOpenRow(ModelBranch* branch) {
  if (!branch->open) return;
  branch->rows.push_back(std::move(*branch->open));
  branch->open.reset();
}

// A branch that starts at step `step` of another.
ModelBranch BranchAt(const ModelBranch& from, Step step) {
  ModelBranch branch;
  branch.fork_step = step;
  for (const ModelRow& row : from.rows) {
    if (row.step <= step) branch.rows.push_back(row);
  }
  for (const ModelSetting& setting : from.settings) {
    if (setting.step <= step) branch.settings.push_back(setting);
  }
  return branch;
}

void AddHead(ModelRun* run, ModelBranch branch) {
  run->head().config = run->config;
  run->head().state = run->state;
  run->branches.push_back(std::move(branch));
}

void MergeConfig(const Config& config, ModelRun* run) {
  for (const auto& [path, value] : config) run->config[path] = value;
}

bool IsIn(Step step, const ModelBranch& branch) {
  return step >= kNoStep && step <= branch.committed();
}

// Every int64 and every double is exact as a long double.
static_assert(std::numeric_limits<long double>::digits >= 64);
long double Exact(const Value& value) {
  if (value.type() == Type::kDouble) return static_cast<long double>(value.as_double());
  return static_cast<long double>(value.as_int64());
}

void AddNumber(const ModelRow& row, const Value& value, SummaryEntry* entry) {
  if (value.type() == Type::kDouble && std::isnan(value.as_double())) {
    ++entry->nan;
    return;
  }
  ++entry->count;
  const ValueAtStep here{value, row.step};
  if (!entry->min || Exact(value) < Exact(entry->min->value)) entry->min = here;
  if (!entry->max || Exact(value) > Exact(entry->max->value)) entry->max = here;
}

}  // namespace

Summary Summarize(const ModelView& view, Step through) {
  Summary summary;
  std::map<std::string, ExactReference> sums;
  for (const ModelRow& row : view.rows) {
    if (row.step > through) break;
    summary.through = row.step;
    ++summary.rows;
    for (const auto& [key, value] : row.fields) {
      SummaryEntry& entry = summary.entries[key];
      entry.last = {value, row.step};
      if (entry.first.step == kNoStep) entry.first = entry.last;
      if (!IsNumber(value.type())) continue;
      const std::uint64_t before = entry.count;
      AddNumber(row, value, &entry);
      if (entry.count > before) sums[key].Add(value);
    }
  }
  for (const auto& [key, sum] : sums) {
    summary.entries[key].sum = sum.Sum();
    summary.entries[key].mean = sum.Mean();
  }
  for (const ModelSetting& setting : view.settings) {
    if (setting.step > through) continue;
    summary.explicit_values.erase(setting.key);
    if (setting.value) summary.explicit_values[setting.key] = {*setting.value, setting.step};
  }
  return summary;
}

// --- a writer's calls

Code ModelStore::Log(const std::string& run, const ModelFields& fields, const LogOptions& options,
                     Step* written) {
  ModelBranch& head = runs_.at(run).head();
  if (options.step && (*options.step < 0 || *options.step > kMaxStep)) {
    return Code::kInvalidArgument;
  }
  const Step last = head.open ? head.open->step : head.committed();
  const Step step = options.step.value_or(head.open ? head.open->step : head.committed() + 1);
  const bool merges = head.open && step == head.open->step;
  if ((!merges && step <= last) || step > kMaxStep) return Code::kOutOfOrder;
  if (!merges) {
    CommitOpenRow(&head);
    head.open = ModelRow{step, options.time.value_or(kNoTime), {}};
  }
  for (const auto& [key, value] : fields) head.open->fields[key] = value;
  if (options.commit.value_or(!options.step)) CommitOpenRow(&head);
  *written = step;
  return Code::kOk;
}

Code ModelStore::Append(const std::string& run, const ModelRow& row) {
  ModelBranch& head = runs_.at(run).head();
  const Step last = head.open ? head.open->step : head.committed();
  if (row.step <= last || row.step > kMaxStep) return Code::kOutOfOrder;
  CommitOpenRow(&head);
  head.rows.push_back(row);
  return Code::kOk;
}

Code ModelStore::SetSummary(const std::string& run, const std::string& key,
                            std::optional<Value> value) {
  ModelBranch& head = runs_.at(run).head();
  const Step step = head.open ? head.open->step : head.committed();
  head.settings.push_back({key, step, std::move(value)});
  return Code::kOk;
}

Code ModelStore::UpdateConfig(const std::string& run, const Config& config) {
  MergeConfig(config, &runs_.at(run));
  return Code::kOk;
}

Code ModelStore::Rewind(const std::string& run, Step step) {
  ModelRun& changed = runs_.at(run);
  CommitOpenRow(&changed.head());
  if (!IsIn(step, changed.head())) return Code::kOutOfRange;
  AddHead(&changed, BranchAt(changed.head(), step));
  return Code::kOk;
}

void ModelStore::EndWriter(const std::string& run, RunState state) {
  ModelRun& ended = runs_.at(run);
  CommitOpenRow(&ended.head());
  ended.has_writer = false;
  ended.state = state;
}

// --- starting

Code ModelStore::TakeLease(const std::string& run, bool takeover) {
  ModelRun& taken = runs_.at(run);
  if (!taken.has_writer) return Code::kOk;
  if (!takeover) return Code::kBusy;
  CommitOpenRow(&taken.head());
  taken.has_writer = false;
  return Code::kOk;
}

Code ModelStore::Start(const std::string& run, Resume resume, bool takeover, const Config& config) {
  const bool exists = runs_.contains(run);
  if (exists && resume == Resume::kNever) return Code::kAlreadyExists;
  if (!exists && resume == Resume::kMust) return Code::kNotFound;
  if (exists) {
    const Code taken = TakeLease(run, takeover);
    if (taken != Code::kOk) return taken;
  }
  ModelRun& started = runs_[run];
  if (!exists) started.branches.emplace_back();
  started.has_writer = true;
  started.state = RunState::kRunning;
  MergeConfig(config, &started);
  return Code::kOk;
}

Code ModelStore::StartRewound(const std::string& run, const Moment& moment, bool takeover) {
  if (!runs_.contains(run)) return Code::kNotFound;
  const Code taken = TakeLease(run, takeover);
  if (taken != Code::kOk) return taken;
  ModelRun& started = runs_.at(run);
  const std::size_t from = moment.branch.value_or(started.branches.size() - 1);
  if (from >= started.branches.size()) return Code::kNotFound;
  if (!IsIn(*moment.step, started.branches[from])) return Code::kOutOfRange;
  AddHead(&started, BranchAt(started.branches[from], *moment.step));
  started.has_writer = true;
  started.state = RunState::kRunning;
  return Code::kOk;
}

Code ModelStore::StartForked(const std::string& run, const Moment& moment, const Config& config) {
  if (moment.run == run) return Code::kInvalidArgument;
  const Code forked = Fork(moment, run, config);
  if (forked != Code::kOk) return forked;
  runs_.at(run).has_writer = true;
  runs_.at(run).state = RunState::kRunning;
  return Code::kOk;
}

// --- changes from outside

Code ModelStore::RewindOutside(const Moment& moment, bool takeover) {
  if (!runs_.contains(moment.run)) return Code::kNotFound;
  const Code taken = TakeLease(moment.run, takeover);
  if (taken != Code::kOk) return taken;
  ModelRun& run = runs_.at(moment.run);
  const std::size_t from = moment.branch.value_or(run.branches.size() - 1);
  if (from >= run.branches.size()) return Code::kNotFound;
  if (!IsIn(*moment.step, run.branches[from])) return Code::kOutOfRange;
  AddHead(&run, BranchAt(run.branches[from], *moment.step));
  run.state = RunState::kPending;
  return Code::kOk;
}

Code ModelStore::Restore(const std::string& run, std::uint32_t branch, bool takeover) {
  if (!runs_.contains(run)) return Code::kNotFound;
  const Code taken = TakeLease(run, takeover);
  if (taken != Code::kOk) return taken;
  ModelRun& changed = runs_.at(run);
  if (branch >= changed.branches.size()) return Code::kNotFound;
  if (branch == changed.branches.size() - 1) return Code::kInvalidArgument;
  const std::map<std::string, Value> config = changed.branches[branch].config;
  AddHead(&changed, BranchAt(changed.branches[branch], changed.branches[branch].committed()));
  changed.config = config;
  changed.state = RunState::kPending;
  return Code::kOk;
}

Code ModelStore::FindForkPoint(const Moment& moment, const ModelBranch** branch, Step* step) {
  const auto found = runs_.find(moment.run);
  if (found == runs_.end()) return Code::kNotFound;
  ModelRun& parent = found->second;
  // The writer of the same store commits its open row, so that the moment can name it.
  if (parent.has_writer) CommitOpenRow(&parent.head());
  const std::size_t from = moment.branch.value_or(parent.branches.size() - 1);
  if (from >= parent.branches.size()) return Code::kNotFound;
  *branch = &parent.branches[from];
  *step = moment.step.value_or((*branch)->committed());
  return IsIn(*step, **branch) ? Code::kOk : Code::kOutOfRange;
}

Code ModelStore::Fork(const Moment& moment, const std::string& run, const Config& config) {
  const ModelBranch* from = nullptr;
  Step step = kNoStep;
  const Code found = FindForkPoint(moment, &from, &step);
  if (found != Code::kOk) return found;
  if (runs_.contains(run)) return Code::kAlreadyExists;
  const ModelRun& parent = runs_.at(moment.run);
  ModelRun fork;
  fork.config = from == &parent.head() ? parent.config : from->config;
  fork.branches.push_back(BranchAt(*from, step));
  MergeConfig(config, &fork);
  runs_[run] = std::move(fork);
  return Code::kOk;
}

Code ModelStore::UpdateConfigOutside(const std::string& run, const Config& config) {
  if (!runs_.contains(run)) return Code::kNotFound;
  if (runs_.at(run).has_writer) return Code::kBusy;
  MergeConfig(config, &runs_.at(run));
  return Code::kOk;
}

Code ModelStore::FinishOutside(const std::string& run, int exit_code) {
  if (!runs_.contains(run)) return Code::kNotFound;
  if (runs_.at(run).has_writer) return Code::kBusy;
  runs_.at(run).state = exit_code == 0 ? RunState::kFinished : RunState::kFailed;
  return Code::kOk;
}

Code ModelStore::Delete(const std::string& run, bool takeover) {
  if (!runs_.contains(run)) return Code::kNotFound;
  const Code taken = TakeLease(run, takeover);
  if (taken == Code::kOk) runs_.erase(run);
  return taken;
}

// --- reading

Code ModelStore::View(const Moment& moment, ModelView* view) const {
  const ModelRun* run = Find(moment.run);
  if (run == nullptr) return Code::kNotFound;
  const std::size_t ordinal = moment.branch.value_or(run->branches.size() - 1);
  if (ordinal >= run->branches.size()) return Code::kNotFound;
  const ModelBranch& branch = run->branches[ordinal];
  if (moment.step && !IsIn(*moment.step, branch)) return Code::kOutOfRange;
  const ModelBranch cut = BranchAt(branch, moment.step.value_or(kMaxStep));
  view->rows = cut.rows;
  view->settings = cut.settings;
  view->fork_step = branch.fork_step;
  view->last_committed = moment.step.value_or(branch.committed());
  if (!moment.step && branch.open) {
    view->rows.push_back(*branch.open);
    view->last_is_open = true;
  }
  return Code::kOk;
}

const ModelRun* ModelStore::Find(const std::string& run) const {
  const auto found = runs_.find(run);
  return found == runs_.end() ? nullptr : &found->second;
}

}  // namespace reprise
