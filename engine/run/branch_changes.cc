#include "engine/run/branch_changes.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "engine/lineage/chain.h"
#include "engine/run/row_rules.h"
#include "format/try.h"

namespace reprise {

namespace {

// A step that a branch begins after; there is none before the first.
Result<BranchNode> MakeNodeAt(CatalogView& catalog, const BranchId& id, const StoredMoment& asked) {
  const auto lookup = [&](const BranchId& branch) -> Result<BranchNode> {
    REPRISE_TRY_ASSIGN(const auto record, catalog.GetBranch(branch));
    if (record) return record->node;
    return Fail(Code::kNotFound,
                fmt::format("run {} has no branch {}", ToHex(branch.uid), branch.ordinal));
  };
  return MakeNode(id, asked.branch, asked.step, lookup);
}

}  // namespace

Result<BranchNode> AddBranch(ChangeBuilder& changes, const StoredMoment& asked,
                             std::uint32_t ordinal, BranchKind kind, RunState state) {
  const RunUid& uid = asked.branch.uid;
  REPRISE_TRY_ASSIGN(const BranchNode node, MakeNodeAt(changes.catalog(), {uid, ordinal}, asked));
  BranchMade made;
  made.kind = kind;
  made.node = node;
  made.asked = asked;
  made.state = static_cast<std::uint8_t>(state);
  REPRISE_TRY(changes.Add(uid, made));
  return node;
}

Result<BranchNode> FirstNode(CatalogView& catalog, const RunUid& uid,
                             const std::optional<StoredMoment>& forked_from) {
  if (forked_from) return MakeNodeAt(catalog, {uid, 0}, *forked_from);
  return RootNode(uid);
}

Result<Step> LastSealedStep(CatalogView& catalog, const BranchNode& node) {
  REPRISE_TRY_ASSIGN(const auto last, catalog.LastSegment(node.id, Stream::kHistory));
  return last ? std::max(last->last, node.fork_step) : node.fork_step;
}

Status StepOutOfRange(Step step, Step last, std::string_view run_id, std::uint32_t branch) {
  return Status::Error(
      Code::kOutOfRange,
      fmt::format("step {} is not in the history of run '{}' branch {}: its last committed step "
                  "is {}; name one from -1 to that",
                  step, run_id, branch, last));
}

Status NoSuchBranch(std::uint32_t branch, const RunRecord& run) {
  return Status::Error(Code::kNotFound, fmt::format("run '{}' has no branch {}: the last one is {}",
                                                    run.run_id, branch, run.head));
}

Result<ConfigEntries> CheckConfig(const Config& config) {
  std::map<std::string, Value> sorted;
  for (const auto& [path, value] : config) {
    REPRISE_TRY(CheckKey(path));
    REPRISE_TRY(CheckValue(path, value.view()));
    sorted[path] = value;
  }
  return ConfigEntries(sorted.begin(), sorted.end());
}

}  // namespace reprise
