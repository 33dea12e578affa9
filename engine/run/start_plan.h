// What the options of StartRun and the environment ask for, before anything is changed.
#ifndef REPRISE_ENGINE_RUN_START_PLAN_H_
#define REPRISE_ENGINE_RUN_START_PLAN_H_

#include <optional>

#include "engine/run/checked_moment.h"
#include "engine/run/new_run.h"
#include "reprise/options.h"

namespace reprise {

struct StartPlan {
  RunOptions options;
  Resume resume = Resume::kNever;
  NewRun run;
  std::optional<Moment> rewind_to;  // resume_from
  std::optional<CheckedMoment> fork_from;
};

// kInvalidArgument for options that contradict one another.
Result<StartPlan> MakeStartPlan(Session& session, const RunOptions& options);

}  // namespace reprise

#endif  // REPRISE_ENGINE_RUN_START_PLAN_H_
