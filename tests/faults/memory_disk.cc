#include "tests/faults/memory_disk.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include "engine/io/errors.h"
#include "format/try.h"
#include "tests/faults/memory_directory.h"

namespace reprise {

MemoryDisk::MemoryDisk(std::string home, DiskState state)
    : home_(std::move(home)), state_(std::move(state)) {
  for (const auto& [inode, file] : state_.files) next_inode_ = std::max(next_inode_, inode + 1);
  for (const auto& [inode, names] : state_.directories) {
    next_inode_ = std::max(next_inode_, inode + 1);
  }
}

void MemoryDisk::SetWatcher(DiskWatcher* watcher) {
  const Lock lock(mutex_);
  watcher_ = watcher;
}

void MemoryDisk::SetCapacity(std::uint64_t bytes) {
  const Lock lock(mutex_);
  capacity_ = bytes;
}

DiskState MemoryDisk::state() const {
  const Lock lock(mutex_);
  return state_;
}

std::string MemoryDisk::home() const {
  const Lock lock(mutex_);
  return home_;
}

void MemoryDisk::KillProcess(std::string home) {
  const Lock lock(mutex_);
  ++process_;
  home_ = std::move(home);
  locks_.clear();
  unlocked_.notify_all();
}

DiskFault MemoryDisk::Ask(DiskCall call, std::string_view path, std::uint64_t bytes) {
  const DiskFault fault =
      watcher_ == nullptr ? DiskFault() : watcher_->BeforeCall(call, path, bytes);
  if (fault.error != 0 || bytes == 0 || capacity_ == ~std::uint64_t{0}) return fault;
  const std::uint64_t used = state_.Bytes();
  if (used + bytes <= capacity_) return fault;
  return {ENOSPC, static_cast<std::size_t>(capacity_ > used ? capacity_ - used : 0)};
}

Status MemoryDisk::Meet(DiskCall call, const std::string& path, std::uint64_t bytes) {
  const DiskFault fault = Ask(call, path, bytes);
  return fault.error == 0 ? Status() : ErrnoStatus(fault.error, "a call", path);
}

void MemoryDisk::Do(const DiskEffect& effect) {
  if (watcher_ != nullptr) watcher_->OnEffect(effect);
  state_.Apply(effect);
}

Inode MemoryDisk::Walk(const std::string& path) const {
  Inode at = kRootInode;
  std::size_t begin = home_.size();
  while (begin < path.size() && at != kNoInode) {
    const std::size_t end = std::min(path.find('/', begin + 1), path.size());
    const auto directory = state_.directories.find(at);
    if (directory == state_.directories.end()) return kNoInode;
    const auto found = directory->second.names.find(path.substr(begin + 1, end - begin - 1));
    at = found == directory->second.names.end() ? kNoInode : found->second;
    begin = end;
  }
  return at;
}

Result<std::unique_ptr<Directory>> MemoryDisk::OpenDirectory(const std::string& path) {
  const Lock lock(mutex_);
  if (!path.starts_with(home_)) return SystemIo().files->OpenDirectory(path);
  REPRISE_TRY(Meet(DiskCall::kOpen, path));
  const Inode inode = Walk(path);
  if (!state_.directories.contains(inode)) return Fail(ErrnoStatus(ENOENT, "open", path));
  return std::make_unique<MemoryDirectory>(*this, path, inode);
}

Status MemoryDisk::MakeDirectories(const std::string& path) {
  Lock lock(mutex_);
  if (!path.starts_with(home_)) return SystemIo().files->MakeDirectories(path);
  for (std::size_t end = home_.size(); end < path.size();) {
    end = std::min(path.find('/', end + 1), path.size());
    const std::string made = path.substr(0, end);
    if (state_.directories.contains(Walk(made))) continue;
    const std::size_t slash = made.rfind('/');
    const Inode parent = Walk(made.substr(0, slash));
    REPRISE_TRY(Meet(DiskCall::kMakeDirectory, made));
    DiskEffect effect{DiskEffect::Kind::kMakeDirectory, parent};
    effect.target = NewInode();
    effect.to = made.substr(slash + 1);
    Do(effect);
    REPRISE_TRY(SyncNames(parent, made));
  }
  return path == home_ ? Status() : SyncNames(Walk(path.substr(0, path.rfind('/'))), path);
}

Status MemoryDisk::SyncNames(Inode directory, const std::string& path) {
  const DiskFault fault = Ask(DiskCall::kSyncNames, path, 0);
  if (fault.error != 0) return ErrnoStatus(Code::kIoError, fault.error, "fsync", path, "", "");
  Do({DiskEffect::Kind::kSyncNames, directory});
  return {};
}

bool MemoryDisk::TakeLock(Inode inode, const void* file, LockKind kind) {
  std::vector<Holder>& holders = locks_[inode];
  for (const Holder& holder : holders) {
    const bool both_share = holder.kind == LockKind::kShared && kind == LockKind::kShared;
    if (holder.file != file && !both_share) return false;
  }
  std::erase_if(holders, [&](const Holder& holder) { return holder.file == file; });
  holders.push_back({file, kind});
  return true;
}

void MemoryDisk::DropLock(Inode inode, const void* file) {
  const auto found = locks_.find(inode);
  if (found == locks_.end()) return;
  std::erase_if(found->second, [&](const Holder& holder) { return holder.file == file; });
  unlocked_.notify_all();
}

}  // namespace reprise
