// An ext4 whose device fails: its image is a file with holes on a tmpfs that is smaller than it, so
// that blocks can be written to the page cache and then not to the device.
#ifndef REPRISE_TESTS_FAULTS_DISKS_LOOP_EXT4_H_
#define REPRISE_TESTS_FAULTS_DISKS_LOOP_EXT4_H_

#include <cstdint>
#include <string>

#include "tests/faults/disks/small_tmpfs.h"

namespace reprise {

class LoopExt4 {
 public:
  // `bytes` for users to see, of which the device can keep `kept`.
  LoopExt4(std::uint64_t bytes, std::uint64_t kept);
  ~LoopExt4();
  LoopExt4(const LoopExt4&) = delete;
  LoopExt4& operator=(const LoopExt4&) = delete;

  // Why there is none: a test says so and is skipped. Empty: it is there.
  const std::string& missing() const { return missing_; }
  std::string Of(const std::string& name) const { return at_.Of(name); }

  // Gives the device room for everything, unmounts, repairs and mounts again: what is read then
  // comes from the device, and no page that only the cache had.
  bool Mend();
  // As a power cut does: nothing more reaches the device, and all calls fail.
  bool CutPower();
  // What the device has is there again. Nobody may have a file open.
  bool Restart();

 private:
  bool Mount();
  bool Unmount() const;

  SmallTmpfs backing_;
  const TempDir at_;
  std::string missing_;
};

}  // namespace reprise

#endif  // REPRISE_TESTS_FAULTS_DISKS_LOOP_EXT4_H_
