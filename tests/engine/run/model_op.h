// One call of a random sequence: what is called and with what, printable as a readable call.
#ifndef REPRISE_TESTS_ENGINE_RUN_MODEL_OP_H_
#define REPRISE_TESTS_ENGINE_RUN_MODEL_OP_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "reprise/options.h"
#include "reprise/value.h"
#include "tests/support/model_store.h"

namespace reprise {

enum class ModelCall : std::uint8_t {
  // Calls of a run's writer; skipped where the run has none.
  kLog,
  kAppend,  // one row for each of `steps`
  kFill,    // commits a row so large that rows are sealed for lack of memory
  kSetSummary,
  kRemoveSummary,
  kWriterConfig,
  kWriterRewind,
  kSync,
  kFinish,
  kDrop,  // destroys the writer without Finish
  // Calls of the store.
  kStart,
  kStartRewound,
  kStartForked,
  kRewind,
  kRestore,
  kFork,
  kConfig,
  kFinishOutside,
  kDelete,
  kReopen,
  kReclaim,
  kRebuild,  // closes, rebuilds the catalog, opens
  kHold,     // opens a history that must stay as it is
  kCheck,    // compares everything that can be read of a moment
  kCheckRun,
};
inline constexpr int kModelCalls = static_cast<int>(ModelCall::kCheckRun) + 1;

struct ModelOp {
  ModelCall call = ModelCall::kLog;
  std::string run{};
  Moment moment{};  // of another run, or of this one
  Resume resume = Resume::kAllow;
  bool takeover = false;
  int number = 0;  // an exit code, or the seed of a query
  ModelFields fields{};
  LogOptions options{};
  std::vector<Step> steps{};

  Config config() const { return Config(fields.begin(), fields.end()); }
};

std::string ToString(const ModelOp& op);
std::string ToString(const Moment& moment);
std::string ToString(const ValueView& value);

}  // namespace reprise

#endif  // REPRISE_TESTS_ENGINE_RUN_MODEL_OP_H_
