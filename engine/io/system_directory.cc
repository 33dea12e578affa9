#include "engine/io/system_directory.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>

#include "engine/io/errors.h"
#include "engine/io/fork_guard.h"
#include "engine/io/system_file.h"
#include "format/try.h"

namespace reprise {
namespace {

constexpr mode_t kDirectoryMode = 0700;

// As statfs(2) names them in its f_type; those not in <linux/magic.h> are from its manual page.
constexpr std::array<std::uint32_t, 13> kNetworkFileSystems = {
    NFS_SUPER_MAGIC,  SMB_SUPER_MAGIC, CIFS_SUPER_MAGIC, SMB2_SUPER_MAGIC, AFS_SUPER_MAGIC,
    CEPH_SUPER_MAGIC, V9FS_MAGIC,      FUSE_SUPER_MAGIC, CODA_SUPER_MAGIC, 0x0BD00BD0,  // Lustre
    0x47504653,                                                                         // GPFS
    0x19830326,                                                                         // BeeGFS
    0x01161970,                                                                         // GFS2
};

struct CloseStream {
  void operator()(DIR* stream) const { closedir(stream); }
};
using Stream = std::unique_ptr<DIR, CloseStream>;

// A second opening of the directory, because a stream moves the position of its descriptor. A
// fork(2) between the two calls leaks it to the child, which does no harm: it carries no lock.
Stream OpenStream(int directory) {
  const int fd = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return nullptr;
  Stream stream(fdopendir(fd));
  if (stream == nullptr) close(fd);
  return stream;
}

}  // namespace

Result<std::unique_ptr<Directory>> SystemDirectory::OpenAt(int directory, const char* name,
                                                           int flags, std::string path) {
  std::unique_ptr<SystemDirectory> opened(new SystemDirectory(std::move(path)));
  const int error = opened->descriptor_.Open(directory, name, flags | O_RDONLY | O_DIRECTORY);
  if (error != 0) return Fail(ErrnoStatus(error, "open", opened->path()));
  return opened;
}

Result<int> SystemDirectory::Enter(std::string_view name) const {
  REPRISE_TRY(CheckFileName(name));
  const int fd = descriptor_.get();
  if (fd < 0) return Fail(InheritedOverFork());
  return fd;
}

Result<int> SystemDirectory::Enter(std::string_view from, std::string_view to) const {
  REPRISE_TRY(CheckFileName(to));
  return Enter(from);
}

std::string SystemDirectory::PathOf(std::string_view name) const {
  return fmt::format("{}/{}", path() == "/" ? "" : path(), name);
}

Result<std::unique_ptr<File>> SystemDirectory::OpenFile(std::string_view name, int flags) {
  REPRISE_TRY_ASSIGN(const int fd, Enter(name));
  return SystemFile::Open(fd, std::string(name).c_str(), flags, PathOf(name));
}

Result<std::unique_ptr<File>> SystemDirectory::Open(std::string_view name, OpenMode mode) {
  return OpenFile(name, mode == OpenMode::kRead ? O_RDONLY : O_RDWR);
}

Result<std::unique_ptr<File>> SystemDirectory::Create(std::string_view name) {
  return OpenFile(name, O_RDWR | O_CREAT | O_EXCL);
}

Result<std::unique_ptr<Directory>> SystemDirectory::OpenDirectory(std::string_view name) {
  REPRISE_TRY_ASSIGN(const int fd, Enter(name));
  return OpenAt(fd, std::string(name).c_str(), O_NOFOLLOW, PathOf(name));
}

Status SystemDirectory::MakeDirectory(std::string_view name) {
  REPRISE_TRY_ASSIGN(const int fd, Enter(name));
  if (mkdirat(fd, std::string(name).c_str(), kDirectoryMode) == 0) return {};
  return ErrnoStatus(errno, "mkdir", PathOf(name));
}

Status SystemDirectory::Rename(std::string_view from, std::string_view to) {
  return RenameInto(from, *this, to);
}

Status SystemDirectory::RenameInto(std::string_view from, Directory& other, std::string_view to) {
  REPRISE_TRY_ASSIGN(const int fd, Enter(from));
  auto* target = dynamic_cast<SystemDirectory*>(&other);
  if (target == nullptr) {
    return Status::Error(Code::kInternal, "rename between two kinds of file system");
  }
  REPRISE_TRY_ASSIGN(const int target_fd, target->Enter(to));
  if (renameat(fd, std::string(from).c_str(), target_fd, std::string(to).c_str()) == 0) return {};
  return ErrnoStatus(errno, "rename", PathOf(from), fmt::format("to '{}'", target->PathOf(to)));
}

Status SystemDirectory::RenameNoReplace(std::string_view from, std::string_view to) {
  REPRISE_TRY_ASSIGN(const int fd, Enter(from, to));
  const std::string old_name(from);
  const std::string new_name(to);
  if (renameat2(fd, old_name.c_str(), fd, new_name.c_str(), RENAME_NOREPLACE) == 0) return {};
  if (errno == EINVAL || errno == ENOSYS) return LinkAndUnlink(fd, old_name, new_name);
  return ErrnoStatus(errno, "rename", PathOf(from), fmt::format("to '{}'", to));
}

Status SystemDirectory::LinkAndUnlink(int fd, const std::string& from, const std::string& to) {
  if (linkat(fd, from.c_str(), fd, to.c_str(), 0) != 0) {
    return ErrnoStatus(errno, "link", PathOf(from), fmt::format("to '{}'", to));
  }
  if (unlinkat(fd, from.c_str(), 0) == 0) return {};
  return ErrnoStatus(errno, "unlink", PathOf(from));
}

Status SystemDirectory::Remove(std::string_view name) {
  REPRISE_TRY_ASSIGN(const int fd, Enter(name));
  if (unlinkat(fd, std::string(name).c_str(), 0) == 0) return {};
  return ErrnoStatus(errno, "unlink", PathOf(name));
}

Status SystemDirectory::RemoveDirectory(std::string_view name) {
  REPRISE_TRY_ASSIGN(const int fd, Enter(name));
  if (unlinkat(fd, std::string(name).c_str(), AT_REMOVEDIR) == 0) return {};
  return ErrnoStatus(errno, "rmdir", PathOf(name));
}

Status SystemDirectory::Sync() {
  const int fd = descriptor_.get();
  if (fd < 0) return InheritedOverFork();
  if (sync_failed_.load()) {
    return Status::Error(Code::kIoError,
                         fmt::format("an earlier sync failed: '{}'; open the store anew", path()));
  }
  if (fsync(fd) == 0) return {};
  const int error = errno;
  sync_failed_.store(true);
  return ErrnoStatus(Code::kIoError, error, "fsync", path(), "", "; the disk lost names");
}

Result<std::vector<std::string>> SystemDirectory::List() {
  const int fd = descriptor_.get();
  if (fd < 0) return Fail(InheritedOverFork());
  const Stream stream = OpenStream(fd);
  if (stream == nullptr) return Fail(ErrnoStatus(errno, "open", path()));
  std::vector<std::string> names;
  errno = 0;
  while (const dirent* entry = readdir(stream.get())) {
    if (IsFileName(entry->d_name)) names.emplace_back(entry->d_name);
    errno = 0;
  }
  if (errno != 0) return Fail(ErrnoStatus(errno, "readdir", path()));
  std::sort(names.begin(), names.end());
  return names;
}

Result<bool> SystemDirectory::Exists(std::string_view name) {
  REPRISE_TRY_ASSIGN(const int fd, Enter(name));
  struct stat facts {};
  if (fstatat(fd, std::string(name).c_str(), &facts, AT_SYMLINK_NOFOLLOW) == 0) return true;
  if (errno == ENOENT) return false;
  return Fail(ErrnoStatus(errno, "stat", PathOf(name)));
}

Result<DirectoryId> SystemDirectory::Id() {
  const int fd = descriptor_.get();
  if (fd < 0) return Fail(InheritedOverFork());
  struct stat facts {};
  if (fstat(fd, &facts) != 0) return Fail(ErrnoStatus(errno, "fstat", path()));
  return DirectoryId{facts.st_dev, facts.st_ino};
}

Result<bool> SystemDirectory::OnNetwork() {
  const int fd = descriptor_.get();
  if (fd < 0) return Fail(InheritedOverFork());
  struct statfs facts {};
  if (fstatfs(fd, &facts) != 0) return Fail(ErrnoStatus(errno, "statfs", path()));
  const auto type = static_cast<std::uint32_t>(facts.f_type);
  return std::find(kNetworkFileSystems.begin(), kNetworkFileSystems.end(), type) !=
         kNetworkFileSystems.end();
}

}  // namespace reprise
