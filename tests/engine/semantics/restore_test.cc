// Restoring an archived branch: the undo of a rewind.
#include <gtest/gtest.h>

#include "tests/support/run_fixture.h"

namespace reprise {
namespace {

class Restore : public RunFixture {
 protected:
  // Ten rows with lr=1, rewound to 4, then two rows with lr=2.
  void MakeRewound() {
    RunWriter run = Start("a", {.config = {{"lr", 1}, {"seed", 7}}});
    LogSteps(run, 0, 9);
    ASSERT_TRUE(run.SetSummary("best", 9).ok());
    ASSERT_TRUE(run.Rewind(4).ok());
    ASSERT_TRUE(run.UpdateConfig({{"lr", 2}, {"extra", 1}}).ok());
    LogSteps(run, 5, 6);
    ASSERT_TRUE(run.Finish().ok());
  }
};

TEST_F(Restore, UndoesARewind) {
  MakeRun("a", 9);
  const Lines before = RowsOf("a");
  ASSERT_TRUE(store().Rewind(At("a?_step=2")));
  EXPECT_EQ(store().Restore(At("a@0")), 2u);
  EXPECT_EQ(RowsOf("a"), before);
  EXPECT_EQ(InfoOf("a").branch, 2u);
  EXPECT_EQ(Start("a").next_step(), 10);
}

TEST_F(Restore, BringsBackConfigAndSummaryAndLeavesTheRunPending) {
  MakeRewound();
  EXPECT_EQ(ShownOf("a", "best"), "");
  ASSERT_TRUE(store().Restore(At("a@0")));
  EXPECT_EQ(ConfigOf("a"), (Lines{"lr=1", "seed=7"}));
  EXPECT_EQ(ShownOf("a", "best"), "9");
  EXPECT_EQ(SummaryOf("a").entries.at("x").count, 10u);
  EXPECT_EQ(InfoOf("a").state, RunState::kPending);
}

TEST_F(Restore, ArchivesTheHeadItLeaves) {
  MakeRewound();
  ASSERT_TRUE(store().Restore(At("a@0")));
  EXPECT_EQ(StepsOf("a@1").size(), 7u);
  EXPECT_EQ(ConfigOf("a@1"), (Lines{"extra=1", "lr=2", "seed=7"}));
  ASSERT_TRUE(store().Restore(At("a@1")));
  EXPECT_EQ(StepsOf("a").size(), 7u);
  EXPECT_EQ(ConfigOf("a"), (Lines{"extra=1", "lr=2", "seed=7"}));
}

TEST_F(Restore, OfTheHeadOrOfAStepOrOfNoBranchIsRefused) {
  MakeRewound();
  EXPECT_EQ(CodeOf(store().Restore(At("a@1"))), Code::kInvalidArgument);
  EXPECT_EQ(CodeOf(store().Restore(At("a"))), Code::kInvalidArgument);
  EXPECT_EQ(CodeOf(store().Restore(At("a@0?_step=1"))), Code::kInvalidArgument);
  EXPECT_EQ(CodeOf(store().Restore(At("a@2"))), Code::kNotFound);
  EXPECT_EQ(CodeOf(store().Restore(At("nobody@0"))), Code::kNotFound);
}

TEST_F(Restore, OfALiveRunNeedsTakeover) {
  RunWriter run = Start("a");
  LogSteps(run, 0, 5);
  ASSERT_TRUE(run.Rewind(2).ok());
  EXPECT_EQ(CodeOf(store().Restore(At("a@0"))), Code::kBusy);
  EXPECT_EQ(store().Restore(At("a@0"), Takeover::kTake), 2u);
  EXPECT_EQ(CodeOf(run.Log({{"x", 3}})), Code::kFenced);
  EXPECT_EQ(StepsOf("a").size(), 6u);
}

}  // namespace
}  // namespace reprise
