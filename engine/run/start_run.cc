#include "engine/run/start_run.h"

#include <fmt/format.h>

#include <utility>

#include "engine/history/live_rows.h"
#include "engine/history/run_name.h"
#include "engine/io/environment.h"
#include "engine/run/branch_changes.h"
#include "engine/run/lease.h"
#include "engine/run/recovery.h"
#include "engine/run/resume_file.h"
#include "engine/run/run_ids.h"
#include "format/try.h"

namespace reprise {

namespace {

struct Plan {
  RunOptions options;
  Resume resume = Resume::kNever;
  NewRun run;
  std::optional<Moment> rewind_to;  // resume_from
  std::optional<CheckedMoment> fork_from;
};

Result<Resume> ParseResume(std::string_view text) {
  if (text == "allow") return Resume::kAllow;
  if (text == "must") return Resume::kMust;
  if (text == "never") return Resume::kNever;
  if (text == "auto") return Resume::kAuto;
  return Fail(Code::kInvalidArgument,
              fmt::format("REPRISE_RESUME is '{}'; set it to allow, must, never or auto", text));
}

Status CheckExclusive(const RunOptions& options) {
  const int given =
      (options.resume ? 1 : 0) + (options.resume_from ? 1 : 0) + (options.fork_from ? 1 : 0);
  if (given <= 1) return {};
  return Status::Error(Code::kInvalidArgument,
                       "resume, resume_from and fork_from exclude one another; give one of them");
}

Status ChooseResume(Plan* plan) {
  if (plan->options.resume_from) {
    plan->resume = Resume::kMust;
  } else if (plan->options.fork_from) {
    plan->resume = Resume::kNever;
  } else if (plan->options.resume) {
    plan->resume = *plan->options.resume;
  } else if (const auto text = EnvironmentVariable("REPRISE_RESUME")) {
    REPRISE_TRY_ASSIGN(plan->resume, ParseResume(*text));
  }
  return {};
}

Status ChooseId(const StoreContext& context, Plan* plan) {
  std::string id = plan->options.run_id;
  if (id.empty() && plan->options.resume_from) {
    REPRISE_TRY_ASSIGN(const RunName name, ParseRunName(plan->options.resume_from->run));
    id = name.id;
  }
  if (id.empty()) id = EnvironmentVariable("REPRISE_RUN_ID").value_or("");
  if (id.empty() && plan->resume == Resume::kAuto && !plan->options.run_directory.empty()) {
    REPRISE_TRY_ASSIGN(const auto saved, ReadResumeFile(context, plan->options.run_directory));
    id = saved.value_or("");
  }
  if (id.empty() && plan->resume == Resume::kMust) {
    return Status::Error(Code::kInvalidArgument, "resume 'must' needs a run id; give one");
  }
  if (!id.empty()) {
    REPRISE_TRY_ASSIGN(plan->run.run_id, CleanRunId(id));
  }
  return {};
}

Status FillNewRun(const RunOptions& options, NewRun* run) {
  REPRISE_TRY_ASSIGN(ProjectName project, ParseProject(options.project));
  run->entity = std::move(project.entity);
  run->project = std::move(project.project);
  run->name = options.name.value_or("");
  run->notes = options.notes.value_or("");
  run->tags = NormalTags(options.tags.value_or(std::vector<std::string>()));
  run->group = options.group.value_or("");
  run->job_type = options.job_type.value_or("");
  REPRISE_TRY_ASSIGN(run->config, CheckConfig(options.config));
  return {};
}

Status PlanMoments(Session& session, Plan* plan) {
  const auto own = [&](const Moment& moment) {
    const auto name = ParseRunName(moment.run);
    return name && CleanRunId(name->id) == plan->run.run_id;
  };
  if (plan->options.resume_from) {
    const Moment& moment = *plan->options.resume_from;
    if (!own(moment)) {
      return Status::Error(Code::kInvalidArgument,
                           fmt::format("resume_from names run '{}' but run '{}' is started; use "
                                       "fork_from to begin from another run",
                                       moment.run, plan->run.run_id));
    }
    if (!moment.step) {
      return Status::Error(Code::kInvalidArgument,
                           "resume_from needs a step to rewind to; write RUN?_step=N, or use "
                           "resume to go on at the end");
    }
    plan->rewind_to = moment;
    REPRISE_TRY_ASSIGN(const RunName name, ParseRunName(moment.run));
    if (plan->options.project.empty() && !name.project.empty()) {
      REPRISE_TRY_ASSIGN(
          const ProjectName project,
          ParseProject(name.entity.empty() ? name.project : name.entity + "/" + name.project));
      plan->run.entity = project.entity;
      plan->run.project = project.project;
    }
  }
  if (plan->options.fork_from) {
    if (own(*plan->options.fork_from)) {
      return Status::Error(Code::kInvalidArgument,
                           fmt::format("fork_from names run '{}' itself; use resume_from to rewind "
                                       "it",
                                       plan->run.run_id));
    }
    REPRISE_TRY_ASSIGN(plan->fork_from, CheckMoment(session, *plan->options.fork_from));
    plan->run.forked_from = plan->fork_from->moment;
    REPRISE_TRY(session.context().catalog->Read([&](CatalogView& catalog) -> Status {
      REPRISE_TRY_ASSIGN(const ProjectName project,
                         ForkProject(catalog, plan->fork_from->run, plan->options.project));
      plan->run.entity = project.entity;
      plan->run.project = project.project;
      return {};
    }));
  }
  return {};
}

Result<Plan> MakePlan(Session& session, const RunOptions& options) {
  Plan plan;
  plan.options = options;
  REPRISE_TRY(CheckExclusive(options));
  REPRISE_TRY(ChooseResume(&plan));
  REPRISE_TRY(ChooseId(session.context(), &plan));
  REPRISE_TRY(FillNewRun(options, &plan.run));
  REPRISE_TRY(PlanMoments(session, &plan));
  return plan;
}

// The living run that the plan names, if there is one.
Result<std::optional<RunUid>> FindExisting(CatalogView& catalog, const Plan& plan) {
  if (plan.run.run_id.empty()) return std::optional<RunUid>();
  REPRISE_TRY_ASSIGN(const auto project, catalog.FindProject(plan.run.entity, plan.run.project));
  if (!project) return std::optional<RunUid>();
  return catalog.FindRun(project->number, plan.run.run_id);
}

Status NoRunToResume(CatalogView& catalog, const Plan& plan) {
  const auto elsewhere = ResolveRun(
      catalog, fmt::format("{}/{}/{}", plan.run.entity, plan.run.project, plan.run.run_id));
  if (!elsewhere) return elsewhere.error();
  return Status::Error(Code::kInternal, "a run was found and not found in one transaction");
}

// What the options change in a run that goes on: config leaf by leaf, and what they name.
Status AddResumedMetadata(ChangeBuilder& changes, const RunUid& uid, const Plan& plan) {
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
  Starter(Session& session, const Plan& plan) : session_(session), plan_(plan) {}

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
  const Plan& plan_;
  WriterStart start_;
};

}  // namespace

Result<RunUid> AddRun(Session& session, ChangeBuilder& changes, const NewRun& run) {
  CatalogUpdate& catalog = changes.catalog();
  Random& random = *session.context().io.random;
  REPRISE_TRY_ASSIGN(const auto project, catalog.FindProject(run.entity, run.project));
  RunCreated created;
  created.entity = run.entity;
  created.project = run.project;
  created.run_id = run.run_id.empty() ? RandomRunId(random) : run.run_id;
  if (project) {
    REPRISE_TRY_ASSIGN(const auto taken, catalog.FindRun(project->number, created.run_id));
    if (taken) {
      return Fail(Code::kAlreadyExists,
                  fmt::format("run '{}' exists in project '{}/{}'; choose another id",
                              created.run_id, run.entity, run.project));
    }
  }
  const std::uint64_t ordinal = (project ? project->runs : 0) + 1;
  const RunUid uid{random.Next64(), random.Next64()};
  created.name = run.name.empty() ? DisplayName(random.Next64(), ordinal) : run.name;
  created.notes = run.notes;
  created.tags = run.tags;
  created.group = run.group;
  created.job_type = run.job_type;
  created.config = run.config;
  created.forked_from = run.forked_from;
  REPRISE_TRY_ASSIGN(created.node, FirstNode(catalog, uid, run.forked_from));
  REPRISE_TRY(changes.Add(uid, std::move(created)));
  return uid;
}

Status CheckForkStillHolds(CatalogView& catalog, const CheckedMoment& checked) {
  REPRISE_TRY_ASSIGN(const auto lease, catalog.GetLease(checked.run.uid));
  if ((lease ? lease->generation : 0) == checked.generation) return {};
  return Status::Error(Code::kBusy, fmt::format("run '{}' was taken over while it was forked; "
                                                "fork again",
                                                checked.run.run_id));
}

Result<ProjectName> ForkProject(CatalogView& catalog, const RunRecord& parent,
                                std::string_view asked) {
  if (!asked.empty()) return ParseProject(asked);
  REPRISE_TRY_ASSIGN(const std::string path, ProjectPath(catalog, parent));
  return ParseProject(path);
}

namespace {

// Commits the open row of a writer in this session, so that a moment can name its step, and tells
// how far it is committed; nullopt: no writer here holds the run.
Result<std::optional<CommittedHead>> CommitOwnOpenRow(Session& session, const RunUid& uid) {
  const auto writer = session.FindWriter(uid);
  if (!writer) return std::nullopt;
  // Rows that wait in memory are part of the moment too.
  REPRISE_TRY(session.log().Flush());
  const Result<CommittedHead> head = writer->CommitOpenRow();
  if (head) return *head;
  // A writer that was passed or has finished has no open row any more.
  const Code code = head.error().code();
  if (code == Code::kFenced || code == Code::kClosed) return std::nullopt;
  return Fail(head.error());
}

}  // namespace

Result<CheckedMoment> CheckMoment(Session& session, const Moment& moment) {
  const StoreContext& context = session.context();
  CheckedMoment checked;
  REPRISE_TRY(context.catalog->Read([&](CatalogView& catalog) -> Status {
    REPRISE_TRY_ASSIGN(checked.run, ResolveRun(catalog, moment.run));
    return {};
  }));
  SnapshotTarget target{checked.run.uid, moment.branch, moment.step};
  target.extent = SnapshotExtent::kPlace;
  REPRISE_TRY_ASSIGN(target.known, CommitOwnOpenRow(session, checked.run.uid));
  REPRISE_TRY_ASSIGN(const auto snapshot, OpenSnapshot(context.snapshots(), target));
  // Nothing durable may refer to rows that are not; the own log is synced with the change itself.
  for (const LiveSource& source : LiveSources(snapshot->lease)) {
    if (source.session == session.id()) continue;
    REPRISE_TRY(SyncSessionLog(*context.logs, source.session));
  }
  checked.moment = {snapshot->branch.node.id, snapshot->last_committed};
  checked.generation = snapshot->lease.generation;
  return checked;
}

Result<std::shared_ptr<RunWriter::Impl>> StartRun(std::shared_ptr<SessionOwner> owner,
                                                  const RunOptions& options) {
  Session& session = *owner->session();
  REPRISE_TRY(session.CheckUsable());
  REPRISE_TRY_ASSIGN(const Plan plan, MakePlan(session, options));
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
  return impl;
}

}  // namespace reprise
