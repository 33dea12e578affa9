// Callers that wait for the disk at the same time share its syncs.
#include <chrono>
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

}  // namespace
}  // namespace reprise
