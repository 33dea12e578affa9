// Directories of the operating system.
#ifndef REPRISE_ENGINE_IO_SYSTEM_DIRECTORY_H_
#define REPRISE_ENGINE_IO_SYSTEM_DIRECTORY_H_

#include <atomic>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/io/descriptor.h"
#include "engine/io/directory.h"

namespace reprise {

class SystemDirectory final : public Directory {
 public:
  // Opens `name` below the directory open as `directory`, or AT_FDCWD; `path` is both, for
  // messages. `flags` are added to those for openat(2), such as O_NOFOLLOW.
  static Result<std::unique_ptr<Directory>> OpenAt(int directory, const char* name, int flags,
                                                   std::string path);

  Result<std::unique_ptr<File>> Open(std::string_view name, OpenMode mode) override;
  Result<std::unique_ptr<File>> Create(std::string_view name) override;
  Result<std::unique_ptr<Directory>> OpenDirectory(std::string_view name) override;
  Status MakeDirectory(std::string_view name) override;
  Status Rename(std::string_view from, std::string_view to) override;
  Status RenameNoReplace(std::string_view from, std::string_view to) override;
  Status RenameInto(std::string_view from, Directory& other, std::string_view to) override;
  Status Remove(std::string_view name) override;
  Status RemoveDirectory(std::string_view name) override;
  Status Sync() override;
  Result<std::vector<std::string>> List() override;
  Result<bool> Exists(std::string_view name) override;
  Result<DirectoryId> Id() override;
  Result<bool> OnNetwork() override;

 private:
  explicit SystemDirectory(std::string path) : Directory(std::move(path)) {}

  // What every method with names begins with: the open descriptor, if the names are fit.
  Result<int> Enter(std::string_view name) const;
  Result<int> Enter(std::string_view from, std::string_view to) const;
  std::string PathOf(std::string_view name) const;
  Result<std::unique_ptr<File>> OpenFile(std::string_view name, int flags);
  // For file systems without renameat2(2).
  Status LinkAndUnlink(int fd, const std::string& from, const std::string& to);

  Descriptor descriptor_;
  std::atomic<bool> sync_failed_{false};
};

}  // namespace reprise

#endif  // REPRISE_ENGINE_IO_SYSTEM_DIRECTORY_H_
