// A process logs at the disk level on an ext4 that is shut down at a random moment without flushing
// its journal, as by a power cut. Every row that was acknowledged is there when it is mounted
// again.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <random>

#include "reprise/store.h"
#include "tests/faults/disks/loop_ext4.h"
#include "tests/support/child_process.h"
#include "tests/support/shared_memory.h"
#include "tests/support/store_checks.h"

namespace reprise {
namespace {

constexpr std::uint64_t kDisk = std::uint64_t{64} << 20;

struct Acknowledged {
  std::atomic<Step> last{kNoStep};
};

// Logs its step as the value until a call fails; rewinds and finishes now and then.
int LogForEver(const std::string& path, Acknowledged* acknowledged) {
  for (;;) {
    auto store = Store::Open(path, {.durability = Durability::kDisk});
    if (!store) return 1;
    RunOptions options;
    options.run_id = "r";
    options.resume = Resume::kAllow;
    auto run = store->StartRun(options);
    if (!run) return 1;
    for (int i = 0; i < 50; ++i) {
      const auto step = run->Log({{"value", run->next_step()}});
      if (!step) return 1;
      acknowledged->last = *step;
    }
    if (!run->Finish().ok()) return 1;
  }
}

TEST(PowerCut, OnARealFileSystemTakesNoAcknowledgedRow) {
  LoopExt4 disk(kDisk, kDisk);
  if (!disk.missing().empty()) GTEST_SKIP() << disk.missing();
  const char* given = std::getenv("REPRISE_POWER_CUT_SEED");
  const auto seed = given == nullptr ? std::random_device()()
                                     : static_cast<unsigned>(std::strtoul(given, nullptr, 10));
  std::mt19937 random(seed);
  const std::string path = disk.Of("store");
  SharedMemory<Acknowledged> acknowledged;
  constexpr int kCuts = 25;
  for (int cut = 0; cut < kCuts && !HasFailure(); ++cut) {
    SCOPED_TRACE(fmt::format("REPRISE_POWER_CUT_SEED={} cut {}", seed, cut));
    const pid_t child = StartChild([&] { return LogForEver(path, &*acknowledged); });
    const Step before = acknowledged->last;
    while (acknowledged->last == before) usleep(100);
    usleep(static_cast<useconds_t>(random() % 20'000));
    // A sync that is going on when ext4 is shut down may say ok: nobody would hear it after a cut.
    const Step promised = acknowledged->last;
    ASSERT_TRUE(disk.CutPower());
    EXPECT_EQ(WaitFor(child), 1);
    ASSERT_TRUE(disk.Restart());
    // After a real one the boot is another, and the next opening does this by itself.
    ASSERT_TRUE(RebuildCatalog(path).ok());
    EXPECT_EQ(FindDamage(path), "");
    const Store store = Store::Open(path, {.read_only = true}).value();
    const auto steps = store.OpenHistory({"r", {}, {}}).value().ReadNumbers("value").value().steps;
    ASSERT_FALSE(steps.empty());
    EXPECT_GE(steps.back(), promised) << "of " << steps.size() << " rows";
    EXPECT_EQ(steps.size(), static_cast<std::size_t>(steps.back() + 1));
  }
  fmt::print("{} power cuts from REPRISE_POWER_CUT_SEED={}, {} rows acknowledged\n", kCuts, seed,
             acknowledged->last + 1);
}

}  // namespace
}  // namespace reprise
