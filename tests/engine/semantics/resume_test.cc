// Starting a run that is there already, or is not: which run is meant, what is kept, where it goes
// on.
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>

#include "reprise/verify.h"
#include "tests/support/child_process.h"
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
};

// --- which run

TEST_F(Resuming, NeverRefusesARunThatExistsAndIsTheDefault) {
  MakeRun("a", 1);
  EXPECT_EQ(StartCode({.run_id = "a", .resume = Resume::kNever}), Code::kAlreadyExists);
  EXPECT_EQ(StartCode({.run_id = "a"}), Code::kAlreadyExists);
  EXPECT_EQ(StepsOf("a"), (std::vector<Step>{0, 1}));
  EXPECT_EQ(StartCode({.run_id = "b", .resume = Resume::kNever}), Code::kOk);
  EXPECT_EQ(StartCode({.run_id = "c"}), Code::kOk);
}

TEST_F(Resuming, AllowResumesOrCreates) {
  MakeRun("a", 4);
  const RunWriter old = store().StartRun({.run_id = "a", .resume = Resume::kAllow}).value();
  EXPECT_TRUE(old.resumed());
  EXPECT_EQ(old.next_step(), 5);
  const RunWriter fresh = store().StartRun({.run_id = "b", .resume = Resume::kAllow}).value();
  EXPECT_FALSE(fresh.resumed());
  EXPECT_EQ(fresh.next_step(), 0);
}

TEST_F(Resuming, MustSaysWhichRunsLookAlike) {
  MakeRun("baseline-7", 2);
  for (const char* typo : {"baseline-1", "basline-7"}) {
    const auto missing = store().StartRun({.run_id = typo, .resume = Resume::kMust});
    EXPECT_EQ(CodeOf(missing), Code::kNotFound);
    EXPECT_NE(MessageOf(missing).find("baseline-7"), std::string::npos) << MessageOf(missing);
  }
  EXPECT_EQ(Start("baseline-7", {.resume = Resume::kMust}).next_step(), 3);
}

TEST_F(Resuming, AutoGoesOnWithTheRunOfItsDirectoryUntilItFinishedCleanly) {
  const std::string folder = dir().Of("job");
  const std::string file = folder + "/resume.json";
  const RunOptions options{.resume = Resume::kAuto, .run_directory = folder};
  std::string first;
  {
    RunWriter run = store().StartRun(options).value();
    EXPECT_FALSE(run.resumed());
    first = run.run_id();
    LogSteps(run, 0, 2);
    EXPECT_TRUE(std::filesystem::exists(file));
  }
  {
    RunWriter run = store().StartRun(options).value();
    EXPECT_EQ(run.run_id(), first);
    EXPECT_TRUE(run.resumed());
    EXPECT_EQ(run.next_step(), 3);
    ASSERT_TRUE(run.Finish(1).ok());
  }
  EXPECT_TRUE(std::filesystem::exists(file)) << "it failed";
  {
    RunWriter run = store().StartRun(options).value();
    EXPECT_EQ(run.run_id(), first);
    ASSERT_TRUE(run.Finish().ok());
  }
  EXPECT_FALSE(std::filesystem::exists(file));
  EXPECT_NE(store().StartRun(options)->run_id(), first);
}

TEST_F(Resuming, TheEnvironmentServesWhereTheCallGivesNothing) {
  MakeRun("from-env", 3);
  setenv("REPRISE_RUN_ID", "from-env", 1);
  EXPECT_EQ(StartCode({}), Code::kAlreadyExists);
  setenv("REPRISE_RESUME", "must", 1);
  const RunWriter run = store().StartRun({}).value();
  EXPECT_EQ(run.run_id(), "from-env");
  EXPECT_EQ(run.next_step(), 4);
  EXPECT_EQ(store().StartRun({.run_id = "given", .resume = Resume::kAllow})->run_id(), "given");
}

TEST_F(Resuming, AnUnknownModeInTheEnvironmentIsRefused) {
  setenv("REPRISE_RESUME", "maybe", 1);
  EXPECT_EQ(StartCode({}), Code::kInvalidArgument);
}

TEST_F(Resuming, ResumeRewindAndForkExcludeOneAnother) {
  MakeRun("a", 2);
  const Moment moment = At("a?_step=1");
  EXPECT_EQ(StartCode({.run_id = "a", .resume = Resume::kAllow, .resume_from = moment}),
            Code::kInvalidArgument);
  EXPECT_EQ(StartCode({.run_id = "b", .resume = Resume::kAllow, .fork_from = moment}),
            Code::kInvalidArgument);
  EXPECT_EQ(StartCode({.run_id = "b", .resume_from = moment, .fork_from = moment}),
            Code::kInvalidArgument);
}

// --- where it goes on

TEST_F(Resuming, GoesOnAfterTheLastRow) {
  MakeRun("a", 4);
  RunWriter run = Start("a");
  EXPECT_EQ(run.Log({{"x", 5}}), 5);
  EXPECT_EQ(StepsOf("a"), (std::vector<Step>{0, 1, 2, 3, 4, 5}));
}

TEST_F(Resuming, GoesOnAfterTheStepRewoundToOnTheHeadBranch) {
  MakeRun("a", 4);
  ASSERT_TRUE(store().Rewind(At("a?_step=2")));
  {
    const RunWriter run = Start("a");
    EXPECT_EQ(run.next_step(), 3);
    EXPECT_EQ(run.branch(), 1u);
  }
  ASSERT_TRUE(store().Rewind(At("a?_step=-1")));
  const RunWriter run = Start("a");
  EXPECT_EQ(run.next_step(), 0);
  EXPECT_EQ(run.branch(), 2u);
}

TEST_F(Resuming, FromAMomentRewindsFirst) {
  MakeRun("a", 9);
  RunWriter run = store().StartRun({.resume_from = At("a?_step=3")}).value();
  EXPECT_EQ(run.run_id(), "a");
  EXPECT_TRUE(run.resumed());
  EXPECT_EQ(run.branch(), 1u);
  EXPECT_EQ(run.next_step(), 4);
  EXPECT_EQ(StepsOf("a"), (std::vector<Step>{0, 1, 2, 3}));
  EXPECT_EQ(InfoOf("a").state, RunState::kRunning);
}

TEST_F(Resuming, TheLastRowIsCommittedWhateverEndedTheRun) {
  {
    RunWriter run = Start("a");
    ASSERT_TRUE(run.Log({{"x", 1}}, {.step = 7}));
  }
  RunWriter run = Start("a");
  EXPECT_EQ(run.next_step(), 8);
  EXPECT_EQ(CodeOf(run.Log({{"y", 1}}, {.step = 7})), Code::kOutOfOrder);
  EXPECT_EQ(RowsOf("a"), (Lines{"7 x=1"}));
}

TEST_F(Resuming, AChildOfForkMayDropWhatItInherited) {
  for (const Durability durability : {Durability::kNone, Durability::kDisk}) {
    const std::string id = durability == Durability::kNone ? "none" : "disk";
    std::optional<Store> store = Store::Open(path(), {.durability = durability}).value();
    std::optional<RunWriter> run = store->StartRun({.run_id = id}).value();
    // Enough for the log's own thread to have begun.
    for (int i = 0; i < 20'000; ++i) ASSERT_TRUE(run->Log({{"x", i}}).has_value());
    const int child = RunInChild([&] {
      alarm(20);  // instead of waiting for ever for threads that are not there
      run.reset();
      store.reset();
      return 0;
    });
    EXPECT_EQ(child, 0);
    ASSERT_TRUE(run->Log({{"x", 0}}).has_value());
    ASSERT_TRUE(run->Finish().ok());
    EXPECT_EQ(RowsOf(id).size(), 20'001U);
  }
}

TEST_F(Resuming, AKilledProcessLosesNothingAcknowledged) {
  const int killed = RunInChild([&] {
    Store store = Store::Open(path()).value();
    RunWriter run = store.StartRun({.run_id = "a"}).value();
    for (int i = 0; i < 100; ++i) {
      if (!run.Log({{"x", i}})) return 1;
    }
    if (!run.Log({{"y", 1}}, {.step = 100})) return 2;
    return kill(getpid(), SIGKILL);
  });
  ASSERT_EQ(killed, -SIGKILL);
  EXPECT_EQ(InfoOf("a").state, RunState::kCrashed);
  EXPECT_EQ(Start("a").next_step(), 101);
  const Lines rows = RowsOf("a");
  ASSERT_EQ(rows.size(), 101u);
  EXPECT_EQ(rows.back(), "100 y=1");
}

// The dead process could not seal: there was no directory to put packs into.
TEST_F(Resuming, MoreRowsThanASegmentHasBecomeSeveralSegments) {
  CloseStore();
  const int killed = RunInChild([&] {
    Store store = Store::Open(path()).value();
    RunWriter run = store.StartRun({.run_id = "a"}).value();
    if (!run.Log({{"x", 0}})) return 1;
    std::filesystem::remove_all(path() + "/packs");
    for (int i = 1; i < 70'000; ++i) {
      if (!run.Log({{"x", i}})) return 2;
    }
    return kill(getpid(), SIGKILL);
  });
  ASSERT_EQ(killed, -SIGKILL);
  std::filesystem::create_directory(path() + "/packs");
  Reopen();
  EXPECT_EQ(Start("a").next_step(), 70'000);
  EXPECT_EQ(RowsOf("a").size(), 70'000u);
  EXPECT_EQ(ReadStoreStat(path()).value().segments, 2u);
}

// --- what is kept

TEST_F(Resuming, NewConfigWinsKeyByKeyAndOldKeysStay) {
  ASSERT_TRUE(Start("a", {.config = {{"lr", 0.5}, {"model.depth", 3}}}).Finish().ok());
  const RunWriter run = Start("a", {.config = {{"lr", 0.25}, {"seed", 1}}});
  EXPECT_EQ(ConfigOf("a"), (Lines{"lr=0.25", "model.depth=3", "seed=1"}));
}

TEST_F(Resuming, KeepsNameNotesTagsAndGroupUnlessOthersAreGiven) {
  ASSERT_TRUE(Start("a", {.name = "n", .notes = "first", .tags = {{"one", "two"}}, .group = "g"})
                  .Finish()
                  .ok());
  ASSERT_TRUE(Start("a").Finish().ok());
  RunInfo info = InfoOf("a");
  EXPECT_EQ(info.name, "n");
  EXPECT_EQ(info.notes, "first");
  EXPECT_EQ(info.tags, (std::vector<std::string>{"one", "two"}));
  EXPECT_EQ(info.group, "g");
  ASSERT_TRUE(Start("a", {.notes = "second", .tags = {{"z", "b", "z"}}}).Finish().ok());
  info = InfoOf("a");
  EXPECT_EQ(info.name, "n");
  EXPECT_EQ(info.notes, "second");
  EXPECT_EQ(info.tags, (std::vector<std::string>{"b", "z"}));
  EXPECT_EQ(info.group, "g");
}

TEST_F(Resuming, SummaryGoesOnWithAllAggregates) {
  {
    RunWriter run = Start("a");
    LogSteps(run, 0, 4);
    ASSERT_TRUE(run.SetSummary("best", 7).ok());
  }
  RunWriter run = Start("a");
  EXPECT_EQ(ShownOf("a", "best"), "7");
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
    const RunWriter run = Start("a");
    EXPECT_EQ(InfoOf("a").state, RunState::kRunning);
    EXPECT_EQ(InfoOf("a").exit_code, std::nullopt);
  }
  EXPECT_EQ(InfoOf("a").state, RunState::kCrashed);
  ASSERT_TRUE(store().Finish("a").ok());
  EXPECT_EQ(InfoOf("a").state, RunState::kFinished);
  ASSERT_TRUE(store().Rewind(At("a?_step=-1")));
  EXPECT_EQ(InfoOf("a").state, RunState::kPending);
}

// --- who may

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
