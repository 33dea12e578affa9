// An open directory of a MemoryDisk.
#ifndef REPRISE_TESTS_FAULTS_MEMORY_DIRECTORY_H_
#define REPRISE_TESTS_FAULTS_MEMORY_DIRECTORY_H_

#include <memory>
#include <string>
#include <vector>

#include "tests/faults/memory_disk.h"

namespace reprise {

class MemoryDirectory final : public Directory {
 public:
  // With the disk's mutex held.
  MemoryDirectory(MemoryDisk& disk, std::string path, Inode inode)
      : Directory(std::move(path)),
        disk_(disk),
        inode_(inode),
        process_(disk.process_),
        has_catalog_(this->path().find('/', disk.home_.size() + 1) == std::string::npos) {}

  Result<std::unique_ptr<File>> Open(std::string_view name, OpenMode mode) override;
  Result<std::unique_ptr<File>> Create(std::string_view name) override;
  Result<std::unique_ptr<Directory>> OpenDirectory(std::string_view name) override;
  Status MakeDirectory(std::string_view name) override;
  Status Rename(std::string_view from, std::string_view to) override;
  Status RenameNoReplace(std::string_view from, std::string_view to) override;
  // A catalog is removed instead: nobody asks for it again. Of other files a power cut may lose
  // both names, as long as neither directory was synced.
  Status RenameInto(std::string_view from, Directory& other, std::string_view to) override;
  Status Remove(std::string_view name) override;
  Status RemoveDirectory(std::string_view name) override;
  Status Sync() override;
  Result<std::vector<std::string>> List() override;
  Result<bool> Exists(std::string_view name) override;
  Result<DirectoryId> Id() override;
  Result<bool> OnNetwork() override { return false; }

 private:
  Result<MemoryDisk::Lock> Enter(std::string_view name = "x") const;
  std::string PathOf(std::string_view name) const { return path() + "/" + std::string(name); }
  Status NoSuchName(std::string_view name) const;
  // The real directory of the same path, where the catalog lies; made if it is not there.
  Result<Directory*> Real();

  // With the disk's mutex held.
  const std::map<std::string, Inode>& names() const {
    return disk_.state_.directories.at(inode_).names;
  }
  // kNoInode: there is none.
  Inode Find(std::string_view name) const;
  void Do(DiskEffect::Kind kind, Inode target, std::string_view from, std::string_view to);

  MemoryDisk& disk_;
  const Inode inode_;
  const std::uint64_t process_;
  const bool has_catalog_;    // directly in the home, as stores are
  bool sync_failed_ = false;  // guarded by the disk's mutex
  std::unique_ptr<Directory> real_;
};

}  // namespace reprise

#endif  // REPRISE_TESTS_FAULTS_MEMORY_DIRECTORY_H_
