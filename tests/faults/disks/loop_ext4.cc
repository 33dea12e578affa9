#include "tests/faults/disks/loop_ext4.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cstdlib>

namespace reprise {

namespace {

bool Run(const std::string& command) {
  return std::system((command + " >/dev/null 2>&1").c_str()) == 0;
}

}  // namespace

LoopExt4::LoopExt4(std::uint64_t bytes, std::uint64_t kept) : backing_(kept) {
  missing_ = backing_.missing();
  if (!missing_.empty()) return;
  const bool made = Run(fmt::format("truncate -s {} {}", bytes, backing_.Of("image"))) &&
                    Run(fmt::format("/sbin/mkfs.ext4 -q -F {}", backing_.Of("image")));
  if (!made || !Mount()) missing_ = "no loop device with ext4";
}

LoopExt4::~LoopExt4() {
  if (missing_.empty()) umount2(at_.path().c_str(), MNT_DETACH);
}

bool LoopExt4::Mount() {
  return Run(fmt::format("mount -o loop {} {}", backing_.Of("image"), at_.path()));
}

bool LoopExt4::Unmount() const { return umount(at_.path().c_str()) == 0; }

bool LoopExt4::CutPower() {
  // EXT4_IOC_SHUTDOWN, which linux/ext4.h of Debian 12 does not have; 2: the journal is not
  // flushed.
  constexpr unsigned long kShutdown = _IOR('X', 125, std::uint32_t);
  std::uint32_t without_flush = 2;
  const int directory = open(at_.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool cut = ioctl(directory, kShutdown, &without_flush) == 0;
  close(directory);
  return cut;
}

bool LoopExt4::Restart() { return Unmount() && Mount(); }

bool LoopExt4::Mend() {
  if (!backing_.Grow() || !Unmount()) return false;
  // 0: nothing was wrong, 1: it was mended.
  Run(fmt::format("/sbin/e2fsck -p -f {}", backing_.Of("image")));
  return Mount();
}

}  // namespace reprise
