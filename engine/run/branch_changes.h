// Rewind, fork and restore: one change each, whatever the history's length and depth.
#ifndef REPRISE_ENGINE_RUN_BRANCH_CHANGES_H_
#define REPRISE_ENGINE_RUN_BRANCH_CHANGES_H_

#include <string>
#include <string_view>

#include "engine/run/session.h"
#include "format/branch_node.h"
#include "format/change.h"
#include "reprise/options.h"
#include "reprise/run_info.h"

namespace reprise {

// Adds the change that gives the run of `asked` a new head, branch `ordinal`, which starts there.
// The step must have been checked to be visible and committed.
Result<BranchNode> AddBranch(ChangeBuilder& changes, const StoredMoment& asked,
                             std::uint32_t ordinal, BranchKind kind, RunState state);

// The first branch of a new run: empty, or a fork's.
Result<BranchNode> FirstNode(CatalogView& catalog, const RunUid& uid,
                             const std::optional<StoredMoment>& forked_from);

// The last committed step of a branch that has no live rows.
Result<Step> LastSealedStep(CatalogView& catalog, const BranchNode& node);

// kOutOfRange: `step` is not in the history whose last committed step is `last`.
Status StepOutOfRange(Step step, Step last, std::string_view run_id, std::uint32_t branch);

// kNotFound: the run's branches end at its head.
Status NoSuchBranch(std::uint32_t branch, const RunRecord& run);

// Sorted by path, the last of equal paths; kInvalidArgument for a path or value that may not be.
Result<ConfigEntries> CheckConfig(const Config& config);

}  // namespace reprise

#endif  // REPRISE_ENGINE_RUN_BRANCH_CHANGES_H_
