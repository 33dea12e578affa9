// Rewinding: what is kept, what is archived, and what comes of the rest of the run.
#include <gtest/gtest.h>

#include "tests/support/run_fixture.h"

namespace reprise {
namespace {

class Rewind : public RunFixture {
 protected:
  // A finished run with rows at 0, 10, 20 ... 90.
  void MakeTens(const std::string& id) {
    RunWriter run = Start(id);
    for (Step step = 0; step < 100; step += 10) {
      run.Log({{"x", step}}, {.step = step, .commit = true}).value();
    }
    ASSERT_TRUE(run.Finish().ok());
  }
};

TEST_F(Rewind, KeepsTheStepItNames) {
  RunWriter run = Start("r");
  LogSteps(run, 0, 9);
  ASSERT_TRUE(run.Rewind(4).ok());
  EXPECT_EQ(StepsOf("r"), (std::vector<Step>{0, 1, 2, 3, 4}));
  EXPECT_EQ(run.next_step(), 5);
  EXPECT_EQ(run.branch(), 1U);
}

TEST_F(Rewind, MayNameAStepThatWasNotLogged) {
  MakeTens("r");
  ASSERT_TRUE(store().Rewind(At("r?_step=45")));
  EXPECT_EQ(StepsOf("r"), (std::vector<Step>{0, 10, 20, 30, 40}));
  RunWriter run = Start("r");
  EXPECT_EQ(run.next_step(), 46);
  EXPECT_EQ(CodeOf(run.Log({{"x", 1}}, {.step = 45})), Code::kOutOfOrder);
  EXPECT_EQ(run.Log({{"x", 1}}, {.step = 46}).value(), 46);
}

TEST_F(Rewind, ToMinusOneKeepsNothing) {
  RunWriter run = Start("r");
  LogSteps(run, 0, 3);
  ASSERT_TRUE(run.Rewind(-1).ok());
  EXPECT_EQ(RowsOf("r"), Lines{});
  EXPECT_EQ(run.Log({{"x", 1}}).value(), 0);
}

TEST_F(Rewind, AboveTheLastStepIsOutOfRangeAndSaysTheLast) {
  RunWriter run = Start("r");
  LogSteps(run, 0, 3);
  const Status above = run.Rewind(4);
  EXPECT_EQ(above.code(), Code::kOutOfRange);
  EXPECT_NE(MessageOf(above).find("is 3"), std::string::npos) << MessageOf(above);
  EXPECT_EQ(CodeOf(run.Rewind(-2)), Code::kOutOfRange);
  EXPECT_EQ(run.branch(), 0U);
  EXPECT_TRUE(run.Rewind(3).ok());
}

TEST_F(Rewind, CommitsTheOwnOpenRowFirst) {
  RunWriter run = Start("r");
  LogSteps(run, 0, 3);
  run.Log({{"x", 4}}, {.step = 4}).value();
  ASSERT_TRUE(run.Rewind(4).ok());
  EXPECT_EQ(RowsOf("r").back(), "4 x=4");
  EXPECT_EQ(run.next_step(), 5);
}

TEST_F(Rewind, ARunningRunOfAnotherIsBusyWithoutTakeover) {
  RunWriter run = Start("r");
  LogSteps(run, 0, 5);
  EXPECT_EQ(CodeOf(store().Rewind(At("r?_step=2"))), Code::kBusy);
  EXPECT_EQ(store().Rewind(At("r?_step=2"), Takeover::kTake).value(), 1U);
  EXPECT_EQ(CodeOf(run.Log({{"x", 1}})), Code::kFenced);
  EXPECT_EQ(StepsOf("r"), (std::vector<Step>{0, 1, 2}));
  EXPECT_EQ(StepsOf("r@0").size(), 6U);
  EXPECT_EQ(InfoOf("r").state, RunState::kPending);
}

TEST_F(Rewind, ArchivesTheOldHeadAsItWas) {
  RunWriter run = Start("r", {.config = {{"lr", 1}}});
  LogSteps(run, 0, 9);
  ASSERT_TRUE(run.SetSummary("best", 9).ok());
  ASSERT_TRUE(run.Rewind(4).ok());
  ASSERT_TRUE(run.UpdateConfig({{"lr", 2}}).ok());
  LogSteps(run, 5, 6);
  EXPECT_EQ(StepsOf("r@0").size(), 10U);
  EXPECT_EQ(ConfigOf("r@0"), (Lines{"lr=1"}));
  EXPECT_EQ(ShownOf("r@0", "best"), "9");
  EXPECT_EQ(SummaryOf("r@0").entries.at("x").count, 10U);
  const Lineage lineage = store().ReadLineage("r").value();
  ASSERT_EQ(lineage.branches.size(), 2U);
  EXPECT_TRUE(lineage.branches[0].archived);
  EXPECT_EQ(lineage.branches[0].state, RunState::kRunning);
  EXPECT_EQ(lineage.branches[0].last_step, 9);
  EXPECT_FALSE(lineage.branches[1].archived);
  EXPECT_EQ(lineage.branches[1].fork_step, 4);
  EXPECT_EQ(lineage.branches[1].own_rows, 2U);
}

TEST_F(Rewind, KeepsConfigMetadataAndIdentity) {
  { const RunWriter run = Start("r", {.config = {{"lr", 1}}, .notes = "n", .tags = {{"t"}}}); }
  const RunInfo before = InfoOf("r");
  ASSERT_TRUE(store().Rewind(At("r?_step=-1")));
  const RunInfo after = InfoOf("r");
  EXPECT_EQ(after.uid, before.uid);
  EXPECT_EQ(after.run_id, before.run_id);
  EXPECT_EQ(after.name, before.name);
  EXPECT_EQ(after.notes, "n");
  EXPECT_EQ(after.tags, before.tags);
  EXPECT_EQ(ConfigOf("r"), (Lines{"lr=1"}));
}

TEST_F(Rewind, AnyNumberInARowToAnyEarlierMoment) {
  RunWriter run = Start("r");
  LogSteps(run, 0, 20);
  for (const Step step : {15, 12, 12, 3, 3, 0}) ASSERT_TRUE(run.Rewind(step).ok());
  EXPECT_EQ(run.branch(), 6U);
  LogSteps(run, 1, 2);
  EXPECT_EQ(StepsOf("r"), (std::vector<Step>{0, 1, 2}));
  EXPECT_EQ(StepsOf("r@3").size(), 13U);
}

TEST_F(Rewind, AlsoBeforeAForksBase) {
  MakeTens("a");
  ASSERT_TRUE(store().Fork(At("a?_step=50"), {.run_id = "b"}));
  RunWriter b = Start("b");
  LogSteps(b, 51, 55);
  ASSERT_TRUE(b.Rewind(20).ok());
  EXPECT_EQ(b.next_step(), 21);
  LogSteps(b, 21, 22);
  EXPECT_EQ(StepsOf("b"), (std::vector<Step>{0, 10, 20, 21, 22}));
  EXPECT_EQ(StepsOf("b", {.own = true}), (std::vector<Step>{21, 22}));
  EXPECT_EQ(StepsOf("b@0").size(), 11U);
  EXPECT_EQ(StepsOf("a").size(), 10U);
}

TEST_F(Rewind, ResumeFromRewindsAndGoesOn) {
  MakeTens("r");
  RunWriter run = Start("r", {.resume_from = At("r?_step=30")});
  EXPECT_TRUE(run.resumed());
  EXPECT_EQ(run.next_step(), 31);
  EXPECT_EQ(run.branch(), 1U);
  EXPECT_EQ(InfoOf("r").state, RunState::kRunning);
}

TEST_F(Rewind, MayStartFromAnArchivedBranch) {
  RunWriter run = Start("r");
  LogSteps(run, 0, 9);
  ASSERT_TRUE(run.Rewind(2).ok());
  ASSERT_TRUE(run.Finish().ok());
  EXPECT_EQ(store().Rewind(At("r@0?_step=7")).value(), 2U);
  EXPECT_EQ(StepsOf("r").size(), 8U);
  RunWriter again = Start("r", {.resume_from = At("r@0?_step=8")});
  EXPECT_EQ(again.next_step(), 9);
}

TEST_F(Rewind, OfAnotherRunPointsToForkAndTheOtherWayRound) {
  MakeTens("r");
  const auto rewound = store().StartRun({.run_id = "other", .resume_from = At("r?_step=3")});
  EXPECT_EQ(CodeOf(rewound), Code::kInvalidArgument);
  EXPECT_NE(MessageOf(rewound).find("fork_from"), std::string::npos);
  const auto forked = store().StartRun({.run_id = "r", .fork_from = At("r?_step=3")});
  EXPECT_EQ(CodeOf(forked), Code::kInvalidArgument);
  EXPECT_NE(MessageOf(forked).find("resume_from"), std::string::npos);
}

TEST_F(Rewind, AHistoryOpenedBeforeStaysAsItWas) {
  RunWriter run = Start("r");
  LogSteps(run, 0, 9);
  const auto history = store().OpenHistory(At("r"));
  ASSERT_TRUE(history);
  ASSERT_TRUE(run.Rewind(2).ok());
  LogSteps(run, 3, 30);
  ASSERT_TRUE(run.Finish().ok());
  EXPECT_EQ(history->last_step(), 9);
  EXPECT_EQ(history->ReadSeries("x")->values.size(), 10U);
}

}  // namespace
}  // namespace reprise
