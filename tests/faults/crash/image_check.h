// Opens a disk as a crash left it, lets the engine recover, and looks at what is there.
#ifndef REPRISE_TESTS_FAULTS_CRASH_IMAGE_CHECK_H_
#define REPRISE_TESTS_FAULTS_CRASH_IMAGE_CHECK_H_

#include <cstdint>
#include <string>

#include "tests/faults/crash/crash_image.h"
#include "tests/faults/crash/oracle.h"
#include "tests/faults/crash/store_recovery.h"
#include "tests/faults/memory_disk.h"
#include "tests/support/temp_dir.h"

namespace reprise {

struct CheckPlan {
  Recovery recovery = Recovery::kAdopt;
  Crash earlier = Crash::kKill;  // of a crash before this one, whose losses are still missing
  bool verifies = false;
  VerifyDepth depth = VerifyDepth::kChecksums;
};

// Works in one directory, one image after the other.
class ImageCheck {
 public:
  ImageCheck();

  // What is wrong; empty: nothing. `recovery` is told what recovering does to the disk; null:
  // nobody is.
  std::string FindFault(const CrashImage& image, const Oracle& oracle, const CheckPlan& plan,
                        DiskTrace* recovery = nullptr);

 private:
  std::string Recover(const CrashImage& image, const Oracle& oracle, const CheckPlan& plan,
                      MemoryDisk& disk);
  std::string LookAgain(const CrashImage& image, const CheckPlan& plan, MemoryDisk& disk);

  const std::string& path() const { return path_; }

  TempDir temp_;
  const std::string path_;
  StoreText found_;  // by Recover
};

}  // namespace reprise

#endif  // REPRISE_TESTS_FAULTS_CRASH_IMAGE_CHECK_H_
