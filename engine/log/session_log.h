// The LogWriter of a session: groups, files, and what is done when the disk fails.
//
// One mutex guards everything; a group is written with the mutex held, since a write costs less
// than passing it on. Only waiting for a sync releases it (group_commit.h).
//
// A group belongs to a file before it is written, since it holds the definitions that the file
// lacks. Whether it begins a new file is therefore decided when it is begun; if the file fails
// meanwhile the group is framed anew for the next.
#ifndef REPRISE_ENGINE_LOG_SESSION_LOG_H_
#define REPRISE_ENGINE_LOG_SESSION_LOG_H_

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "engine/io/fork_guard.h"
#include "engine/log/group_commit.h"
#include "engine/log/log_definitions.h"
#include "engine/log/log_group.h"
#include "engine/log/log_output.h"
#include "engine/log/log_writer.h"
#include "engine/log/unsynced_groups.h"

namespace reprise {

class SessionLog final : public LogWriter {
 public:
  SessionLog(const Io& io, Directory& directory, const LogWriterOptions& options);

  std::uint32_t DefineRun(const BranchId& branch, Generation generation) override;
  std::uint32_t DefineShape(const ShapePtr& shape) override;
  Result<Sequence> AddRow(const RowPart& part) override;
  Result<Sequence> AddChanges(std::span<const std::string> changes) override;
  Status Flush() override;
  Status SyncThrough(Sequence sequence) override;
  Status Sync() override;
  Sequence last_written() const override;
  Sequence last_synced() const override;
  std::uint32_t current_file() const override;
  std::vector<std::uint32_t> files() const override;
  std::uint64_t bytes() const override;
  Status Rotate() override;
  Status RemoveFile(std::uint32_t file) override;
  Status Close() override;

 private:
  using Lock = std::unique_lock<std::mutex>;

  // Locks for a call, unless calls are refused.
  Result<Lock> Enter() const;
  Status CheckRow(const RowPart& part) const;

  // All below: with the mutex held.
  Status CheckUsable() const;
  void BeginGroup();
  // Takes the row of the present call out again if the log cannot have it.
  Status CheckAddedRow();
  // Writes the pending group, if it has content.
  Status WritePending();
  // The same; if it fails what the present call added is taken out.
  Status WriteOrRollBack();
  Status AppendPending();
  // A new file for the pending group, after all before it is on stable storage.
  Status BeginFile();
  Status SyncHeld();
  // Both may return with the mutex released.
  Status SyncShared(Lock& lock, Sequence sequence);
  Status LeadSync(Lock& lock);
  void MarkSynced(Sequence sequence);
  // `output_` failed: writes what is not on stable storage to a new file and syncs it. If that
  // fails too, nothing works from here on.
  Status ReplaceFile(const Status& failure);
  Status WriteContinuation();
  // Every later call returns this failure.
  Status Poison(const Status& failure);
  Status CreateFile(bool continues, Sequence first_sequence);
  void EndFile();

  const Io io_;
  Directory& directory_;
  const LogWriterOptions options_;
  const ForkGuard fork_guard_;

  mutable std::mutex mutex_;
  Status failure_;  // what every call returns, once set
  bool closed_ = false;

  LogDefinitions definitions_;
  LogGroup pending_;
  bool pending_begins_file_ = false;

  std::shared_ptr<LogOutput> output_;  // null: the next group begins a file
  std::uint32_t next_file_ = 1;
  std::map<std::uint32_t, std::uint64_t> ended_files_;  // number and size

  // Asked for at every row, without the mutex; set with it held.
  std::atomic<Sequence> last_written_ = 0;
  std::atomic<Sequence> last_synced_ = 0;
  std::atomic<std::uint32_t> current_file_ = 1;  // `output_`'s, or the one that comes next

  UnsyncedGroups unsynced_;
  GroupCommit commit_;
};

}  // namespace reprise

#endif  // REPRISE_ENGINE_LOG_SESSION_LOG_H_
