// Protocols, sessions: rules 7 to 9.
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <set>

#include "engine/log/log_reader.h"
#include "engine/run/session_lock.h"
#include "tests/engine/protocols/protocol_fixture.h"
#include "tests/support/eventually.h"
#include "tests/support/shared_memory.h"

namespace reprise {
namespace {

using Protocol07 = Protocol;
using Protocol08 = Protocol;
using Protocol09 = Protocol;

// Whether this process has a file of the store open.
bool HasFilesOpen(const std::string& store_path) {
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    std::error_code ignored;
    const std::string target = std::filesystem::read_symlink(entry.path(), ignored);
    if (target.find(store_path + "/log/") != std::string::npos) return true;
    if (target.find(store_path + "/packs/") != std::string::npos) return true;
  }
  return false;
}

TEST_F(Protocol07, TheLockIsInPlaceBeforeTheSessionIsKnownAndGoesAtTheEnd) {
  Store recorded = Recorded();
  EXPECT_EQ(FilesIn("log", ""), Lines{}) << "a store that wrote nothing has no session";
  ASSERT_TRUE(recorded.StartRun(Of("a")));
  const Events events = recorder_.Take();
  const std::size_t made = Find(events, "create log/");
  const std::size_t placed = Find(events, "rename log/", ".lock");
  EXPECT_LT(made, placed) << Joined(events);
  EXPECT_FALSE(events[made].ends_with(".lock")) << "it is made under a temporary name";
  EXPECT_LT(placed, Find(events, "write log/")) << Joined(events);
  EXPECT_LT(placed, Find(events, "commit")) << Joined(events);
  EXPECT_EQ(FilesIn("log", ".lock").size(), 1u);
  EXPECT_TRUE(recorded.Close().ok());
  EXPECT_EQ(FilesIn("log", ""), Lines{});
}

TEST_F(Protocol07, ASessionIsAliveExactlyWhileItsProcessHoldsTheLock) {
  ASSERT_TRUE(WriterDies("dead", 0, 3));
  const auto logs = SystemIo().files->OpenDirectory(path() + "/log");
  const auto dead = ListSessions(**logs);
  ASSERT_TRUE(dead);
  ASSERT_EQ(dead->size(), 1u);
  EXPECT_EQ(IsSessionAlive(**logs, dead->front()), false);
  Store recorded = Recorded();  // keeps its session to itself: nothing is adopted before it writes
  const auto alive = [&] {
    int count = 0;
    const auto sessions = ListSessions(**logs);
    for (const SessionId id : *sessions) count += *IsSessionAlive(**logs, id) ? 1 : 0;
    return count;
  };
  EXPECT_EQ(alive(), 0);
  auto run = recorded.StartRun(Of("a"));
  ASSERT_TRUE(run);
  EXPECT_TRUE(Eventually([&] { return alive() == 1; }))
      << "the dead one's lock is held too, but only while it is being adopted";
  EXPECT_TRUE(recorded.Close().ok());
  EXPECT_EQ(alive(), 0);
}

TEST_F(Protocol07, AChildOfForkClosesEverythingAndTouchesNothing) {
  RunWriter run = Start("a");
  LogSteps(run, 0, 5);
  ASSERT_TRUE(HasFilesOpen(path()));
  const int code = RunInChild([&] {
    if (HasFilesOpen(path())) return 1;
    { const RunWriter gone = std::move(run); }
    return store().Close().code() == Code::kClosed ? 0 : 2;
  });
  EXPECT_EQ(code, 0);
  EXPECT_EQ(run.Log({{"x", 6}}), 6) << "the parent must go on as if nothing had been";
  ASSERT_TRUE(run.Finish().ok());
  EXPECT_EQ(StepsOf("a").size(), 7u);
}

TEST_F(Protocol08, TheWriterLooksAtTheLeaseAfterItsWrite) {
  Store recorded = Recorded();
  auto run = recorded.StartRun(Of("a"));
  ASSERT_TRUE(run);
  recorder_.Take();
  ASSERT_TRUE(run->Log({{"x", 1}}));
  const Events events = recorder_.Take();
  EXPECT_LT(Find(events, "write log/"), Find(events, "look at the lease")) << Joined(events);
  EXPECT_LT(Find(events, "look at the lease"), events.size()) << Joined(events);
  ASSERT_TRUE(run->Finish().ok());
  EXPECT_TRUE(recorded.Close().ok());
}

TEST_F(Protocol08, AtTheDiskLevelARowIsSyncedBeforeItIsAcknowledged) {
  Store recorded = Recorded({.durability = Durability::kDisk});
  auto run = recorded.StartRun(Of("a"));
  ASSERT_TRUE(run);
  recorder_.Take();
  ASSERT_TRUE(run->Log({{"x", 1}}));
  const Events events = recorder_.Take();
  const std::size_t written = Find(events, "write log/");
  EXPECT_LT(written, events.size()) << Joined(events);
  EXPECT_LT(Find(events, "sync log/", ".log", written), events.size()) << Joined(events);
  ASSERT_TRUE(run->Finish().ok());
  EXPECT_TRUE(recorded.Close().ok());
}

// Until the new generation is committed the old holder is told that its rows are logged.
TEST_F(Protocol08, TheEndOfTheLogIsReadAfterTheTakeoverIsCommitted) {
  RunWriter old = Start("a");
  LogSteps(old, 0, 2);
  Store other = Recorded();
  std::atomic<bool> takeover_logged = false;
  std::atomic<bool> row_logged = false;
  recorder_.OnEvent([&](const std::string& event) -> Status {
    if (event.starts_with("write log/")) takeover_logged = true;
    if (event != "commit" || !takeover_logged || row_logged) return {};
    row_logged = true;
    EXPECT_EQ(old.Log({{"x", 3}}), 3);
    return {};
  });
  auto taker = other.StartRun(TakeoverOf("a"));
  recorder_.OnEvent(nullptr);
  ASSERT_TRUE(taker) << taker.error().ToString();
  ASSERT_TRUE(row_logged);
  EXPECT_EQ(taker->next_step(), 4);
  EXPECT_EQ(StepsOf("a"), (std::vector<Step>{0, 1, 2, 3}));
  EXPECT_TRUE(taker->Finish().ok());
  EXPECT_TRUE(other.Close().ok());
}

// The fence says for ever where the log ends: a power cut may not take back what was before it.
TEST_F(Protocol08, TheOldLogIsSyncedBeforeItsRowsAreSealed) {
  RunWriter old = Start("a");
  LogSteps(old, 0, 2);
  const std::string log = std::filesystem::path(FilesIn("log", ".log").at(0)).filename();
  Store other = Recorded();
  auto taker = other.StartRun(TakeoverOf("a"));
  ASSERT_TRUE(taker) << taker.error().ToString();
  const Lines events = recorder_.Take();
  const std::size_t synced = Find(events, "sync log/" + log, "", 0);
  EXPECT_LT(synced, Find(events, "write packs/", "", 0)) << Joined(events);
  EXPECT_TRUE(taker->Finish().ok());
  EXPECT_TRUE(other.Close().ok());
}

TEST_F(Protocol08, ARowWrittenBetweenTakeoverAndFenceIsNotAcknowledged) {
  Store recorded = Recorded();
  auto old = recorded.StartRun(Of("a"));
  ASSERT_TRUE(old);
  LogSteps(*old, 0, 2);
  std::optional<RunWriter> taker;
  recorder_.OnEvent([&](const std::string& event) -> Status {
    if (event != "look at the lease" || taker) return {};
    auto taken = store().StartRun(TakeoverOf("a"));  // after the row was written
    if (!taken) return taken.error();
    taker.emplace(std::move(*taken));
    return {};
  });
  EXPECT_EQ(CodeOf(old->Log({{"x", 3}})), Code::kFenced);
  recorder_.OnEvent(nullptr);
  ASSERT_TRUE(taker);
  // Not acknowledged, but it was in the log before the fence: it may be there, and then the taker
  // must go on after it.
  const Step next = taker->next_step();
  EXPECT_EQ(StepsOf("a").size(), static_cast<std::size_t>(next));
  EXPECT_EQ(taker->Log({{"x", next}}), next);
  ASSERT_TRUE(taker->Finish().ok());
  static_cast<void>(recorded.Close());
}

// Lets a taker seal the passed holder's rows, and fail before it can set the fence.
class StopsBeforeTheFence {
 public:
  Status Look(const std::string& event) {
    sealed_ = sealed_ || event.starts_with("sync packs/");
    if (!sealed_ || !event.starts_with("write log/")) return {};
    // The header of its log, which it has not needed before, and what it sealed.
    return ++log_writes_ <= 2 ? Status() : Status::Error(Code::kNoSpace, "the disk is full");
  }

 private:
  bool sealed_ = false;
  int log_writes_ = 0;
};

TEST_F(Protocol08, TakersThatReadADifferentEndOfTheLogAgreeOnOne) {
  RunWriter old = Start("a");
  LogSteps(old, 0, 2);
  Store slow = Recorded();
  Recorder fast_recorder;
  Store fast = OpenRecorded(path(), fast_recorder, {}).value();
  std::atomic<bool> fast_came = false;
  recorder_.OnEvent([&](const std::string& event) -> Status {
    if (!event.starts_with("write packs/") || fast_came) return {};
    fast_came = true;
    // The slow one has read the log to its end: one row more, and a taker that seals it too.
    EXPECT_EQ(CodeOf(old.Log({{"x", 3}})), Code::kFenced);
    StopsBeforeTheFence stop;
    fast_recorder.OnEvent([&stop](const std::string& its) { return stop.Look(its); });
    EXPECT_EQ(CodeOf(fast.StartRun(TakeoverOf("a"))), Code::kNoSpace);
    fast_recorder.OnEvent(nullptr);
    return {};
  });
  auto second = slow.StartRun(TakeoverOf("a"));
  recorder_.OnEvent(nullptr);
  ASSERT_TRUE(second) << second.error().ToString();
  ASSERT_TRUE(fast_came) << "the slow taker sealed nothing";
  EXPECT_EQ(StepsOf("a"), (std::vector<Step>{0, 1, 2, 3}));
  EXPECT_EQ(second->next_step(), 4);
  EXPECT_TRUE(second->Finish().ok());
  EXPECT_TRUE(slow.Close().ok());
  EXPECT_TRUE(fast.Close().ok());
}

// What all writers together were told is logged.
struct Tally {
  static constexpr std::size_t kCapacity = 100'000;
  std::atomic<std::size_t> used{0};
  std::array<std::atomic<std::int64_t>, kCapacity> acknowledged{};
};

constexpr int kTakeovers = 40;

// Takes the run again and again, and logs until somebody else takes it.
int Wrestle(const std::string& store_path, std::int64_t first, Tally* tally) {
  Store store = Store::Open(store_path).value();
  std::int64_t value = first;
  for (int round = 0; round < kTakeovers; ++round) {
    auto run = store.StartRun({.run_id = "a", .resume = Resume::kAllow, .takeover = true});
    if (!run && run.error().code() == Code::kBusy) continue;
    if (!run) return 1;
    for (int i = 0; i < 200; ++i) {
      const auto step = run->Log({{"value", ++value}});
      if (!step && step.error().code() == Code::kFenced) break;
      if (!step) return 2;
      tally->acknowledged[tally->used++] = value;
    }
  }
  return store.Close().ok() ? 0 : 3;
}

TEST_F(Protocol08, AnAcknowledgedRowIsNeverBehindAFence) {
  const SharedMemory<Tally> tally;
  CloseStore();
  std::vector<pid_t> children;
  for (std::int64_t child = 1; child <= 3; ++child) {
    children.push_back(StartChild([&] { return Wrestle(path(), child * 1'000'000, &*tally); }));
  }
  for (const pid_t child : children) EXPECT_EQ(WaitFor(child), 0);
  Reopen();
  const auto series = store().OpenHistory(At("a"))->ReadSeries("value");
  ASSERT_TRUE(series);
  std::multiset<std::int64_t> found;
  for (const Value& value : series->values) found.insert(value.as_int64());
  for (std::size_t i = 0; i < tally->used; ++i) {
    EXPECT_EQ(found.count(tally->acknowledged[i]), 1u) << tally->acknowledged[i];
  }
  EXPECT_EQ(series->steps.back() + 1, static_cast<Step>(series->steps.size()))
      << "a taker goes on right after the last row";
  // A call that was fenced may have written its row before it was, once for each takeover.
  EXPECT_LE(found.size(), tally->used + std::size_t{3} * kTakeovers);
}

TEST_F(Protocol09, AnyWritingStoreAdoptsADeadSession) {
  ASSERT_TRUE(DiesAfter([&](Store& child) -> std::optional<RunWriter> {
    auto run = child.StartRun(Of("dead"));
    for (int i = 0; run && i < 9; ++i) run->Log({{"x", i}}).value();
    if (!run || !run->Log({{"x", 9}}, {.step = 9})) return std::nullopt;
    return std::move(*run);
  }));
  const std::vector<std::string> left = FilesIn("log", "");
  ASSERT_EQ(left.size(), 2u) << "its lock and its log";
  const RunWriter other = Start("other");  // nobody resumes `dead`
  for (const std::string& file : left) {
    EXPECT_TRUE(Eventually([&] { return !std::filesystem::exists(file); })) << file;
  }
  EXPECT_EQ(StepsOf("dead").size(), 10u);
  EXPECT_EQ(RowsOf("dead").back(), "9 x=9") << "it is committed";
  EXPECT_EQ(InfoOf("dead").state, RunState::kCrashed);
}

TEST_F(Protocol09, RecoveryMayBeDoneAgainAndAgain) {
  ASSERT_TRUE(WriterDies("a", 0, 4));
  for (int i = 0; i < 3; ++i) {
    // Recovers the one before, and dies with the lease and nothing new.
    ASSERT_TRUE(DiesAfter([&](Store& child) -> std::optional<RunWriter> {
      auto run = child.StartRun(Of("a", Resume::kMust));
      if (!run || run->next_step() != 5) return std::nullopt;
      return std::move(*run);
    }));
  }
  EXPECT_EQ(Start("a").next_step(), 5);
  EXPECT_EQ(StepsOf("a"), (std::vector<Step>{0, 1, 2, 3, 4}));
}

}  // namespace
}  // namespace reprise
