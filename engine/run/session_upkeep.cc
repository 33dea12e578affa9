// What a session does beside its callers' work: sealing when asked, syncing in time, and giving up
// log files whose rows and changes are kept elsewhere.
#include <algorithm>
#include <chrono>
#include <utility>

#include "engine/run/recovery.h"
#include "engine/run/session.h"
#include "format/try.h"

namespace reprise {

namespace {

// Changes are moved to a pack when so much of them is only in the log.
constexpr std::size_t kEventBytes = std::size_t{4} << 20;
// Under kNone rows wait at most so long in memory.
constexpr std::chrono::milliseconds kFlushEvery{100};
// How often the seal of a fenced run may be overtaken by somebody else's.
constexpr int kSettleAttempts = 10;

// Afterwards the writer needs no log file before `current`.
Status MoveOutOfOldFiles(SessionWriter& writer, std::uint32_t current) {
  if (writer.oldest_log_file() < current) REPRISE_TRY(writer.Seal(true));
  return writer.oldest_log_file() < current ? writer.RestateOpenRow() : Status();
}

// The runs of which the session was passed as the writer and nobody has set its fence yet.
Result<std::vector<RunUid>> RunsWithOpenFence(Catalog& catalog, SessionId session) {
  std::vector<RunUid> runs;
  const Status read = catalog.Read([&](CatalogView& view) -> Status {
    REPRISE_TRY_ASSIGN(runs, view.LeasesOf(session));
    for (auto uid = runs.begin(); uid != runs.end();) {
      REPRISE_TRY_ASSIGN(const auto lease, view.GetLease(*uid));
      const bool is_open = lease && lease->pending && lease->pending->session == session;
      uid = is_open ? uid + 1 : runs.erase(uid);
    }
    return {};
  });
  if (!read.ok()) return Fail(read);
  return runs;
}

}  // namespace

// --- log files

Status Session::KeepEvents() {
  if (pending_events_.empty()) return {};
  const PackMark mark = packs_->Mark();
  REPRISE_TRY(packs_->AppendEvents(pending_events_));
  REPRISE_TRY(packs_->Sync(mark));  // what it fails to sync is appended again
  pending_events_.clear();
  pending_event_bytes_ = 0;
  return {};
}

Status Session::SettleFencedRuns() {
  for (int attempt = 0;; ++attempt) {
    REPRISE_TRY_ASSIGN(const auto runs, RunsWithOpenFence(*context_->catalog, id()));
    if (runs.empty()) return {};
    for (const RunUid& uid : runs) {
      const Status sealed = SealFencedRows(*this, uid);
      // Whoever passed the writer may have been faster: look again.
      const bool again = sealed.code() == Code::kBusy && attempt < kSettleAttempts;
      if (!sealed.ok() && !again) return sealed;
    }
  }
}

Status Session::RetireLogFiles() {
  const std::uint32_t current = log_->current_file();
  const std::vector<std::uint32_t> files = log_->files();
  if (files.empty() || files.front() >= current) return {};
  std::uint32_t oldest = current;
  for (const auto& writer : LiveWriters()) {
    const Status moved = MoveOutOfOldFiles(*writer, current);
    if (moved.code() == Code::kFenced) continue;
    REPRISE_TRY(moved);
    oldest = std::min(oldest, writer->oldest_log_file());
  }
  REPRISE_TRY(SettleFencedRuns());
  {
    const std::lock_guard lock(change_mutex_);
    REPRISE_TRY(KeepEvents());
  }
  REPRISE_TRY(log_->Sync());  // restated rows are at least as durable as what they replace
  for (const std::uint32_t file : files) {
    if (file < oldest) REPRISE_TRY(log_->RemoveFile(file));
  }
  return {};
}

// --- background

void Session::BackgroundLoop() {
  using SteadyClock = std::chrono::steady_clock;
  const auto sync_every = std::chrono::milliseconds(context_->options.sync_interval_ms);
  // Only under kNone rows wait in memory; else a flush finds nothing.
  const bool flushes = context_->options.durability == Durability::kNone;
  const auto flush_every = flushes ? std::min(kFlushEvery, sync_every) : sync_every;
  auto next_flush = SteadyClock::now() + flush_every;
  auto next_sync = SteadyClock::now() + sync_every;
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    wake_.wait_until(lock, std::min(next_flush, next_sync),
                     [&] { return stopping_ || !to_seal_.empty() || !soon_.empty(); });
    const auto seals = std::exchange(to_seal_, {});
    const auto works = std::exchange(soon_, {});
    if (stopping_) break;
    lock.unlock();
    for (const auto& work : works) work();
    for (const auto& weak : seals) {
      // What fails to be sealed is met again, and told, by the writer's own calls; what fails to be
      // merged stays as it was, and verify tells what is wrong with it.
      const auto writer = weak.lock();
      if (writer && writer->Seal(false).ok()) static_cast<void>(writer->Merge());
    }
    if (SteadyClock::now() >= next_flush) {
      static_cast<void>(log_->Flush());
      next_flush = SteadyClock::now() + flush_every;
    }
    if (SteadyClock::now() >= next_sync) {
      DoPeriodicWork();
      next_sync = SteadyClock::now() + sync_every;
    }
    lock.lock();
  }
}

// Failures here lose nothing that was acknowledged and are met again by the next call that writes.
void Session::DoPeriodicWork() {
  static_cast<void>(log_->Sync());
  static_cast<void>(RetireLogFiles());
  const std::lock_guard lock(change_mutex_);
  if (pending_event_bytes_ > kEventBytes) static_cast<void>(KeepEvents());
}

}  // namespace reprise
