// Callers that wait for the disk at the same time share its syncs.
#include "engine/log/group_commit.h"

#include <atomic>
#include <chrono>
#include <latch>
#include <mutex>
#include <thread>

#include "tests/engine/log/log_fixture.h"

namespace reprise {
namespace {

class GroupCommitTest : public LogFixture {
 protected:
  // Each of so many threads logs so many rows and waits for each to be synced: how many of these
  // calls failed.
  int LogFromThreads(int threads, int rows) {
    std::atomic<int> failures{0};
    std::vector<std::thread> running;
    for (int t = 0; t < threads; ++t) {
      running.emplace_back([&, t] {
        const auto run = log_->DefineRun({{9, static_cast<std::uint64_t>(t)}, 0}, 1);
        const std::vector<ValueView> values{1.0};
        for (Step step = 0; step < rows; ++step) {
          const auto sequence = log_->AddRow({run, loss_, step, 0, true, false, true, values});
          if (!sequence.has_value() || !log_->SyncThrough(*sequence).ok() ||
              log_->last_synced() < *sequence) {
            ++failures;
          }
        }
      });
    }
    for (std::thread& thread : running) thread.join();
    return failures;
  }
};

TEST_F(GroupCommitTest, ThreadsShareSyncs) {
  constexpr int kThreads = 8;
  constexpr int kRows = 20;
  Open();
  FakeDisk& disk = disk_;
  disk.on_sync = [](std::string_view) -> Status {
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    return {};
  };
  EXPECT_EQ(LogFromThreads(kThreads, kRows), 0);
  EXPECT_LT(disk.syncs, kThreads * kRows);
  EXPECT_EQ(Read().parts.size(), static_cast<std::size_t>(kThreads * kRows));
}

TEST_F(GroupCommitTest, AFailureReachesEveryWaiterAndLosesNothing) {
  constexpr int kThreads = 4;
  constexpr int kRows = 50;
  options_.file_bytes = 4000;
  Open();
  disk_.on_sync = [calls = 0](std::string_view) mutable -> Status {
    std::this_thread::sleep_for(std::chrono::microseconds(200));
    return ++calls % 10 == 5 ? Status::Error(Code::kIoError, "now and then") : Status();
  };
  EXPECT_EQ(LogFromThreads(kThreads, kRows), 0);
  for (auto& [name, content] : disk_.files) {
    EXPECT_EQ(content->syncs_after_failure, 0);
    content->bytes = content->durable;
  }
  EXPECT_EQ(Read(kOtherBoot).parts.size(), static_cast<std::size_t>(kThreads * kRows));
}

// The second waits to lead the next sync; meanwhile all is synced and the file ends.
TEST_F(GroupCommitTest, WhoWaitsToLeadMayFindTheFileEnded) {
  Open();
  std::latch synced(1);
  disk_.on_sync = [&](std::string_view) -> Status {
    synced.wait();
    return {};
  };
  const auto pause = [] { std::this_thread::sleep_for(std::chrono::milliseconds(20)); };
  const auto log_and_sync = [this](Step step) {
    const auto sequence = Add(step, true);
    EXPECT_TRUE(sequence.has_value() && log_->SyncThrough(*sequence).ok());
  };
  std::thread leads([&] { log_and_sync(0); });
  pause();
  std::thread waits_to_lead([&] { log_and_sync(1); });
  pause();
  std::thread rotates([&] { EXPECT_TRUE(log_->Rotate().ok()); });
  pause();
  synced.count_down();
  for (std::thread* thread : {&leads, &waits_to_lead, &rotates}) thread->join();
  EXPECT_EQ(Read().steps(), (std::vector<Step>{0, 1}));
}

// What GroupCommit is for, without a log: positions that are handed out, and work that covers them.
class Rounds {
 public:
  // Returns when the position that it took is covered.
  void Call() {
    std::unique_lock lock(mutex_);
    const std::uint64_t position = ++written_;
    while (covered_ < position) {
      if (!commit_.Lead(lock, position)) {
        if (covered_ >= position) return;
        lock.lock();
        continue;
      }
      Work(lock);
      lock.lock();
    }
  }

  int leaders_at_once() const { return leaders_at_once_; }
  std::uint64_t rounds() const { return rounds_; }

 private:
  void Work(std::unique_lock<std::mutex>& lock) {
    const std::uint64_t upto = written_;
    commit_.Begin(upto);
    lock.unlock();
    const int leaders = ++leading_;
    if (leaders > 1) leaders_at_once_ = leaders;
    std::this_thread::yield();
    --leading_;
    lock.lock();
    ++rounds_;
    // A round may fail: every tenth covers nothing, and its callers come again.
    if (rounds_ % 10 != 0) covered_ = upto;
    commit_.Finish(lock);
  }

  std::mutex mutex_;
  GroupCommit commit_;
  std::uint64_t written_ = 0;
  std::atomic<std::uint64_t> covered_ = 0;
  std::atomic<std::uint64_t> rounds_ = 0;
  std::atomic<int> leading_ = 0;
  std::atomic<int> leaders_at_once_ = 1;
};

TEST(GroupCommit, OneLeadsAtATimeAndEveryCallerIsCovered) {
  constexpr std::uint64_t kThreads = 16;
  constexpr std::uint64_t kCalls = 500;
  Rounds rounds;
  std::vector<std::thread> threads;
  for (std::uint64_t t = 0; t < kThreads; ++t) {
    threads.emplace_back([&rounds] {
      for (std::uint64_t i = 0; i < kCalls; ++i) rounds.Call();
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(rounds.leaders_at_once(), 1);
  EXPECT_LT(rounds.rounds(), kThreads * kCalls);
}

TEST(GroupCommit, WhoIsCoveredByTheRoundThatRunsDoesNotWaitForTheNext) {
  GroupCommit commit;
  std::mutex mutex;
  std::unique_lock leader(mutex);
  ASSERT_TRUE(commit.Lead(leader, 1));
  commit.Begin(2);
  leader.unlock();
  std::atomic<bool> has_mutex = false;
  std::thread covered([&] {
    std::unique_lock lock(mutex);
    has_mutex = true;
    EXPECT_FALSE(commit.Lead(lock, 2));
    EXPECT_FALSE(lock.owns_lock());
  });
  while (!has_mutex) std::this_thread::yield();
  leader.lock();  // it gives the mutex back only to wait
  commit.Finish(leader);
  covered.join();  // though no round follows
  leader.lock();
  EXPECT_TRUE(commit.Lead(leader, 3));
  commit.Finish(leader);
}

}  // namespace
}  // namespace reprise
