// Files in memory, for targets whose decoders read through Directory and File.
#ifndef REPRISE_FUZZ_INPUT_DIRECTORY_H_
#define REPRISE_FUZZ_INPUT_DIRECTORY_H_

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/io/directory.h"

namespace reprise::fuzz {

// The bytes that it is given must outlive it. Locks are not kept, and nothing is ever synced.
class MemoryFile final : public File {
 public:
  MemoryFile(std::string name, std::string* bytes) : File(std::move(name)), bytes_(bytes) {}

  Status WriteAt(std::uint64_t offset, std::string_view bytes) override {
    const auto at = static_cast<std::size_t>(offset);
    if (bytes_->size() < at + bytes.size()) bytes_->resize(at + bytes.size());
    bytes_->replace(at, bytes.size(), bytes);
    return {};
  }
  Result<std::size_t> ReadAt(std::uint64_t offset, char* to, std::size_t size) override {
    const std::size_t at = std::min<std::uint64_t>(offset, bytes_->size());
    return bytes_->copy(to, size, at);
  }
  Status DataSync() override { return {}; }
  Result<std::uint64_t> Size() override { return bytes_->size(); }
  Result<bool> TryLock(LockKind) override { return true; }
  Status Lock(LockKind) override { return {}; }
  Status Unlock() override { return {}; }

 private:
  std::string* bytes_;
};

// Holds files alone.
class MemoryDirectory final : public Directory {
 public:
  MemoryDirectory() : Directory("memory") {}

  std::map<std::string, std::string, std::less<>>& files() { return files_; }

  Result<std::unique_ptr<File>> Open(std::string_view name, OpenMode) override {
    const auto found = files_.find(name);
    if (found == files_.end()) return Fail(Code::kNotFound, "there is no such file");
    return std::make_unique<MemoryFile>(found->first, &found->second);
  }
  Result<std::unique_ptr<File>> Create(std::string_view name) override {
    const auto [at, is_new] = files_.try_emplace(std::string(name));
    if (!is_new) return Fail(Code::kAlreadyExists, "the name is taken");
    return std::make_unique<MemoryFile>(at->first, &at->second);
  }
  Result<std::vector<std::string>> List() override {
    std::vector<std::string> names;
    for (const auto& [name, bytes] : files_) names.push_back(name);
    return names;
  }
  Result<bool> Exists(std::string_view name) override { return files_.contains(name); }
  Result<DirectoryId> Id() override { return DirectoryId(); }
  Result<bool> OnNetwork() override { return false; }
  Status Sync() override { return {}; }

  Result<std::unique_ptr<Directory>> OpenDirectory(std::string_view) override {
    return Fail(NotHere());
  }
  Status MakeDirectory(std::string_view) override { return NotHere(); }
  Status Rename(std::string_view, std::string_view) override { return NotHere(); }
  Status RenameNoReplace(std::string_view, std::string_view) override { return NotHere(); }
  Status RenameInto(std::string_view, Directory&, std::string_view) override { return NotHere(); }
  Status Remove(std::string_view) override { return NotHere(); }
  Status RemoveDirectory(std::string_view) override { return NotHere(); }

 private:
  static Status NotHere() { return Status::Error(Code::kInternal, "no target needs this"); }

  std::map<std::string, std::string, std::less<>> files_;
};

}  // namespace reprise::fuzz

#endif  // REPRISE_FUZZ_INPUT_DIRECTORY_H_
