// A directory in memory whose disk fails when a test says so.
#ifndef REPRISE_TESTS_ENGINE_LOG_FAKE_DISK_H_
#define REPRISE_TESTS_ENGINE_LOG_FAKE_DISK_H_

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "engine/io/io.h"

namespace reprise {

// What files hold, how often they were written and synced, and what is to fail.
struct FakeDisk {
  struct Content {
    std::string bytes;
    std::string durable;  // as of the last good sync
    int syncs_after_failure = 0;
    bool sync_failed = false;
    const File* lock_holder = nullptr;  // all locks count as exclusive
  };

  // Asked before each write, sync (of file or directory) and create. After a failed write the
  // first `torn_bytes` of it are there.
  std::function<Status(std::string_view file)> on_write;
  std::function<Status(std::string_view file)> on_sync;
  std::function<Status(std::string_view file)> on_create;
  std::size_t torn_bytes = 0;

  std::mutex mutex;
  std::map<std::string, std::shared_ptr<Content>> files;
  std::vector<std::uint64_t> write_offsets;
  std::uint64_t bytes_read = 0;
  int syncs = 0;
  int directory_syncs = 0;
};

class FakeFile final : public File {
 public:
  FakeFile(FakeDisk& disk, std::string name, std::shared_ptr<FakeDisk::Content> content)
      : File(std::move(name)), disk_(disk), content_(std::move(content)) {}
  ~FakeFile() override { (void)Unlock(); }

  Status WriteAt(std::uint64_t offset, std::string_view bytes) override {
    const std::lock_guard lock(disk_.mutex);
    disk_.write_offsets.push_back(offset);
    const Status status = disk_.on_write ? disk_.on_write(path()) : Status();
    if (!status.ok()) bytes = bytes.substr(0, disk_.torn_bytes);
    if (!bytes.empty()) Put(static_cast<std::size_t>(offset), bytes);
    return status;
  }

  Result<std::size_t> ReadAt(std::uint64_t offset, char* to, std::size_t size) override {
    const std::lock_guard lock(disk_.mutex);
    const std::size_t at = std::min<std::size_t>(offset, content_->bytes.size());
    const std::size_t read = content_->bytes.copy(to, size, at);
    disk_.bytes_read += read;
    return read;
  }

  Status DataSync() override {
    const std::lock_guard lock(disk_.mutex);
    ++disk_.syncs;
    if (content_->sync_failed) ++content_->syncs_after_failure;
    const Status status = disk_.on_sync ? disk_.on_sync(path()) : Status();
    content_->sync_failed = content_->sync_failed || !status.ok();
    if (status.ok()) content_->durable = content_->bytes;
    return status;
  }

  Result<std::uint64_t> Size() override {
    const std::lock_guard lock(disk_.mutex);
    return content_->bytes.size();
  }
  Result<bool> TryLock(LockKind) override {
    const std::lock_guard lock(disk_.mutex);
    if (content_->lock_holder == nullptr) content_->lock_holder = this;
    return content_->lock_holder == this;
  }
  Status Lock(LockKind) override { return {}; }
  Status Unlock() override {
    const std::lock_guard lock(disk_.mutex);
    if (content_->lock_holder == this) content_->lock_holder = nullptr;
    return {};
  }

 private:
  void Put(std::size_t offset, std::string_view bytes) {
    std::string& to = content_->bytes;
    if (to.size() < offset + bytes.size()) to.resize(offset + bytes.size());
    to.replace(offset, bytes.size(), bytes);
  }

  FakeDisk& disk_;
  std::shared_ptr<FakeDisk::Content> content_;
};

class FakeDirectory final : public Directory {
 public:
  explicit FakeDirectory(FakeDisk& disk) : Directory("fake"), disk_(disk) {}

  Result<std::unique_ptr<File>> Open(std::string_view name, OpenMode) override {
    const std::lock_guard lock(disk_.mutex);
    const auto found = disk_.files.find(std::string(name));
    if (found == disk_.files.end()) return Fail(Code::kNotFound, "no file");
    return std::make_unique<FakeFile>(disk_, found->first, found->second);
  }
  Result<std::unique_ptr<File>> Create(std::string_view name) override {
    const std::lock_guard lock(disk_.mutex);
    if (disk_.on_create) {
      Status status = disk_.on_create(name);
      if (!status.ok()) return Fail(status);
    }
    const auto [at, is_new] =
        disk_.files.try_emplace(std::string(name), std::make_shared<FakeDisk::Content>());
    if (!is_new) return Fail(Code::kAlreadyExists, "the name is taken");
    return std::make_unique<FakeFile>(disk_, at->first, at->second);
  }
  Status RemoveDirectory(std::string_view) override {
    return Status::Error(Code::kInternal, "a fake disk has no directories");
  }
  Status Remove(std::string_view name) override {
    const std::lock_guard lock(disk_.mutex);
    return disk_.files.erase(std::string(name)) == 1 ? Status()
                                                     : Status::Error(Code::kNotFound, "no file");
  }
  Status Sync() override {
    const std::lock_guard lock(disk_.mutex);
    ++disk_.directory_syncs;
    return disk_.on_sync ? disk_.on_sync("") : Status();
  }
  Result<std::vector<std::string>> List() override {
    const std::lock_guard lock(disk_.mutex);
    std::vector<std::string> names;
    for (const auto& [name, content] : disk_.files) names.push_back(name);
    return names;
  }

  Result<std::unique_ptr<Directory>> OpenDirectory(std::string_view) override { return Unused(); }
  Status MakeDirectory(std::string_view) override { return Unused().error(); }
  Status Rename(std::string_view, std::string_view) override { return Unused().error(); }
  Status RenameNoReplace(std::string_view, std::string_view) override { return Unused().error(); }
  Status RenameInto(std::string_view, Directory&, std::string_view) override {
    return Unused().error();
  }
  Result<bool> Exists(std::string_view name) override {
    return disk_.files.contains(std::string(name));
  }
  Result<DirectoryId> Id() override { return DirectoryId{}; }
  Result<bool> OnNetwork() override { return false; }

 private:
  static Result<std::unique_ptr<Directory>> Unused() {
    return Fail(Code::kInternal, "not part of this fake");
  }

  FakeDisk& disk_;
};

}  // namespace reprise

#endif  // REPRISE_TESTS_ENGINE_LOG_FAKE_DISK_H_
