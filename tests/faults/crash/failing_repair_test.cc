// A repair on a disk that fails or is full: it says so, and the next one ends as one that nobody
// disturbed.
//
// REPRISE_REPAIR_FAULT_RUNS: how many in all. REPRISE_CRASH_SEED: which.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>

#include "tests/faults/crash/repair_fault_fixture.h"

namespace reprise {
namespace {

constexpr std::uint64_t kDefaultRuns = 250;
// On one damaged store.
constexpr std::uint64_t kRunsOfOneStore = 25;

constexpr FaultKind kKinds[] = {
    {"EIO", EIO, false, false},
    {"EIO from then on", EIO, false, true},
    {"half a write, then EIO", EIO, true, false},
    {"EMFILE", EMFILE, false, false},
    {"EMFILE from then on", EMFILE, false, true},
};

class FailingRepairs : public RepairFaultFixture {
 protected:
  // How many calls a repair makes, and how many bytes there are before and after it.
  struct Extent {
    std::uint64_t calls = 0;
    std::uint64_t bytes = 0;
    std::uint64_t bytes_after = 0;
  };

  Extent Measure(const DamagedStore& store) {
    Extent extent;
    extent.bytes = store.damaged.disk.Bytes();
    FaultInjector healthy;
    const auto begin = [&](MemoryDisk& disk) { disk.SetWatcher(&healthy); };
    const auto mend = [&](MemoryDisk& disk) {
      extent.bytes_after = disk.state().Bytes();
      extent.calls = healthy.calls();
      disk.SetWatcher(nullptr);
    };
    ExpectMended(check_.MendOnFaultyDisk(store.damaged, begin, mend), store.what);
    return extent;
  }

  // Whether the fault was met.
  bool FailCall(const DamagedStore& store, std::uint64_t call, const FaultKind& kind) {
    FaultInjector faults;
    faults.Set(kind.At(call));
    const auto begin = [&](MemoryDisk& disk) { disk.SetWatcher(&faults); };
    const auto mend = [](MemoryDisk& disk) { disk.SetWatcher(nullptr); };
    ExpectMended(check_.MendOnFaultyDisk(store.damaged, begin, mend),
                 fmt::format("{}, {} at call {}", store.what, kind.name, call));
    return faults.fired() > 0;
  }

  void FillDisk(const DamagedStore& store, std::uint64_t capacity) {
    const auto begin = [&](MemoryDisk& disk) { disk.SetCapacity(capacity); };
    const auto mend = [](MemoryDisk& disk) { disk.SetCapacity(~std::uint64_t{0}); };
    ExpectMended(check_.MendOnFaultyDisk(store.damaged, begin, mend),
                 fmt::format("{}, on a disk of {} bytes", store.what, capacity));
  }
};

TEST_P(FailingRepairs, AreToldAndTheNextOneDoesTheWork) {
  const std::uint64_t count =
      NumberOf("REPRISE_REPAIR_FAULT_RUNS", kDefaultRuns) / std::size(kDamageTargets) + 1;
  std::uint64_t fired = 0;
  std::uint64_t runs = 0;
  for (std::uint64_t round = 0; runs < count && !HasFailure(); ++round) {
    const std::uint64_t seed = seed_ + (round << 32);
    SCOPED_TRACE(fmt::format("seed {}", seed));
    const auto store = MakeDamagedStore(GetParam(), seed);
    ASSERT_TRUE(store) << store.error().ToString();
    ASSERT_NO_FATAL_FAILURE(MendUndisturbed(*store)) << store->what;
    const Extent extent = Measure(*store);
    for (std::uint64_t i = 0; i < kRunsOfOneStore && runs < count && !HasFailure(); ++i, ++runs) {
      const FaultKind& kind = kKinds[runs % std::size(kKinds)];
      fired += FailCall(*store, (runs * 104'729 + seed_) % extent.calls, kind) ? 1 : 0;
    }
    const std::uint64_t step = std::max<std::uint64_t>((extent.bytes_after - extent.bytes) / 8, 1);
    for (std::uint64_t more = 0; more < 8 && !HasFailure(); ++more) {
      FillDisk(*store, extent.bytes + more * step);
    }
  }
  fmt::print("repair, damage to {}: seed {}, {} on failing disks, {} of them met it\n",
             DamageTargetName(GetParam()), seed_, runs, fired);
  EXPECT_GT(fired, 0U);
}

INSTANTIATE_TEST_SUITE_P(Damage, FailingRepairs, ::testing::ValuesIn(kDamageTargets),
                         DamageTestName);

}  // namespace
}  // namespace reprise
