#include "tests/faults/disks/small_tmpfs.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <vector>

namespace reprise {

namespace {

// Mounts of this process are not seen by others from now on.
bool HideMounts() {
  return unshare(CLONE_NEWNS) == 0 &&
         mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
}

}  // namespace

SmallTmpfs::SmallTmpfs(std::uint64_t bytes) {
  const std::string options = "size=" + std::to_string(bytes);
  const bool mounted =
      HideMounts() && mount("tmpfs", dir_.path().c_str(), "tmpfs", 0, options.c_str()) == 0;
  if (!mounted) missing_ = std::string("no small tmpfs: ") + std::strerror(errno);
}

SmallTmpfs::~SmallTmpfs() {
  if (missing_.empty()) umount2(dir_.path().c_str(), MNT_DETACH);
}

std::uint64_t SmallTmpfs::free_bytes() const {
  struct statvfs found = {};
  if (statvfs(dir_.path().c_str(), &found) != 0) return 0;
  return std::uint64_t{found.f_bavail} * found.f_frsize;
}

bool SmallTmpfs::Grow() {
  return mount("tmpfs", dir_.path().c_str(), "tmpfs", MS_REMOUNT, "size=1g") == 0;
}

void SmallTmpfs::Fill(std::uint64_t left) {
  const std::vector<char> block(4096, 'x');
  const int file = open(filler().c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  while (free_bytes() > left && write(file, block.data(), block.size()) > 0) {
  }
  close(file);
}

void SmallTmpfs::Free() { std::filesystem::remove(filler()); }

void SmallTmpfs::Free(std::uint64_t bytes) {
  const std::uint64_t size = std::filesystem::file_size(filler());
  std::filesystem::resize_file(filler(), size - std::min(size, bytes));
}

}  // namespace reprise
