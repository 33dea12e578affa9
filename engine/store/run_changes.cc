// Changes to runs from outside, by whoever need not write them.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/history/run_name.h"
#include "engine/run/branch_changes.h"
#include "engine/run/checked_moment.h"
#include "engine/run/lease.h"
#include "engine/run/new_run.h"
#include "engine/run/run_ids.h"
#include "engine/store/store_impl.h"
#include "format/try.h"

namespace reprise {

namespace {

// How often a fork looks again at a parent that is taken over meanwhile.
constexpr int kForkAttempts = 10;

LivingHolder ToLivingHolder(Takeover takeover) {
  return takeover == Takeover::kTake ? LivingHolder::kPass : LivingHolder::kRefuse;
}

Result<std::optional<RunUid>> FindByName(CatalogView& catalog, std::string_view name) {
  REPRISE_TRY_ASSIGN(const RunRecord run, ResolveRun(catalog, name));
  return std::optional(run.uid);
}

// Changes to a run for which its lease is needed. `change` gets the run as it is.
Status ChangeHeldRun(Session& session, std::string_view name, Takeover takeover,
                     const std::function<Status(ChangeBuilder&, const RunRecord&)>& change) {
  const auto find = [&](CatalogView& catalog) { return FindByName(catalog, name); };
  const auto add = [&](ChangeBuilder& changes) -> Status {
    REPRISE_TRY_ASSIGN(const RunRecord run, ResolveRun(changes.catalog(), name));
    return change(changes, run);
  };
  return ChangeWithLease(session, ToLivingHolder(takeover), find, add);
}

// A branch of the run, and its last committed step: nobody writes the run.
struct Place {
  BranchNode node;
  Step last = kNoStep;
};
Result<Place> FindPlace(CatalogView& catalog, const RunRecord& run, std::uint32_t ordinal) {
  REPRISE_TRY_ASSIGN(const auto branch, catalog.GetBranch({run.uid, ordinal}));
  if (!branch) return Fail(NoSuchBranch(ordinal, run));
  REPRISE_TRY_ASSIGN(const Step last, LastSealedStep(catalog, branch->node));
  return Place{branch->node, last};
}

}  // namespace

Result<std::uint32_t> RewindRun(Session& session, const Moment& moment, Takeover takeover) {
  if (!moment.step) {
    return Fail(Code::kInvalidArgument,
                fmt::format("rewinding '{}' needs a step; write RUN?_step=N", moment.run));
  }
  std::uint32_t made = 0;
  const auto change = [&](ChangeBuilder& changes, const RunRecord& run) -> Status {
    const std::uint32_t from = moment.branch.value_or(run.head);
    REPRISE_TRY_ASSIGN(const Place place, FindPlace(changes.catalog(), run, from));
    const Step step = *moment.step;
    if (step < kNoStep || step > place.last) {
      return StepOutOfRange(step, place.last, run.run_id, from);
    }
    made = run.head + 1;
    REPRISE_TRY(
        AddBranch(changes, {place.node.id, step}, made, BranchKind::kRewind, RunState::kPending));
    return {};
  };
  REPRISE_TRY(ChangeHeldRun(session, moment.run, takeover, change));
  return made;
}

Result<std::uint32_t> RestoreBranch(Session& session, const Moment& branch, Takeover takeover) {
  if (!branch.branch || branch.step) {
    return Fail(
        Code::kInvalidArgument,
        fmt::format("restoring '{}' needs a branch and no step; write RUN@BRANCH", branch.run));
  }
  std::uint32_t made = 0;
  const auto change = [&](ChangeBuilder& changes, const RunRecord& run) -> Status {
    REPRISE_TRY_ASSIGN(const Place place, FindPlace(changes.catalog(), run, *branch.branch));
    if (*branch.branch == run.head) {
      return Status::Error(
          Code::kInvalidArgument,
          fmt::format("branch {} is the head of run '{}' already", run.head, run.run_id));
    }
    made = run.head + 1;
    REPRISE_TRY(AddBranch(changes, {place.node.id, place.last}, made, BranchKind::kRestore,
                          RunState::kPending));
    return {};
  };
  REPRISE_TRY(ChangeHeldRun(session, branch.run, takeover, change));
  return made;
}

Result<RunUid> ForkRun(Session& session, const Moment& moment, const ForkOptions& options) {
  NewRun run;
  if (!options.run_id.empty()) {
    REPRISE_TRY_ASSIGN(run.run_id, CleanRunId(options.run_id));
  }
  REPRISE_TRY_ASSIGN(run.config, CheckConfig(options.config));
  run.name = options.name.value_or("");
  for (int attempt = 0;; ++attempt) {
    REPRISE_TRY_ASSIGN(const CheckedMoment checked, CheckMoment(session, moment));
    run.forked_from = checked.moment;
    RunUid uid;
    const Status forked = session.MakeChanges([&](ChangeBuilder& changes) -> Status {
      REPRISE_TRY(CheckForkStillHolds(changes.catalog(), checked));
      REPRISE_TRY_ASSIGN(const ProjectName project,
                         ForkProject(changes.catalog(), checked.run, options.project));
      run.entity = project.entity;
      run.project = project.project;
      REPRISE_TRY_ASSIGN(uid, AddRun(session, changes, run));
      return {};
    });
    if (forked.ok()) return uid;
    if (forked.code() != Code::kBusy || attempt == kForkAttempts) return Fail(forked);
  }
}

Status SetRunMetadata(Session& session, std::string_view name, const Metadata& metadata) {
  return session.MakeChanges([&](ChangeBuilder& changes) -> Status {
    REPRISE_TRY_ASSIGN(const RunRecord run, ResolveRun(changes.catalog(), name));
    MetadataSet set{metadata.name, metadata.notes, metadata.group, metadata.job_type, std::nullopt};
    std::vector<std::string> tags = run.tags;
    tags.insert(tags.end(), metadata.add_tags.begin(), metadata.add_tags.end());
    for (const std::string& tag : metadata.remove_tags) std::erase(tags, tag);
    tags = NormalTags(std::move(tags));
    if (tags != run.tags) set.tags = std::move(tags);
    const bool any = set.name || set.notes || set.group || set.job_type || set.tags;
    return any ? changes.Add(run.uid, std::move(set)) : Status();
  });
}

Status UpdateRunConfig(Session& session, std::string_view name, const Config& config) {
  REPRISE_TRY_ASSIGN(const ConfigEntries entries, CheckConfig(config));
  if (entries.empty()) return {};
  const auto change = [&](ChangeBuilder& changes, const RunRecord& run) {
    return changes.Add(run.uid, ConfigMerged{entries});
  };
  return ChangeHeldRun(session, name, Takeover::kRefuse, change);
}

// A lease is taken and given back in one transaction: finishing is the holder's to do.
Status FinishRun(Session& session, std::string_view name, int exit_code) {
  const auto change = [&](ChangeBuilder& changes, const RunRecord& run) -> Status {
    LeaseGranted granted;
    granted.generation = run.generation + 1;
    granted.holder = session.holder();
    REPRISE_TRY(changes.Add(run.uid, granted));
    LeaseReleased released;
    released.generation = granted.generation;
    released.state =
        static_cast<std::uint8_t>(exit_code == 0 ? RunState::kFinished : RunState::kFailed);
    released.exit_code = exit_code;
    return changes.Add(run.uid, released);
  };
  return ChangeHeldRun(session, name, Takeover::kRefuse, change);
}

Status DeleteRun(Session& session, std::string_view name, Takeover takeover) {
  const auto change = [&](ChangeBuilder& changes, const RunRecord& run) {
    return changes.Add(run.uid, RunDeleted());
  };
  return ChangeHeldRun(session, name, takeover, change);
}

}  // namespace reprise
