// Writing large groups in the background: logging goes on meanwhile, and order, errors and bounds
// are as if callers wrote.
#include <gmock/gmock.h>

#include <atomic>
#include <chrono>
#include <latch>
#include <thread>
#include <vector>

#include "tests/engine/log/log_fixture.h"

namespace reprise {
namespace {

using ::testing::ElementsAreArray;

constexpr std::size_t kFlushBytes = 1000;

class BackgroundFlush : public LogFixture {
 protected:
  BackgroundFlush() {
    options_.background_flush = true;
    options_.flush_bytes = kFlushBytes;
  }

  // Opens a log whose file exists, so that groups can be handed over.
  void OpenWithFile() {
    Open();
    ASSERT_TRUE(Add(0, true).has_value());
  }

  // Adds rows from `first` until one is refused, at most `most`: how many were taken.
  Step AddUntilRefused(Step first, Step most) {
    Step taken = 0;
    while (taken < most && Add(first + taken).has_value()) ++taken;
    return taken;
  }

  void WaitForWrites(std::size_t count) {
    for (int i = 0; i < 5000; ++i) {
      {
        const std::lock_guard lock(disk_.mutex);
        if (disk_.write_offsets.size() >= count) return;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    FAIL() << "nothing was written";
  }
};

std::vector<Step> StepsThrough(Step last) {
  std::vector<Step> steps;
  for (Step step = 0; step <= last; ++step) steps.push_back(step);
  return steps;
}

TEST_F(BackgroundFlush, WritesWhatNobodyAskedFor) {
  OpenWithFile();
  for (Step step = 1; step <= 100; ++step) ASSERT_TRUE(Add(step).has_value());
  WaitForWrites(2);
  EXPECT_EQ(disk_.syncs, 0);
  ASSERT_TRUE(log_->Flush().ok());
  EXPECT_THAT(Read().steps(), ElementsAreArray(StepsThrough(100)));
}

TEST_F(BackgroundFlush, LoggingGoesOnWhileAGroupIsWritten) {
  OpenWithFile();
  std::latch written(1);
  disk_.on_write = [&](std::string_view) -> Status {
    written.wait();
    return {};
  };
  // One group is with the flusher, which is stuck, and two wait here: were the caller the one who
  // writes, it would be stuck too.
  Step step = 1;
  for (std::size_t bytes = 0; bytes < 3 * kFlushBytes; bytes += 20) {
    ASSERT_TRUE(Add(step++).has_value());
  }
  EXPECT_EQ(log_->last_written(), 1U);
  written.count_down();
  ASSERT_TRUE(log_->Sync().ok());
  EXPECT_THAT(Read().steps(), ElementsAreArray(StepsThrough(step - 1)));
}

TEST_F(BackgroundFlush, OnAFullDiskRowsAreRefusedOnceTooManyWait) {
  constexpr Step kMany = 100'000;
  OpenWithFile();
  std::atomic<bool> is_full = true;
  disk_.on_write = [&](std::string_view) {
    return is_full ? Status::Error(Code::kNoSpace, "full") : Status();
  };
  const Step taken = AddUntilRefused(1, kMany);
  ASSERT_LT(taken, kMany);
  EXPECT_GT(taken, 100);
  EXPECT_EQ(Add(taken + 1).error().code(), Code::kNoSpace);
  is_full = false;
  ASSERT_TRUE(Add(taken + 1).has_value());
  ASSERT_TRUE(log_->Sync().ok());
  EXPECT_THAT(Read().steps(), ElementsAreArray(StepsThrough(taken + 1)));
}

TEST_F(BackgroundFlush, AFileThatFailsIsReplacedAndNothingIsLost) {
  OpenWithFile();
  ASSERT_TRUE(log_->Sync().ok());  // so the new file begins with what was handed over
  disk_.on_write = FailAt(1, Code::kIoError);
  for (Step step = 1; step <= 500; ++step) ASSERT_TRUE(Add(step).has_value());
  ASSERT_TRUE(log_->Sync().ok());
  EXPECT_THAT(Read().steps(), ElementsAreArray(StepsThrough(500)));
  EXPECT_GT(log_->files().size(), 1U);
}

TEST_F(BackgroundFlush, ThreadsThatLogSyncAndRotateKeepTheOrder) {
  constexpr int kThreads = 4;
  constexpr Step kRows = 2000;
  options_.file_bytes = 20'000;
  options_.unsynced_bytes = 5000;
  disk_.on_write = [](std::string_view) -> Status {
    std::this_thread::sleep_for(std::chrono::microseconds(50));
    return {};
  };
  OpenWithFile();
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([this, t] {
      const auto run = log_->DefineRun({{9, static_cast<std::uint64_t>(t)}, 0}, 1);
      const std::vector<ValueView> values{1.0};
      for (Step step = 0; step < kRows; ++step) {
        EXPECT_TRUE(log_->AddRow({run, loss_, step, 0, true, false, step % 97 == 0, values}));
        EXPECT_TRUE(step % 301 != 0 || log_->Sync().ok());
        EXPECT_TRUE(step % 701 != 0 || log_->Rotate().ok());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  ASSERT_TRUE(log_->Close().ok());
  std::vector<Step> next(kThreads, 0);
  for (const ReadPart& part : Read().parts) {
    if (part.branch.uid == branch_.uid) continue;
    EXPECT_EQ(part.step, next.at(part.branch.uid.low)++);
  }
  EXPECT_EQ(next, std::vector<Step>(kThreads, kRows));
}

}  // namespace
}  // namespace reprise
