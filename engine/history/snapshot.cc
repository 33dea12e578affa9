// The open-history protocol: the catalog says what there is, the files are opened, live rows are
// read, and a second look at the catalog tells whether anything moved meanwhile. What can move is
// gathered in a Plan; two equal plans around the reading make the snapshot one moment.
#include "engine/history/snapshot.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/history/live_rows.h"
#include "engine/history/run_name.h"
#include "engine/lineage/chain.h"
#include "engine/segment/pack_writer.h"
#include "format/try.h"

namespace reprise {

namespace {

// How often the protocol begins again before it gives up.
constexpr int kMaxAttempts = 100;

constexpr Step kLastStep = std::numeric_limits<Step>::max();

// Every branch of one run that a history needs, as far as live rows go.
struct LiveRun {
  LeaseRecord lease;
  std::map<std::uint32_t, Step> sealed_upto;  // by ordinal
  bool needed = false;  // a step is asked for that no segment covers; follows from the rest

  friend bool operator==(const LiveRun& a, const LiveRun& b) {
    return a.lease.generation == b.lease.generation && a.lease.holder == b.lease.holder &&
           a.lease.pending == b.lease.pending && a.sealed_upto == b.sealed_upto;
  }
};

struct Plan {
  Snapshot snapshot;
  std::map<RunUid, LiveRun> live;
  std::optional<Step> known_committed;  // of the target's branch
};

bool Moved(const Plan& a, const Plan& b) {
  return a.snapshot.branch.node.id != b.snapshot.branch.node.id || !(a.live == b.live);
}

bool SameSegments(const Snapshot& a, const Snapshot& b) {
  return std::equal(a.pieces.begin(), a.pieces.end(), b.pieces.begin(), b.pieces.end(),
                    [](const SnapshotPiece& one, const SnapshotPiece& other) {
                      return one.segments == other.segments;
                    });
}

Result<BranchNode> LookupNode(CatalogView& catalog, const BranchId& id) {
  REPRISE_TRY_ASSIGN(const auto record, catalog.GetBranch(id));
  if (record) return record->node;
  return Fail(Code::kCorrupt, fmt::format("the catalog has no branch {} of run {}; run 'reprise "
                                          "verify'",
                                          id.ordinal, ToHex(id.uid)));
}

Status FindBranch(CatalogView& catalog, const SnapshotTarget& target, Snapshot* snapshot) {
  REPRISE_TRY_ASSIGN(auto run, catalog.GetRun(target.uid));
  if (!run || (run->deleted && !target.even_deleted)) {
    return Status::Error(Code::kNotFound,
                         fmt::format("run {} is not in this store any more", ToHex(target.uid)));
  }
  const std::uint32_t ordinal = target.ordinal.value_or(run->head);
  REPRISE_TRY_ASSIGN(auto branch, catalog.GetBranch({target.uid, ordinal}));
  if (!branch) {
    return Status::Error(Code::kNotFound,
                         fmt::format("run '{}' has no branch {}: the last one is {}", run->run_id,
                                     ordinal, run->head));
  }
  REPRISE_TRY_ASSIGN(snapshot->project, ProjectPath(catalog, *run));
  snapshot->run = std::move(*run);
  snapshot->branch = std::move(*branch);
  return {};
}

// A branch whose rows are asked for through `last`. Live rows lie above all sealed ones.
Status PlanLiveRun(CatalogView& catalog, const BranchId& branch, Step last, Plan* plan) {
  LiveRun& live = plan->live[branch.uid];
  REPRISE_TRY_ASSIGN(const auto lease, catalog.GetLease(branch.uid));
  if (lease) live.lease = *lease;
  REPRISE_TRY_ASSIGN(const auto segment, catalog.LastSegment(branch, Stream::kHistory));
  const Step sealed_upto = segment ? segment->last : kNoStep;
  live.sealed_upto[branch.ordinal] = sealed_upto;
  live.needed = live.needed || last > sealed_upto;
  return {};
}

Status PlanPiece(CatalogView& catalog, const Piece& piece, Plan* plan) {
  SnapshotPiece planned{piece.branch, piece.steps, {}, nullptr};
  REPRISE_TRY_ASSIGN(planned.segments, catalog.Segments(piece.branch, Stream::kHistory,
                                                        piece.steps.first, piece.steps.last));
  plan->snapshot.pieces.push_back(std::move(planned));
  return PlanLiveRun(catalog, piece.branch, piece.steps.last, plan);
}

Status PlanAllPieces(CatalogView& catalog, Step cut, Plan* plan) {
  const auto lookup = [&](const BranchId& id) { return LookupNode(catalog, id); };
  REPRISE_TRY_ASSIGN(const auto pieces, Flatten(plan->snapshot.branch.node, cut, lookup));
  for (const Piece& piece : pieces) REPRISE_TRY(PlanPiece(catalog, piece, plan));
  return {};
}

// From the end to the last piece that has a segment.
Status PlanLastPieces(CatalogView& catalog, Step cut, Plan* plan) {
  const auto lookup = [&](const BranchId& id) { return LookupNode(catalog, id); };
  auto& pieces = plan->snapshot.pieces;
  BranchNode node = plan->snapshot.branch.node;
  for (Step last = cut; last != kNoStep; last = node.fork_step) {
    REPRISE_TRY_ASSIGN(node, FindOwner(node, last, lookup));
    REPRISE_TRY(PlanPiece(catalog, {node.id, {node.fork_step + 1, last}}, plan));
    if (!pieces.back().segments.empty()) break;
  }
  std::reverse(pieces.begin(), pieces.end());
  return {};
}

// The target's own branch, whose live rows tell what is committed, even if it is cut away.
Status PlanOwnBranch(CatalogView& catalog, const SnapshotTarget& target, Plan* plan) {
  const BranchNode& node = plan->snapshot.branch.node;
  const Step step = target.step.value_or(kLastStep);
  REPRISE_TRY(PlanLiveRun(catalog, node.id, kNoStep, plan));
  LiveRun& live = plan->live[node.id.uid];
  plan->snapshot.lease = live.lease;
  const auto& known = target.known;
  if (known && known->branch == node.id && known->generation == live.lease.generation &&
      !live.lease.pending) {
    plan->known_committed = known->step;
    return {};
  }
  live.needed = live.needed || (step > node.fork_step && step > live.sealed_upto[node.id.ordinal]);
  return {};
}

// Values set on the branches that the history went through, as users asked for them: a branch
// whose base was normalised away may still have set some at the very step it was left. What was
// set on a branch after the next one left it is not part of this history.
Status PlanExplicitValues(CatalogView& catalog, Step cut, Snapshot* snapshot) {
  std::vector<std::vector<ExplicitRecord>> by_branch;
  BranchRecord branch = snapshot->branch;
  ChangeNumber end = ~ChangeNumber{0};
  for (Step limit = cut;;) {
    REPRISE_TRY_ASSIGN(auto values, catalog.ExplicitValues(branch.node.id, end));
    std::erase_if(values, [&](const ExplicitRecord& value) { return value.step > limit; });
    by_branch.push_back(std::move(values));
    if (!branch.values_from) break;
    limit = std::min(limit, branch.values_from->step);
    end = std::min(end, branch.values_before);
    REPRISE_TRY_ASSIGN(auto base, catalog.GetBranch(branch.values_from->branch));
    if (!base) break;
    branch = std::move(*base);
  }
  for (auto values = by_branch.rbegin(); values != by_branch.rend(); ++values) {
    std::move(values->begin(), values->end(), std::back_inserter(snapshot->explicit_values));
  }
  return {};
}

Result<Plan> MakePlan(Catalog& catalog, const SnapshotTarget& target) {
  Plan plan;
  // A step below -1 is refused when it is known what the last one is.
  const Step cut = std::max(target.step.value_or(kLastStep), kNoStep);
  const Status read = catalog.Read([&](CatalogView& view) -> Status {
    plan = Plan();
    REPRISE_TRY(FindBranch(view, target, &plan.snapshot));
    if (target.extent == SnapshotExtent::kAll) REPRISE_TRY(PlanAllPieces(view, cut, &plan));
    if (target.extent == SnapshotExtent::kEnd) REPRISE_TRY(PlanLastPieces(view, cut, &plan));
    REPRISE_TRY(PlanOwnBranch(view, target, &plan));
    if (target.extent != SnapshotExtent::kAll) return {};
    return PlanExplicitValues(view, cut, &plan.snapshot);
  });
  if (!read.ok()) return Fail(read);
  return plan;
}

void OpenPacks(Directory& packs, Snapshot* snapshot) {
  for (const SnapshotPiece& piece : snapshot->pieces) {
    for (const SegmentRef& segment : piece.segments) {
      if (snapshot->packs.contains(segment.pack)) continue;
      snapshot->packs.emplace(segment.pack, PackFile::Open(packs, segment.pack));
    }
  }
}

// It is lost, or was written anew since the plan was made.
bool MissesPack(const Snapshot& snapshot) {
  return std::any_of(snapshot.packs.begin(), snapshot.packs.end(), [](const auto& pack) {
    return !pack.second && pack.second.error().code() == Code::kNotFound;
  });
}

// Segments are published when their pack is on disk, so that one is missing is damage.
Status Lost(const SegmentRef& segment, const Status& status) {
  const bool missing = status.code() == Code::kNotFound;
  return Status::Error(
      missing ? Code::kCorrupt : status.code(),
      fmt::format("steps {} to {} of branch {} of run {} cannot be read: {}", segment.first,
                  segment.last, segment.branch.ordinal, ToHex(segment.branch.uid),
                  missing ? fmt::format("pack '{}' is missing; restore it from a copy",
                                        PackFileName(segment.pack))
                          : std::string(status.message())));
}

// Which rows those are that a damaged log had, and that all others can be read.
Status LiveRowsLost(const Snapshot& snapshot, const RunUid& uid, const LiveRun& live,
                    const Status& status) {
  if (status.code() != Code::kCorrupt) return status;
  std::string lost;
  for (const auto& [ordinal, sealed_upto] : live.sealed_upto) {
    lost +=
        fmt::format("{}above step {} of branch {}", lost.empty() ? "" : ", ", sealed_upto, ordinal);
  }
  const bool own = uid == snapshot.run.uid;
  return Status::Error(
      Code::kCorrupt,
      fmt::format("rows of run {} that were not sealed cannot be read ({}): {}; read up to that "
                  "step, as '{}@{}?_step=N', and run 'reprise verify'",
                  own ? fmt::format("'{}'", snapshot.run.run_id) : ToHex(uid), lost,
                  status.message(), snapshot.run.run_id, snapshot.branch.node.id.ordinal));
}

Result<std::map<RunUid, LiveRows>> ReadAllLiveRows(const SnapshotSource& source, const Plan& plan) {
  std::map<RunUid, LiveRows> rows;
  for (const auto& [uid, live] : plan.live) {
    const std::vector<LiveSource> sources = LiveSources(live.lease);
    if (!live.needed || sources.empty()) continue;
    // Branches that this history does not need are skipped whole.
    const auto sealed_upto = [&live = live](std::uint32_t ordinal) -> Result<Step> {
      const auto found = live.sealed_upto.find(ordinal);
      return found == live.sealed_upto.end() ? kLastStep : found->second;
    };
    auto read = ReadLiveRows(source, uid, sources, sealed_upto);
    if (!read) return Fail(LiveRowsLost(plan.snapshot, uid, live, read.error()));
    rows[uid] = std::move(*read);
  }
  return rows;
}

bool NeedsLiveRows(const Plan& plan) {
  return std::any_of(plan.live.begin(), plan.live.end(), [](const auto& run) {
    return run.second.needed && !LiveSources(run.second.lease).empty();
  });
}

const LiveRows::Branch* FindLive(const std::map<RunUid, LiveRows>& rows, const BranchId& branch) {
  const auto run = rows.find(branch.uid);
  if (run == rows.end()) return nullptr;
  const auto found = run->second.branches.find(branch.ordinal);
  return found == run->second.branches.end() || found->second.rows->empty() ? nullptr
                                                                            : &found->second;
}

// The last step of the target's branch that a moment may name.
Step LastCommitted(const Plan& plan, const LiveRows::Branch* live) {
  if (plan.known_committed) return *plan.known_committed;
  const BranchNode& node = plan.snapshot.branch.node;
  Step last = node.fork_step;
  last = std::max(last, plan.live.at(node.id.uid).sealed_upto.at(node.id.ordinal));
  if (live == nullptr) return last;
  const auto& order = live->rows->order();
  const std::size_t committed = order.size() - (live->open_step ? 1 : 0);
  if (committed == 0) return last;
  const RowBatch::Position& at = order[committed - 1];
  return std::max(last, live->rows->tables()[at.table].steps[at.row]);
}

Status StepNotVisible(const Snapshot& snapshot, Step step, Step last_committed) {
  return Status::Error(
      Code::kOutOfRange,
      fmt::format("step {} is not in the history of run '{}' branch {}: its last committed step "
                  "is {}; name one from -1 to that",
                  step, snapshot.run.run_id, snapshot.branch.node.id.ordinal, last_committed));
}

Step LastVisible(const Snapshot& snapshot, Step cut) {
  for (auto piece = snapshot.pieces.rbegin(); piece != snapshot.pieces.rend(); ++piece) {
    const Step limit = std::min(cut, piece->steps.last);
    if (piece->tail && piece->tail->first_step() <= limit) {
      return std::min(limit, piece->tail->last_step());
    }
    if (!piece->segments.empty()) return std::min(limit, piece->segments.back().last);
  }
  return kNoStep;
}

void AttachLiveRows(const std::map<RunUid, LiveRows>& rows, Snapshot* snapshot) {
  for (SnapshotPiece& piece : snapshot->pieces) {
    const LiveRows::Branch* live = FindLive(rows, piece.branch);
    if (live == nullptr || live->rows->first_step() > piece.steps.last) continue;
    piece.tail = live->rows;
    const bool own = piece.branch == snapshot->branch.node.id;
    if (own && live->open_step && piece.steps.contains(*live->open_step)) {
      snapshot->open_step = live->open_step;
    }
  }
}

// One attempt; nullopt: something moved, begin again.
Result<std::optional<Snapshot>> Attempt(const SnapshotSource& source,
                                        const SnapshotTarget& target) {
  REPRISE_TRY_ASSIGN(Plan plan, MakePlan(*source.catalog, target));
  OpenPacks(*source.packs, &plan.snapshot);
  if (MissesPack(plan.snapshot)) {
    REPRISE_TRY_ASSIGN(const Plan again, MakePlan(*source.catalog, target));
    if (!SameSegments(plan.snapshot, again.snapshot)) return std::optional<Snapshot>();
  }
  std::map<RunUid, LiveRows> live;
  if (!target.sealed_only && NeedsLiveRows(plan)) {
    auto rows = ReadAllLiveRows(source, plan);
    if (!rows && rows.error().code() == Code::kNotFound) return std::optional<Snapshot>();
    if (!rows) return Fail(rows.error());
    REPRISE_TRY_ASSIGN(const Plan again, MakePlan(*source.catalog, target));
    if (Moved(plan, again)) return std::optional<Snapshot>();
    live = std::move(*rows);
  }
  Snapshot& snapshot = plan.snapshot;
  snapshot.last_committed = LastCommitted(plan, FindLive(live, snapshot.branch.node.id));
  if (target.step) {
    if (*target.step < kNoStep || *target.step > snapshot.last_committed) {
      return Fail(StepNotVisible(snapshot, *target.step, snapshot.last_committed));
    }
    snapshot.last_committed = *target.step;
  }
  AttachLiveRows(live, &snapshot);
  snapshot.last_step = LastVisible(snapshot, target.step.value_or(kLastStep));
  return std::optional<Snapshot>(std::move(snapshot));
}

}  // namespace

Result<std::shared_ptr<const Snapshot>> OpenSnapshot(const SnapshotSource& source,
                                                     const SnapshotTarget& target) {
  for (int attempt = 0; attempt < kMaxAttempts; ++attempt) {
    REPRISE_TRY_ASSIGN(std::optional<Snapshot> snapshot, Attempt(source, target));
    if (snapshot) return std::make_shared<const Snapshot>(std::move(*snapshot));
  }
  return Fail(Code::kBusy, fmt::format("run {} changed {} times while it was being opened; try "
                                       "again",
                                       ToHex(target.uid), kMaxAttempts));
}

Result<std::shared_ptr<const SegmentReader>> SegmentCache::Get(const SegmentRef& ref) const {
  const Place place{ref.pack, ref.offset};
  {
    const std::lock_guard lock(mutex_);
    const auto found = readers_.find(place);
    if (found != readers_.end()) return found->second;
  }
  const auto pack = snapshot_->packs.find(ref.pack);
  if (pack == snapshot_->packs.end()) {
    return Fail(Code::kInternal, "a segment was asked for that is not in this snapshot");
  }
  if (!pack->second) return Fail(Lost(ref, pack->second.error()));
  REPRISE_TRY_ASSIGN(auto reader, SegmentReader::Open(*pack->second, ref));
  const std::lock_guard lock(mutex_);
  return readers_.emplace(place, std::move(reader)).first->second;
}

}  // namespace reprise
