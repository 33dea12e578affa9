// Runs that begin in the history of another.
#include <gtest/gtest.h>

#include <string>

#include "tests/support/run_fixture.h"

namespace reprise {
namespace {

class RunFork : public RunFixture {
 protected:
  RunInfo MakeFork(const std::string& moment, const ForkOptions& options) {
    auto made = store().Fork(At(moment), options);
    if (!made) ADD_FAILURE() << made.error().ToString();
    return made ? *made : RunInfo();
  }
};

TEST_F(RunFork, SharesTheRowsUpToItsStep) {
  MakeRun("a", 9);
  MakeFork("a?_step=4", {.run_id = "b"});
  EXPECT_EQ(StepsOf("b"), (std::vector<Step>{0, 1, 2, 3, 4}));
  RunWriter run = Start("b");
  EXPECT_EQ(run.next_step(), 5);
  ASSERT_TRUE(run.Log({{"x", -5}}));
  EXPECT_EQ(RowsOf("b").back(), "5 x=-5");
  EXPECT_EQ(StepsOf("b"), (std::vector<Step>{0, 1, 2, 3, 4, 5}));
  EXPECT_EQ(RowsOf("a")[5], "5 x=5") << "the parent must not see the fork's rows";
}

TEST_F(RunFork, CopiesNoRow) {
  MakeRun("a", 5000);
  const auto before = ReadStoreStat(path());
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(store().Fork(At("a?_step=2500")));
  const auto after = ReadStoreStat(path());
  EXPECT_EQ(after->segments, before->segments);
  EXPECT_EQ(after->rows, before->rows);
}

TEST_F(RunFork, WithoutAStepTakesTheWholeCommittedHistory) {
  RunWriter parent = Start("a");
  LogSteps(parent, 0, 6);
  MakeFork("a", {.run_id = "b"});
  ASSERT_TRUE(parent.Log({{"x", 7}}));
  EXPECT_EQ(StepsOf("b"), (std::vector<Step>{0, 1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(InfoOf("b").forked_from->step, 6);
}

TEST_F(RunFork, AboveTheLastStepIsOutOfRange) {
  MakeRun("a", 9);
  const auto refused = store().Fork(At("a?_step=10"), {.run_id = "b"});
  EXPECT_EQ(CodeOf(refused), Code::kOutOfRange);
  EXPECT_EQ(CodeOf(store().ReadRun("b")), Code::kNotFound);
}

TEST_F(RunFork, OfNothingStartsEmpty) {
  MakeRun("a", 3);
  MakeFork("a?_step=-1", {.run_id = "b"});
  EXPECT_EQ(StepsOf("b"), std::vector<Step>{});
  EXPECT_EQ(Start("b").next_step(), 0);
}

TEST_F(RunFork, OntoATakenIdIsRefused) {
  MakeRun("a", 3);
  MakeRun("b", 3);
  EXPECT_EQ(CodeOf(store().Fork(At("a?_step=1"), {.run_id = "b"})), Code::kAlreadyExists);
  EXPECT_EQ(CodeOf(store().Fork(At("a?_step=1"), {.run_id = "a"})), Code::kAlreadyExists);
}

TEST_F(RunFork, OfWhatIsNotThereSaysSo) {
  MakeRun("a", 3);
  EXPECT_EQ(CodeOf(store().Fork(At("nobody"))), Code::kNotFound);
  EXPECT_EQ(CodeOf(store().Fork(At("a@1"))), Code::kNotFound);
}

TEST_F(RunFork, InheritsConfigAndMergesTheGivenOne) {
  MakeRun("a", 3, {.config = {{"lr", 1}, {"optimizer.name", "adam"}}});
  MakeFork("a?_step=1", {.run_id = "b", .config = {{"lr", 2}, {"new", true}}});
  EXPECT_EQ(ConfigOf("b"), (Lines{"lr=2", "new=true", "optimizer.name='adam'"}));
  EXPECT_EQ(ConfigOf("a"), (Lines{"lr=1", "optimizer.name='adam'"}));
}

TEST_F(RunFork, OfAnArchiveInheritsItsConfigAsArchived) {
  {
    RunWriter run = Start("a", {.config = {{"lr", 1}}});
    LogSteps(run, 0, 5);
    ASSERT_TRUE(run.Rewind(2).ok());
    ASSERT_TRUE(run.UpdateConfig({{"lr", 2}}).ok());
    ASSERT_TRUE(run.Finish().ok());
  }
  MakeFork("a@0?_step=4", {.run_id = "b"});
  EXPECT_EQ(ConfigOf("b"), (Lines{"lr=1"}));
  EXPECT_EQ(StepsOf("b"), (std::vector<Step>{0, 1, 2, 3, 4}));
}

TEST_F(RunFork, HasItsOwnNameTagsNotesGroupAndJobType) {
  MakeRun("a", 3, {.name = "parent", .notes = "n", .tags = {{"t"}}, .group = "g", .job_type = "j"});
  const RunInfo fork = MakeFork("a?_step=1", {.run_id = "b"});
  EXPECT_NE(fork.name, "parent");
  EXPECT_FALSE(fork.name.empty());
  EXPECT_TRUE(fork.tags.empty());
  EXPECT_EQ(fork.notes, "");
  EXPECT_EQ(fork.group, "");
  EXPECT_EQ(fork.job_type, "");
}

TEST_F(RunFork, IsPendingUntilItIsWritten) {
  MakeRun("a", 3);
  EXPECT_EQ(MakeFork("a?_step=1", {.run_id = "b"}).state, RunState::kPending);
  RunWriter run = Start("b");
  EXPECT_EQ(InfoOf("b").state, RunState::kRunning);
}

TEST_F(RunFork, SummaryIsThatOfItsVisibleRows) {
  MakeRun("a", 9);
  MakeFork("a?_step=4", {.run_id = "b"});
  EXPECT_EQ(SummaryOf("b").rows, 5u);
  EXPECT_EQ(ShownOf("b", "x"), "4");
  SummaryEntry entry = SummaryOf("b").entries.at("x");
  EXPECT_EQ(entry.count, 5u);
  EXPECT_EQ(entry.sum, 10.0);
  EXPECT_EQ(ToText(entry.last.value), "4");
  RunWriter run = Start("b");
  ASSERT_TRUE(run.Log({{"x", 100}}));
  ASSERT_TRUE(run.Finish().ok());
  entry = SummaryOf("b").entries.at("x");
  EXPECT_EQ(entry.sum, 110.0);
  EXPECT_EQ(entry.max->step, 5);
  EXPECT_EQ(entry.first.step, 0);
}

TEST_F(RunFork, SaysWhereItComesFromAndItsParentListsIt) {
  MakeRun("a", 9);
  ASSERT_TRUE(store().Rewind(At("a?_step=8")));
  MakeFork("a@0?_step=4", {.run_id = "b"});
  MakeFork("a?_step=3", {.run_id = "c"});
  const auto from = InfoOf("b").forked_from;
  ASSERT_TRUE(from);
  EXPECT_EQ(from->run_id, "a");
  EXPECT_EQ(from->branch, 0u);
  EXPECT_EQ(from->step, 4);
  EXPECT_FALSE(from->deleted);
  const auto lineage = store().ReadLineage("a");
  ASSERT_TRUE(lineage);
  ASSERT_EQ(lineage->forks.size(), 2u);
  EXPECT_EQ(lineage->forks[0].run_id, "b");
  EXPECT_EQ(lineage->forks[0].at.step, 4);
  EXPECT_EQ(lineage->forks[1].run_id, "c");
}

TEST_F(RunFork, OfARunningRunGoesOnItsOwnWay) {
  RunWriter parent = Start("a");
  LogSteps(parent, 0, 5);
  MakeFork("a?_step=3", {.run_id = "b"});
  RunWriter child = Start("b");
  ASSERT_TRUE(child.Log({{"x", -4}}));
  ASSERT_TRUE(parent.Log({{"x", 6}}));
  EXPECT_EQ(RowsOf("b"), (Lines{"0 x=0", "1 x=1", "2 x=2", "3 x=3", "4 x=-4"}));
  EXPECT_EQ(StepsOf("a").size(), 7u);
}

TEST_F(RunFork, OfARunningRunSeesItsRowsAtEveryDurability) {
  for (const Durability durability : {Durability::kNone, Durability::kProcess, Durability::kDisk}) {
    Reopen({.durability = durability});
    const std::string id = std::to_string(static_cast<int>(durability));
    RunWriter parent = Start("p" + id);
    LogSteps(parent, 0, 5);
    EXPECT_EQ(Start("f" + id, {.fork_from = At("p" + id)}).next_step(), 6);
  }
}

TEST_F(RunFork, CommitsTheOpenRowOfItsOwnStoresWriter) {
  RunWriter parent = Start("a");
  ASSERT_TRUE(parent.Log({{"x", 1}}, {.step = 3}));
  MakeFork("a?_step=3", {.run_id = "b"});
  EXPECT_EQ(RowsOf("b"), (Lines{"3 x=1"}));
  EXPECT_EQ(CodeOf(parent.Log({{"y", 1}}, {.step = 3})), Code::kOutOfOrder);
}

TEST_F(RunFork, OfAForkOfAForkSeesAllItsAncestors) {
  MakeRun("r0", 3);
  Lines rows = RowsOf("r0");
  for (int depth = 1; depth <= 16; ++depth) {
    const Moment parent = At("r" + std::to_string(depth - 1));
    RunWriter run = Start("r" + std::to_string(depth), {.fork_from = parent});
    LogSteps(run, depth + 3, depth + 3);
    rows.push_back(std::to_string(depth + 3) + " x=" + std::to_string(depth + 3));
  }
  EXPECT_EQ(RowsOf("r16"), rows);
  EXPECT_EQ(SummaryOf("r16").entries.at("x").sum, 190.0);
}

TEST_F(RunFork, KeepsItsRowsWhenItsParentIsDeleted) {
  MakeRun("a", 9);
  MakeFork("a?_step=4", {.run_id = "b"});
  ASSERT_TRUE(store().Delete("a").ok());
  EXPECT_EQ(CodeOf(store().ReadRun("a")), Code::kNotFound);
  EXPECT_EQ(StepsOf("b"), (std::vector<Step>{0, 1, 2, 3, 4}));
  const auto from = InfoOf("b").forked_from;
  ASSERT_TRUE(from);
  EXPECT_TRUE(from->deleted);
  EXPECT_EQ(from->run_id, "a");
  Reopen();
  RunWriter run = Start("b");
  LogSteps(run, 5, 6);
  EXPECT_EQ(StepsOf("b"), (std::vector<Step>{0, 1, 2, 3, 4, 5, 6}));
}

TEST_F(RunFork, KeepsItsRowsWhenItsParentIsRewound) {
  MakeRun("a", 9);
  MakeFork("a?_step=7", {.run_id = "b"});
  ASSERT_TRUE(store().Rewind(At("a?_step=2")));
  RunWriter parent = Start("a");
  ASSERT_TRUE(parent.Log({{"x", -3}}));
  EXPECT_EQ(RowsOf("b")[3], "3 x=3");
  EXPECT_EQ(StepsOf("b").size(), 8u);
}

TEST_F(RunFork, ReadsItsOwnRowsAloneIfAsked) {
  MakeRun("a", 4);
  MakeFork("a", {.run_id = "b"});
  RunWriter run = Start("b");
  LogSteps(run, 5, 6);
  EXPECT_EQ(StepsOf("b", {.own = true}), (std::vector<Step>{5, 6}));
  EXPECT_EQ(StepsOf("b").size(), 7u);
}

TEST_F(RunFork, GoesToTheParentsProjectOrAnother) {
  MakeRun("a", 4, {.project = "me/one"});
  EXPECT_EQ(MakeFork("a?_step=2", {.project = "me/two", .run_id = "b"}).project, "me/two");
  EXPECT_EQ(MakeFork("me/one/a?_step=2", {.run_id = "c"}).project, "me/one");
  EXPECT_EQ(StepsOf("me/two/b"), (std::vector<Step>{0, 1, 2}));
}

TEST_F(RunFork, MayBeStartedInOneCall) {
  MakeRun("a", 9);
  const RunWriter run = Start("b", {.fork_from = At("a?_step=4"), .config = {{"lr", 3}}});
  EXPECT_FALSE(run.resumed());
  EXPECT_EQ(run.next_step(), 5);
  EXPECT_EQ(ConfigOf("b"), (Lines{"lr=3"}));
}

TEST_F(RunFork, OntoItselfPointsToRewindAndTheOtherWayRound) {
  MakeRun("a", 3);
  const auto onto_itself = store().StartRun({.run_id = "a", .fork_from = At("a?_step=1")});
  EXPECT_EQ(CodeOf(onto_itself), Code::kInvalidArgument);
  for (const char* way : {"rewind", "resume_from"}) {
    EXPECT_NE(MessageOf(onto_itself).find(way), std::string::npos) << MessageOf(onto_itself);
  }
  const auto of_another = store().StartRun({.run_id = "b", .resume_from = At("a?_step=1")});
  EXPECT_EQ(CodeOf(of_another), Code::kInvalidArgument);
  EXPECT_NE(MessageOf(of_another).find("fork_from"), std::string::npos) << MessageOf(of_another);
}

TEST_F(RunFork, OfAnotherProcessesRowsWaitsForNobody) {
  RunWriter parent = Start("a");
  LogSteps(parent, 0, 5);
  auto other = Store::Open(path());
  ASSERT_TRUE(other) << other.error().ToString();
  ASSERT_TRUE(other->Fork(At("a?_step=3"), {.run_id = "b"}));
  ASSERT_TRUE(other->Close().ok());
  EXPECT_EQ(StepsOf("b"), (std::vector<Step>{0, 1, 2, 3}));
  EXPECT_EQ(parent.Log({{"x", 6}}), 6);
}

}  // namespace
}  // namespace reprise
