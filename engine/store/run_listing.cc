// What is told of runs: the catalog's record, and how many rows are visible.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/history/history_impl.h"
#include "engine/history/run_name.h"
#include "engine/run/session_lock.h"
#include "engine/store/store_impl.h"
#include "format/try.h"

namespace reprise {

std::string_view RunStateName(RunState state) {
  switch (state) {
    case RunState::kPending:
      return "pending";
    case RunState::kRunning:
      return "running";
    case RunState::kFinished:
      return "finished";
    case RunState::kFailed:
      return "failed";
    case RunState::kCrashed:
      return "crashed";
    case RunState::kKilled:
      return "killed";
    case RunState::kPreempting:
      return "preempting";
    case RunState::kPreempted:
      return "preempted";
  }
  return "unknown";
}

namespace {

RunState ToState(std::uint8_t stored) { return static_cast<RunState>(stored); }

// A page of records, read in one transaction; rows are counted after it.
struct Listed {
  RunRecord run;
  std::string project;
  SessionId holder = 0;
  std::optional<Origin> forked_from;
};

// The place as its run is called now, whether it lives or was deleted.
Result<Origin> ToOrigin(CatalogView& catalog, const StoredMoment& moment) {
  Origin origin;
  origin.branch = moment.branch.ordinal;
  origin.step = moment.step;
  REPRISE_TRY_ASSIGN(const auto run, catalog.GetRun(moment.branch.uid));
  origin.deleted = !run || run->deleted;
  if (!run) return origin;
  origin.run_id = run->run_id;
  REPRISE_TRY_ASSIGN(origin.project, ProjectPath(catalog, *run));
  return origin;
}

Result<Listed> ReadListed(CatalogView& catalog, RunRecord run) {
  Listed listed;
  REPRISE_TRY_ASSIGN(listed.project, ProjectPath(catalog, run));
  REPRISE_TRY_ASSIGN(const auto lease, catalog.GetLease(run.uid));
  if (lease) listed.holder = lease->holder.session;
  if (run.forked_from) {
    REPRISE_TRY_ASSIGN(listed.forked_from, ToOrigin(catalog, *run.forked_from));
  }
  listed.run = std::move(run);
  return listed;
}

// A run whose holder died reads as crashed before anybody recovers it.
RunState ShownState(const StoreContext& context, const Listed& listed) {
  const RunState state = ToState(listed.run.state);
  if (state != RunState::kRunning || listed.holder == 0) return state;
  const Result<bool> alive = IsOwnerAlive(*context.logs, listed.holder);
  return alive && !*alive ? RunState::kCrashed : state;
}

RunInfo ToInfo(const StoreContext& context, Listed listed) {
  RunInfo info;
  info.state = ShownState(context, listed);
  RunRecord& run = listed.run;
  info.project = std::move(listed.project);
  info.run_id = std::move(run.run_id);
  info.uid = ToHex(run.uid);
  info.name = std::move(run.name);
  info.notes = std::move(run.notes);
  info.tags = std::move(run.tags);
  info.group = std::move(run.group);
  info.job_type = std::move(run.job_type);
  info.exit_code = run.exit_code;
  info.created = run.created;
  info.updated = run.updated;
  info.branch = run.head;
  info.config = std::move(run.config);
  info.forked_from = std::move(listed.forked_from);
  return info;
}

// The end of the head's history: what rows are counted from.
Result<History> OpenEnd(const StoreContext& context, const RunUid& uid) {
  SnapshotTarget target;
  target.uid = uid;
  target.extent = SnapshotExtent::kEnd;
  REPRISE_TRY_ASSIGN(auto snapshot, OpenSnapshot(context.snapshots(), target));
  REPRISE_TRY_ASSIGN(auto impl, History::Impl::Open(std::move(snapshot)));
  return History(std::move(impl));
}

Status CountInto(const StoreContext& context, const RunUid& uid, RunInfo* info) {
  REPRISE_TRY_ASSIGN(const History history, OpenEnd(context, uid));
  REPRISE_TRY_ASSIGN(info->rows, history.CountRows());
  info->last_step = history.last_step();
  return {};
}

Result<RunInfo> Complete(const StoreContext& context, Listed listed) {
  const RunUid uid = listed.run.uid;
  RunInfo info = ToInfo(context, std::move(listed));
  REPRISE_TRY(CountInto(context, uid, &info));
  return info;
}

// The same for one of many, which the damage of one does not keep from being listed.
Result<RunInfo> CompleteIfSound(const StoreContext& context, Listed listed) {
  const RunUid uid = listed.run.uid;
  RunInfo info = ToInfo(context, std::move(listed));
  const Status counted = CountInto(context, uid, &info);
  if (counted.ok()) return info;
  if (counted.code() != Code::kCorrupt && counted.code() != Code::kIoError) return Fail(counted);
  info.unread = Status::Error(
      counted.code(), fmt::format("run {}/{}: {}", info.project, info.run_id, counted.message()));
  return info;
}

Result<Listed> FindListed(const StoreContext& context, const RunUid& uid) {
  Listed listed;
  REPRISE_TRY(context.catalog->Read([&](CatalogView& catalog) -> Status {
    REPRISE_TRY_ASSIGN(auto run, catalog.GetRun(uid));
    if (!run) return Status::Error(Code::kNotFound, "the run is not in this store any more");
    REPRISE_TRY_ASSIGN(listed, ReadListed(catalog, std::move(*run)));
    return {};
  }));
  return listed;
}

Result<std::optional<RunUid>> ParseUid(const std::optional<std::string>& text) {
  if (!text) return std::optional<RunUid>();
  RunUid uid;
  const bool good = text->size() == 32 && FromHex(text->substr(0, 16), &uid.high) &&
                    FromHex(text->substr(16), &uid.low);
  if (good) return std::optional(uid);
  return Fail(Code::kInvalidArgument, "`after` is not a run's uid; take it from a page before");
}

bool InProject(const std::string& project, const std::string& wanted) {
  if (wanted.empty() || project == wanted) return true;
  return wanted.find('/') == std::string::npos &&
         std::string_view(project).substr(project.find('/') + 1) == wanted;
}

constexpr std::size_t kPage = 256;

// Reads the next page of the newest runs; false at the end.
Result<bool> ReadPage(CatalogView& catalog, const RunQuery& query, std::optional<RunUid>* before,
                      std::vector<Listed>* page) {
  page->clear();
  REPRISE_TRY_ASSIGN(const auto uids, catalog.RecentRuns(*before, kPage));
  for (const RunUid& uid : uids) {
    *before = uid;
    REPRISE_TRY_ASSIGN(auto run, catalog.GetRun(uid));
    if (!run) continue;
    REPRISE_TRY_ASSIGN(Listed listed, ReadListed(catalog, std::move(*run)));
    if (InProject(listed.project, query.project)) page->push_back(std::move(listed));
  }
  return !uids.empty();
}

BranchInfo ToBranchInfo(const BranchRecord& branch, const RunRecord& run) {
  BranchInfo info;
  info.ordinal = branch.node.id.ordinal;
  info.archived = branch.archived;
  info.fork_step = branch.node.fork_step;
  info.created = branch.created;
  info.state = ToState(branch.archived ? branch.archived_state : run.state);
  return info;
}

// Own rows and the last step, sealed or live.
Status CompleteBranch(const StoreContext& context, const RunUid& uid, BranchInfo* info) {
  REPRISE_TRY_ASSIGN(auto snapshot, OpenSnapshot(context.snapshots(), {uid, info->ordinal, {}}));
  info->last_step = snapshot->last_committed;
  for (const SnapshotPiece& piece : snapshot->pieces) {
    if (piece.branch != BranchId{uid, info->ordinal}) continue;
    for (const SegmentRef& segment : piece.segments) info->own_rows += segment.rows;
    if (piece.tail) info->own_rows += piece.tail->rows();
  }
  return {};
}

Result<Lineage::Fork> ToFork(CatalogView& catalog, const RunUid& uid) {
  Lineage::Fork fork;
  REPRISE_TRY_ASSIGN(const auto run, catalog.GetRun(uid));
  if (!run) return fork;
  fork.run_id = run->run_id;
  REPRISE_TRY_ASSIGN(fork.project, ProjectPath(catalog, *run));
  if (run->forked_from) {
    REPRISE_TRY_ASSIGN(fork.at, ToOrigin(catalog, *run->forked_from));
  }
  return fork;
}

Gap ToGap(const GapRecord& record) {
  const GapRecorded& recorded = record.gap;
  Gap gap;
  gap.reason = GapReasonName(recorded.reason);
  gap.branch = recorded.branch;
  gap.steps = {recorded.first, recorded.last};
  if (recorded.rows != kUnknownRows) gap.rows = recorded.rows;
  gap.keys = recorded.keys;
  gap.recorded = record.time;
  return gap;
}

Status ReadBranchesAndForks(CatalogView& catalog, const RunRecord& run, Lineage* lineage) {
  REPRISE_TRY_ASSIGN(const auto branches, catalog.Branches(run.uid));
  for (const BranchRecord& branch : branches) {
    BranchInfo info = ToBranchInfo(branch, run);
    if (branch.asked) {
      REPRISE_TRY_ASSIGN(info.base, ToOrigin(catalog, *branch.asked));
    }
    lineage->branches.push_back(std::move(info));
  }
  REPRISE_TRY_ASSIGN(const auto forks, catalog.Forks(run.uid));
  for (const RunUid& uid : forks) {
    REPRISE_TRY_ASSIGN(Lineage::Fork fork, ToFork(catalog, uid));
    lineage->forks.push_back(std::move(fork));
  }
  REPRISE_TRY_ASSIGN(const auto gaps, catalog.Gaps(run.uid));
  for (const GapRecord& gap : gaps) lineage->gaps.push_back(ToGap(gap));
  return {};
}

}  // namespace

Result<std::vector<RunInfo>> ListRuns(const StoreContext& context, const RunQuery& query) {
  REPRISE_TRY_ASSIGN(std::optional<RunUid> before, ParseUid(query.after));
  std::vector<RunInfo> runs;
  std::vector<Listed> page;
  for (bool more = true; more;) {
    REPRISE_TRY(context.catalog->Read([&](CatalogView& catalog) -> Status {
      REPRISE_TRY_ASSIGN(more, ReadPage(catalog, query, &before, &page));
      return {};
    }));
    for (Listed& listed : page) {
      REPRISE_TRY_ASSIGN(RunInfo info, CompleteIfSound(context, std::move(listed)));
      runs.push_back(std::move(info));
      if (query.limit != 0 && runs.size() == query.limit) return runs;
    }
  }
  return runs;
}

Result<RunInfo> ReadRun(const StoreContext& context, std::string_view run) {
  RunUid uid;
  REPRISE_TRY(context.catalog->Read([&](CatalogView& catalog) -> Status {
    REPRISE_TRY_ASSIGN(const RunRecord record, ResolveRun(catalog, run));
    uid = record.uid;
    return {};
  }));
  return ReadRun(context, uid);
}

Result<RunInfo> ReadRun(const StoreContext& context, const RunUid& uid) {
  REPRISE_TRY_ASSIGN(Listed listed, FindListed(context, uid));
  return Complete(context, std::move(listed));
}

Result<RunInfo> ReadNewFork(const StoreContext& context, const RunUid& uid) {
  REPRISE_TRY_ASSIGN(Listed listed, FindListed(context, uid));
  RunInfo info = ToInfo(context, std::move(listed));
  if (info.forked_from) info.last_step = info.forked_from->step;
  return info;
}

Result<Lineage> ReadLineage(const StoreContext& context, std::string_view run) {
  Lineage lineage;
  RunUid uid;
  REPRISE_TRY(context.catalog->Read([&](CatalogView& catalog) -> Status {
    lineage = Lineage();
    REPRISE_TRY_ASSIGN(const RunRecord record, ResolveRun(catalog, run));
    uid = record.uid;
    return ReadBranchesAndForks(catalog, record, &lineage);
  }));
  for (BranchInfo& branch : lineage.branches) {
    REPRISE_TRY(CompleteBranch(context, uid, &branch));
  }
  REPRISE_TRY_ASSIGN(lineage.run, ReadRun(context, uid));
  return lineage;
}

Result<Config> ReadConfig(const StoreContext& context, const Moment& moment) {
  Config config;
  REPRISE_TRY(context.catalog->Read([&](CatalogView& catalog) -> Status {
    REPRISE_TRY_ASSIGN(const RunRecord run, ResolveRun(catalog, moment.run));
    const std::uint32_t ordinal = moment.branch.value_or(run.head);
    REPRISE_TRY_ASSIGN(const auto branch, catalog.GetBranch({run.uid, ordinal}));
    if (!branch) return Status::Error(Code::kNotFound, "the run has no such branch");
    config = branch->archived ? branch->archived_config : run.config;
    return {};
  }));
  return config;
}

}  // namespace reprise
