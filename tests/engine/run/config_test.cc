// Config and metadata: merged leaf by leaf, changed by whom.
#include <gtest/gtest.h>

#include "tests/support/run_fixture.h"

namespace reprise {
namespace {

using ConfigRules = RunFixture;
using MetadataRules = RunFixture;

TEST_F(ConfigRules, NewLeavesWinAndTheOthersStay) {
  RunWriter run = Start("r", {.config = {{"a.b", 1}, {"a.c", 2}}});
  ASSERT_TRUE(run.UpdateConfig({{"a.c", "three"}, {"d", ValueView()}}).ok());
  EXPECT_EQ(ConfigOf("r"), (Lines{"a.b=1", "a.c='three'", "d=null"}));
}

TEST_F(ConfigRules, OfEqualPathsTheLastWins) {
  const RunWriter run = Start("r", {.config = {{"a", 1}, {"a", 2}}});
  EXPECT_EQ(ConfigOf("r"), (Lines{"a=2"}));
}

TEST_F(ConfigRules, NeedsTheLease) {
  RunWriter run = Start("r");
  EXPECT_EQ(CodeOf(store().UpdateConfig("r", {{"a", 1}})), Code::kBusy);
  ASSERT_TRUE(run.Finish().ok());
  EXPECT_TRUE(store().UpdateConfig("r", {{"a", 1}}).ok());
  EXPECT_EQ(ConfigOf("r"), (Lines{"a=1"}));
}

TEST_F(ConfigRules, SurvivesARewindAndMergesAfterIt) {
  RunWriter run = Start("r", {.config = {{"a", 1}, {"b", 1}}});
  LogSteps(run, 0, 5);
  ASSERT_TRUE(run.Rewind(2).ok());
  ASSERT_TRUE(run.UpdateConfig({{"b", 2}}).ok());
  EXPECT_EQ(ConfigOf("r"), (Lines{"a=1", "b=2"}));
  EXPECT_EQ(ConfigOf("r@0"), (Lines{"a=1", "b=1"}));
}

TEST_F(ConfigRules, PathsAreKeys) {
  RunWriter run = Start("r");
  EXPECT_EQ(CodeOf(run.UpdateConfig({{"", 1}})), Code::kInvalidArgument);
  EXPECT_EQ(CodeOf(run.UpdateConfig({{"a\nb", 1}})), Code::kInvalidArgument);
  EXPECT_TRUE(ConfigOf("r").empty());
}

TEST_F(MetadataRules, ChangesWithoutTheLease) {
  const RunWriter run = Start("r", {.tags = {{"a", "b"}}});
  Metadata change;
  change.name = "a name";
  change.notes = "notes";
  change.group = "group";
  change.job_type = "train";
  change.add_tags = {"c", "a"};
  change.remove_tags = {"b"};
  ASSERT_TRUE(store().SetMetadata("r", change).ok());
  const RunInfo info = InfoOf("r");
  EXPECT_EQ(info.name, "a name");
  EXPECT_EQ(info.notes, "notes");
  EXPECT_EQ(info.group, "group");
  EXPECT_EQ(info.job_type, "train");
  EXPECT_EQ(info.tags, (std::vector<std::string>{"a", "c"}));
}

TEST_F(MetadataRules, ALiveRunIsDeletedOnlyWithTakeover) {
  RunWriter run = Start("r");
  EXPECT_EQ(CodeOf(store().Delete("r")), Code::kBusy);
  EXPECT_TRUE(store().Delete("r", Takeover::kTake).ok());
  EXPECT_EQ(CodeOf(run.Log({{"x", 1}})), Code::kFenced);
  EXPECT_EQ(CodeOf(store().ReadRun("r")), Code::kNotFound);
}

TEST_F(MetadataRules, RunsAreListedNewestFirst) {
  for (const char* id : {"a", "b", "c"}) const RunWriter run = Start(id);
  const auto runs = store().ListRuns();
  ASSERT_TRUE(runs);
  ASSERT_EQ(runs->size(), 3U);
  EXPECT_EQ((*runs)[0].run_id, "c");
  const auto rest = store().ListRuns({.limit = 1, .after = (*runs)[0].uid});
  ASSERT_TRUE(rest);
  ASSERT_EQ(rest->size(), 1U);
  EXPECT_EQ((*rest)[0].run_id, "b");
}

}  // namespace
}  // namespace reprise
