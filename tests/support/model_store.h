// A store as a user may think of it: histories are lists of rows, copied whole by every rewind and
// fork, and summaries are computed anew whenever somebody looks. It says what the engine must do.
#ifndef REPRISE_TESTS_SUPPORT_MODEL_STORE_H_
#define REPRISE_TESTS_SUPPORT_MODEL_STORE_H_

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "reprise/options.h"
#include "reprise/run_info.h"
#include "reprise/run_writer.h"
#include "reprise/status.h"
#include "reprise/summary.h"
#include "reprise/value.h"

namespace reprise {

// The step so many steps later, or the last there is.
constexpr Step StepAfter(Step step, std::uint64_t by) {
  constexpr Step kLast = std::numeric_limits<Step>::max();
  const auto room = static_cast<std::uint64_t>(kLast) - static_cast<std::uint64_t>(step);
  return by < room ? step + static_cast<Step>(by) : kLast;
}

// Keys with values as they are given to Log: a key may come twice.
using ModelFields = std::vector<std::pair<std::string, Value>>;

struct ModelRow {
  Step step = kNoStep;
  TimeMicros time = kNoTime;
  std::map<std::string, Value> fields;
};

// A call of SetSummary, or of RemoveSummary where there is no value.
struct ModelSetting {
  std::string key;
  Step step = kNoStep;
  std::optional<Value> value;
};

// What a reader sees at a moment.
struct ModelView {
  std::vector<ModelRow> rows;  // the open one last
  bool last_is_open = false;
  Step last_committed = kNoStep;
  Step fork_step = kNoStep;  // rows above it are the branch's own
  std::vector<ModelSetting> settings;

  Step last_step() const { return rows.empty() ? kNoStep : rows.back().step; }
};

// The aggregates of the rows at steps up to `through`.
Summary Summarize(const ModelView& view, Step through);

struct ModelBranch {
  Step fork_step = kNoStep;
  std::vector<ModelRow> rows;  // all that are visible and committed, inherited ones too
  std::optional<ModelRow> open;
  std::vector<ModelSetting> settings;  // as they were made, inherited ones too
  // When it was archived.
  std::map<std::string, Value> config;
  RunState state = RunState::kPending;

  Step committed() const {
    return rows.empty() ? fork_step : std::max(fork_step, rows.back().step);
  }
};

struct ModelRun {
  std::vector<ModelBranch> branches;
  std::map<std::string, Value> config;
  RunState state = RunState::kPending;
  bool has_writer = false;

  ModelBranch& head() { return branches.back(); }
  const ModelBranch& head() const { return branches.back(); }
};

// Each call gives the code that the engine must give. Calls of a writer (the first group) are only
// made for runs that have one.
class ModelStore {
 public:
  Code Log(const std::string& run, const ModelFields& fields, const LogOptions& options,
           Step* written);
  // One row of a column batch: committed, above the head.
  Code Append(const std::string& run, const ModelRow& row);
  Code SetSummary(const std::string& run, const std::string& key, std::optional<Value> value);
  Code UpdateConfig(const std::string& run, const Config& config);
  Code Rewind(const std::string& run, Step step);
  void EndWriter(const std::string& run, RunState state);

  Code Start(const std::string& run, Resume resume, bool takeover, const Config& config);
  Code StartRewound(const std::string& run, const Moment& moment, bool takeover);
  Code StartForked(const std::string& run, const Moment& moment, const Config& config);

  Code RewindOutside(const Moment& moment, bool takeover);
  Code Restore(const std::string& run, std::uint32_t branch, bool takeover);
  Code Fork(const Moment& moment, const std::string& run, const Config& config);
  Code UpdateConfigOutside(const std::string& run, const Config& config);
  Code FinishOutside(const std::string& run, int exit_code);
  Code Delete(const std::string& run, bool takeover);

  // The view of a moment, or why there is none.
  Code View(const Moment& moment, ModelView* view) const;
  const ModelRun* Find(const std::string& run) const;
  const std::map<std::string, ModelRun>& runs() const { return runs_; }

 private:
  // kOk once nobody writes the run; a writer that is passed leaves its open row committed.
  Code TakeLease(const std::string& run, bool takeover);
  Code FindForkPoint(const Moment& moment, const ModelBranch** branch, Step* step);

  std::map<std::string, ModelRun> runs_;
};

}  // namespace reprise

#endif  // REPRISE_TESTS_SUPPORT_MODEL_STORE_H_
