// A script run on a healthy disk: what it did there, and what may be found after a crash.
#ifndef REPRISE_TESTS_FAULTS_CRASH_SCRIPT_TRACE_H_
#define REPRISE_TESTS_FAULTS_CRASH_SCRIPT_TRACE_H_

#include <memory>

#include "format/try.h"
#include "tests/faults/crash/image_check.h"
#include "tests/faults/crash/scripts.h"
#include "tests/faults/crash/trace_recorder.h"

namespace reprise {

struct ScriptTrace {
  DiskTrace disk;
  Oracle oracle;
};

inline Result<ScriptTrace> RecordScript(const Script& script, std::uint64_t seed) {
  std::unique_ptr<Workload> work;
  TraceRecorder recorder([&] { return work->path(); });
  work = std::make_unique<Workload>(seed, &recorder.tracer());
  REPRISE_TRY(script.run(*work));
  return ScriptTrace{recorder.Take({}, 1), work->oracle()};
}

// Most are only looked at, since verifying and waiting for one another take much longer.
inline CheckPlan PlanOf(std::uint64_t hash) {
  CheckPlan plan;
  plan.recovery = hash % 2 == 0    ? Recovery::kAdopt
                  : hash % 64 == 1 ? Recovery::kRace
                                   : Recovery::kResume;
  plan.verifies = hash / 64 % 8 == 0;
  plan.depth = hash / 512 % 8 == 0 ? VerifyDepth::kDeep : VerifyDepth::kChecksums;
  return plan;
}

}  // namespace reprise

#endif  // REPRISE_TESTS_FAULTS_CRASH_SCRIPT_TRACE_H_
