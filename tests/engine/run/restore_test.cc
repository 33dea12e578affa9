// Restoring an archived branch: the undo of a rewind.
#include <gtest/gtest.h>

#include "tests/support/run_fixture.h"

namespace reprise {
namespace {

class Restore : public RunFixture {
 protected:
  // Ten rows with lr=1, rewound to 4, then two rows with lr=2.
  void MakeRewound() {
    RunWriter run = Start("r", {.config = {{"lr", 1}}});
    LogSteps(run, 0, 9);
    ASSERT_TRUE(run.SetSummary("best", 9).ok());
    ASSERT_TRUE(run.Rewind(4).ok());
    ASSERT_TRUE(run.UpdateConfig({{"lr", 2}, {"extra", 1}}).ok());
    LogSteps(run, 5, 6);
    ASSERT_TRUE(run.Finish().ok());
  }
};

TEST_F(Restore, MakesANewHeadAtTheEndOfTheArchive) {
  MakeRewound();
  EXPECT_EQ(store().Restore(At("r@0")).value(), 2U);
  EXPECT_EQ(StepsOf("r").size(), 10U);
  EXPECT_EQ(Start("r").next_step(), 10);
}

TEST_F(Restore, BringsBackConfigAndSummary) {
  MakeRewound();
  EXPECT_EQ(ShownOf("r", "best"), "");
  ASSERT_TRUE(store().Restore(At("r@0")));
  EXPECT_EQ(ConfigOf("r"), (Lines{"lr=1"}));
  EXPECT_EQ(ShownOf("r", "best"), "9");
  EXPECT_EQ(SummaryOf("r").entries.at("x").count, 10U);
  EXPECT_EQ(InfoOf("r").state, RunState::kPending);
}

TEST_F(Restore, ArchivesTheHeadItLeaves) {
  MakeRewound();
  ASSERT_TRUE(store().Restore(At("r@0")));
  EXPECT_EQ(StepsOf("r@1").size(), 7U);
  EXPECT_EQ(ConfigOf("r@1"), (Lines{"extra=1", "lr=2"}));
  ASSERT_TRUE(store().Restore(At("r@1")));
  EXPECT_EQ(StepsOf("r").size(), 7U);
  EXPECT_EQ(ConfigOf("r"), (Lines{"extra=1", "lr=2"}));
}

TEST_F(Restore, OfTheHeadOrOfNoBranchIsAnError) {
  MakeRewound();
  EXPECT_EQ(CodeOf(store().Restore(At("r@1"))), Code::kInvalidArgument);
  EXPECT_EQ(CodeOf(store().Restore(At("r"))), Code::kInvalidArgument);
  EXPECT_EQ(CodeOf(store().Restore(At("r@2"))), Code::kNotFound);
  EXPECT_EQ(CodeOf(store().Restore(At("nobody@0"))), Code::kNotFound);
}

TEST_F(Restore, ARunningRunIsBusyWithoutTakeover) {
  MakeRewound();
  RunWriter run = Start("r");
  EXPECT_EQ(CodeOf(store().Restore(At("r@0"))), Code::kBusy);
  EXPECT_TRUE(store().Restore(At("r@0"), Takeover::kTake));
  EXPECT_EQ(CodeOf(run.Log({{"x", 1}})), Code::kFenced);
}

}  // namespace
}  // namespace reprise
