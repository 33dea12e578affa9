// Repairs a store as a crash or damage left it, and looks whether it is mended.
#ifndef REPRISE_TESTS_FAULTS_CRASH_REPAIR_CHECK_H_
#define REPRISE_TESTS_FAULTS_CRASH_REPAIR_CHECK_H_

#include <cstdint>
#include <functional>
#include <string>

#include "reprise/repair.h"
#include "tests/faults/crash/crash_image.h"
#include "tests/faults/crash/image_check.h"
#include "tests/faults/crash/store_text.h"
#include "tests/support/temp_dir.h"

namespace reprise {

struct Mended {
  std::string fault;    // what is wrong; empty: nothing
  RepairReport report;  // of the repair
  StoreText text;       // what a writing store shows then
};

// Works in one directory, one image after the other.
class RepairCheck {
 public:
  RepairCheck();

  // Whether somebody opens the store to write before it is repaired.
  enum class First : std::uint8_t { kRepair, kWriter };

  // Repairs, and looks: nothing is left that is worse than a note, there is nothing more to mend,
  // and the store can be written. `repair` is told what repairing does to the disk; null: nobody
  // is.
  Mended Mend(const CrashImage& image, const CheckPlan& plan, First first = First::kRepair,
              DiskTrace* repair = nullptr);
  // Repairs on a disk that `begin` makes fail, which must be told; `mend` mends the disk, and the
  // next repair must do the work.
  using Fault = std::function<void(MemoryDisk&)>;
  Mended MendOnFaultyDisk(const CrashImage& image, const Fault& begin, const Fault& mend);
  // What a writing store shows after a repair on such a disk, which must fail, and no other one.
  Result<StoreText> OpenAfterFailedRepair(const CrashImage& image, const Fault& begin,
                                          const Fault& mend);
  // What it shows without a repair.
  Result<StoreText> Look(const CrashImage& image);

 private:
  // Repairs on the disk as it is then.
  Result<RepairReport> RepairBetween(const Fault& begin, const Fault& mend, MemoryDisk& disk,
                                     const Io& io);
  Mended Judge(const Result<RepairReport>& report, const Io& io, const CheckPlan& plan);

  TempDir temp_;
  const std::string path_;
};

}  // namespace reprise

#endif  // REPRISE_TESTS_FAULTS_CRASH_REPAIR_CHECK_H_
