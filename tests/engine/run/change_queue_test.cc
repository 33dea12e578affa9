// Callers that share a transaction, with a commit that only notes what it was given.
#include "engine/run/change_queue.h"

#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <mutex>
#include <new>
#include <thread>
#include <vector>

#include "tests/support/eventually.h"

namespace reprise {
namespace {

using Build = ChangeQueue::Build;
using Builds = std::span<const Build* const>;

constexpr std::size_t kCallers = 20;

class ChangeQueueTest : public ::testing::Test {
 protected:
  // Holds every commit back until `callers` wait in the queue, the first one included.
  Status CommitOnceAllWait(Builds builds, std::size_t callers) {
    EXPECT_TRUE(Eventually([&] { return queue_.waiting() >= callers || commits_ > 0; }));
    return Note(builds);
  }

  Status Note(Builds builds) {
    const std::lock_guard lock(mutex_);
    ++commits_;
    for (const Build* build : builds) {
      if (build == bad_) return Status::Error(Code::kBusy, "this one cannot be");
    }
    for (const Build* build : builds) ++committed_[build];
    return {};
  }

  // kCallers threads make `builds_`, all of them in the queue before the first is committed.
  std::vector<Status> MakeAll() {
    std::vector<Status> statuses(kCallers);
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < kCallers; ++i) {
      threads.emplace_back([&, i] {
        statuses[i] = queue_.Make(
            builds_[i], [&](Builds builds) { return CommitOnceAllWait(builds, kCallers); });
      });
    }
    for (std::thread& thread : threads) thread.join();
    return statuses;
  }

  ChangeQueue queue_;
  std::vector<Build> builds_{kCallers, [](ChangeBuilder&) { return Status(); }};
  const Build* bad_ = nullptr;
  std::mutex mutex_;
  std::atomic<int> commits_ = 0;
  std::map<const Build*, int> committed_;
};

TEST_F(ChangeQueueTest, CommitsTogetherWhatCameMeanwhile) {
  for (const Status& status : MakeAll()) EXPECT_TRUE(status.ok());
  // The first one's, with those that were there when it looked, and one for all others.
  EXPECT_LE(commits_, 2);
  EXPECT_EQ(committed_.size(), kCallers);
  for (const auto& [build, times] : committed_) EXPECT_EQ(times, 1);
  EXPECT_EQ(queue_.waiting(), 0U);
}

TEST_F(ChangeQueueTest, AFailureIsItsOwnersAlone) {
  bad_ = &builds_[kCallers / 2];
  const std::vector<Status> statuses = MakeAll();
  for (std::size_t i = 0; i < kCallers; ++i) {
    EXPECT_EQ(statuses[i].code(), &builds_[i] == bad_ ? Code::kBusy : Code::kOk) << i;
  }
  EXPECT_EQ(committed_.size(), kCallers - 1);
  for (const auto& [build, times] : committed_) EXPECT_EQ(times, 1);
}

TEST_F(ChangeQueueTest, ACallerWhoseMemoryRunsOutLeavesTheOthersWaiting) {
  std::thread second;
  const auto runs_out = [&](Builds) -> Status {
    second = std::thread([&] {
      const auto commit = [&](Builds builds) { return Note(builds); };
      EXPECT_TRUE(queue_.Make(builds_[1], commit).ok());
    });
    EXPECT_TRUE(Eventually([&] { return queue_.waiting() == 2; }));
    throw std::bad_alloc();
  };
  EXPECT_THROW(static_cast<void>(queue_.Make(builds_[0], runs_out)), std::bad_alloc);
  second.join();
  EXPECT_EQ(committed_, (std::map<const Build*, int>{{&builds_[1], 1}}));
  EXPECT_EQ(queue_.waiting(), 0U);
}

}  // namespace
}  // namespace reprise
