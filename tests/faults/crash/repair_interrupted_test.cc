// What a repair does not do for an error at a certain place.
#include <gtest/gtest.h>

#include <cerrno>
#include <string_view>

#include "tests/faults/crash/repair_fault_fixture.h"
#include "tests/faults/disk_watcher.h"

namespace reprise {
namespace {

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
};

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
