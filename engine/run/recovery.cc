// See recovery.h. Rows of a session belong to history if the run's lease still names the session
// and their generation (it died holding the run), or if they are of a fenced holder and its fence
// is not set yet. What is sealed already is recognised by its steps.
#include "engine/run/recovery.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "engine/history/live_rows.h"
#include "engine/log/log_reader.h"
#include "engine/run/left_over.h"
#include "engine/run/sealer.h"
#include "engine/run/session_lock.h"
#include "format/try.h"
#include "reprise/run_info.h"

namespace reprise {

namespace {

// What a dead session's log holds beside rows.
struct LogContents {
  std::set<RunUid> runs;             // that have rows in it
  std::vector<std::string> changes;  // in order
  Sequence last_sequence = 0;
};

Result<LogContents> ReadContents(Session& session, SessionId dead) {
  LogContents contents;
  LogVisitor visitor;
  visitor.on_part = [&](const LoggedPart& part) -> Status {
    contents.runs.insert(part.branch.uid);
    return {};
  };
  visitor.on_change = [&](const LoggedChange& change) -> Status {
    contents.changes.emplace_back(change.bytes);
    return {};
  };
  const StoreContext& context = session.context();
  REPRISE_TRY_ASSIGN(const auto reports,
                     ScanSession(*context.logs, dead, context.boot_id, visitor));
  for (const LogFileReport& report : reports) {
    if (report.end == LogEnd::kCorrupt) return Fail(Code::kCorrupt, report.message);
    contents.last_sequence = std::max(contents.last_sequence, report.last_sequence);
  }
  return contents;
}

// Whether changes were synced whose numbers nobody took since: all that were committed have lower
// ones.
Result<bool> HasLeftOver(Catalog& catalog, const LogContents& contents) {
  if (contents.changes.empty()) return false;
  ChangeNumber last = 0;
  for (const std::string& bytes : contents.changes) {
    REPRISE_TRY_ASSIGN(const Change change, DecodeChange(bytes));
    last = std::max(last, change.number);
  }
  ChangeNumber committed = 0;
  REPRISE_TRY(catalog.Read([&](CatalogView& view) -> Status {
    REPRISE_TRY_ASSIGN(const MetaRecord meta, view.Meta());
    committed = meta.change;
    return {};
  }));
  return last > committed;
}

// Reads the branches of a run and how far each is sealed.
struct BranchState {
  BranchNode node;
  Step sealed_upto = kNoStep;
};
Result<std::map<std::uint32_t, BranchState>> ReadBranches(Catalog& catalog, const RunUid& uid) {
  std::map<std::uint32_t, BranchState> branches;
  const Status read = catalog.Read([&](CatalogView& view) -> Status {
    branches.clear();
    REPRISE_TRY_ASSIGN(const auto records, view.Branches(uid));
    for (const BranchRecord& record : records) {
      REPRISE_TRY_ASSIGN(const auto last, view.LastSegment(record.node.id, Stream::kHistory));
      branches[record.node.id.ordinal] = {record.node, last ? last->last : kNoStep};
    }
    return {};
  });
  if (!read.ok()) return Fail(read);
  return branches;
}

// Splits rows into batches of the size that segments have.
std::vector<RowBatch> Split(const RowBatch& rows) {
  std::vector<RowBatch> batches(1);
  std::vector<ValueView> values;
  for (const RowBatch::Position& at : rows.order()) {
    if (batches.back().rows() >= kSealRows || batches.back().bytes() >= kSealBytes) {
      batches.emplace_back();
    }
    const RowTable& table = rows.tables()[at.table];
    values.clear();
    for (const Column& column : table.columns) values.push_back(column.value(at.row));
    const TimeMicros time = table.times.empty() ? kNoTime : table.times[at.row];
    batches.back().Append(table.shape, table.steps[at.row], time, values);
  }
  return batches;
}

Status SealRows(Session& session, const BranchState& branch, Generation generation,
                const RowBatch& rows, std::vector<SegmentRef>* segments) {
  if (rows.empty()) return {};
  REPRISE_TRY_ASSIGN(Sealer sealer,
                     Sealer::Begin(session.context(), branch.node, branch.sealed_upto));
  for (const RowBatch& batch : Split(rows)) {
    REPRISE_TRY_ASSIGN(const SegmentRef ref, sealer.Seal(batch, generation, session.packs(),
                                                         session.context().io.clock->Now()));
    segments->push_back(ref);
  }
  return {};
}

// Seals the unsealed rows of one source, branch by branch in the order they were made; each is
// published before the next, whose summaries may count on it.
Status SealSource(Session& session, const RunUid& uid, const LiveSource& source,
                  const std::function<Status(CatalogView&)>& still_valid) {
  const StoreContext& context = session.context();
  REPRISE_TRY_ASSIGN(const auto branches, ReadBranches(*context.catalog, uid));
  const auto sealed_upto = [&](std::uint32_t ordinal) -> Result<Step> {
    const auto found = branches.find(ordinal);
    return found == branches.end() ? std::numeric_limits<Step>::max() : found->second.sealed_upto;
  };
  REPRISE_TRY_ASSIGN(const LiveRows live,
                     ReadLiveRows(context.snapshots(), uid, {source}, sealed_upto));
  for (const auto& [ordinal, rows] : live.branches) {
    std::vector<SegmentRef> segments;
    REPRISE_TRY(SealRows(session, branches.at(ordinal), source.generation, *rows.rows, &segments));
    if (segments.empty()) continue;
    REPRISE_TRY(session.packs().Sync());
    REPRISE_TRY(session.MakeChanges([&](ChangeBuilder& changes) -> Status {
      REPRISE_TRY(still_valid(changes.catalog()));
      return changes.Add(uid, Sealed{segments});
    }));
  }
  return {};
}

Result<LeaseRecord> ReadLease(Catalog& catalog, const RunUid& uid) {
  LeaseRecord lease;
  const Status read = catalog.Read([&](CatalogView& view) -> Status {
    REPRISE_TRY_ASSIGN(const auto found, view.GetLease(uid));
    lease = found.value_or(LeaseRecord());
    return {};
  });
  if (!read.ok()) return Fail(read);
  return lease;
}

Status LeaseMoved() {
  return Status::Error(Code::kBusy,
                       "the run's lease moved while its rows were recovered; try again");
}

// The lease still says what it said when recovery began.
std::function<Status(CatalogView&)> Unmoved(const RunUid& uid, const LeaseRecord& expected) {
  return [uid, expected](CatalogView& catalog) -> Status {
    REPRISE_TRY_ASSIGN(const auto lease, catalog.GetLease(uid));
    const bool same = lease && lease->generation == expected.generation &&
                      lease->holder.session == expected.holder.session &&
                      lease->pending == expected.pending;
    return same ? Status() : LeaseMoved();
  };
}

// A run that died in the hands of `dead`: its rows are sealed and its lease given back.
Status RecoverHeld(Session& session, const RunUid& uid, const LeaseRecord& lease) {
  const LiveSource source{lease.holder.session, lease.generation};
  const auto unmoved = Unmoved(uid, lease);
  REPRISE_TRY(SealSource(session, uid, source, unmoved));
  return session.MakeChanges([&](ChangeBuilder& changes) -> Status {
    REPRISE_TRY(unmoved(changes.catalog()));
    LeaseReleased released;
    released.generation = lease.generation;
    released.state = static_cast<std::uint8_t>(RunState::kCrashed);
    return changes.Add(uid, released);
  });
}

// Rows of a holder that was passed and whose fence is open: sealed up to the end of its log.
Status RecoverPending(Session& session, const RunUid& uid, const LeaseRecord& lease,
                      Sequence fence) {
  const LiveSource source{lease.pending->session, lease.pending->generation, fence};
  const auto unmoved = Unmoved(uid, lease);
  REPRISE_TRY(SealSource(session, uid, source, unmoved));
  return session.MakeChanges([&](ChangeBuilder& changes) -> Status {
    REPRISE_TRY(unmoved(changes.catalog()));
    return changes.Add(uid, FenceSet{{source.session, source.generation, fence}});
  });
}

Status RecoverRun(Session& session, const RunUid& uid, SessionId dead, Sequence last_sequence) {
  REPRISE_TRY_ASSIGN(LeaseRecord lease, ReadLease(*session.context().catalog, uid));
  if (lease.pending && lease.pending->session == dead) {
    REPRISE_TRY(RecoverPending(session, uid, lease, last_sequence));
    REPRISE_TRY_ASSIGN(lease, ReadLease(*session.context().catalog, uid));
  }
  if (lease.holder.session == dead) REPRISE_TRY(RecoverHeld(session, uid, lease));
  return {};
}

// Runs whose lease names the session, whether they have rows in its log or not.
Status AddHeldRuns(Catalog& catalog, SessionId dead, std::set<RunUid>* runs) {
  return catalog.Read([&](CatalogView& view) -> Status {
    REPRISE_TRY_ASSIGN(const auto held, view.LeasesOf(dead));
    runs->insert(held.begin(), held.end());
    return {};
  });
}

Status RemoveSession(Session& session, SessionId dead, SessionLock& lock) {
  const StoreContext& context = session.context();
  REPRISE_TRY_ASSIGN(const auto files, ListLogFiles(*context.logs, dead));
  for (const std::string& file : files) REPRISE_TRY(context.logs->Remove(file));
  REPRISE_TRY(context.catalog->Write(
      [&](CatalogUpdate& catalog) -> Status { return catalog.RemoveSession(dead); }));
  return lock.Remove();
}

}  // namespace

Status AdoptSession(Session& session, SessionId dead) {
  const StoreContext& context = session.context();
  REPRISE_TRY_ASSIGN(const auto lock, SessionLock::Adopt(*context.logs, dead));
  if (!lock) {
    return Status::Error(Code::kBusy,
                         fmt::format("session {} is held by another process", ToHex(dead)));
  }
  REPRISE_TRY_ASSIGN(LogContents contents, ReadContents(session, dead));
  REPRISE_TRY_ASSIGN(const bool left_over, HasLeftOver(*context.catalog, contents));
  if (left_over) REPRISE_TRY(PublishLeftOvers(context));
  REPRISE_TRY(AddHeldRuns(*context.catalog, dead, &contents.runs));
  for (const RunUid& uid : contents.runs) {
    REPRISE_TRY(RecoverRun(session, uid, dead, contents.last_sequence));
  }
  if (!contents.changes.empty()) REPRISE_TRY(session.packs().AppendEvents(contents.changes));
  REPRISE_TRY(session.packs().Sync());
  return RemoveSession(session, dead, *lock);
}

void AdoptDeadSessions(Session& session) {
  const auto sessions = ListSessions(*session.context().logs);
  if (!sessions) return;
  for (const SessionId id : *sessions) {
    if (id == session.id()) continue;
    const Result<bool> alive = IsSessionAlive(*session.context().logs, id);
    // A failure leaves the session as it is; verify tells about it, and the next start tries again.
    if (alive && !*alive) static_cast<void>(AdoptSession(session, id));
  }
}

Status SyncSessionLog(Directory& logs, SessionId session) {
  REPRISE_TRY_ASSIGN(const auto names, ListLogFiles(logs, session));
  for (const std::string& name : names) {
    auto file = logs.Open(name, OpenMode::kRead);
    if (!file && file.error().code() == Code::kNotFound) continue;  // its rows are sealed by now
    if (!file) return file.error();
    REPRISE_TRY((*file)->DataSync());
  }
  return {};
}

Status SealFencedRows(Session& session, const RunUid& uid) {
  const StoreContext& context = session.context();
  REPRISE_TRY_ASSIGN(const LeaseRecord lease, ReadLease(*context.catalog, uid));
  if (!lease.pending) return {};
  const SessionId passed = lease.pending->session;
  if (passed == session.id()) REPRISE_TRY(session.log().Flush());
  REPRISE_TRY_ASSIGN(const LogContents contents, ReadContents(session, passed));
  REPRISE_TRY(SyncSessionLog(*context.logs, passed));
  return RecoverPending(session, uid, lease, contents.last_sequence);
}

}  // namespace reprise
