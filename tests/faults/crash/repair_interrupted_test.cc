// What a repair does not do for an error at a certain place.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <string_view>

#include "tests/faults/crash/repair_fault_fixture.h"
#include "tests/faults/disk_watcher.h"

namespace reprise {
namespace {

// A log or pack that is opened cannot be, once.
class OneOpenFails final : public DiskWatcher {
 public:
  explicit OneOpenFails(std::size_t which) : which_(which) {}

  std::size_t opens() const { return opens_; }

  DiskFault BeforeCall(DiskCall call, std::string_view name, std::uint64_t) override {
    const bool is_data = name.ends_with(".log") || name.ends_with(".pack");
    if (call != DiskCall::kOpen || !is_data) return {};
    return opens_++ == which_ ? DiskFault{EIO, 0} : DiskFault();
  }
  void OnEffect(const DiskEffect&) override {}

 private:
  const std::size_t which_;
  std::size_t opens_ = 0;
};

// Nothing can be read once the header of a pack, segments and changes are synced: the catalog is
// not built then.
class ReadsFailAfterChanges final : public DiskWatcher {
 public:
  DiskFault BeforeCall(DiskCall call, std::string_view name, std::uint64_t) override {
    if (call == DiskCall::kSync && name.ends_with(".pack")) ++syncs_;
    const bool fails = call == DiskCall::kRead && syncs_ > 2;
    return fails ? DiskFault{EIO, 0} : DiskFault();
  }
  void OnEffect(const DiskEffect&) override {}

 private:
  int syncs_ = 0;
};

class InterruptedRepair : public RepairFaultFixture {
 protected:
  static void Forget(MemoryDisk& disk) { disk.SetWatcher(nullptr); }

  // How often something was opened.
  std::size_t RepairWithFailingOpen(const DamagedStore& store, std::size_t which) {
    OneOpenFails watcher(which);
    const auto begin = [&](MemoryDisk& disk) { disk.SetWatcher(&watcher); };
    ExpectMended(check_.MendOnFaultyDisk(store.damaged, begin, Forget),
                 fmt::format("{}, opening number {}", store.what, which));
    return watcher.opens();
  }

  void FailEachOpen(const DamagedStore& store) {
    const std::size_t opens = RepairWithFailingOpen(store, ~std::size_t{0});
    EXPECT_GT(opens, 5U);
    for (std::size_t which = 0; which < opens && !HasFailure(); ++which) {
      RepairWithFailingOpen(store, which);
    }
  }
};

// A file that cannot be opened once is sound the next time, so what it holds is neither lost nor
// sealed, settled or declared void meanwhile.
TEST_P(InterruptedRepair, TakesNothingForLostThatCouldNotBeReadOnce) {
  auto store = MakeDamagedStore(GetParam(), 9);
  ASSERT_TRUE(store) << store.error().ToString();
  ASSERT_NO_FATAL_FAILURE(MendUndisturbed(*store)) << store->what;
  FailEachOpen(*store);
  store->damaged.catalog = nullptr;  // which knows how many changes there are
  FailEachOpen(*store);
}

// Nobody trusts the old catalog: it does not know of what was recorded, and a process that uses it
// would take the numbers of those changes again.
TEST_P(InterruptedRepair, IsEndedByWhoeverOpensTheStoreOnceChangesAreWritten) {
  const auto store = MakeDamagedStore(GetParam(), 7);
  ASSERT_TRUE(store) << store.error().ToString();
  ASSERT_NO_FATAL_FAILURE(MendUndisturbed(*store)) << store->what;
  ReadsFailAfterChanges watcher;
  const auto begin = [&](MemoryDisk& disk) { disk.SetWatcher(&watcher); };
  const auto found = check_.OpenAfterFailedRepair(store->damaged, begin, Forget);
  ASSERT_TRUE(found) << store->what << ": " << found.error().ToString();
  EXPECT_TRUE(allowed_.contains(*found)) << store->what << "\n" << TextOf(*found);
}

INSTANTIATE_TEST_SUITE_P(Damage, InterruptedRepair,
                         ::testing::Values(DamageTarget::kLog, DamageTarget::kPack,
                                           DamageTarget::kTwoFiles),
                         DamageTestName);

}  // namespace
}  // namespace reprise
