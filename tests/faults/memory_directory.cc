#include "tests/faults/memory_directory.h"

#include <algorithm>
#include <cerrno>

#include "engine/io/errors.h"
#include "format/try.h"
#include "tests/faults/memory_file.h"

namespace reprise {

namespace {

bool IsReal(std::string_view name) { return name.starts_with(kCatalogPrefix); }

}  // namespace

Result<MemoryDisk::Lock> MemoryDirectory::Enter(std::string_view name) const {
  REPRISE_TRY(CheckFileName(name));
  MemoryDisk::Lock lock(disk_.mutex_);
  if (process_ == disk_.process_) return lock;
  return Fail(Code::kClosed, "the process died: " + path());
}

Status MemoryDirectory::NoSuchName(std::string_view name) const {
  return ErrnoStatus(ENOENT, "open", PathOf(name));
}

Inode MemoryDirectory::Find(std::string_view name) const {
  const auto found = names().find(std::string(name));
  return found == names().end() ? kNoInode : found->second;
}

void MemoryDirectory::Do(DiskEffect::Kind kind, Inode target, std::string_view from,
                         std::string_view to) {
  DiskEffect effect{kind, inode_};
  effect.target = target;
  effect.from = from;
  effect.to = to;
  disk_.Do(effect);
}

Result<Directory*> MemoryDirectory::Real() {
  REPRISE_TRY_ASSIGN(const auto lock, Enter());
  if (real_ == nullptr) {
    auto opened = SystemIo().files->OpenDirectory(path());
    if (!opened) {
      REPRISE_TRY(SystemIo().files->MakeDirectories(path()));
      opened = SystemIo().files->OpenDirectory(path());
    }
    if (!opened) return Fail(opened.error());
    real_ = std::move(*opened);
  }
  return real_.get();
}

Result<std::unique_ptr<File>> MemoryDirectory::Open(std::string_view name, OpenMode mode) {
  if (IsReal(name)) {
    REPRISE_TRY_ASSIGN(Directory* const real, Real());
    return real->Open(name, mode);
  }
  REPRISE_TRY_ASSIGN(const auto lock, Enter(name));
  REPRISE_TRY(disk_.Meet(DiskCall::kOpen, PathOf(name)));
  const Inode inode = Find(name);
  if (inode == kNoInode) return Fail(NoSuchName(name));
  if (!disk_.state_.files.contains(inode)) return Fail(ErrnoStatus(EISDIR, "open", PathOf(name)));
  return std::make_unique<MemoryFile>(disk_, PathOf(name), inode);
}

Result<std::unique_ptr<File>> MemoryDirectory::Create(std::string_view name) {
  if (IsReal(name)) {
    REPRISE_TRY_ASSIGN(Directory* const real, Real());
    return real->Create(name);
  }
  REPRISE_TRY_ASSIGN(const auto lock, Enter(name));
  REPRISE_TRY(disk_.Meet(DiskCall::kCreate, PathOf(name)));
  if (Find(name) != kNoInode) return Fail(ErrnoStatus(EEXIST, "open", PathOf(name)));
  const Inode inode = disk_.NewInode();
  Do(DiskEffect::Kind::kCreate, inode, "", name);
  return std::make_unique<MemoryFile>(disk_, PathOf(name), inode);
}

Result<std::unique_ptr<Directory>> MemoryDirectory::OpenDirectory(std::string_view name) {
  REPRISE_TRY_ASSIGN(const auto lock, Enter(name));
  REPRISE_TRY(disk_.Meet(DiskCall::kOpen, PathOf(name)));
  const Inode inode = Find(name);
  if (inode == kNoInode) return Fail(NoSuchName(name));
  if (disk_.state_.files.contains(inode)) return Fail(ErrnoStatus(ENOTDIR, "open", PathOf(name)));
  return std::make_unique<MemoryDirectory>(disk_, PathOf(name), inode);
}

Status MemoryDirectory::MakeDirectory(std::string_view name) {
  REPRISE_TRY_ASSIGN(const auto lock, Enter(name));
  if (Find(name) != kNoInode) return ErrnoStatus(EEXIST, "mkdir", PathOf(name));
  REPRISE_TRY(disk_.Meet(DiskCall::kMakeDirectory, PathOf(name)));
  Do(DiskEffect::Kind::kMakeDirectory, disk_.NewInode(), "", name);
  return {};
}

Status MemoryDirectory::Rename(std::string_view from, std::string_view to) {
  REPRISE_TRY_ASSIGN(const auto lock, Enter(from));
  REPRISE_TRY(CheckFileName(to));
  REPRISE_TRY(disk_.Meet(DiskCall::kRename, PathOf(from)));
  const Inode inode = Find(from);
  if (inode == kNoInode) return NoSuchName(from);
  Do(DiskEffect::Kind::kRename, inode, from, to);
  return {};
}

Status MemoryDirectory::RenameNoReplace(std::string_view from, std::string_view to) {
  if (IsReal(from)) {
    REPRISE_TRY_ASSIGN(Directory* const real, Real());
    return real->RenameNoReplace(from, to);
  }
  REPRISE_TRY_ASSIGN(const bool taken, Exists(to));
  return taken ? ErrnoStatus(EEXIST, "rename", PathOf(to)) : Rename(from, to);
}

Status MemoryDirectory::RenameInto(std::string_view from, Directory& other, std::string_view to) {
  if (IsReal(from)) return Remove(from);
  const auto* target = dynamic_cast<MemoryDirectory*>(&other);
  if (target == nullptr || &target->disk_ != &disk_) {
    return Status::Error(Code::kInternal, "rename between two kinds of file system");
  }
  REPRISE_TRY_ASSIGN(const auto lock, Enter(from));
  REPRISE_TRY(CheckFileName(to));
  REPRISE_TRY(disk_.Meet(DiskCall::kRename, PathOf(from)));
  const Inode inode = Find(from);
  if (inode == kNoInode) return NoSuchName(from);
  DiskEffect effect{DiskEffect::Kind::kMove, inode_};
  effect.target = inode;
  effect.from = from;
  effect.to = to;
  effect.other = target->inode_;
  disk_.Do(effect);
  return {};
}

Status MemoryDirectory::Remove(std::string_view name) {
  if (IsReal(name)) {
    REPRISE_TRY_ASSIGN(Directory* const real, Real());
    return real->Remove(name);
  }
  REPRISE_TRY_ASSIGN(const auto lock, Enter(name));
  REPRISE_TRY(disk_.Meet(DiskCall::kRemove, PathOf(name)));
  const Inode inode = Find(name);
  if (!disk_.state_.files.contains(inode)) return NoSuchName(name);
  Do(DiskEffect::Kind::kRemove, inode, name, "");
  return {};
}

Status MemoryDirectory::RemoveDirectory(std::string_view name) {
  return Status::Error(Code::kInternal, "a disk in memory keeps its directories: " + PathOf(name));
}

Status MemoryDirectory::Sync() {
  REPRISE_TRY_ASSIGN(const auto lock, Enter());
  if (sync_failed_) return Status::Error(Code::kIoError, "an earlier sync failed: " + path());
  const DiskFault fault = disk_.Ask(DiskCall::kSyncNames, path(), 0);
  sync_failed_ = fault.error != 0;
  if (sync_failed_) return ErrnoStatus(Code::kIoError, fault.error, "fsync", path(), "", "");
  disk_.Do({DiskEffect::Kind::kSyncNames, inode_});
  return {};
}

Result<std::vector<std::string>> MemoryDirectory::List() {
  std::vector<std::string> listed;
  {
    REPRISE_TRY_ASSIGN(const auto lock, Enter());
    REPRISE_TRY(disk_.Meet(DiskCall::kList, path()));
    for (const auto& [name, inode] : names()) listed.push_back(name);
  }
  if (!has_catalog_) return listed;
  REPRISE_TRY_ASSIGN(Directory* const real, Real());
  REPRISE_TRY_ASSIGN(const auto real_names, real->List());
  std::copy_if(real_names.begin(), real_names.end(), std::back_inserter(listed), IsReal);
  std::sort(listed.begin(), listed.end());
  return listed;
}

Result<bool> MemoryDirectory::Exists(std::string_view name) {
  if (IsReal(name)) {
    REPRISE_TRY_ASSIGN(Directory* const real, Real());
    return real->Exists(name);
  }
  REPRISE_TRY_ASSIGN(const auto lock, Enter(name));
  return Find(name) != kNoInode;
}

Result<DirectoryId> MemoryDirectory::Id() {
  constexpr std::uint64_t kDevice = 0x4D454D;
  return DirectoryId{kDevice, inode_};
}

}  // namespace reprise
