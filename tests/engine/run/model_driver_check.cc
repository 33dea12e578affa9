// Everything that can be read, against the model.
#include <fmt/format.h>

#include "tests/engine/run/model_compare.h"
#include "tests/engine/run/model_driver.h"
#include "tests/engine/run/model_outcome.h"

namespace reprise {
namespace {

bool SameConfig(const Config& config, const std::map<std::string, Value>& expected) {
  return std::map<std::string, Value>(config.begin(), config.end()) == expected &&
         config.size() == expected.size();
}

}  // namespace

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
