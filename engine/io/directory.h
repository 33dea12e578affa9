// One open directory, by which all files are reached: names are single components, looked up in
// the directory that was opened even if its path has come to mean another one since.
//
// Obtained from FileSystem::OpenDirectory or Directory::OpenDirectory. Symbolic links are never
// followed. New files get mode 0600, new directories 0700; nothing is ever chmod'ed. Changes of
// names survive a power cut only after the next Sync.
// Thread safety: every method may be called from any thread at any time.
// Errors common to all methods: kInvalidArgument if a name is empty, ".", "..", or contains '/' or
// NUL; kNotFound if there is no such name; kNoSpace; kIoError; kClosed in a child of fork(2).
#ifndef REPRISE_ENGINE_IO_DIRECTORY_H_
#define REPRISE_ENGINE_IO_DIRECTORY_H_

#include <compare>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/io/file.h"
#include "reprise/status.h"

namespace reprise {

enum class OpenMode : std::uint8_t { kRead, kReadWrite };

// Tells whether two paths are the same directory; meaningful within one boot.
struct DirectoryId {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;

  friend auto operator<=>(const DirectoryId&, const DirectoryId&) = default;
};

class Directory {
 public:
  virtual ~Directory() = default;
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;

  // Opens an existing file. Refuses with kIoError whatever is not a regular file: a symbolic link,
  // a directory, a device, a pipe; never waits for one.
  virtual Result<std::unique_ptr<File>> Open(std::string_view name, OpenMode mode) = 0;
  // Makes an empty file and opens it for reading and writing. kAlreadyExists if the name is taken.
  virtual Result<std::unique_ptr<File>> Create(std::string_view name) = 0;
  virtual Result<std::unique_ptr<Directory>> OpenDirectory(std::string_view name) = 0;
  // kAlreadyExists if the name is taken.
  virtual Status MakeDirectory(std::string_view name) = 0;

  // Atomically gives the file `from` the name `to`, replacing a file of that name.
  virtual Status Rename(std::string_view from, std::string_view to) = 0;
  // The same, but kAlreadyExists, and nothing changed, if `to` is taken. Where the file system has
  // no such call a crash may leave the file under both names.
  virtual Status RenameNoReplace(std::string_view from, std::string_view to) = 0;
  // Moves the file `from` into `other`, which must come from the same FileSystem. To make the move
  // durable sync `other` first, then this directory.
  virtual Status RenameInto(std::string_view from, Directory& other, std::string_view to) = 0;
  // Removes a file's name; the bytes live on while the file is open anywhere.
  virtual Status Remove(std::string_view name) = 0;
  // Removes an empty directory.
  virtual Status RemoveDirectory(std::string_view name) = 0;

  // Blocks until the names made, renamed and removed so far are on stable storage (fsync).
  // After one failure every later call fails too.
  virtual Status Sync() = 0;

  // All names but "." and "..", sorted bytewise.
  virtual Result<std::vector<std::string>> List() = 0;
  // Whether the name is taken, by anything.
  virtual Result<bool> Exists(std::string_view name) = 0;
  virtual Result<DirectoryId> Id() = 0;
  // Whether the directory is on a network or FUSE file system, where mapped files and locks give
  // less than a local one does.
  virtual Result<bool> OnNetwork() = 0;

  // For messages, and for libraries that open files by path themselves.
  const std::string& path() const { return path_; }

 protected:
  explicit Directory(std::string path) : path_(std::move(path)) {}

 private:
  std::string path_;
};

// Whether `name` may be given to a Directory.
bool IsFileName(std::string_view name);
// What a Directory answers if it may not: kInvalidArgument.
Status CheckFileName(std::string_view name);

}  // namespace reprise

#endif  // REPRISE_ENGINE_IO_DIRECTORY_H_
