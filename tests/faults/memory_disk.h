// A file system in memory that knows what is on stable storage, for the engine to work on.
//
// What LMDB opens must be real: names that begin with `catalog.` lie in a real directory, which has
// the path of the directory in memory; make it on tmpfs. They are not part of the state, are never
// torn, and no watcher sees them. Paths outside of `home` are real too.
#ifndef REPRISE_TESTS_FAULTS_MEMORY_DISK_H_
#define REPRISE_TESTS_FAULTS_MEMORY_DISK_H_

#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "engine/io/io.h"
#include "tests/faults/disk_state.h"
#include "tests/faults/disk_watcher.h"

namespace reprise {

// Locks are those of open files, as OFD locks are: two openings of one file exclude each other in
// one process too. All handles must be gone before the disk is; they may outlive a process.
// Thread safety: all methods, from any thread.
class MemoryDisk final : public FileSystem {
 public:
  // `home`, an existing real directory, is the root. All disks give their directories the same ids,
  // as if each were a later state of one disk: open a store on one of them at a time, or their
  // catalogs would be taken for one another.
  explicit MemoryDisk(std::string home, DiskState state = {});

  // null: none. Must outlive the calls.
  void SetWatcher(DiskWatcher* watcher);
  // How many bytes files may hold together; a write beyond it fails with ENOSPC, and what fits is
  // written.
  void SetCapacity(std::uint64_t bytes);
  DiskState state() const;
  std::string home() const;

  // The process dies: every lock is given up, and every handle fails from now on. Whoever opens
  // files next is another process, whose home is `home`.
  void KillProcess(std::string home);

  Result<std::unique_ptr<Directory>> OpenDirectory(const std::string& path) override;
  Status MakeDirectories(const std::string& path) override;

 private:
  friend class MemoryFile;
  friend class MemoryDirectory;
  using Lock = std::unique_lock<std::mutex>;

  struct Holder {
    const void* file = nullptr;
    LockKind kind = LockKind::kShared;
  };

  // With the mutex held.
  // The call's fault as a status; the rest of the call is not done then.
  Status Meet(DiskCall call, const std::string& path, std::uint64_t bytes = 0);
  Status SyncNames(Inode directory, const std::string& path);
  DiskFault Ask(DiskCall call, std::string_view path, std::uint64_t bytes);
  void Do(const DiskEffect& effect);
  Inode NewInode() { return next_inode_++; }
  // kNoInode if there is none.
  Inode Walk(const std::string& path) const;
  bool TakeLock(Inode inode, const void* file, LockKind kind);
  void DropLock(Inode inode, const void* file);

  mutable std::mutex mutex_;
  std::condition_variable unlocked_;
  std::string home_;
  std::uint64_t process_ = 1;
  DiskState state_;
  Inode next_inode_ = kRootInode + 1;
  DiskWatcher* watcher_ = nullptr;
  std::uint64_t capacity_ = ~std::uint64_t{0};
  std::map<Inode, std::vector<Holder>> locks_;
};

// What begins so is the catalog's.
inline constexpr std::string_view kCatalogPrefix = "catalog.";

}  // namespace reprise

#endif  // REPRISE_TESTS_FAULTS_MEMORY_DISK_H_
