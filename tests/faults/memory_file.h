// An open file of a MemoryDisk.
#ifndef REPRISE_TESTS_FAULTS_MEMORY_FILE_H_
#define REPRISE_TESTS_FAULTS_MEMORY_FILE_H_

#include <string>

#include "tests/faults/memory_disk.h"

namespace reprise {

class MemoryFile final : public File {
 public:
  // With the disk's mutex held.
  MemoryFile(MemoryDisk& disk, std::string path, Inode inode)
      : File(std::move(path)), disk_(disk), inode_(inode), process_(disk.process_) {}
  ~MemoryFile() override;

  Status WriteAt(std::uint64_t offset, std::string_view bytes) override;
  Result<std::size_t> ReadAt(std::uint64_t offset, char* to, std::size_t size) override;
  Status DataSync() override;
  Result<std::uint64_t> Size() override;
  Result<bool> TryLock(LockKind kind) override;
  Status Lock(LockKind kind) override;
  Status Unlock() override;

 private:
  // Locks the disk, unless the process that opened the file is dead.
  Result<MemoryDisk::Lock> Enter() const;

  MemoryDisk& disk_;
  const Inode inode_;
  const std::uint64_t process_;
  bool sync_failed_ = false;  // guarded by the disk's mutex
};

}  // namespace reprise

#endif  // REPRISE_TESTS_FAULTS_MEMORY_FILE_H_
