// Protocols, rule 19: who reclaims dies at any of its writes. No row is missing, and the next one
// gives back what there is.
#include <gtest/gtest.h>

#include "tests/engine/protocols/protocol_fixture.h"

namespace reprise {
namespace {

using Protocol19Crash = Protocol;

Status ReclaimOf(Store& store) {
  const auto report = store.Reclaim();
  return report ? Status() : report.error();
}

TEST_F(Protocol19Crash, ReclaimMayDieBeforeAnyOfItsWrites) {
  MakeRun("a", 30);
  MakeRun("gone", 200);
  ForkOptions fork;
  fork.run_id = "b";
  ASSERT_TRUE(store().Fork({"a", {}, 12}, fork));
  ASSERT_TRUE(store().Delete("gone").ok());
  const Lines a = RowsOf("a");
  const Lines b = RowsOf("b");
  CloseStore();
  Remember("before");
  int deadly = 0;
  for (; DiesBefore(deadly, ReclaimOf); ++deadly) {
    Reopen();
    EXPECT_EQ(RowsOf("a"), a);
    EXPECT_EQ(RowsOf("b"), b);
    EXPECT_TRUE(store().Reclaim());
    CloseStore();
    EXPECT_EQ(FindDamage(path()), "");
    EXPECT_EQ(FindRebuildDifference(path()), "");
    EXPECT_EQ(ReadStoreStat(path()).value().reclaimable_bytes, 0U);
    if (HasFailure()) FAIL() << "killed before event " << deadly;
    Restore("before");
  }
  EXPECT_GT(deadly, 5);
  Reopen();
}

}  // namespace
}  // namespace reprise
