// See recovery.h. Rows of a session belong to history if the run's lease still names the session
// and their generation (it died holding the run), or if they are of a fenced holder and its fence
// is not set yet. What is sealed already is recognised by its steps.
#include "engine/run/recovery.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "engine/log/log_reader.h"
#include "engine/run/left_over.h"
#include "engine/run/session_lock.h"
#include "engine/run/source_recovery.h"
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

// A run that died in the hands of its holder: its rows are sealed and its lease given back.
Status RecoverHeld(Session& session, const RunUid& uid, const LeaseRecord& lease) {
  LeaseReleased released;
  released.generation = lease.generation;
  released.state = static_cast<std::uint8_t>(RunState::kCrashed);
  const LiveSource source{lease.holder.session, lease.generation};
  return RecoverSource(session, uid, lease, source, released);
}

// Rows of a holder that was passed and whose fence is open: sealed up to the end of its log.
Status RecoverPending(Session& session, const RunUid& uid, const LeaseRecord& lease,
                      Sequence fence) {
  const LiveSource source{lease.pending->session, lease.pending->generation, fence};
  const FenceSet end{{source.session, source.generation, fence}};
  return RecoverSource(session, uid, lease, source, end);
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
  const PackMark mark = session.packs().Mark();
  if (!contents.changes.empty()) REPRISE_TRY(session.packs().AppendEvents(contents.changes));
  REPRISE_TRY(session.packs().Sync(mark));
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
