// Two writers of one run, in two processes or in one: who may write, who is told what, and what
// becomes of the rows.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <array>

#include "tests/support/child_process.h"
#include "tests/support/gate.h"
#include "tests/support/run_fixture.h"

namespace reprise {
namespace {

// What a child does with a store of its own; it ends without destructors, as _exit does.
class TwoWriters : public RunFixture {
 protected:
  Store OpenAnew(Durability durability = Durability::kProcess) {
    Options options;
    options.durability = durability;
    return Store::Open(path(), options).value();
  }
  static RunWriter StartIn(Store& store, bool takeover = false) {
    RunOptions options;
    options.run_id = "r";
    options.resume = Resume::kAllow;
    options.takeover = takeover;
    return store.StartRun(options).value();
  }

  // A child that logs `rows` committed rows and one that stays open, and then lives until it is
  // told to go on, or dies.
  pid_t StartHolder(int rows, Durability durability = Durability::kProcess) {
    return StartChild([&, rows, durability] {
      Store store = OpenAnew(durability);
      RunWriter run = StartIn(store);
      for (int i = 0; i < rows; ++i) run.Log({{"x", i}}).value();
      run.Log({{"x", rows}}, {.step = rows, .commit = false}).value();
      holds_.Open();
      go_on_.Wait();
      Code code = Code::kOk;
      for (int i = 0; i < 20 && code == Code::kOk; ++i) {
        code = CodeOf(run.Log({{"late", i}}));
        usleep(20'000);
      }
      return static_cast<int>(code);
    });
  }

  Gate holds_;
  Gate go_on_;
};

TEST_F(TwoWriters, TheSecondLearnsWhoHoldsTheRun) {
  const pid_t child = StartHolder(3);
  ASSERT_TRUE(holds_.Wait());
  RunOptions options{.run_id = "r", .resume = Resume::kAllow};
  const auto second = store().StartRun(options);
  ASSERT_EQ(CodeOf(second), Code::kBusy);
  std::array<char, 256> host{};
  gethostname(host.data(), host.size() - 1);
  EXPECT_NE(MessageOf(second).find(fmt::format("pid {} ", child)), std::string::npos);
  EXPECT_NE(MessageOf(second).find(host.data()), std::string::npos);
  EXPECT_NE(MessageOf(second).find("since 20"), std::string::npos) << MessageOf(second);
  ASSERT_TRUE(go_on_.Open());
  EXPECT_EQ(WaitFor(child), static_cast<int>(Code::kOk));
}

TEST_F(TwoWriters, ATakeoverFencesTheLivingHolder) {
  const pid_t child = StartHolder(3);
  ASSERT_TRUE(holds_.Wait());
  RunWriter run = Start("r", {.takeover = true});
  EXPECT_EQ(run.next_step(), 4);
  ASSERT_TRUE(go_on_.Open());
  EXPECT_EQ(WaitFor(child), static_cast<int>(Code::kFenced));
  EXPECT_TRUE(run.Log({{"mine", 1}}));
  EXPECT_EQ(RowsOf("r"), (Lines{"0 x=0", "1 x=1", "2 x=2", "3 x=3", "4 mine=1"}));
}

TEST_F(TwoWriters, RowsThatAFencedHolderStillHadInMemoryAreNotHistory) {
  const pid_t child = StartHolder(3, Durability::kNone);
  ASSERT_TRUE(holds_.Wait());
  RunWriter run = Start("r", {.takeover = true});
  const Step next = run.next_step();
  ASSERT_TRUE(go_on_.Open());
  EXPECT_EQ(WaitFor(child), static_cast<int>(Code::kFenced));
  EXPECT_EQ(StepsOf("r").size(), static_cast<std::size_t>(next));
  EXPECT_EQ(SummaryOf("r").entries.count("late"), 0U);
}

TEST_F(TwoWriters, ATakeoverCommitsTheOpenRow) {
  const pid_t child = StartHolder(0);
  ASSERT_TRUE(holds_.Wait());
  EXPECT_EQ(RowsOf("r"), (Lines{"0 x=0 (open)"}));
  RunWriter run = Start("r", {.takeover = true});
  EXPECT_EQ(RowsOf("r"), (Lines{"0 x=0"}));
  EXPECT_EQ(CodeOf(run.Log({{"y", 1}}, {.step = 0})), Code::kOutOfOrder);
  ASSERT_TRUE(go_on_.Open());
  WaitFor(child);
}

TEST_F(TwoWriters, TheLeaseOfADeadHolderFallsAtOnceAndItsRowsAreThere) {
  const pid_t child = StartHolder(3);
  ASSERT_TRUE(holds_.Wait());
  kill(child, SIGKILL);
  WaitFor(child);
  RunWriter run = Start("r", {.resume = Resume::kMust});
  EXPECT_EQ(run.next_step(), 4);
  EXPECT_EQ(RowsOf("r"), (Lines{"0 x=0", "1 x=1", "2 x=2", "3 x=3"}));
}

TEST_F(TwoWriters, ReadersSeeADeadHoldersRowsBeforeAnyoneRecoversThem) {
  const pid_t child = StartHolder(1);
  ASSERT_TRUE(holds_.Wait());
  EXPECT_EQ(InfoOf("r").state, RunState::kRunning);
  kill(child, SIGKILL);
  WaitFor(child);
  Reopen({.read_only = true});
  EXPECT_EQ(InfoOf("r").state, RunState::kCrashed);
  EXPECT_EQ(StepsOf("r"), (std::vector<Step>{0, 1}));
}

TEST_F(TwoWriters, InOneProcessTheSameRulesHold) {
  RunWriter first = Start("r");
  LogSteps(first, 0, 2);
  ASSERT_TRUE(first.Log({{"x", 3}}, {.step = 3}));
  EXPECT_EQ(StartCode({.run_id = "r", .resume = Resume::kAllow}), Code::kBusy);
  RunWriter second = Start("r", {.takeover = true});
  EXPECT_EQ(second.next_step(), 4);
  EXPECT_EQ(CodeOf(first.Log({{"late", 1}})), Code::kFenced);
  EXPECT_EQ(CodeOf(first.Log({{"late", 1}})), Code::kFenced);
  EXPECT_EQ(CodeOf(first.Rewind(0)), Code::kFenced);
  EXPECT_EQ(CodeOf(first.UpdateConfig({{"late", 1}})), Code::kFenced);
  EXPECT_EQ(CodeOf(first.SetSummary("late", 1)), Code::kFenced);
  EXPECT_EQ(CodeOf(first.Finish()), Code::kFenced);
  EXPECT_TRUE(second.Log({{"x", 4}}));
  EXPECT_EQ(StepsOf("r"), (std::vector<Step>{0, 1, 2, 3, 4}));
  EXPECT_TRUE(ConfigOf("r").empty());
}

TEST_F(TwoWriters, AFencedHolderMayCloseItsStore) {
  const pid_t child = StartChild([&] {
    Store store = OpenAnew();
    RunWriter run = StartIn(store);
    run.Log({{"x", 0}}).value();
    holds_.Open();
    go_on_.Wait();
    return store.Close().ok() ? 0 : 1;
  });
  ASSERT_TRUE(holds_.Wait());
  RunWriter run = Start("r", {.takeover = true});
  ASSERT_TRUE(go_on_.Open());
  EXPECT_EQ(WaitFor(child), 0);
  EXPECT_TRUE(run.Log({{"x", 1}}));
  EXPECT_EQ(StepsOf("r"), (std::vector<Step>{0, 1}));
}

// --- a child of fork(2)

TEST_F(TwoWriters, HandlesAreInertInAChildOfFork) {
  RunWriter run = Start("r");
  LogSteps(run, 0, 1);
  auto history = store().OpenHistory(At("r"));
  ASSERT_TRUE(history);
  const int result = RunInChild([&] {
    const bool inert =
        CodeOf(run.Log({{"x", 2}})) == Code::kClosed && CodeOf(run.Rewind(0)) == Code::kClosed &&
        CodeOf(run.UpdateConfig({{"a", 1}})) == Code::kClosed &&
        CodeOf(run.SetSummary("a", 1)) == Code::kClosed && CodeOf(run.Sync()) == Code::kClosed &&
        CodeOf(run.Finish()) == Code::kClosed && CodeOf(store().ReadRun("r")) == Code::kClosed &&
        CodeOf(store().OpenHistory(At("r"))) == Code::kClosed &&
        CodeOf(store().Fork(At("r"))) == Code::kClosed && CodeOf(store().Close()) == Code::kClosed;
    { const RunWriter gone = std::move(run); }  // a destructor is harmless too
    return inert ? 0 : 1;
  });
  EXPECT_EQ(result, 0);
  EXPECT_TRUE(run.Log({{"x", 2}}));
  EXPECT_EQ(RowsOf("r"), (Lines{"0 x=0", "1 x=1", "2 x=2"}));
  EXPECT_EQ(InfoOf("r").state, RunState::kRunning);
}

TEST_F(TwoWriters, AChildOfForkMayOpenTheStoreAnew) {
#ifdef __SANITIZE_THREAD__
  GTEST_SKIP() << "ThreadSanitizer dies where a child of fork starts a thread with its parent's id";
#endif
  RunWriter run = Start("r");
  LogSteps(run, 0, 1);
  const int result = RunInChild([&] {
    Store store = OpenAnew();
    RunOptions options{.run_id = "child"};
    RunWriter own = store.StartRun(options).value();
    const bool logged = own.Log({{"x", 1}}).has_value() && own.Finish().ok();
    return logged && store.Close().ok() ? 0 : 1;
  });
  EXPECT_EQ(result, 0);
  EXPECT_TRUE(run.Log({{"x", 2}}));
  EXPECT_EQ(StepsOf("r"), (std::vector<Step>{0, 1, 2}));
  EXPECT_EQ(StepsOf("child"), (std::vector<Step>{0}));
}

TEST_F(TwoWriters, AGrandchildThatLivesOnHoldsNoLease) {
  const pid_t child = StartChild([&] {
    Store store = OpenAnew();
    RunWriter run = StartIn(store);
    run.Log({{"x", 0}}).value();
    const pid_t grandchild = StartChild([&] {
      go_on_.Wait();
      return 0;
    });
    holds_.Open();
    return grandchild > 0 ? 0 : 1;
  });
  ASSERT_TRUE(holds_.Wait());
  EXPECT_EQ(WaitFor(child), 0);
  RunWriter run = Start("r", {.resume = Resume::kMust});
  EXPECT_EQ(run.next_step(), 1);
  ASSERT_TRUE(go_on_.Open());
}

// --- many at once

// Waits for its turn, logs one row, gives the run back.
int TakeTurns(Store store, std::int64_t value) {
  for (int turns = 0; turns < 5;) {
    RunOptions options{.run_id = "r", .resume = Resume::kAllow};
    auto run = store.StartRun(options);
    if (!run && run.error().code() == Code::kBusy) continue;
    if (!run) return 1;
    if (!run->Log({{"value", value + turns}}) || !run->Finish().ok()) return 2;
    ++turns;
  }
  return store.Close().ok() ? 0 : 3;
}

TEST_F(TwoWriters, ManyThatTakeTurnsLoseNothing) {
  CloseStore();
  std::vector<pid_t> children;
  for (std::int64_t child = 0; child < 4; ++child) {
    children.push_back(StartChild([&] { return TakeTurns(OpenAnew(), child * 100); }));
  }
  for (const pid_t child : children) EXPECT_EQ(WaitFor(child), 0);
  Reopen();
  EXPECT_EQ(StepsOf("r").size(), 20U);
}

TEST_F(TwoWriters, ManyProcessesWriteRunsOfTheirOwnAtOnce) {
  CloseStore();
  std::vector<pid_t> children;
  for (int child = 0; child < 4; ++child) {
    children.push_back(StartChild([&] {
      Store store = OpenAnew();
      RunOptions options{.run_id = fmt::format("run-{}", child)};
      RunWriter run = store.StartRun(options).value();
      for (int i = 0; i < 300; ++i) {
        if (!run.Log({{"x", i}})) return 1;
        if (i % 50 == 49 && !run.Rewind(run.next_step() - 10).ok()) return 2;
      }
      return run.Finish().ok() && store.Close().ok() ? 0 : 3;
    }));
  }
  for (const pid_t child : children) EXPECT_EQ(WaitFor(child), 0);
  Reopen();
  for (int child = 0; child < 4; ++child) {
    const std::string run = fmt::format("run-{}", child);
    EXPECT_EQ(InfoOf(run).rows, 300U - 6 * 9);
    EXPECT_EQ(InfoOf(run).branch, 6U);
  }
}

}  // namespace
}  // namespace reprise
