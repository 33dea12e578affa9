#include "engine/run/checked_moment.h"

#include <fmt/format.h>

#include <optional>

#include "engine/history/live_rows.h"
#include "engine/history/run_name.h"
#include "engine/run/recovery.h"
#include "format/try.h"

namespace reprise {

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

Status CheckForkStillHolds(CatalogView& catalog, const CheckedMoment& checked) {
  REPRISE_TRY_ASSIGN(const auto lease, catalog.GetLease(checked.run.uid));
  if ((lease ? lease->generation : 0) == checked.generation) return {};
  return Status::Error(Code::kBusy, fmt::format("run '{}' was taken over while it was forked; "
                                                "fork again",
                                                checked.run.run_id));
}

}  // namespace reprise
