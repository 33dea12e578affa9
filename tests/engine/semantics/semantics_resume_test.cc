// Starting a run that is there already, or is not.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "tests/support/child_process.h"
#include "tests/support/run_fixture.h"

namespace reprise {
namespace {

class Resuming : public RunFixture {
 protected:
  RunOptions Of(const std::string& id, std::optional<Resume> resume) {
    RunOptions options;
    options.run_id = id;
    options.resume = resume;
    return options;
  }
  void MakeRun(const std::string& id, Step last) {
    RunWriter run = Start(id);
    LogSteps(run, 0, last);
    ASSERT_TRUE(run.Finish().ok());
  }
};

TEST_F(Resuming, NeverCreatesButDoesNotResume) {
  EXPECT_EQ(StartCode(Of("a", Resume::kNever)), Code::kOk);
  EXPECT_EQ(StartCode(Of("a", Resume::kNever)), Code::kAlreadyExists);
}

TEST_F(Resuming, NeverIsTheDefault) {
  MakeRun("a", 1);
  EXPECT_EQ(StartCode(Of("a", std::nullopt)), Code::kAlreadyExists);
  EXPECT_EQ(StepsOf("a"), (std::vector<Step>{0, 1}));
}

TEST_F(Resuming, AllowCreatesOrResumes) {
  {
    auto run = store().StartRun(Of("a", Resume::kAllow));
    ASSERT_TRUE(run);
    EXPECT_FALSE(run->resumed());
    LogSteps(*run, 0, 4);
    ASSERT_TRUE(run->Finish().ok());
  }
  auto run = store().StartRun(Of("a", Resume::kAllow));
  ASSERT_TRUE(run);
  EXPECT_TRUE(run->resumed());
  EXPECT_EQ(run->next_step(), 5);
}

TEST_F(Resuming, MustSaysWhichRunsLookAlike) {
  MakeRun("baseline-7", 0);
  const auto missing = store().StartRun(Of("baseline-1", Resume::kMust));
  EXPECT_EQ(CodeOf(missing), Code::kNotFound);
  EXPECT_NE(MessageOf(missing).find("baseline-7"), std::string::npos) << MessageOf(missing);
  EXPECT_EQ(StartCode(Of("baseline-7", Resume::kMust)), Code::kOk);
}

TEST_F(Resuming, AutoTakesTheIdFromTheRunDirectory) {
  RunOptions options = Of("", Resume::kAuto);
  options.run_directory = dir().Of("run");
  std::string id;
  {
    auto run = store().StartRun(options);
    ASSERT_TRUE(run);
    id = run->run_id();
    LogSteps(*run, 0, 2);
  }
  auto again = store().StartRun(options);
  ASSERT_TRUE(again) << again.error().ToString();
  EXPECT_EQ(again->run_id(), id);
  EXPECT_TRUE(again->resumed());
  EXPECT_EQ(again->next_step(), 3);
}

TEST_F(Resuming, ACleanFinishDeletesTheResumeFileAndAFailedOneKeepsIt) {
  RunOptions options = Of("", Resume::kAuto);
  options.run_directory = dir().Of("run");
  const std::string file = options.run_directory + "/resume.json";
  {
    auto run = store().StartRun(options);
    ASSERT_TRUE(run);
    EXPECT_TRUE(std::filesystem::exists(file));
    ASSERT_TRUE(run->Finish(1).ok());
    EXPECT_TRUE(std::filesystem::exists(file));
  }
  auto run = store().StartRun(options);
  ASSERT_TRUE(run);
  ASSERT_TRUE(run->resumed());
  ASSERT_TRUE(run->Finish(0).ok());
  EXPECT_FALSE(std::filesystem::exists(file));
}

TEST_F(Resuming, TheEnvironmentServesWhereTheCallGivesNothing) {
  MakeRun("from-env", 3);
  const int code = RunInChild([&] {
    setenv("REPRISE_RUN_ID", "from-env", 1);
    setenv("REPRISE_RESUME", "must", 1);
    auto opened = Store::Open(path());
    if (!opened) return 1;
    auto run = opened->StartRun({});
    if (!run || run->run_id() != "from-env" || run->next_step() != 4) return 2;
    RunOptions other;
    other.run_id = "given";
    other.resume = Resume::kAllow;
    auto given = opened->StartRun(other);
    if (!given || given->run_id() != "given") return 3;
    if (!run->Finish().ok() || !given->Finish().ok()) return 4;
    return opened->Close().ok() ? 0 : 5;
  });
  EXPECT_EQ(code, 0);
}

TEST_F(Resuming, AnUnknownModeInTheEnvironmentIsRefused) {
  const int code = RunInChild([&] {
    setenv("REPRISE_RESUME", "maybe", 1);
    auto opened = Store::Open(path());
    if (!opened) return 1;
    return CodeOf(opened->StartRun({})) == Code::kInvalidArgument ? 0 : 2;
  });
  EXPECT_EQ(code, 0);
}

TEST_F(Resuming, GoesOnAfterTheLastRow) {
  MakeRun("a", 4);
  RunWriter run = Start("a");
  EXPECT_EQ(run.Log({{"x", 5}}), 5);
  EXPECT_EQ(StepsOf("a"), (std::vector<Step>{0, 1, 2, 3, 4, 5}));
}

TEST_F(Resuming, GoesOnAfterTheStepRewoundTo) {
  MakeRun("a", 4);
  ASSERT_TRUE(store().Rewind(At("a?_step=2")));
  EXPECT_EQ(Start("a").next_step(), 3);
}

TEST_F(Resuming, GoesOnOnTheHeadBranch) {
  MakeRun("a", 4);
  ASSERT_TRUE(store().Rewind(At("a?_step=2")));
  RunWriter run = Start("a");
  EXPECT_EQ(run.branch(), 1u);
}

TEST_F(Resuming, TheLastRowIsCommittedWhateverEndedTheRun) {
  {
    RunWriter run = Start("a");
    ASSERT_TRUE(run.Log({{"x", 1}}, {.step = 7}));
  }
  RunWriter run = Start("a");
  EXPECT_EQ(RowsOf("a"), (Lines{"7 x=1"}));
  EXPECT_EQ(run.next_step(), 8);
}

TEST_F(Resuming, AKilledProcessLosesNothingAcknowledged) {
  const int killed = RunInChild([&] {
    auto opened = Store::Open(path());
    auto run = opened->StartRun(Of("a", Resume::kAllow));
    for (int i = 0; i < 100; ++i) {
      if (!run->Log({{"x", i}})) return 1;
    }
    if (!run->Log({{"y", 1}}, {.step = 100})) return 2;
    return kill(getpid(), SIGKILL);
  });
  ASSERT_EQ(killed, -SIGKILL);
  EXPECT_EQ(InfoOf("a").state, RunState::kCrashed);
  RunWriter run = Start("a");
  EXPECT_EQ(run.next_step(), 101);
  const Lines rows = RowsOf("a");
  ASSERT_EQ(rows.size(), 101u);
  EXPECT_EQ(rows.back(), "100 y=1");
}

TEST_F(Resuming, ASecondWriterIsBusyAndNamesTheHolder) {
  RunWriter run = Start("a");
  const auto second = store().StartRun(Of("a", Resume::kAllow));
  EXPECT_EQ(CodeOf(second), Code::kBusy);
  const std::string pid = "pid " + std::to_string(getpid());
  for (const std::string& fact : {pid, std::string("host "), std::string("since ")}) {
    EXPECT_NE(MessageOf(second).find(fact), std::string::npos) << MessageOf(second);
  }
}

TEST_F(Resuming, TakeoverFencesTheHolder) {
  RunWriter old = Start("a");
  LogSteps(old, 0, 2);
  RunOptions options = Of("a", Resume::kMust);
  options.takeover = true;
  auto taker = store().StartRun(options);
  ASSERT_TRUE(taker) << taker.error().ToString();
  EXPECT_EQ(taker->next_step(), 3);
  EXPECT_EQ(CodeOf(old.Log({{"x", 99}})), Code::kFenced);
  EXPECT_EQ(CodeOf(old.Log({{"x", 99}})), Code::kFenced);
  EXPECT_EQ(old.Finish().code(), Code::kFenced);
  EXPECT_EQ(taker->Log({{"x", 3}}), 3);
  ASSERT_TRUE(taker->Finish().ok());
  EXPECT_EQ(RowsOf("a"), (Lines{"0 x=0", "1 x=1", "2 x=2", "3 x=3"}));
}

TEST_F(Resuming, NewConfigWinsKeyByKeyAndOldKeysStay) {
  {
    RunOptions options;
    options.config = {{"lr", 0.1}, {"seed", 1}};
    RunWriter run = Start("a", options);
    ASSERT_TRUE(run.Finish().ok());
  }
  RunOptions options;
  options.config = {{"lr", 0.2}, {"depth", 3}};
  RunWriter run = Start("a", options);
  EXPECT_EQ(ConfigOf("a"), (Lines{"depth=3", "lr=0.20000000000000001", "seed=1"}));
}

TEST_F(Resuming, KeepsTagsAndNotesUnlessOthersAreGiven) {
  RunOptions options;
  options.tags = {"one", "two"};
  options.notes = "first";
  options.group = "g";
  options.name = "n";
  ASSERT_TRUE(Start("a", options).Finish().ok());
  ASSERT_TRUE(Start("a").Finish().ok());
  RunInfo info = InfoOf("a");
  EXPECT_EQ(info.tags, (std::vector<std::string>{"one", "two"}));
  EXPECT_EQ(info.notes, "first");
  EXPECT_EQ(info.group, "g");
  EXPECT_EQ(info.name, "n");
  options = {};
  options.tags = {"three"};
  options.notes = "second";
  ASSERT_TRUE(Start("a", options).Finish().ok());
  info = InfoOf("a");
  EXPECT_EQ(info.tags, (std::vector<std::string>{"three"}));
  EXPECT_EQ(info.notes, "second");
  EXPECT_EQ(info.group, "g");
}

TEST_F(Resuming, SummaryGoesOnWithAllAggregates) {
  MakeRun("a", 4);
  RunWriter run = Start("a");
  ASSERT_TRUE(run.Log({{"x", -7}}));
  const SummaryEntry entry = SummaryOf("a").entries.at("x");
  EXPECT_EQ(entry.count, 6u);
  EXPECT_EQ(entry.sum, 3.0);
  EXPECT_EQ(entry.first.step, 0);
  EXPECT_EQ(entry.min->step, 5);
  EXPECT_EQ(entry.max->step, 4);
}

TEST_F(Resuming, StatesFollowTheRunsLife) {
  {
    RunWriter run = Start("a");
    EXPECT_EQ(InfoOf("a").state, RunState::kRunning);
    ASSERT_TRUE(run.Finish(3).ok());
  }
  EXPECT_EQ(InfoOf("a").state, RunState::kFailed);
  EXPECT_EQ(InfoOf("a").exit_code, 3);
  {
    RunWriter run = Start("a");
    EXPECT_EQ(InfoOf("a").state, RunState::kRunning);
    EXPECT_EQ(InfoOf("a").exit_code, std::nullopt);
  }
  EXPECT_EQ(InfoOf("a").state, RunState::kCrashed);
  ASSERT_TRUE(store().Finish("a").ok());
  EXPECT_EQ(InfoOf("a").state, RunState::kFinished);
}

TEST_F(Resuming, RewindingFirstKeepsTheStepItNames) {
  MakeRun("a", 9);
  RunOptions options;
  options.resume_from = At("a?_step=3");
  auto run = store().StartRun(options);
  ASSERT_TRUE(run) << run.error().ToString();
  EXPECT_EQ(run->run_id(), "a");
  EXPECT_EQ(run->branch(), 1u);
  EXPECT_EQ(run->next_step(), 4);
  EXPECT_EQ(StepsOf("a"), (std::vector<Step>{0, 1, 2, 3}));
}

TEST_F(Resuming, TheThreeWaysToBeginExcludeOneAnother) {
  MakeRun("a", 1);
  RunOptions two = Of("a", Resume::kAllow);
  two.resume_from = At("a?_step=0");
  EXPECT_EQ(StartCode(two), Code::kInvalidArgument);
  RunOptions three = Of("b", Resume::kAllow);
  three.fork_from = At("a?_step=0");
  EXPECT_EQ(StartCode(three), Code::kInvalidArgument);
  RunOptions four = Of("b", std::nullopt);
  four.fork_from = At("a?_step=0");
  four.resume_from = At("b?_step=0");
  EXPECT_EQ(StartCode(four), Code::kInvalidArgument);
}

TEST_F(Resuming, MetadataNeedsNoLease) {
  RunWriter run = Start("a");
  Metadata metadata;
  metadata.name = "new name";
  metadata.add_tags = {"x"};
  EXPECT_TRUE(store().SetMetadata("a", metadata).ok());
  EXPECT_EQ(InfoOf("a").name, "new name");
  EXPECT_TRUE(run.Log({{"x", 1}}));
}

TEST_F(Resuming, WhatChangesHistoryNeedsTheLease) {
  RunWriter run = Start("a");
  LogSteps(run, 0, 3);
  ASSERT_TRUE(run.Rewind(2).ok());
  EXPECT_EQ(CodeOf(store().Rewind(At("a?_step=0"))), Code::kBusy);
  EXPECT_EQ(CodeOf(store().Restore(At("a@0"))), Code::kBusy);
  EXPECT_EQ(store().UpdateConfig("a", {{"x", 1}}).code(), Code::kBusy);
  EXPECT_EQ(store().Finish("a").code(), Code::kBusy);
  EXPECT_EQ(store().Delete("a").code(), Code::kBusy);
  EXPECT_EQ(CodeOf(store().Fork(At("a?_step=1"))), Code::kOk) << "a fork needs no lease";
}

}  // namespace
}  // namespace reprise
