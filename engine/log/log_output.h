// One log file while it is written.
#ifndef REPRISE_ENGINE_LOG_LOG_OUTPUT_H_
#define REPRISE_ENGINE_LOG_LOG_OUTPUT_H_

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include "engine/io/directory.h"
#include "engine/log/log_group.h"
#include "format/log_file.h"
#include "reprise/status.h"

namespace reprise {

// Thread safety: Sync may be called from any thread at any time, also during the other methods,
// which must not run concurrently.
class LogOutput {
 public:
  // Makes the file. Its header is written, and synced, before the first group.
  static Result<std::shared_ptr<LogOutput>> Create(Directory& directory, LogHeader header);

  // Writes the group, after all that were written before. If it fails the next one goes to the
  // same place. `durable_upto` is what the group says is on stable storage. Returns the bytes that
  // were written for it, valid until the group changes.
  Result<std::string_view> Append(LogGroup* group, Sequence durable_upto);

  // Waits until everything that was appended before, and the file's name, is on stable storage.
  // After one failure every later call returns that failure: concurrent callers would otherwise
  // hide it from each other, since the system reports it once.
  Status Sync();

  std::uint32_t number() const { return header_.file; }
  std::uint64_t size() const { return size_; }

 private:
  LogOutput(Directory& directory, std::unique_ptr<File> file, LogHeader header)
      : directory_(directory), file_(std::move(file)), header_(std::move(header)) {}

  // A group is found and judged by its file's header, so the header must not be lost where a group
  // is kept.
  Status WriteHeader();
  Status SyncOnce();

  Directory& directory_;
  const std::unique_ptr<File> file_;
  const LogHeader header_;
  std::uint64_t size_ = 0;

  std::mutex sync_mutex_;
  Status sync_failure_;          // guarded by sync_mutex_
  bool name_is_synced_ = false;  // guarded by sync_mutex_
};

}  // namespace reprise

#endif  // REPRISE_ENGINE_LOG_LOG_OUTPUT_H_
