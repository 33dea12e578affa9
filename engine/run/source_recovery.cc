#include "engine/run/source_recovery.h"

#include <limits>
#include <map>
#include <utility>
#include <vector>

#include "engine/run/sealer.h"
#include "format/try.h"

namespace reprise {

namespace {

// The branches of a run, by ordinal, and how far each is sealed.
struct BranchState {
  BranchNode node;
  Step sealed_upto = kNoStep;

  friend bool operator==(const BranchState&, const BranchState&) = default;
};
using BranchStates = std::map<std::uint32_t, BranchState>;

Result<BranchStates> ReadBranches(CatalogView& view, const RunUid& uid) {
  BranchStates branches;
  REPRISE_TRY_ASSIGN(const auto records, view.Branches(uid));
  for (const BranchRecord& record : records) {
    REPRISE_TRY_ASSIGN(const auto last, view.LastSegment(record.node.id, Stream::kHistory));
    branches[record.node.id.ordinal] = {record.node, last ? last->last : kNoStep};
  }
  return branches;
}

// Splits rows into batches of the size that segments have.
std::vector<RowBatch> Split(const RowBatch& rows) {
  std::vector<RowBatch> batches(1);
  for (const RowBatch::Position& at : rows.order()) {
    if (batches.back().rows() >= kSealRows || batches.back().bytes() >= kSealBytes) {
      batches.emplace_back();
    }
    batches.back().AppendRow(rows, at);
  }
  return batches;
}

Status SealRows(Session& session, const BranchState& branch, Generation generation,
                const RowBatch& rows, std::vector<SegmentRef>* segments) {
  if (rows.empty()) return {};
  REPRISE_TRY_ASSIGN(Sealer sealer,
                     Sealer::Begin(session.context(), branch.node, branch.sealed_upto));
  for (const RowBatch& batch : Split(rows)) {
    REPRISE_TRY_ASSIGN(const SegmentRef ref,
                       sealer.Seal(batch, generation, session.packs(),
                                   session.context().io.clock->Now(), nullptr));
    segments->push_back(ref);
  }
  return {};
}

Status LeaseMoved() {
  return Status::Error(Code::kBusy,
                       "the run's lease moved while its rows were recovered; try again");
}

class SourceRecovery {
 public:
  SourceRecovery(Session& session, const RunUid& uid, LeaseRecord lease, LiveSource source)
      : session_(session), uid_(uid), lease_(std::move(lease)), source_(source) {}

  // Each branch is published before the next, whose summaries may count on it.
  Status Run(const ChangeBody& end) {
    REPRISE_TRY(session_.context().catalog->Read([&](CatalogView& view) -> Status {
      REPRISE_TRY_ASSIGN(branches_, ReadBranches(view, uid_));
      return {};
    }));
    REPRISE_TRY_ASSIGN(const LiveRows live, ReadRows());
    for (const auto& [ordinal, rows] : live.branches) {
      REPRISE_TRY(SealBranch(&branches_.at(ordinal), *rows.rows));
    }
    return Publish(end);
  }

 private:
  Result<LiveRows> ReadRows() const {
    const auto sealed_upto = [&](std::uint32_t ordinal) -> Result<Step> {
      const auto found = branches_.find(ordinal);
      return found == branches_.end() ? std::numeric_limits<Step>::max()
                                      : found->second.sealed_upto;
    };
    return ReadLiveRows(session_.context().snapshots(), uid_, {source_}, sealed_upto);
  }

  Status SealBranch(BranchState* branch, const RowBatch& rows) {
    std::vector<SegmentRef> segments;
    const PackMark mark = session_.packs().Mark();
    REPRISE_TRY(SealRows(session_, *branch, source_.generation, rows, &segments));
    if (segments.empty()) return {};
    REPRISE_TRY(session_.packs().Sync(mark));
    REPRISE_TRY(Publish(Sealed{segments}));
    branch->sealed_upto = segments.back().last;
    return {};
  }

  Status Publish(const ChangeBody& body) {
    return session_.MakeChanges([&](ChangeBuilder& changes) -> Status {
      REPRISE_TRY(CheckUnmoved(changes.catalog()));
      return changes.Add(uid_, body);
    });
  }

  Status CheckUnmoved(CatalogView& catalog) const {
    REPRISE_TRY_ASSIGN(const auto lease, catalog.GetLease(uid_));
    const bool same = lease && lease->generation == lease_.generation &&
                      lease->holder.session == lease_.holder.session &&
                      lease->pending == lease_.pending;
    if (!same) return LeaseMoved();
    REPRISE_TRY_ASSIGN(const BranchStates branches, ReadBranches(catalog, uid_));
    return branches == branches_ ? Status() : LeaseMoved();
  }

  Session& session_;
  const RunUid uid_;
  const LeaseRecord lease_;
  const LiveSource source_;
  BranchStates branches_;  // as they were read, and what this recovery sealed since
};

}  // namespace

Status RecoverSource(Session& session, const RunUid& uid, const LeaseRecord& lease,
                     const LiveSource& source, const ChangeBody& end) {
  return SourceRecovery(session, uid, lease, source).Run(end);
}

}  // namespace reprise
