#include "tools/lineage_tree.h"

#include <gtest/gtest.h>

namespace reprise::tools {
namespace {

Lineage SomeRun(const std::string& id, std::uint64_t rows, TimeMicros created) {
  Lineage lineage;
  lineage.run.project = "home/demo";
  lineage.run.run_id = id;
  lineage.run.state = RunState::kFinished;
  lineage.run.rows = rows;
  lineage.run.last_step = static_cast<Step>(rows) - 1;
  lineage.run.created = created;
  BranchInfo head;
  head.last_step = lineage.run.last_step;
  head.own_rows = rows;
  lineage.branches = {head};
  return lineage;
}

void Rewind(Lineage* lineage, Step step) {
  BranchInfo& old = lineage->branches.back();
  old.archived = true;
  BranchInfo head;
  head.ordinal = old.ordinal + 1;
  head.base = Origin{"home/demo", lineage->run.run_id, old.ordinal, step, false};
  head.last_step = step;
  lineage->branches.push_back(head);
  lineage->run.branch = head.ordinal;
  lineage->run.last_step = step;
  lineage->run.rows = static_cast<std::uint64_t>(step) + 1;
}

void ForkFrom(const Lineage& parent, std::uint32_t branch, Step step, Lineage* fork) {
  fork->run.forked_from = Origin{parent.run.project, parent.run.run_id, branch, step, false};
}

TEST(DrawForest, DrawsRunsUnderTheirProjects) {
  EXPECT_EQ(DrawForest({SomeRun("b", 2000, 2), SomeRun("a", 1, 1)}),
            "home/demo\n"
            "├─ a  finished  1 row to step 0\n"
            "└─ b  finished  2,000 rows to step 1,999\n");
}

TEST(DrawForest, HangsForksUnderTheBranchTheyLeft) {
  Lineage base = SomeRun("base", 3501, 1);
  Rewind(&base, 2000);
  Lineage early = SomeRun("early", 100, 2);
  ForkFrom(base, 0, 1200, &early);
  Lineage late = SomeRun("late", 100, 3);
  ForkFrom(base, 1, 1999, &late);
  EXPECT_EQ(DrawForest({late, early, base}),
            "home/demo\n"
            "└─ base  finished  2,001 rows to step 2,000\n"
            "   ├─ @0  archived  3,501 own rows to step 3,500\n"
            "   │  └─ early  finished  100 rows to step 99, forked at step 1,200\n"
            "   └─ @1  head      0 own rows to step 2,000, from @0 at step 2,000\n"
            "      └─ late  finished  100 rows to step 99, forked at step 1,999\n");
}

TEST(DrawForest, KeepsForksOfDeletedRunsAsRoots) {
  Lineage orphan = SomeRun("orphan", 5, 1);
  orphan.run.forked_from = Origin{"", "", 0, 3, true};
  EXPECT_EQ(DrawForest({orphan}),
            "home/demo\n"
            "└─ orphan  finished  5 rows to step 4, forked from a deleted run at step 3\n");
}

TEST(DrawTree, DrawsOneRunAndItsForks) {
  const Lineage base = SomeRun("base", 10, 1);
  Lineage fork = SomeRun("fork", 12, 2);
  ForkFrom(base, 0, 9, &fork);
  const std::vector<Lineage> runs = {SomeRun("other", 1, 0), fork, base};
  EXPECT_EQ(DrawTree(runs, 2),
            "home/demo/base  finished  10 rows to step 9\n"
            "└─ fork  finished  12 rows to step 11, forked at step 9\n");
}

}  // namespace
}  // namespace reprise::tools
