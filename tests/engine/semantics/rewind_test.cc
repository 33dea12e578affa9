// Rewinding: what is kept, what is archived, and what comes of the rest of the run.
#include <gtest/gtest.h>

#include <string>

#include "tests/support/run_fixture.h"

namespace reprise {
namespace {

using Rewind = RunFixture;

TEST_F(Rewind, KeepsTheStepItNames) {
  MakeRun("a", 9);
  EXPECT_EQ(store().Rewind(At("a?_step=4")), 1u);
  EXPECT_EQ(StepsOf("a"), (std::vector<Step>{0, 1, 2, 3, 4}));
  EXPECT_EQ(Start("a").next_step(), 5);
}

TEST_F(Rewind, NeedNotNameALoggedStep) {
  {
    RunWriter run = Start("a");
    for (const Step step : {0, 10, 20}) {
      ASSERT_TRUE(run.Log({{"x", step}}, {.step = step, .commit = true}));
    }
    ASSERT_TRUE(run.Rewind(15).ok());
    EXPECT_EQ(StepsOf("a"), (std::vector<Step>{0, 10}));
    EXPECT_EQ(run.next_step(), 16);
  }
  RunWriter run = Start("a");
  EXPECT_EQ(run.next_step(), 16);
  EXPECT_EQ(CodeOf(run.Log({{"x", 1}}, {.step = 15})), Code::kOutOfOrder);
  EXPECT_EQ(run.Log({{"x", 1}}, {.step = 16}), 16);
}

TEST_F(Rewind, ToMinusOneKeepsNothing) {
  MakeRun("a", 3);
  ASSERT_TRUE(store().Rewind(At("a?_step=-1")));
  EXPECT_EQ(StepsOf("a"), std::vector<Step>{});
  EXPECT_EQ(Start("a").Log({{"x", 1}}), 0);
  EXPECT_EQ(StepsOf("a@0"), (std::vector<Step>{0, 1, 2, 3}));
}

TEST_F(Rewind, AboveTheLastStepSaysTheLastStep) {
  MakeRun("a", 41);
  const auto refused = store().Rewind(At("a?_step=42"));
  EXPECT_EQ(CodeOf(refused), Code::kOutOfRange);
  EXPECT_NE(MessageOf(refused).find("is 41"), std::string::npos) << MessageOf(refused);
  EXPECT_EQ(InfoOf("a").branch, 0u);
}

TEST_F(Rewind, BelowMinusOneIsRefused) {
  RunWriter run = Start("a");
  LogSteps(run, 0, 1);
  EXPECT_EQ(run.Rewind(-2).code(), Code::kOutOfRange);
  EXPECT_EQ(run.branch(), 0u);
}

TEST_F(Rewind, ToTheLastStepKeepsAllOnANewHead) {
  MakeRun("a", 3);
  EXPECT_EQ(store().Rewind(At("a?_step=3")), 1u);
  EXPECT_EQ(StepsOf("a"), (std::vector<Step>{0, 1, 2, 3}));
}

TEST_F(Rewind, OfARunningRunLetsTheWriterGoOn) {
  RunWriter run = Start("a");
  LogSteps(run, 0, 9);
  ASSERT_TRUE(run.Rewind(4).ok());
  EXPECT_EQ(run.branch(), 1u);
  EXPECT_EQ(run.Log({{"x", -5}}), 5);
  EXPECT_EQ(RowsOf("a"), (Lines{"0 x=0", "1 x=1", "2 x=2", "3 x=3", "4 x=4", "5 x=-5"}));
  ASSERT_TRUE(run.Finish().ok());
  EXPECT_EQ(RowsOf("a").back(), "5 x=-5");
  EXPECT_EQ(RowsOf("a").size(), 6u);
}

TEST_F(Rewind, CommitsTheOpenRowOfItsOwnWriterFirst) {
  RunWriter run = Start("a");
  LogSteps(run, 0, 2);
  ASSERT_TRUE(run.Log({{"x", 3}}, {.step = 3}));
  ASSERT_TRUE(run.Rewind(3).ok());
  EXPECT_EQ(RowsOf("a").back(), "3 x=3");
  EXPECT_EQ(run.next_step(), 4);
}

TEST_F(Rewind, TheOldHeadIsArchivedWithItsRows) {
  MakeRun("a", 5);
  ASSERT_TRUE(store().Rewind(At("a?_step=1")));
  RunWriter run = Start("a");
  LogSteps(run, 2, 2);
  EXPECT_EQ(StepsOf("a@0"), (std::vector<Step>{0, 1, 2, 3, 4, 5}));
  EXPECT_EQ(StepsOf("a@1"), (std::vector<Step>{0, 1, 2}));
}

TEST_F(Rewind, TheArchiveIsListedWithItsState) {
  {
    RunWriter run = Start("a");
    LogSteps(run, 0, 5);
    ASSERT_TRUE(run.Finish(2).ok());
  }
  ASSERT_TRUE(store().Rewind(At("a?_step=1")));
  const auto lineage = store().ReadLineage("a");
  ASSERT_TRUE(lineage);
  ASSERT_EQ(lineage->branches.size(), 2u);
  const BranchInfo& archive = lineage->branches[0];
  const BranchInfo& head = lineage->branches[1];
  EXPECT_TRUE(archive.archived);
  EXPECT_EQ(archive.state, RunState::kFailed);
  EXPECT_EQ(archive.last_step, 5);
  EXPECT_EQ(archive.own_rows, 6u);
  EXPECT_FALSE(head.archived);
  EXPECT_EQ(head.fork_step, 1);
  EXPECT_EQ(head.last_step, 1);
  EXPECT_EQ(head.own_rows, 0u);
  ASSERT_TRUE(head.base);
  EXPECT_EQ(head.base->branch, 0u);
  EXPECT_EQ(head.base->step, 1);
}

TEST_F(Rewind, TheArchiveKeepsItsSummaryConfigAndState) {
  RunWriter run = Start("a", {.config = {{"lr", 1}}});
  LogSteps(run, 0, 5);
  ASSERT_TRUE(run.SetSummary("best", 5).ok());
  ASSERT_TRUE(run.Rewind(2).ok());
  ASSERT_TRUE(run.UpdateConfig({{"lr", 2}}).ok());
  LogSteps(run, 3, 4);
  const auto check = [&] {
    EXPECT_EQ(ConfigOf("a@0"), (Lines{"lr=1"}));
    EXPECT_EQ(ConfigOf("a"), (Lines{"lr=2"}));
    EXPECT_EQ(ShownOf("a@0", "x"), "5");
    EXPECT_EQ(ShownOf("a@0", "best"), "5");
    EXPECT_EQ(SummaryOf("a@0").entries.at("x").count, 6u);
    EXPECT_EQ(ShownOf("a", "x"), "4");
    const Lineage lineage = store().ReadLineage("a").value();
    EXPECT_EQ(lineage.branches[0].state, RunState::kRunning) << "as it was when it was archived";
    EXPECT_EQ(lineage.branches[1].own_rows, 2u);
  };
  check();
  ASSERT_TRUE(run.Finish().ok());
  check();
}

TEST_F(Rewind, RowsAreNeverThoseOfTheArchive) {
  MakeRun("a", 5);
  ASSERT_TRUE(store().Rewind(At("a?_step=2")));
  RunWriter run = Start("a");
  ASSERT_TRUE(run.Log({{"y", 1}}, {.step = 4, .commit = true}));
  EXPECT_EQ(RowsOf("a"), (Lines{"0 x=0", "1 x=1", "2 x=2", "4 y=1"}));
  ASSERT_TRUE(run.Finish().ok());
  EXPECT_EQ(RowsOf("a"), (Lines{"0 x=0", "1 x=1", "2 x=2", "4 y=1"}));
}

TEST_F(Rewind, MayGoBackManyTimesToAnyEarlierMoment) {
  RunWriter run = Start("a");
  Step expected = -1;
  for (const Step to : {9, 7, 8, 3, 5, 0, -1}) {
    LogSteps(run, expected + 1, 12);
    ASSERT_TRUE(run.Rewind(to).ok());
    expected = to;
    EXPECT_EQ(run.next_step(), to + 1);
    EXPECT_EQ(StepsOf("a").size(), static_cast<std::size_t>(to + 1));
  }
  EXPECT_EQ(run.branch(), 7u);
  for (int k = 0; k < 7; ++k) EXPECT_EQ(StepsOf("a@" + std::to_string(k)).size(), 13u) << k;
}

TEST_F(Rewind, MayBeDoneAgainWithNothingLoggedInBetween) {
  RunWriter run = Start("a");
  LogSteps(run, 0, 20);
  for (const Step step : {15, 12, 12, 3, 3, 0}) ASSERT_TRUE(run.Rewind(step).ok());
  EXPECT_EQ(run.branch(), 6u);
  LogSteps(run, 1, 2);
  EXPECT_EQ(StepsOf("a"), (std::vector<Step>{0, 1, 2}));
  EXPECT_EQ(StepsOf("a@3").size(), 13u);
}

TEST_F(Rewind, MayGoBeforeTheBaseOfAFork) {
  MakeRun("a", 9);
  ASSERT_TRUE(store().Fork(At("a?_step=6"), {.run_id = "b"}));
  RunWriter run = Start("b");
  LogSteps(run, 7, 8);
  ASSERT_TRUE(run.Rewind(3).ok());
  EXPECT_EQ(run.Log({{"x", -4}}), 4);
  EXPECT_EQ(RowsOf("b"), (Lines{"0 x=0", "1 x=1", "2 x=2", "3 x=3", "4 x=-4"}));
  EXPECT_EQ(StepsOf("b", {.own = true}), (std::vector<Step>{4}));
  EXPECT_EQ(StepsOf("b@0").size(), 9u);
  ASSERT_TRUE(run.Finish().ok());
  EXPECT_EQ(StepsOf("a").size(), 10u);
}

TEST_F(Rewind, ConfigTagsNotesNameAndIdentityStay) {
  MakeRun("a", 5,
          {.config = {{"lr", 1}},
           .name = "called",
           .notes = "n",
           .tags = {{"t"}},
           .group = "g",
           .job_type = "train"});
  const RunInfo before = InfoOf("a");
  ASSERT_TRUE(store().Rewind(At("a?_step=2")));
  const RunInfo after = InfoOf("a");
  EXPECT_EQ(after.uid, before.uid);
  EXPECT_EQ(after.run_id, before.run_id);
  EXPECT_EQ(after.tags, (std::vector<std::string>{"t"}));
  EXPECT_EQ(after.notes, "n");
  EXPECT_EQ(after.name, "called");
  EXPECT_EQ(after.group, "g");
  EXPECT_EQ(after.job_type, "train");
  EXPECT_EQ(ConfigOf("a"), (Lines{"lr=1"}));
}

TEST_F(Rewind, ByAToolLeavesTheRunPending) {
  MakeRun("a", 3);
  ASSERT_TRUE(store().Rewind(At("a?_step=2")));
  EXPECT_EQ(InfoOf("a").state, RunState::kPending);
}

TEST_F(Rewind, OfALiveRunFromOutsideNeedsTakeover) {
  RunWriter run = Start("a");
  LogSteps(run, 0, 5);
  EXPECT_EQ(CodeOf(store().Rewind(At("a?_step=2"))), Code::kBusy);
  EXPECT_EQ(run.Log({{"x", 6}}), 6) << "a refused rewind leaves the writer alone";
  EXPECT_EQ(store().Rewind(At("a?_step=2"), Takeover::kTake), 1u);
  EXPECT_EQ(CodeOf(run.Log({{"x", 7}})), Code::kFenced);
  EXPECT_EQ(InfoOf("a").state, RunState::kPending);
  EXPECT_EQ(StepsOf("a"), (std::vector<Step>{0, 1, 2}));
  EXPECT_EQ(StepsOf("a@0").size(), 7u);
}

TEST_F(Rewind, ToAStepOfAnArchiveStartsThere) {
  MakeRun("a", 9);
  ASSERT_TRUE(store().Rewind(At("a?_step=2")));
  {
    RunWriter run = Start("a");
    ASSERT_TRUE(run.Log({{"y", 3}}));
  }
  EXPECT_EQ(store().Rewind(At("a@0?_step=6")), 2u);
  EXPECT_EQ(StepsOf("a"), (std::vector<Step>{0, 1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(Start("a", {.resume_from = At("a@0?_step=8")}).next_step(), 9);
}

TEST_F(Rewind, ToAStepThatIsNotVisibleOnThatBranchIsOutOfRange) {
  MakeRun("a", 9);
  ASSERT_TRUE(store().Rewind(At("a?_step=2")));
  const auto refused = store().Rewind(At("a?_step=5"));
  EXPECT_EQ(CodeOf(refused), Code::kOutOfRange);
  EXPECT_NE(MessageOf(refused).find('2'), std::string::npos) << MessageOf(refused);
}

TEST_F(Rewind, RewritesNoSegment) {
  MakeRun("a", 1000);
  const auto before = ReadStoreStat(path());
  ASSERT_TRUE(store().Rewind(At("a?_step=500")));
  const auto after = ReadStoreStat(path());
  EXPECT_EQ(after->segments, before->segments);
  EXPECT_EQ(after->segment_bytes, before->segment_bytes);
}

}  // namespace
}  // namespace reprise
