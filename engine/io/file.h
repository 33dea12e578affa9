// One open regular file. The engine reads and writes files through this interface only, so that
// tests can put a file system in memory, a recorder or a fault injector in its place.
//
// Obtained from a Directory; the destructor closes it and gives up its lock.
// Thread safety: every method may be called from any thread at any time; what concurrent writes to
// one range leave there is unspecified.
// Errors common to all methods: kIoError when the operating system refuses, with the call, the
// path and errno's text; kClosed in a child of fork(2).
#ifndef REPRISE_ENGINE_IO_FILE_H_
#define REPRISE_ENGINE_IO_FILE_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "reprise/status.h"

namespace reprise {

enum class LockKind : std::uint8_t {
  kShared,     // any number of holders; the file must be open for reading
  kExclusive,  // one holder; the file must be open for writing
};

class File {
 public:
  virtual ~File() = default;
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  // Writes all of `bytes` at byte `offset`, extending the file where needed.
  //
  // On failure some of the range may have been written: a caller that goes on writes at the same
  // offset again. kNoSpace when the disk, a quota or a limit on file size is full (ENOSPC, EDQUOT,
  // EFBIG); SIGXFSZ is never raised by a write to a file opened while such a limit was set.
  virtual Status WriteAt(std::uint64_t offset, std::string_view bytes) = 0;

  // Reads `size` bytes from byte `offset`, fewer only where the file ends; returns how many.
  virtual Result<std::size_t> ReadAt(std::uint64_t offset, char* to, std::size_t size) = 0;

  // Blocks until everything written so far, and the size, is on stable storage (fdatasync).
  //
  // After one failure every later call fails too: the kernel may have dropped the unwritten pages
  // and would report success. What was not synced must be written to another file. The code is
  // kIoError even when the disk was full, because trying again is wrong.
  virtual Status DataSync() = 0;

  virtual Result<std::uint64_t> Size() = 0;

  // Takes an advisory lock on the whole file, or changes the kind of the one held; false, and
  // nothing changed, if another open file holds it, in this process or in another. Held until
  // Unlock, the destructor or the end of the process; a child of fork(2) does not keep it.
  virtual Result<bool> TryLock(LockKind kind) = 0;
  // The same, but waits. Changing the kind may let another holder in between.
  virtual Status Lock(LockKind kind) = 0;
  virtual Status Unlock() = 0;

  // For messages only: the file may have been renamed since.
  const std::string& path() const { return path_; }

 protected:
  explicit File(std::string path) : path_(std::move(path)) {}

 private:
  std::string path_;
};

// Exactly the `size` bytes from byte `offset`. kCorrupt if the file ends before; nothing is
// allocated then, so `size` may come from stored bytes.
Result<std::string> ReadAll(File& file, std::uint64_t offset, std::uint64_t size);
// The whole file as long as it is at the time of the call, kCorrupt if that is more than `limit`.
Result<std::string> ReadWhole(File& file, std::uint64_t limit);

}  // namespace reprise

#endif  // REPRISE_ENGINE_IO_FILE_H_
