#include "engine/io/system_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <limits>

#include "engine/io/errors.h"
#include "engine/io/file_size_signal.h"
#include "engine/io/fork_guard.h"
#include "format/try.h"

namespace reprise {
namespace {

constexpr mode_t kFileMode = 0600;

std::string AtByte(std::uint64_t offset) { return fmt::format("at byte {}", offset); }

Status CheckRange(const std::string& path, std::uint64_t offset, std::size_t size) {
  constexpr auto kMax = static_cast<std::uint64_t>(std::numeric_limits<off_t>::max());
  if (offset <= kMax && size <= kMax - offset) return {};
  return Status::Error(
      Code::kInvalidArgument,
      fmt::format("no file can be that long: '{}' at byte {} ({} bytes)", path, offset, size));
}

Status RefuseUnlessRegular(int fd, const std::string& path) {
  struct stat facts {};
  if (fstat(fd, &facts) != 0) return ErrnoStatus(errno, "fstat", path);
  if (S_ISREG(facts.st_mode)) return {};
  return Status::Error(
      Code::kIoError,
      fmt::format("not a regular file: '{}'; a store holds nothing else, remove it", path));
}

short LockType(LockKind kind) { return kind == LockKind::kShared ? F_RDLCK : F_WRLCK; }

}  // namespace

SystemFile::SystemFile(std::string path)
    : File(std::move(path)), has_size_limit_(HasFileSizeLimit()) {}

SystemFile::~SystemFile() {
  // Closing alone would leave the lock to a child that fork(2) has made and that has not yet run
  // so far as to close its copy; unlocking takes it from all copies.
  if (locked_.load()) ChangeLock(F_OFD_SETLK, F_UNLCK);
}

Result<std::unique_ptr<File>> SystemFile::Open(int directory, const char* name, int flags,
                                               std::string path) {
  std::unique_ptr<SystemFile> file(new SystemFile(std::move(path)));
  // O_NONBLOCK keeps the open from waiting for a pipe's other end; regular files ignore it.
  const int error = file->descriptor_.Open(directory, name,
                                           flags | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, kFileMode);
  if (error != 0) return Fail(ErrnoStatus(error, "open", file->path()));
  REPRISE_TRY(RefuseUnlessRegular(file->descriptor_.get(), file->path()));
  return file;
}

Status SystemFile::WriteAt(std::uint64_t offset, std::string_view bytes) {
  REPRISE_TRY(CheckRange(path(), offset, bytes.size()));
  if (!has_size_limit_) return WriteAll(offset, bytes);
  const FileSizeSignalBlock block;
  return WriteAll(offset, bytes);
}

Status SystemFile::WriteAll(std::uint64_t offset, std::string_view bytes) {
  const int fd = descriptor_.get();
  if (fd < 0) return InheritedOverFork();
  while (!bytes.empty()) {
    const ssize_t written = pwrite(fd, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (written < 0) {
      if (errno == EINTR) continue;
      return ErrnoStatus(errno, "write", path(), AtByte(offset));
    }
    offset += static_cast<std::uint64_t>(written);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

Result<std::size_t> SystemFile::ReadAt(std::uint64_t offset, char* to, std::size_t size) {
  REPRISE_TRY(CheckRange(path(), offset, size));
  const int fd = descriptor_.get();
  if (fd < 0) return Fail(InheritedOverFork());
  std::size_t done = 0;
  while (done < size) {
    const ssize_t read = pread(fd, to + done, size - done, static_cast<off_t>(offset + done));
    if (read == 0) break;
    if (read < 0) {
      if (errno == EINTR) continue;
      return Fail(ErrnoStatus(errno, "read", path(), AtByte(offset + done)));
    }
    done += static_cast<std::size_t>(read);
  }
  return done;
}

Status SystemFile::DataSync() {
  const int fd = descriptor_.get();
  if (fd < 0) return InheritedOverFork();
  if (sync_failed_.load()) {
    return Status::Error(Code::kIoError,
                         fmt::format("an earlier sync failed: '{}'; what it did not sync must be "
                                     "written to another file",
                                     path()));
  }
  if (fdatasync(fd) == 0) return {};
  const int error = errno;
  sync_failed_.store(true);
  return ErrnoStatus(Code::kIoError, error, "fdatasync", path(), "", "; the disk lost writes");
}

Result<std::uint64_t> SystemFile::Size() {
  const int fd = descriptor_.get();
  if (fd < 0) return Fail(InheritedOverFork());
  struct stat facts {};
  if (fstat(fd, &facts) != 0) return Fail(ErrnoStatus(errno, "fstat", path()));
  return static_cast<std::uint64_t>(facts.st_size);
}

int SystemFile::ChangeLock(int command, short type) {
  struct flock lock {};  // the range 0, 0 is the whole file
  lock.l_type = type;
  lock.l_whence = SEEK_SET;
  int result = 0;
  do {
    result = fcntl(descriptor_.get(), command, &lock);
  } while (result != 0 && errno == EINTR);
  return result == 0 ? 0 : errno;
}

Result<bool> SystemFile::TryLock(LockKind kind) {
  if (descriptor_.get() < 0) return Fail(InheritedOverFork());
  const int error = ChangeLock(F_OFD_SETLK, LockType(kind));
  if (error == EAGAIN || error == EACCES) return false;
  if (error != 0) return Fail(ErrnoStatus(error, "lock", path()));
  locked_.store(true);
  return true;
}

Status SystemFile::Lock(LockKind kind) {
  if (descriptor_.get() < 0) return InheritedOverFork();
  const int error = ChangeLock(F_OFD_SETLKW, LockType(kind));
  if (error != 0) return ErrnoStatus(error, "lock", path());
  locked_.store(true);
  return {};
}

Status SystemFile::Unlock() {
  if (descriptor_.get() < 0) return InheritedOverFork();
  const int error = ChangeLock(F_OFD_SETLK, F_UNLCK);
  return error == 0 ? Status() : ErrnoStatus(error, "unlock", path());
}

}  // namespace reprise
