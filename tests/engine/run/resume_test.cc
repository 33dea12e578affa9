// Starting and resuming: which run is meant, what is kept, where it goes on.
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>

#include "tests/support/run_fixture.h"

namespace reprise {
namespace {

class Resuming : public RunFixture {
 protected:
  void TearDown() override {
    unsetenv("REPRISE_RUN_ID");
    unsetenv("REPRISE_RESUME");
    RunFixture::TearDown();
  }
  void MakeRun(const std::string& id, Step last) {
    RunWriter run = Start(id);
    LogSteps(run, 0, last);
    ASSERT_TRUE(run.Finish().ok());
  }
};
using RunIds = RunFixture;

TEST_F(Resuming, NeverRefusesARunThatExistsAndIsTheDefault) {
  MakeRun("r", 2);
  EXPECT_EQ(StartCode({.run_id = "r"}), Code::kAlreadyExists);
  EXPECT_EQ(StartCode({.run_id = "r", .resume = Resume::kNever}), Code::kAlreadyExists);
  EXPECT_EQ(StartCode({.run_id = "new"}), Code::kOk);
}

TEST_F(Resuming, AllowResumesOrCreates) {
  MakeRun("r", 2);
  const RunWriter old = Start("r", {.resume = Resume::kAllow});
  EXPECT_TRUE(old.resumed());
  EXPECT_EQ(old.next_step(), 3);
  const RunWriter fresh = Start("new", {.resume = Resume::kAllow});
  EXPECT_FALSE(fresh.resumed());
  EXPECT_EQ(fresh.next_step(), 0);
}

TEST_F(Resuming, MustSaysWhichRunsLookAlike) {
  MakeRun("baseline", 2);
  const auto missing = store().StartRun({.run_id = "basline", .resume = Resume::kMust});
  EXPECT_EQ(CodeOf(missing), Code::kNotFound);
  EXPECT_NE(MessageOf(missing).find("baseline"), std::string::npos) << MessageOf(missing);
  EXPECT_EQ(Start("baseline", {.resume = Resume::kMust}).next_step(), 3);
}

TEST_F(Resuming, AutoGoesOnWithTheRunOfItsDirectoryUntilItFinishedCleanly) {
  const std::string folder = dir().Of("job");
  const RunOptions options{.resume = Resume::kAuto, .run_directory = folder};
  std::string first;
  {
    RunWriter run = store().StartRun(options).value();
    first = run.run_id();
    LogSteps(run, 0, 2);
    EXPECT_TRUE(std::filesystem::exists(folder + "/resume.json"));
  }
  {
    RunWriter run = store().StartRun(options).value();
    EXPECT_EQ(run.run_id(), first);
    EXPECT_EQ(run.next_step(), 3);
    ASSERT_TRUE(run.Finish(1).ok());
  }
  EXPECT_TRUE(std::filesystem::exists(folder + "/resume.json"));  // it failed
  {
    RunWriter run = store().StartRun(options).value();
    EXPECT_EQ(run.run_id(), first);
    ASSERT_TRUE(run.Finish().ok());
  }
  EXPECT_FALSE(std::filesystem::exists(folder + "/resume.json"));
  EXPECT_NE(store().StartRun(options)->run_id(), first);
}

TEST_F(Resuming, EnvironmentVariablesServeWhereTheCallGivesNone) {
  MakeRun("r", 2);
  setenv("REPRISE_RUN_ID", "r", 1);
  EXPECT_EQ(StartCode({}), Code::kAlreadyExists);
  setenv("REPRISE_RESUME", "must", 1);
  EXPECT_EQ(store().StartRun({})->next_step(), 3);
  EXPECT_EQ(store().StartRun({.run_id = "other", .resume = Resume::kAllow})->run_id(), "other");
  setenv("REPRISE_RESUME", "perhaps", 1);
  EXPECT_EQ(StartCode({}), Code::kInvalidArgument);
}

TEST_F(Resuming, TheLastRowIsCommittedWhateverEndedTheRun) {
  {
    RunWriter run = Start("r");
    run.Log({{"x", 1}}, {.step = 4}).value();
  }
  RunWriter run = Start("r");
  EXPECT_EQ(run.next_step(), 5);
  EXPECT_EQ(CodeOf(run.Log({{"y", 1}}, {.step = 4})), Code::kOutOfOrder);
  EXPECT_EQ(RowsOf("r"), (Lines{"4 x=1"}));
}

TEST_F(Resuming, GoesOnAfterTheStepRewoundTo) {
  MakeRun("r", 9);
  ASSERT_TRUE(store().Rewind(At("r?_step=4")));
  EXPECT_EQ(Start("r").next_step(), 5);
  ASSERT_TRUE(store().Rewind(At("r?_step=-1")));
  EXPECT_EQ(Start("r").next_step(), 0);
}

TEST_F(Resuming, MergesConfigKeyByKeyAndKeepsTheRest) {
  {
    RunWriter run = Start("r", {.config = {{"lr", 0.1}, {"model.depth", 3}},
                                .name = "first",
                                .notes = "old",
                                .tags = {{"a", "b"}},
                                .group = "g"});
    LogSteps(run, 0, 1);
    ASSERT_TRUE(run.SetSummary("best", 7).ok());
  }
  const RunWriter run = Start("r", {.config = {{"lr", 0.2}}, .notes = "new"});
  EXPECT_EQ(ConfigOf("r"), (Lines{"lr=0.20000000000000001", "model.depth=3"}));
  const RunInfo info = InfoOf("r");
  EXPECT_EQ(info.name, "first");
  EXPECT_EQ(info.notes, "new");
  EXPECT_EQ(info.tags, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(info.group, "g");
  EXPECT_EQ(ShownOf("r", "best"), "7");
  EXPECT_EQ(SummaryOf("r").entries.at("x").count, 2U);
}

TEST_F(Resuming, NewTagsReplaceTheOldOnes) {
  { const RunWriter run = Start("r", {.tags = {{"a"}}}); }
  const RunWriter run = Start("r", {.tags = {{"z", "b", "z"}}});
  EXPECT_EQ(InfoOf("r").tags, (std::vector<std::string>{"b", "z"}));
}

TEST_F(Resuming, ResumeResumeFromAndForkFromExcludeOneAnother) {
  MakeRun("r", 2);
  const Moment moment = At("r?_step=1");
  EXPECT_EQ(StartCode({.run_id = "r", .resume = Resume::kAllow, .resume_from = moment}),
            Code::kInvalidArgument);
  EXPECT_EQ(StartCode({.run_id = "f", .resume = Resume::kAllow, .fork_from = moment}),
            Code::kInvalidArgument);
  EXPECT_EQ(StartCode({.run_id = "f", .resume_from = moment, .fork_from = moment}),
            Code::kInvalidArgument);
}

TEST_F(Resuming, StatesFollowTheRunsLife) {
  RunWriter run = Start("r");
  EXPECT_EQ(InfoOf("r").state, RunState::kRunning);
  ASSERT_TRUE(run.Finish(3).ok());
  EXPECT_EQ(InfoOf("r").state, RunState::kFailed);
  EXPECT_EQ(InfoOf("r").exit_code, 3);
  { const RunWriter again = Start("r"); }
  EXPECT_EQ(InfoOf("r").state, RunState::kCrashed);
  ASSERT_TRUE(store().Finish("r").ok());
  EXPECT_EQ(InfoOf("r").state, RunState::kFinished);
  ASSERT_TRUE(store().Rewind(At("r?_step=-1")));
  EXPECT_EQ(InfoOf("r").state, RunState::kPending);
}

// --- ids and names

TEST_F(RunIds, CharactersThatMayNotBeBecomeDashes) {
  EXPECT_EQ(Start("a/b c\xC3\xA9").run_id(), "a-b-c-");
  EXPECT_EQ(StartCode({.run_id = std::string(64, 'x')}), Code::kOk);
  EXPECT_EQ(StartCode({.run_id = std::string(65, 'x')}), Code::kInvalidArgument);
}

TEST_F(RunIds, WithoutOneItIsEightRandomCharacters) {
  const RunWriter a = store().StartRun({}).value();
  const RunWriter b = store().StartRun({}).value();
  EXPECT_EQ(a.run_id().size(), 8U);
  EXPECT_EQ(a.run_id().find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789"),
            std::string::npos);
  EXPECT_NE(a.run_id(), b.run_id());
}

TEST_F(RunIds, ProjectsAreNamespaces) {
  EXPECT_EQ(StartCode({.project = "cats", .run_id = "r"}), Code::kOk);
  EXPECT_EQ(StartCode({.project = "dogs", .run_id = "r"}), Code::kOk);
  EXPECT_EQ(StartCode({.project = "me/cats", .run_id = "r"}), Code::kOk);
  EXPECT_EQ(StartCode({.project = "no good", .run_id = "r"}), Code::kInvalidArgument);
  EXPECT_EQ(CodeOf(store().ReadRun("r")), Code::kInvalidArgument);  // it means three runs
  EXPECT_EQ(InfoOf("me/cats/r").project, "me/cats");
  EXPECT_EQ(InfoOf("dogs/r").project.substr(InfoOf("dogs/r").project.find('/')), "/dogs");
}

TEST_F(RunIds, TheDefaultProjectIsUncategorized) {
  const RunWriter run = Start("r");
  EXPECT_TRUE(run.project().ends_with("/uncategorized"));
}

TEST_F(RunIds, ANameEndsInTheRunsOrdinalInItsProject) {
  const RunWriter first = Start("a");
  const RunWriter second = Start("b");
  EXPECT_TRUE(InfoOf("a").name.ends_with("-1")) << InfoOf("a").name;
  EXPECT_TRUE(InfoOf("b").name.ends_with("-2")) << InfoOf("b").name;
}

TEST_F(RunIds, ADeletedRunsIdBeginsANewLife) {
  {
    RunWriter run = Start("r");
    LogSteps(run, 0, 3);
  }
  const std::string first = InfoOf("r").uid;
  ASSERT_TRUE(store().Delete("r").ok());
  EXPECT_EQ(CodeOf(store().ReadRun("r")), Code::kNotFound);
  RunWriter run = Start("r");
  EXPECT_FALSE(run.resumed());
  EXPECT_EQ(run.next_step(), 0);
  EXPECT_NE(InfoOf("r").uid, first);
  EXPECT_EQ(RowsOf("r"), Lines{});
}

}  // namespace
}  // namespace reprise
