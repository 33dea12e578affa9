// Forking: what is shared, what is new, and who may be forked.
#include <gtest/gtest.h>

#include <filesystem>

#include "tests/support/run_fixture.h"

namespace reprise {
namespace {

class Fork : public RunFixture {
 protected:
  void MakeParent(Step last) {
    RunWriter run = Start("p", {.config = {{"lr", 1}, {"seed", 7}}, .notes = "n", .tags = {{"t"}}});
    LogSteps(run, 0, last);
    ASSERT_TRUE(run.Finish().ok());
  }
};

TEST_F(Fork, SharesRowsUpToTheStepAndGoesOnAfterIt) {
  MakeParent(9);
  ASSERT_TRUE(store().Fork(At("p?_step=4"), {.run_id = "f"}));
  RunWriter run = Start("f");
  EXPECT_EQ(run.next_step(), 5);
  run.Log({{"x", 100}}).value();
  EXPECT_EQ(RowsOf("f").back(), "5 x=100");
  EXPECT_EQ(StepsOf("f"), (std::vector<Step>{0, 1, 2, 3, 4, 5}));
  EXPECT_EQ(RowsOf("p")[5], "5 x=5");
}

TEST_F(Fork, WithoutAStepItIsTheWholeCommittedHistory) {
  MakeParent(9);
  ASSERT_TRUE(store().Fork(At("p"), {.run_id = "f"}));
  EXPECT_EQ(Start("f").next_step(), 10);
}

TEST_F(Fork, OwnRowsAreReadOnRequest) {
  MakeParent(3);
  RunWriter run = Start("f", {.fork_from = At("p")});
  LogSteps(run, 4, 6);
  EXPECT_EQ(StepsOf("f", {.own = true}), (std::vector<Step>{4, 5, 6}));
  EXPECT_EQ(StepsOf("f").size(), 7U);
}

TEST_F(Fork, InheritsConfigAndMergesTheGivenOne) {
  MakeParent(3);
  const RunInfo fork =
      store().Fork(At("p"), {.run_id = "f", .config = {{"lr", 2}, {"new", true}}}).value();
  EXPECT_EQ(ConfigOf("f"), (Lines{"lr=2", "new=true", "seed=7"}));
  EXPECT_EQ(ConfigOf("p"), (Lines{"lr=1", "seed=7"}));
  EXPECT_TRUE(fork.tags.empty());
  EXPECT_EQ(fork.notes, "");
  EXPECT_NE(fork.name, InfoOf("p").name);
  EXPECT_EQ(fork.state, RunState::kPending);
}

TEST_F(Fork, OfAnArchiveInheritsConfigAsArchived) {
  {
    RunWriter run = Start("p", {.config = {{"lr", 1}}});
    LogSteps(run, 0, 9);
    ASSERT_TRUE(run.Rewind(4).ok());
    ASSERT_TRUE(run.UpdateConfig({{"lr", 2}}).ok());
  }
  ASSERT_TRUE(store().Fork(At("p@0?_step=7"), {.run_id = "f"}));
  EXPECT_EQ(ConfigOf("f"), (Lines{"lr=1"}));
  EXPECT_EQ(StepsOf("f").size(), 8U);
}

TEST_F(Fork, SummaryIsAsOfTheStep) {
  MakeParent(9);
  ASSERT_TRUE(store().Fork(At("p?_step=4"), {.run_id = "f"}));
  const Summary summary = SummaryOf("f");
  EXPECT_EQ(summary.rows, 5U);
  EXPECT_EQ(summary.entries.at("x").sum, 10.0);
  EXPECT_EQ(ShownOf("f", "x"), "4");
}

TEST_F(Fork, ItsOverviewAndTheParentsNameEachOther) {
  MakeParent(9);
  ASSERT_TRUE(store().Fork(At("p?_step=4"), {.run_id = "f"}));
  const RunInfo fork = InfoOf("f");
  ASSERT_TRUE(fork.forked_from);
  EXPECT_EQ(fork.forked_from->run_id, "p");
  EXPECT_EQ(fork.forked_from->branch, 0U);
  EXPECT_EQ(fork.forked_from->step, 4);
  const Lineage parent = store().ReadLineage("p").value();
  ASSERT_EQ(parent.forks.size(), 1U);
  EXPECT_EQ(parent.forks[0].run_id, "f");
  EXPECT_EQ(parent.forks[0].at.step, 4);
}

TEST_F(Fork, TheParentMayBeRunning) {
  RunWriter parent = Start("p");
  LogSteps(parent, 0, 5);
  ASSERT_TRUE(store().Fork(At("p?_step=3"), {.run_id = "f"}));
  LogSteps(parent, 6, 8);
  RunWriter fork = Start("f");
  LogSteps(fork, 4, 4);
  EXPECT_EQ(StepsOf("f"), (std::vector<Step>{0, 1, 2, 3, 4}));
  EXPECT_EQ(StepsOf("p").size(), 9U);
}

TEST_F(Fork, OfARunningRunSeesItsRowsAtEveryDurability) {
  for (const Durability durability : {Durability::kNone, Durability::kProcess, Durability::kDisk}) {
    Reopen({.durability = durability});
    const std::string id = std::to_string(static_cast<int>(durability));
    RunWriter parent = Start("p" + id);
    LogSteps(parent, 0, 5);
    EXPECT_EQ(Start("f" + id, {.fork_from = At("p" + id)}).next_step(), 6);
  }
}

TEST_F(Fork, CommitsTheOpenRowOfTheOwnWriter) {
  RunWriter parent = Start("p");
  parent.Log({{"x", 1}}, {.step = 3}).value();
  ASSERT_TRUE(store().Fork(At("p?_step=3"), {.run_id = "f"}));
  EXPECT_EQ(RowsOf("f"), (Lines{"3 x=1"}));
  EXPECT_EQ(CodeOf(parent.Log({{"y", 1}}, {.step = 3})), Code::kOutOfOrder);
}

TEST_F(Fork, OfAForkOfAForkReadsThroughAll) {
  MakeParent(3);
  std::string parent = "p";
  for (Step step = 4; step < 20; ++step) {
    const std::string id = "f" + std::to_string(step);
    RunWriter run = Start(id, {.fork_from = At(parent)});
    LogSteps(run, step, step);
    parent = id;
  }
  EXPECT_EQ(StepsOf(parent).size(), 20U);
  EXPECT_EQ(SummaryOf(parent).entries.at("x").sum, 190.0);
}

TEST_F(Fork, OutlivesItsParent) {
  MakeParent(9);
  ASSERT_TRUE(store().Fork(At("p?_step=4"), {.run_id = "f"}));
  ASSERT_TRUE(store().Delete("p").ok());
  EXPECT_EQ(StepsOf("f").size(), 5U);
  const RunInfo fork = InfoOf("f");
  ASSERT_TRUE(fork.forked_from);
  EXPECT_TRUE(fork.forked_from->deleted);
  EXPECT_EQ(fork.forked_from->run_id, "p");
  LogSteps(*std::make_unique<RunWriter>(Start("f")), 5, 6);
  EXPECT_EQ(StepsOf("f").size(), 7U);
}

TEST_F(Fork, GoesToTheParentsProjectOrAnother) {
  { const RunWriter run = Start("p", {.project = "me/cats"}); }
  EXPECT_EQ(store().Fork(At("p"), {.run_id = "f"})->project, "me/cats");
  EXPECT_EQ(store().Fork(At("p"), {.project = "me/dogs", .run_id = "f"})->project, "me/dogs");
}

TEST_F(Fork, OfWhatIsNotThereSaysSo) {
  MakeParent(3);
  EXPECT_EQ(CodeOf(store().Fork(At("nobody"))), Code::kNotFound);
  EXPECT_EQ(CodeOf(store().Fork(At("p@1"))), Code::kNotFound);
  EXPECT_EQ(CodeOf(store().Fork(At("p?_step=4"))), Code::kOutOfRange);
  EXPECT_EQ(CodeOf(store().Fork(At("p"), {.run_id = "p"})), Code::kAlreadyExists);
}

TEST_F(Fork, CopiesNoRows) {
  {
    RunWriter run = Start("p");
    const std::string text(100'000, 'x');
    for (int i = 0; i < 20; ++i) run.Log({{"t", text + std::to_string(i * i)}}).value();
    ASSERT_TRUE(run.Finish().ok());
  }
  CloseStore();
  const auto before = ReadStoreStat(path());
  ASSERT_TRUE(before);
  Reopen();
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(store().Fork(At("p?_step=15")));
  CloseStore();
  const auto after = ReadStoreStat(path());
  ASSERT_TRUE(after);
  EXPECT_EQ(after->segments, before->segments);
  EXPECT_EQ(after->rows, before->rows);
}

}  // namespace
}  // namespace reprise
