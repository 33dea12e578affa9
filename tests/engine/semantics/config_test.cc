// Config: merged leaf by leaf, and changed by whom.
#include <gtest/gtest.h>

#include "tests/support/run_fixture.h"

namespace reprise {
namespace {

using ConfigRules = RunFixture;

TEST_F(ConfigRules, NewLeavesWinAndTheOthersStay) {
  RunWriter run = Start("a", {.config = {{"optimizer.lr", 0.5}, {"optimizer.name", "sgd"}}});
  ASSERT_TRUE(run.UpdateConfig({{"optimizer.lr", "high"}, {"seed", ValueView()}}).ok());
  EXPECT_EQ(ConfigOf("a"), (Lines{"optimizer.lr='high'", "optimizer.name='sgd'", "seed=null"}));
}

TEST_F(ConfigRules, OfEqualPathsTheLastWins) {
  const RunWriter run = Start("a", {.config = {{"a", 1}, {"a", 2}}});
  EXPECT_EQ(ConfigOf("a"), (Lines{"a=2"}));
}

TEST_F(ConfigRules, NeedsTheLease) {
  RunWriter run = Start("a");
  EXPECT_EQ(CodeOf(store().UpdateConfig("a", {{"a", 1}})), Code::kBusy);
  ASSERT_TRUE(run.Finish().ok());
  EXPECT_TRUE(store().UpdateConfig("a", {{"a", 1}}).ok());
  EXPECT_EQ(ConfigOf("a"), (Lines{"a=1"}));
}

TEST_F(ConfigRules, SurvivesARewindAndMergesAfterIt) {
  RunWriter run = Start("a", {.config = {{"a", 1}, {"b", 1}}});
  LogSteps(run, 0, 5);
  ASSERT_TRUE(run.Rewind(2).ok());
  ASSERT_TRUE(run.UpdateConfig({{"b", 2}}).ok());
  EXPECT_EQ(ConfigOf("a"), (Lines{"a=1", "b=2"}));
  EXPECT_EQ(ConfigOf("a@0"), (Lines{"a=1", "b=1"}));
}

TEST_F(ConfigRules, OneBadPathChangesNothing) {
  RunWriter run = Start("a");
  for (const char* bad : {"", "a\nb"}) {
    EXPECT_EQ(CodeOf(run.UpdateConfig({{"good", 1}, {bad, 2}})), Code::kInvalidArgument) << bad;
  }
  EXPECT_EQ(ConfigOf("a"), Lines{});
}

TEST_F(ConfigRules, KeepsTypesExactly) {
  RunWriter run = Start("a");
  ASSERT_TRUE(
      run.UpdateConfig({{"a", 1}, {"b", 1.0}, {"c", true}, {"d", ValueView()}, {"e", "1"}}).ok());
  ASSERT_TRUE(run.Finish().ok());
  Reopen();
  EXPECT_EQ(ConfigOf("a"), (Lines{"a=1", "b=1.0", "c=true", "d=null", "e='1'"}));
}

}  // namespace
}  // namespace reprise
