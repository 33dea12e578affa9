#include "engine/io/disk_room.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>

#include "engine/io/descriptor.h"
#include "engine/io/errors.h"

namespace reprise {

namespace {

bool MeansNoRoom(int error) { return CodeOfErrno(error) == Code::kNoSpace; }

bool HasItsBlocks(int file, std::uint64_t bytes) {
  constexpr std::uint64_t kBlockUnit = 512;  // of st_blocks, whatever the file system's block is
  struct stat found = {};
  if (fstat(file, &found) != 0) return true;
  return static_cast<std::uint64_t>(found.st_size) >= bytes &&
         static_cast<std::uint64_t>(found.st_blocks) * kBlockUnit >= bytes;
}

// 0, or errno.
int Allocate(int file, int mode, std::uint64_t from, std::uint64_t bytes) {
  while (fallocate(file, mode, static_cast<off_t>(from), static_cast<off_t>(bytes)) != 0) {
    if (errno != EINTR) return errno;
  }
  return 0;
}

}  // namespace

int AllocateFile(const std::string& path, std::uint64_t bytes) {
  Descriptor file;
  if (file.Open(AT_FDCWD, path.c_str(), O_RDWR | O_CREAT, 0600) != 0) return 0;
  if (HasItsBlocks(file.get(), bytes)) return 0;
  const int error = Allocate(file.get(), 0, 0, bytes);
  return MeansNoRoom(error) ? error : 0;
}

bool IsDiskFull(int file, std::uint64_t bytes) {
  struct stat found = {};
  if (fstat(file, &found) != 0) return false;
  const auto end = static_cast<std::uint64_t>(found.st_size);
  return MeansNoRoom(Allocate(file, FALLOC_FL_KEEP_SIZE, end, bytes));
}

}  // namespace reprise
