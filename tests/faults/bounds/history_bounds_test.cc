// What writing and reading one run takes: the same however long the run is.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "reprise/store.h"
#include "tests/faults/bounds/heap_meter.h"
#include "tests/support/temp_dir.h"

namespace reprise {
namespace {

constexpr std::size_t kMib = std::size_t{1} << 20;
constexpr std::size_t kBudget = 8 * kMib;
constexpr Step kShort = 200'000;
constexpr Step kLong = 10 * kShort;

Result<Step> LogRow(RunWriter& run, Step step) {
  const double x = static_cast<double>(step % 4096);
  return run.Log({{"loss", 1 / (x + 1)}, {"lr", 1e-3}, {"reward", x}});
}

void LogRun(Store& store, const std::string& id, Step rows) {
  auto run = store.StartRun({.run_id = id});
  ASSERT_TRUE(run.has_value()) << run.error().ToString();
  for (Step step = 0; step < rows; ++step) ASSERT_TRUE(LogRow(*run, step).has_value());
  ASSERT_TRUE(run->Finish().ok());
}

// Two runs, one ten times as long as the other.
class HistoryBounds : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    if (!HeapIsMetered()) return;
    temp_ = std::make_unique<TempDir>();
    Store store = Store::Open(temp_->Of("store"), {.memory_budget_bytes = kBudget}).value();
    short_logged_ = HeapPeakOf([&] { LogRun(store, "short", kShort); });
    long_logged_ = HeapPeakOf([&] { LogRun(store, "long", kLong); });
  }
  static void TearDownTestSuite() { temp_.reset(); }

  void SetUp() override { REPRISE_SKIP_UNLESS_METERED(); }

  // What it takes to open a run's history and read of it.
  template <typename Read>
  static std::size_t PeakOf(const std::string& id, Read read) {
    return HeapPeakOf([&] {
      Store store = Store::Open(temp_->Of("store"), {.read_only = true}).value();
      read(store.OpenHistory({.run = id}).value());
    });
  }
  // Reading takes `most` bytes of the short run, and of the long one hardly more: the list of its
  // segments, and a cell of 80 bytes for 1,024 values.
  template <typename Read>
  static void ExpectAtMost(std::size_t most, Read read) {
    const std::size_t of_short = PeakOf("short", read);
    EXPECT_LT(of_short, most);
    EXPECT_LT(PeakOf("long", read), of_short + 2 * kMib);
  }

  static inline std::unique_ptr<TempDir> temp_;
  static inline std::size_t short_logged_ = 0;
  static inline std::size_t long_logged_ = 0;
};

TEST_F(HistoryBounds, LoggingTakesNoMoreForALongerRun) {
  EXPECT_LT(short_logged_, kBudget + 8 * kMib);
  EXPECT_LT(long_logged_, short_logged_ + 4 * kMib);
}

// None of them has so many rows that it would be sealed for that: together they have.
TEST_F(HistoryBounds, ManyRunsAtOnceShareTheBudget) {
  constexpr std::size_t most_runs = 40;
  TempDir temp;
  Store store = Store::Open(temp.Of("store"), {.memory_budget_bytes = kBudget}).value();
  std::vector<RunWriter> runs;
  for (std::size_t i = 0; i < most_runs; ++i) {
    runs.push_back(store.StartRun({.run_id = fmt::format("run-{}", i)}).value());
  }
  const std::size_t peak = HeapPeakOf([&] {
    for (Step step = 0; step < 40'000; ++step) {
      for (RunWriter& run : runs) ASSERT_TRUE(LogRow(run, step).has_value());
    }
  });
  EXPECT_LT(peak, kBudget + 40 * kMib);  // without a budget it takes three times as much
}

TEST_F(HistoryBounds, RowsOneByOneTakeNoMoreForALongerRun) {
  ExpectAtMost(16 * kMib, [](const History& history) {
    RowCursor rows = history.Rows({}).value();
    std::uint64_t count = 0;
    while (rows.Next().value()) ++count;
    EXPECT_EQ(count, history.CountRows());
  });
}

TEST_F(HistoryBounds, APartOfASeriesTakesNoMoreForALongerRun) {
  ExpectAtMost(16 * kMib, [](const History& history) {
    EXPECT_EQ(history.ReadSeries("loss", {100'000, 101'999})->values.size(), 2'000U);
  });
}

// The numbers themselves are the caller's: all else does not grow.
TEST_F(HistoryBounds, AllNumbersTakeLittleMoreThanTheyAre) {
  const auto read = [](const History& history) {
    EXPECT_GE(history.ReadNumbers("loss")->values.size(), std::size_t{kShort});
  };
  constexpr std::size_t each = sizeof(Step) + sizeof(double);
  const std::size_t of_short = PeakOf("short", read) - kShort * each;
  EXPECT_LT(of_short, 16 * kMib);
  EXPECT_LT(PeakOf("long", read) - kLong * each, of_short + 2 * kMib);
}

// They grow as they are read.
TEST_F(HistoryBounds, AllValuesTakeNoMoreThanTwiceWhatTheyAre) {
  const auto read = [](const History& history) {
    EXPECT_EQ(history.ReadSeries("loss")->values.size(), std::size_t{kLong});
  };
  EXPECT_LT(PeakOf("long", read), 2 * kLong * (sizeof(Step) + sizeof(Value)) + 16 * kMib);
}

TEST_F(HistoryBounds, ASampleTakesNoMoreForALongerRun) {
  ExpectAtMost(16 * kMib, [](const History& history) {
    EXPECT_TRUE(history.Sample("loss", {.buckets = 500}).has_value());
  });
}

TEST_F(HistoryBounds, ASummaryTakesNoMoreForALongerRun) {
  ExpectAtMost(16 * kMib,
               [](const History& history) { EXPECT_TRUE(history.ReadSummary().has_value()); });
}

}  // namespace
}  // namespace reprise
