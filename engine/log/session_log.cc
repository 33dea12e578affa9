#include "engine/log/session_log.h"

#include <fmt/format.h>

#include <algorithm>

#include "format/try.h"

namespace reprise {

// Asks for the fork before it locks: in a child of fork(2) a thread that is not there may hold the
// mutex.
Result<SessionLog::Lock> SessionLog::Enter() const {
  REPRISE_TRY(fork_guard_.Check());
  Lock lock(mutex_);
  REPRISE_TRY(CheckUsable());
  return lock;
}

Status SessionLog::CheckUsable() const {
  if (!failure_.ok()) return failure_;
  if (!closed_) return {};
  return Status::Error(Code::kClosed, fmt::format("log is closed: session {}; open the store again",
                                                  ToHex(options_.session)));
}

void SessionLog::BeginGroup() {
  if (pending_.begun()) return;
  pending_begins_file_ = output_ == nullptr || output_->size() >= options_.file_bytes;
  if (pending_begins_file_) definitions_.BeginFile();
  pending_.Begin(last_written_ + 1, io_.clock->Now());
}

Status SessionLog::WriteOrRollBack() {
  const Status status = WritePending();
  if (!status.ok()) pending_.RollBackCall();
  return status;
}

Status SessionLog::WritePending() {
  if (pending_.empty()) return {};
  if (unsynced_.size() >= options_.unsynced_bytes) REPRISE_TRY(SyncHeld());
  if (pending_begins_file_) REPRISE_TRY(BeginFile());
  const Status status = AppendPending();
  if (status.ok() || status.code() == Code::kNoSpace) return status;
  REPRISE_TRY(ReplaceFile(status));
  const Status again = AppendPending();
  return again.ok() || again.code() == Code::kNoSpace ? again : Poison(again);
}

Status SessionLog::Poison(const Status& failure) {
  failure_ = Status::Error(Code::kIoError, std::string(failure.message()));
  return failure_;
}

Status SessionLog::AppendPending() {
  REPRISE_TRY_ASSIGN(const std::string_view framed, output_->Append(&pending_, last_synced_));
  unsynced_.Add(pending_.sequence(), framed);
  last_written_ = pending_.sequence();
  pending_.Clear();
  return {};
}

Status SessionLog::BeginFile() {
  if (output_ != nullptr) {
    REPRISE_TRY(SyncHeld());
    if (!pending_begins_file_) return {};  // the sync failed and the file was replaced
    EndFile();
  }
  REPRISE_TRY(CreateFile(false, pending_.sequence()));
  pending_begins_file_ = false;
  return {};
}

Status SessionLog::CreateFile(bool continues, Sequence first_sequence) {
  LogHeader header;
  header.file_id = io_.random->Next64();
  header.store_uuid = options_.store_uuid;
  header.session = options_.session;
  header.file = next_file_;
  header.first_sequence = first_sequence;
  header.boot_id = options_.boot_id;
  header.created = io_.clock->Now();
  header.continues = continues;
  REPRISE_TRY_ASSIGN(output_, LogOutput::Create(directory_, header));
  current_file_ = next_file_++;
  return {};
}

void SessionLog::EndFile() {
  if (output_ == nullptr) return;
  ended_files_[output_->number()] = output_->size();
  output_ = nullptr;
  current_file_ = next_file_;
}

Status SessionLog::SyncHeld() {
  if (output_ == nullptr || last_synced_ == last_written_) return {};
  const Status status = output_->Sync();
  if (!status.ok()) return ReplaceFile(status);
  MarkSynced(last_written_);
  return {};
}

Status SessionLog::SyncShared(Lock& lock, Sequence sequence) {
  while (last_synced_ < sequence) {
    if (commit_.Lead(lock, sequence)) {
      REPRISE_TRY(LeadSync(lock));
    }
    if (last_synced_ >= sequence) break;
    if (!lock.owns_lock()) lock.lock();
    REPRISE_TRY(CheckUsable());
  }
  return {};
}

Status SessionLog::LeadSync(Lock& lock) {
  // Who waited for the lead may find nothing left to sync: the file was synced and ended meanwhile,
  // or it failed.
  if (output_ == nullptr || last_synced_ == last_written_) {
    commit_.Finish(lock);
    return {};
  }
  const std::shared_ptr<LogOutput> output = output_;
  const Sequence written = last_written_;
  commit_.Begin(written);
  lock.unlock();
  const Status status = output->Sync();
  lock.lock();
  Status mended;
  if (status.ok()) {
    MarkSynced(written);
  } else if (output == output_) {
    mended = ReplaceFile(status);
  }
  commit_.Finish(lock);
  return mended;
}

void SessionLog::MarkSynced(Sequence sequence) {
  if (last_synced_ < sequence) last_synced_ = sequence;
  unsynced_.DropThrough(last_synced_);
}

Status SessionLog::ReplaceFile(const Status& failure) {
  EndFile();
  return WriteContinuation().ok() ? Status() : Poison(failure);
}

Status SessionLog::WriteContinuation() {
  UnsyncedGroups::Position position;
  GroupHeader header;
  std::string_view payload;
  const bool has_groups = unsynced_.Next(&position, &header, &payload);
  REPRISE_TRY(CreateFile(true, has_groups ? header.sequence : last_written_ + 1));
  definitions_.BeginFile();
  for (bool more = has_groups; more; more = unsynced_.Next(&position, &header, &payload)) {
    LogGroup group;
    group.Begin(header.sequence, header.time);
    group.AddReframed(payload, 0, &definitions_);
    REPRISE_TRY(output_->Append(&group, last_synced_));
  }
  if (has_groups) REPRISE_TRY(output_->Sync());
  MarkSynced(last_written_);
  pending_.Reframe(&definitions_);
  pending_begins_file_ = false;
  return {};
}

}  // namespace reprise
