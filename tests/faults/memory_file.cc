#include "tests/faults/memory_file.h"

#include <algorithm>
#include <cerrno>

#include "engine/io/errors.h"
#include "format/try.h"

namespace reprise {

MemoryFile::~MemoryFile() {
  const MemoryDisk::Lock lock(disk_.mutex_);
  disk_.DropLock(inode_, this);
}

Result<MemoryDisk::Lock> MemoryFile::Enter() const {
  MemoryDisk::Lock lock(disk_.mutex_);
  if (process_ == disk_.process_) return lock;
  return Fail(Code::kClosed, "the process died: " + path());
}

Status MemoryFile::WriteAt(std::uint64_t offset, std::string_view bytes) {
  REPRISE_TRY_ASSIGN(const auto lock, Enter());
  const std::uint64_t size = disk_.state_.files.at(inode_).bytes.size();
  const std::uint64_t end = offset + bytes.size();
  const DiskFault fault = disk_.Ask(DiskCall::kWrite, path(), end > size ? end - size : 0);
  const std::string_view done = fault.error == 0 ? bytes : bytes.substr(0, fault.done);
  if (!done.empty()) {
    disk_.Do({DiskEffect::Kind::kWrite, inode_, offset, std::string(done)});
  }
  return fault.error == 0 ? Status() : ErrnoStatus(fault.error, "write", path());
}

Result<std::size_t> MemoryFile::ReadAt(std::uint64_t offset, char* to, std::size_t size) {
  REPRISE_TRY_ASSIGN(const auto lock, Enter());
  REPRISE_TRY(disk_.Meet(DiskCall::kRead, path()));
  const std::string& bytes = disk_.state_.files.at(inode_).bytes;
  return bytes.copy(to, size, std::min<std::size_t>(offset, bytes.size()));
}

Status MemoryFile::DataSync() {
  REPRISE_TRY_ASSIGN(const auto lock, Enter());
  if (sync_failed_) return Status::Error(Code::kIoError, "an earlier sync failed: " + path());
  const DiskFault fault = disk_.Ask(DiskCall::kSync, path(), 0);
  sync_failed_ = fault.error != 0;
  disk_.Do({sync_failed_ ? DiskEffect::Kind::kFailedSync : DiskEffect::Kind::kSync, inode_});
  if (!sync_failed_) return {};
  return ErrnoStatus(Code::kIoError, fault.error, "fdatasync", path(), "", "");
}

Result<std::uint64_t> MemoryFile::Size() {
  REPRISE_TRY_ASSIGN(const auto lock, Enter());
  REPRISE_TRY(disk_.Meet(DiskCall::kSize, path()));
  return disk_.state_.files.at(inode_).bytes.size();
}

Result<bool> MemoryFile::TryLock(LockKind kind) {
  REPRISE_TRY_ASSIGN(const auto lock, Enter());
  return disk_.TakeLock(inode_, this, kind);
}

Status MemoryFile::Lock(LockKind kind) {
  REPRISE_TRY_ASSIGN(auto lock, Enter());
  disk_.unlocked_.wait(
      lock, [&] { return process_ != disk_.process_ || disk_.TakeLock(inode_, this, kind); });
  if (process_ == disk_.process_) return {};
  return Status::Error(Code::kClosed, "the process died: " + path());
}

Status MemoryFile::Unlock() {
  REPRISE_TRY_ASSIGN(const auto lock, Enter());
  disk_.DropLock(inode_, this);
  return {};
}

}  // namespace reprise
