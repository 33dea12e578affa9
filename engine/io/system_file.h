// Files of the operating system.
#ifndef REPRISE_ENGINE_IO_SYSTEM_FILE_H_
#define REPRISE_ENGINE_IO_SYSTEM_FILE_H_

#include <atomic>
#include <memory>
#include <string>

#include "engine/io/descriptor.h"
#include "engine/io/file.h"

namespace reprise {

class SystemFile final : public File {
 public:
  // Opens `name` in the directory open as `directory`; `path` is both, for messages. `flags` as
  // for openat(2). Refuses what is not a regular file.
  static Result<std::unique_ptr<File>> Open(int directory, const char* name, int flags,
                                            std::string path);

  ~SystemFile() override;

  Status WriteAt(std::uint64_t offset, std::string_view bytes) override;
  Result<std::size_t> ReadAt(std::uint64_t offset, char* to, std::size_t size) override;
  Status DataSync() override;
  Result<std::uint64_t> Size() override;
  Result<bool> TryLock(LockKind kind) override;
  Status Lock(LockKind kind) override;
  Status Unlock() override;

 private:
  explicit SystemFile(std::string path);

  Status WriteAll(std::uint64_t offset, std::string_view bytes);
  // fcntl(2) with an open file description lock; 0, or errno.
  int ChangeLock(int command, short type);

  Descriptor descriptor_;
  std::atomic<bool> sync_failed_{false};
  std::atomic<bool> locked_{false};  // was once; unlocking more often than needed does no harm
  const bool has_size_limit_;
};

}  // namespace reprise

#endif  // REPRISE_ENGINE_IO_SYSTEM_FILE_H_
