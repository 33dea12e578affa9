// A directory that tells when its files are written and synced, and what is not synced yet.
#ifndef REPRISE_TESTS_SUPPORT_WATCHED_DIRECTORY_H_
#define REPRISE_TESTS_SUPPORT_WATCHED_DIRECTORY_H_

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "engine/io/directory.h"

namespace reprise {

// What happened in a watched directory. Thread-safe.
class Watch {
 public:
  // Called before a file is synced.
  std::function<void(const std::string& file)> before_sync;

  void Wrote(const std::string& file) {
    const std::lock_guard lock(mutex_);
    unsynced_[file] = true;
  }
  void Synced(const std::string& file) {
    const std::lock_guard lock(mutex_);
    unsynced_[file] = false;
    ++syncs_;
  }
  bool HasUnsyncedBytes() const {
    const std::lock_guard lock(mutex_);
    return std::any_of(unsynced_.begin(), unsynced_.end(), [](const auto& f) { return f.second; });
  }
  int syncs() const {
    const std::lock_guard lock(mutex_);
    return syncs_;
  }

 private:
  mutable std::mutex mutex_;
  std::map<std::string, bool> unsynced_;
  int syncs_ = 0;
};

class WatchedFile final : public File {
 public:
  WatchedFile(std::unique_ptr<File> file, std::string name, Watch& watch)
      : File(file->path()), file_(std::move(file)), name_(std::move(name)), watch_(watch) {}

  Status WriteAt(std::uint64_t offset, std::string_view bytes) override {
    watch_.Wrote(name_);
    return file_->WriteAt(offset, bytes);
  }
  Result<std::size_t> ReadAt(std::uint64_t offset, char* to, std::size_t size) override {
    return file_->ReadAt(offset, to, size);
  }
  Status DataSync() override {
    if (watch_.before_sync) watch_.before_sync(name_);
    Status synced = file_->DataSync();
    if (synced.ok()) watch_.Synced(name_);
    return synced;
  }
  Result<std::uint64_t> Size() override { return file_->Size(); }
  Result<bool> TryLock(LockKind kind) override { return file_->TryLock(kind); }
  Status Lock(LockKind kind) override { return file_->Lock(kind); }
  Status Unlock() override { return file_->Unlock(); }

 private:
  std::unique_ptr<File> file_;
  const std::string name_;
  Watch& watch_;
};

// Passes everything on to `directory`. The watch must outlive it and its files.
class WatchedDirectory final : public Directory {
 public:
  WatchedDirectory(std::unique_ptr<Directory> directory, Watch& watch)
      : Directory(directory->path()), directory_(std::move(directory)), watch_(watch) {}

  Result<std::unique_ptr<File>> Open(std::string_view name, OpenMode mode) override {
    return Watched(name, directory_->Open(name, mode));
  }
  Result<std::unique_ptr<File>> Create(std::string_view name) override {
    return Watched(name, directory_->Create(name));
  }
  Result<std::unique_ptr<Directory>> OpenDirectory(std::string_view name) override {
    return directory_->OpenDirectory(name);
  }
  Status MakeDirectory(std::string_view name) override { return directory_->MakeDirectory(name); }
  Status Rename(std::string_view from, std::string_view to) override {
    return directory_->Rename(from, to);
  }
  Status RenameNoReplace(std::string_view from, std::string_view to) override {
    return directory_->RenameNoReplace(from, to);
  }
  Status RenameInto(std::string_view from, Directory& other, std::string_view to) override {
    return directory_->RenameInto(from, other, to);
  }
  Status Remove(std::string_view name) override { return directory_->Remove(name); }
  Status RemoveDirectory(std::string_view name) override {
    return directory_->RemoveDirectory(name);
  }
  Status Sync() override { return directory_->Sync(); }
  Result<std::vector<std::string>> List() override { return directory_->List(); }
  Result<bool> Exists(std::string_view name) override { return directory_->Exists(name); }
  Result<DirectoryId> Id() override { return directory_->Id(); }
  Result<bool> OnNetwork() override { return directory_->OnNetwork(); }

 private:
  Result<std::unique_ptr<File>> Watched(std::string_view name,
                                        Result<std::unique_ptr<File>> opened) {
    if (!opened) return opened;
    return std::make_unique<WatchedFile>(std::move(*opened), std::string(name), watch_);
  }

  std::unique_ptr<Directory> directory_;
  Watch& watch_;
};

}  // namespace reprise

#endif  // REPRISE_TESTS_SUPPORT_WATCHED_DIRECTORY_H_
