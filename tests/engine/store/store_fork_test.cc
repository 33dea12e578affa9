// Store::Fork and the summary of a fork: what is found out of a moment without reading the history
// before it must be what reading it tells.
#include <gtest/gtest.h>

#include "tests/engine/store/store_fixture.h"

namespace reprise {
namespace {

class ForkTest : public StoreFixture {
 protected:
  Store OpenStore(Durability durability = Durability::kProcess) const {
    Options options;
    options.durability = durability;
    return Store::Open(path(), options).value();
  }

  static RunInfo ForkAt(Store& store, const Moment& moment) {
    Result<RunInfo> fork = store.Fork(moment);
    EXPECT_TRUE(fork.has_value()) << fork.error().ToString();
    return fork.value_or(RunInfo());
  }

  static std::vector<Step> StepsOf(const Store& store, const RunInfo& run) {
    const History history = store.OpenHistory({run.project + "/" + run.run_id, {}, {}}).value();
    return history.ReadNumbers("loss").value().steps;
  }
};

TEST_F(ForkTest, OfALiveRunEndsAtItsLastRowAtEveryDurability) {
  Store store = OpenStore(Durability::kNone);
  RunWriter run = Start(store, "a");
  LogRows(run, 5, 1.0);
  const RunInfo fork = ForkAt(store, {"a", {}, {}});
  EXPECT_EQ(fork.last_step, 4);
  EXPECT_EQ(StepsOf(store, fork), (std::vector<Step>{0, 1, 2, 3, 4}));
}

TEST_F(ForkTest, OfALiveRunCommitsItsOpenRow) {
  Store store = OpenStore();
  RunWriter run = Start(store, "a");
  LogOptions open;
  open.step = 7;
  ASSERT_TRUE(run.Log({{"loss", 1.0}}, open).has_value());
  const RunInfo fork = ForkAt(store, {"a", {}, 7});
  EXPECT_EQ(StepsOf(store, fork), (std::vector<Step>{7}));
  EXPECT_EQ(run.next_step(), 8);
}

TEST_F(ForkTest, AboveTheHeadOfALiveRunIsOutOfRange) {
  Store store = OpenStore();
  RunWriter run = Start(store, "a");
  LogRows(run, 5, 1.0);
  EXPECT_EQ(store.Fork({"a", {}, 5}).error().code(), Code::kOutOfRange);
  ASSERT_TRUE(run.Rewind(2).ok());
  EXPECT_EQ(store.Fork({"a", {}, 3}).error().code(), Code::kOutOfRange);
  EXPECT_EQ(ForkAt(store, {"a", {}, {}}).last_step, 2);
}

TEST_F(ForkTest, OfAnArchivedBranchSeesRowsThatAreNotSealed) {
  Store store = OpenStore();
  RunWriter run = Start(store, "a");
  LogRows(run, 5, 1.0);
  ASSERT_TRUE(run.Rewind(2).ok());
  LogRows(run, 1, 2.0);
  const RunInfo fork = ForkAt(store, {"a", 0, {}});
  EXPECT_EQ(fork.last_step, 4);
  EXPECT_EQ(StepsOf(store, fork), (std::vector<Step>{0, 1, 2, 3, 4}));
  EXPECT_EQ(store.Fork({"a", 0, 5}).error().code(), Code::kOutOfRange);
}

TEST_F(ForkTest, ByAnotherStoreSeesTheLiveRows) {
  Store writing = OpenStore();
  RunWriter run = Start(writing, "a");
  LogRows(run, 5, 1.0);
  Store other = OpenStore();
  const RunInfo fork = ForkAt(other, {"a", {}, {}});
  EXPECT_EQ(StepsOf(other, fork), (std::vector<Step>{0, 1, 2, 3, 4}));
}

// Each branch owns one row, so that counting has pieces to go through.
TEST_F(ForkTest, RowsOfADeepLineageAreCounted) {
  constexpr Step kDepth = 40;
  Store store = OpenStore();
  RunWriter run = Start(store, "a");
  for (Step step = 0; step < kDepth; ++step) {
    LogRows(run, 1, 1.0);
    ASSERT_TRUE(run.Rewind(step).ok());
  }
  EXPECT_EQ(store.ReadRun("a").value().rows, 40U) << "live";
  const RunInfo fork = ForkAt(store, {"a", {}, 20});
  EXPECT_EQ(store.ReadRun(fork.run_id).value().rows, 21U) << "of a live run";
  ASSERT_TRUE(run.Finish().ok());
  EXPECT_EQ(store.ReadRun("a").value().rows, 40U) << "sealed";
  EXPECT_EQ(store.ReadRun("a").value().last_step, kDepth - 1);
  EXPECT_EQ(store.ReadRun(fork.run_id).value().rows, 21U) << "of a sealed run";
  EXPECT_EQ(store.ReadRun(fork.run_id).value().last_step, 20);
  EXPECT_EQ(Check().findings.size(), 0U);
}

// A branch that is sealed and cut where a step has no row must not hide the rows before.
TEST_F(ForkTest, InAGapBetweenStepsCountsTheRowsBelow) {
  Store store = OpenStore();
  RunWriter run = Start(store, "a");
  for (const Step step : {0, 10, 20}) {
    LogOptions at;
    at.step = step;
    at.commit = true;
    ASSERT_TRUE(run.Log({{"loss", 1.0}}, at).has_value());
  }
  ASSERT_TRUE(run.Rewind(15).ok());
  ASSERT_TRUE(run.Finish().ok());
  const RunInfo fork = ForkAt(store, {"a", {}, 5});
  EXPECT_EQ(fork.last_step, 5);
  EXPECT_EQ(store.ReadRun(fork.run_id).value().rows, 1U);
  EXPECT_EQ(store.ReadRun("a").value().rows, 2U);
  EXPECT_EQ(store.ReadRun("a").value().last_step, 10);
}

}  // namespace
}  // namespace reprise
