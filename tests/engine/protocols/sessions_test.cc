// Protocols, sessions: rules 7 to 9.
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <new>
#include <thread>

#include "engine/log/log_reader.h"
#include "engine/run/session_lock.h"
#include "tests/engine/protocols/protocol_fixture.h"

namespace reprise {
namespace {

// A number that a test and its child process share.
class SharedCount {
 public:
  SharedCount() {
    void* page = mmap(nullptr, sizeof(std::atomic<int>), PROT_READ | PROT_WRITE,
                      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    count_ = new (page) std::atomic<int>(0);
  }
  ~SharedCount() { munmap(count_, sizeof(*count_)); }
  SharedCount(const SharedCount&) = delete;
  SharedCount& operator=(const SharedCount&) = delete;
  std::atomic<int>& operator*() { return *count_; }

 private:
  std::atomic<int>* count_;
};

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

TEST_F(Protocol, Rule07_TheLockIsInPlaceBeforeTheSessionIsKnownAndGoesAtTheEnd) {
  Store recorded = Recorded();
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
  EXPECT_EQ(FilesIn("log", ".lock").size(), 0u);
}

TEST_F(Protocol, Rule07_ASessionIsAliveExactlyWhileItsProcessHoldsTheLock) {
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
  // The dead one's lock is held too for as long as it is being adopted.
  for (int i = 0; i < 1000 && alive() != 1; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  EXPECT_EQ(alive(), 1);
  EXPECT_TRUE(recorded.Close().ok());
  EXPECT_EQ(alive(), 0);
}

TEST_F(Protocol, Rule07_AChildOfForkClosesEverythingAndTouchesNothing) {
  RunWriter run = Start("a");
  LogSteps(run, 0, 5);
  ASSERT_TRUE(HasFilesOpen(path()));
  const int code = RunInChild([&] {
    if (HasFilesOpen(path())) return 1;
    if (CodeOf(run.Log({{"x", 6}})) != Code::kClosed) return 2;
    if (run.Finish().code() != Code::kClosed) return 3;
    if (store().Close().code() != Code::kClosed) return 4;
    RunWriter moved = std::move(run);
    return CodeOf(store().OpenHistory(At("a"))) == Code::kClosed ? 0 : 5;
  });
  EXPECT_EQ(code, 0);
  EXPECT_EQ(run.Log({{"x", 6}}), 6) << "the parent must go on as if nothing had been";
  ASSERT_TRUE(run.Finish().ok());
  EXPECT_EQ(StepsOf("a").size(), 7u);
}

TEST_F(Protocol, Rule08_ATakenOverWriterIsFencedAndItsLaterRowsNeverAppear) {
  RunWriter old = Start("a");
  LogSteps(old, 0, 4);
  Store other = Another();
  auto taker = other.StartRun(TakeoverOf("a"));
  ASSERT_TRUE(taker) << taker.error().ToString();
  EXPECT_EQ(CodeOf(old.Log({{"x", -1}})), Code::kFenced);
  EXPECT_EQ(CodeOf(old.Log({{"x", -2}})), Code::kFenced);
  EXPECT_EQ(old.Rewind(0).code(), Code::kFenced);
  EXPECT_EQ(old.UpdateConfig({{"k", 1}}).code(), Code::kFenced);
  EXPECT_EQ(taker->Log({{"x", 5}}), 5);
  ASSERT_TRUE(taker->Finish().ok());
  EXPECT_TRUE(other.Close().ok());
  EXPECT_EQ(RowsOf("a"), (Lines{"0 x=0", "1 x=1", "2 x=2", "3 x=3", "4 x=4", "5 x=5"}));
}

TEST_F(Protocol, Rule08_TheWriterLooksAtTheLeaseAfterItsWrite) {
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

TEST_F(Protocol, Rule08_ARowWrittenBetweenTakeoverAndFenceIsNotAcknowledged) {
  Store recorded = Recorded();
  auto old = recorded.StartRun(Of("a"));
  ASSERT_TRUE(old);
  LogSteps(*old, 0, 2);
  std::optional<RunWriter> taker;
  recorder_.on_event = [&](const std::string& event) -> Status {
    if (event != "look at the lease" || taker) return {};
    auto taken = store().StartRun(TakeoverOf("a"));  // after the row was written
    if (!taken) return taken.error();
    taker.emplace(std::move(*taken));
    return {};
  };
  EXPECT_EQ(CodeOf(old->Log({{"x", 3}})), Code::kFenced);
  recorder_.on_event = nullptr;
  ASSERT_TRUE(taker);
  // Not acknowledged, but it was in the log before the fence: it may be there, and then the taker
  // must go on after it.
  const Step next = taker->next_step();
  EXPECT_EQ(StepsOf("a").size(), static_cast<std::size_t>(next));
  EXPECT_EQ(taker->Log({{"x", next}}), next);
  ASSERT_TRUE(taker->Finish().ok());
  static_cast<void>(recorded.Close());
}

TEST_F(Protocol, Rule08_AnAcknowledgedRowIsNeverBehindAFence) {
  for (int round = 0; round < 5; ++round) {
    const std::string id = "r" + std::to_string(round);
    SharedCount acknowledged;
    const pid_t child = StartChild([&] {
      auto opened = Store::Open(path());
      auto run = opened->StartRun(Of(id));
      if (!run) return 1;
      for (int i = 0; i < 1'000'000; ++i) {
        const auto logged = run->Log({{"x", i}});
        if (!logged) return CodeOf(logged) == Code::kFenced ? 0 : 2;
        *acknowledged = i + 1;
      }
      return 3;
    });
    while (*acknowledged < 20 * (round + 1)) std::this_thread::yield();
    auto taker = store().StartRun(TakeoverOf(id));
    ASSERT_TRUE(taker) << taker.error().ToString();
    EXPECT_EQ(WaitFor(child), 0);
    EXPECT_GE(taker->next_step(), *acknowledged);
    EXPECT_EQ(StepsOf(id).size(), static_cast<std::size_t>(taker->next_step()));
    ASSERT_TRUE(taker->Finish().ok());
  }
}

TEST_F(Protocol, Rule09_AnyWritingStoreAdoptsADeadSession) {
  ASSERT_TRUE(WriterDies("dead", 0, 9));
  ASSERT_EQ(FilesIn("log", ".log").size(), 1u);
  const std::string log = FilesIn("log", ".log")[0];
  RunWriter other = Start("other");  // nobody resumes `dead`
  for (int i = 0; i < 500 && std::filesystem::exists(log); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  EXPECT_FALSE(std::filesystem::exists(log)) << "a dead run must not keep its log";
  EXPECT_EQ(StepsOf("dead").size(), 10u);
  EXPECT_EQ(InfoOf("dead").state, RunState::kCrashed);
}

}  // namespace
}  // namespace reprise
