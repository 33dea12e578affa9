// The background flush of a session's log: large groups of rows that nobody waits for are written
// by a thread of the log's own, so that logging does not stop for the tens of microseconds that a
// write of some hundred kilobytes takes.
#include <algorithm>
#include <utility>

#include "engine/log/session_log.h"
#include "format/try.h"

namespace reprise {

namespace {

// Of pending groups, in groups that are due: then a call waits for the flusher and writes itself,
// which bounds the memory and tells the caller what the flusher could not.
constexpr std::size_t kMostPending = 4;

}  // namespace

Status SessionLog::FlushLarge(Lock& lock) {
  if (options_.background_flush) {
    if (HandOver()) return {};
    if (pending_.size() < kMostPending * options_.flush_bytes) return {};
    WaitForFlusher(lock);
    REPRISE_TRY(CheckUsable());
  }
  return WriteOrRollBack();
}

// A group that begins a file is written by its caller: files change hands too rarely to matter.
bool SessionLog::HandOver() {
  if (handed_over_.begun() || pending_begins_file_) return false;
  if (!flusher_.started() && !flusher_.Start("reprise-log", [this] { FlusherLoop(); }).ok()) {
    return false;
  }
  std::swap(handed_over_, pending_);
  handed_.notify_one();
  return true;
}

void SessionLog::FlusherLoop() {
  Lock lock(mutex_);
  while (true) {
    handed_.wait(lock, [this] { return stopping_ || (handed_over_.begun() && !is_stuck_); });
    if (stopping_) return;
    // What fails is met again, and told, by the next call that writes.
    is_stuck_ = !FlushHandedOver(lock).ok();
  }
}

Status SessionLog::FlushHandedOver(Lock& lock) {
  if (unsynced_.size() >= options_.unsynced_bytes) {
    const Status synced = SyncShared(lock, last_written_);
    if (!lock.owns_lock()) lock.lock();
    REPRISE_TRY(synced);
    if (!handed_over_.begun()) return {};  // somebody else wrote it meanwhile
  }
  REPRISE_TRY(CheckUsable());
  flushing_ = true;
  lock.unlock();
  const auto framed = output_->Append(&handed_over_, last_synced_);
  lock.lock();
  flushing_ = false;
  Status status;
  if (framed.has_value()) {
    Written(&handed_over_, *framed);
  } else {
    status = framed.error();
    if (status.code() != Code::kNoSpace) status = ReplaceFile(status);
  }
  flush_ended_.notify_all();
  return status;
}

SessionLog::~SessionLog() {
  if (fork_guard_.crossed()) return;
  {
    const Lock lock(mutex_);
    stopping_ = true;
  }
  handed_.notify_all();
  flusher_.Join();
}

}  // namespace reprise
