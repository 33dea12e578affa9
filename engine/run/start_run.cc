#include "engine/run/start_run.h"

#include <fmt/format.h>

#include <utility>

#include "engine/history/run_name.h"
#include "engine/run/branch_changes.h"
#include "engine/run/lease.h"
#include "engine/run/resume_file.h"
#include "engine/run/start_plan.h"
#include "format/try.h"

namespace reprise {

namespace {

// The living run that the plan names, if there is one.
Result<std::optional<RunUid>> FindExisting(CatalogView& catalog, const StartPlan& plan) {
  if (plan.run.run_id.empty()) return std::optional<RunUid>();
  REPRISE_TRY_ASSIGN(const auto project, catalog.FindProject(plan.run.entity, plan.run.project));
  if (!project) return std::optional<RunUid>();
  return catalog.FindRun(project->number, plan.run.run_id);
}

Status NoRunToResume(CatalogView& catalog, const StartPlan& plan) {
  const auto elsewhere = ResolveRun(
      catalog, fmt::format("{}/{}/{}", plan.run.entity, plan.run.project, plan.run.run_id));
  if (!elsewhere) return elsewhere.error();
  return Status::Error(Code::kInternal, "a run was found and not found in one transaction");
}

// What the options change in a run that goes on: config leaf by leaf, and what they name.
Status AddResumedMetadata(ChangeBuilder& changes, const RunUid& uid, const StartPlan& plan) {
  if (!plan.run.config.empty()) REPRISE_TRY(changes.Add(uid, ConfigMerged{plan.run.config}));
  const RunOptions& options = plan.options;
  MetadataSet set{options.name, options.notes, options.group, options.job_type, std::nullopt};
  if (options.tags) set.tags = plan.run.tags;
  const bool any = set.name || set.notes || set.group || set.job_type || set.tags;
  return any ? changes.Add(uid, std::move(set)) : Status();
}

Status AddRewind(ChangeBuilder& changes, const RunRecord& run, const Moment& moment) {
  const std::uint32_t from = moment.branch.value_or(run.head);
  const Step step = moment.step.value_or(kNoStep);
  REPRISE_TRY_ASSIGN(const auto branch, changes.catalog().GetBranch({run.uid, from}));
  if (!branch) return NoSuchBranch(from, run);
  REPRISE_TRY_ASSIGN(const Step last, LastSealedStep(changes.catalog(), branch->node));
  if (step < kNoStep || step > last) return StepOutOfRange(step, last, run.run_id, from);
  REPRISE_TRY(AddBranch(changes, {{run.uid, from}, step}, run.head + 1, BranchKind::kRewind,
                        RunState::kRunning));
  return {};
}

// The changes that begin the plan's run, and where its writer begins.
class Starter {
 public:
  Starter(Session& session, const StartPlan& plan) : session_(session), plan_(plan) {}

  Status Change(ChangeBuilder& changes) {
    REPRISE_TRY_ASSIGN(const auto existing, FindExisting(changes.catalog(), plan_));
    if (existing && plan_.resume == Resume::kNever) return Exists();
    if (!existing && plan_.resume == Resume::kMust) {
      return NoRunToResume(changes.catalog(), plan_);
    }
    RunUid uid;
    if (existing) {
      uid = *existing;
      REPRISE_TRY(ResumeRun(changes, uid));
    } else {
      if (plan_.fork_from) REPRISE_TRY(CheckForkStillHolds(changes.catalog(), *plan_.fork_from));
      REPRISE_TRY_ASSIGN(uid, AddRun(session_, changes, plan_.run));
    }
    start_.resumed = existing.has_value();
    REPRISE_TRY(Grant(changes, uid));
    return ReadStart(changes.catalog(), uid);
  }

  const WriterStart& start() const { return start_; }

 private:
  Status Exists() const {
    return Status::Error(Code::kAlreadyExists,
                         fmt::format("run '{}' exists in project '{}/{}'; resume it, or choose "
                                     "another id",
                                     plan_.run.run_id, plan_.run.entity, plan_.run.project));
  }

  Status ResumeRun(ChangeBuilder& changes, const RunUid& uid) {
    REPRISE_TRY_ASSIGN(const auto run, changes.catalog().GetRun(uid));
    if (!run) return Status::Error(Code::kCorrupt, "the run is not in the catalog");
    if (plan_.rewind_to) REPRISE_TRY(AddRewind(changes, *run, *plan_.rewind_to));
    return AddResumedMetadata(changes, uid, plan_);
  }

  Status Grant(ChangeBuilder& changes, const RunUid& uid) {
    REPRISE_TRY_ASSIGN(const auto lease, changes.catalog().GetLease(uid));
    LeaseGranted granted;
    granted.generation = (lease ? lease->generation : 0) + 1;
    granted.holder = session_.holder();
    start_.generation = granted.generation;
    return changes.Add(uid, granted);
  }

  // The next step is read here, in the transaction that grants the lease.
  Status ReadStart(CatalogView& catalog, const RunUid& uid) {
    REPRISE_TRY_ASSIGN(const auto run, catalog.GetRun(uid));
    if (!run) return Status::Error(Code::kInternal, "the run vanished in its own transaction");
    REPRISE_TRY_ASSIGN(const auto head, catalog.GetBranch({uid, run->head}));
    if (!head) return Status::Error(Code::kCorrupt, "the run's head is not in the catalog");
    REPRISE_TRY_ASSIGN(start_.project, ProjectPath(catalog, *run));
    start_.uid = uid;
    start_.run_id = run->run_id;
    start_.head = head->node;
    REPRISE_TRY_ASSIGN(start_.committed, LastSealedStep(catalog, head->node));
    REPRISE_TRY_ASSIGN(const auto last, catalog.LastSegment(head->node.id, Stream::kHistory));
    start_.sealed_upto = last ? last->last : kNoStep;
    return {};
  }

  Session& session_;
  const StartPlan& plan_;
  WriterStart start_;
};

}  // namespace

Result<std::shared_ptr<RunWriter::Impl>> StartRun(std::shared_ptr<SessionOwner> owner,
                                                  const RunOptions& options) {
  Session& session = *owner->session();
  REPRISE_TRY(session.CheckUsable());
  REPRISE_TRY_ASSIGN(const StartPlan plan, MakeStartPlan(session, options));
  Starter starter(session, plan);
  const auto find = [&](CatalogView& catalog) { return FindExisting(catalog, plan); };
  const auto change = [&](ChangeBuilder& changes) { return starter.Change(changes); };
  const bool never = plan.resume == Resume::kNever;
  // A run that must not exist has no lease to wait for.
  const auto no_run = [](CatalogView&) -> Result<std::optional<RunUid>> { return std::nullopt; };
  const auto living = options.takeover ? LivingHolder::kPass : LivingHolder::kRefuse;
  if (never) {
    REPRISE_TRY(ChangeWithLease(session, living, no_run, change));
  } else {
    REPRISE_TRY(ChangeWithLease(session, living, find, change));
  }
  WriterStart start = starter.start();
  if (!options.run_directory.empty()) {
    REPRISE_TRY(WriteResumeFile(session.context(), options.run_directory, start.run_id));
    start.resume_file = options.run_directory;
  }
  auto impl = std::make_shared<RunWriter::Impl>(std::move(owner), std::move(start));
  session.Register(impl->start().uid, impl);
  session.RequestSeal(impl);  // sessions before may have left small segments
  return impl;
}

}  // namespace reprise
