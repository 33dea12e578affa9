// A disk of any size becomes full at any point: nothing acknowledged is lost, what is there can be
// read, and work goes on when there is room.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/faults/crash/fault_run.h"
#include "tests/faults/crash/test_size.h"

namespace reprise {
namespace {

constexpr std::uint64_t kStep = 512;
constexpr std::uint64_t kEndless = ~std::uint64_t{0};

class SmallDisk : public ::testing::TestWithParam<Script> {
 protected:
  FaultRun Run(std::uint64_t capacity) {
    const FaultyDisk disk{[&](Workload& work) { work.disk().SetCapacity(capacity); },
                          [](Workload& work) { work.disk().SetCapacity(kEndless); }};
    return RunOnFaultyDisk(GetParam(), CrashSeed(), disk, check_);
  }

  ImageCheck check_;
};

TEST_P(SmallDisk, WorkGoesOnWhenThereIsRoom) {
  const FaultRun healthy = Run(kEndless);
  ASSERT_EQ(healthy.fault, "");
  std::uint64_t runs = 0;
  std::uint64_t no_space = 0;
  for (std::uint64_t capacity = 0; capacity <= healthy.bytes && !HasFailure(); capacity += kStep) {
    const FaultRun run = Run(capacity);
    ++runs;
    no_space += run.no_space;
    EXPECT_EQ(run.fault, "") << GetParam().name << ": a disk of " << capacity << " bytes";
  }
  fmt::print("{}: {} disks of 0 to {} bytes, {} calls met a full disk and worked later\n",
             GetParam().name, runs, healthy.bytes, no_space);
  EXPECT_GT(no_space, 0U);
}

INSTANTIATE_TEST_SUITE_P(Protocol, SmallDisk, ::testing::ValuesIn(Scripts()), ScriptTestName);

}  // namespace
}  // namespace reprise
