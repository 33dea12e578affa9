// A log on a fake disk, with short verbs to write and read it.
#ifndef REPRISE_TESTS_ENGINE_LOG_LOG_FIXTURE_H_
#define REPRISE_TESTS_ENGINE_LOG_LOG_FIXTURE_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/log/log_reader.h"
#include "engine/log/log_writer.h"
#include "tests/engine/log/fake_disk.h"

namespace reprise {

class CountingClock final : public Clock {
 public:
  TimeMicros Now() override { return 1'700'000'000'000'000 + ticks_.fetch_add(1); }
  std::uint64_t BootNanos() override { return 1; }

 private:
  std::atomic<std::int64_t> ticks_{0};
};

class CountingRandom final : public Random {
 public:
  std::uint64_t Next64() override { return 0x9E3779B97F4A7C15 * next_.fetch_add(1); }

 private:
  std::atomic<std::uint64_t> next_{1};
};

inline ShapePtr MakeShape(std::vector<ShapeColumn> columns, bool has_time = true) {
  return std::make_shared<const Shape>(Shape{std::move(columns), has_time});
}

// A part as it was read, owned.
struct ReadPart {
  BranchId branch;
  Generation generation = 0;
  Sequence sequence = 0;
  Shape shape;
  Step step = 0;
  TimeMicros time = kNoTime;
  bool commit = false;
  bool restate = false;
  std::vector<Value> values;
};

struct ReadLog {
  std::vector<LogFileReport> files;
  std::vector<ReadPart> parts;
  std::vector<std::pair<Sequence, std::string>> changes;

  std::vector<Step> steps() const {
    std::vector<Step> steps;
    for (const ReadPart& part : parts) steps.push_back(part.step);
    return steps;
  }
};

class LogFixture : public ::testing::Test {
 protected:
  static constexpr SessionId kSession = 0xABCDEF;

  LogFixture() {
    io_.clock = &clock_;
    io_.random = &random_;
    options_.session = kSession;
    options_.store_uuid = std::string(16, 'u');
    options_.boot_id = kBoot;
  }

  void Open() {
    log_ = LogWriter::Make(io_, directory_, options_);
    run_ = log_->DefineRun(branch_, 3);
    loss_ = log_->DefineShape(MakeShape({{"loss", Type::kDouble}}));
  }

  // Logs one double, as most rows are.
  Result<Sequence> Add(Step step, bool flush = false) {
    const std::vector<ValueView> values{0.5 * static_cast<double>(step)};
    return log_->AddRow(
        {run_, loss_, step, 1'700'000'000'000'000 + step, true, false, flush, values});
  }

  ReadLog Read(const std::string& boot = kBoot) {
    ReadLog log;
    LogVisitor visitor;
    visitor.on_part = [&log](const LoggedPart& part) -> Status {
      log.parts.push_back({part.branch, part.generation, part.sequence, **part.shape, part.step,
                           part.time, part.commit, part.restate,
                           std::vector<Value>(part.values.begin(), part.values.end())});
      return {};
    };
    visitor.on_change = [&log](const LoggedChange& change) -> Status {
      log.changes.emplace_back(change.sequence, std::string(change.bytes));
      return {};
    };
    auto files = ScanSession(directory_, kSession, boot, visitor);
    EXPECT_TRUE(files.has_value()) << files.error().ToString();
    if (files.has_value()) log.files = *files;
    return log;
  }

  std::string& FileBytes(std::uint32_t file) {
    return disk_.files.at(LogFileName(kSession, file))->bytes;
  }

  static inline const std::string kBoot = std::string(16, 'b');
  static inline const std::string kOtherBoot = std::string(16, 'c');

  FakeDisk disk_;
  FakeDirectory directory_{disk_};
  CountingClock clock_;
  CountingRandom random_;
  Io io_;
  LogWriterOptions options_;
  BranchId branch_{{1, 2}, 0};
  std::unique_ptr<LogWriter> log_;
  std::uint32_t run_ = 0;
  std::uint32_t loss_ = 0;
};

inline std::vector<Step> StepsFrom(Step first, Step last) {
  std::vector<Step> steps;
  for (Step step = first; step <= last; ++step) steps.push_back(step);
  return steps;
}

// The n-th call fails with `code`, and `count` - 1 after it.
inline std::function<Status(std::string_view)> FailAt(int n, Code code, int count = 1) {
  auto calls = std::make_shared<int>(0);
  return [=](std::string_view) -> Status {
    const int call = ++*calls;
    return call >= n && call < n + count ? Status::Error(code, "the disk said no") : Status();
  };
}

}  // namespace reprise

#endif  // REPRISE_TESTS_ENGINE_LOG_LOG_FIXTURE_H_
