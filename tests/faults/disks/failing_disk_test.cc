// A device that fails when pages are written back: fsync says so once, and the kernel then takes
// the pages for clean. Whoever tries the sync again is told ok, and reads what is not on the
// device.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <map>
#include <optional>

#include "reprise/store.h"
#include "tests/faults/disks/loop_ext4.h"
#include "tests/support/store_checks.h"

namespace reprise {
namespace {

constexpr std::uint64_t kMiB = std::uint64_t{1} << 20;

class FailingDisk : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!disk_.missing().empty()) GTEST_SKIP() << disk_.missing();
  }

  std::string path() const { return disk_.Of("store"); }

  // Until no row can be logged any more, reopening the run after each failure; the values of the
  // acknowledged rows, by step.
  std::map<Step, double> LogUntilAllFails() {
    std::map<Step, double> acknowledged;
    for (int attempt = 0; attempt < 10; ++attempt) {
      auto store = Store::Open(path(), {.durability = Durability::kDisk});
      if (!store) continue;
      RunOptions options;
      options.run_id = "r";
      options.resume = Resume::kAllow;
      auto run = store->StartRun(options);
      if (!run) continue;
      LogUntilItFails(*run, &acknowledged);
    }
    return acknowledged;
  }
  void LogUntilItFails(RunWriter& run, std::map<Step, double>* acknowledged) {
    const std::string text(100'000, 'x');
    for (;;) {
      const double value = next_value_++;
      const auto step = run.Log({{"value", value}, {"text", text}});
      if (step) {
        (*acknowledged)[*step] = value;
        continue;
      }
      ++failures_[step.error().code()];
      return;
    }
  }

  LoopExt4 disk_{64 * kMiB, 12 * kMiB};
  double next_value_ = 0;
  std::map<Code, int> failures_;
};

TEST_F(FailingDisk, KeepsEveryRowThatWasAcknowledgedAtTheDiskLevel) {
  const std::map<Step, double> acknowledged = LogUntilAllFails();
  ASSERT_GT(acknowledged.size(), 20U);
  EXPECT_GT(failures_[Code::kIoError], 0) << "the device did not fail";
  ASSERT_TRUE(disk_.Mend());
  // The machine has not been started anew, so the catalog is trusted: its lost pages are not looked
  // for, but verify finds them.
  ASSERT_TRUE(RebuildCatalog(path()).ok());
  EXPECT_EQ(FindDamage(path()), "");
  const Store store = Store::Open(path()).value();
  const auto values = store.OpenHistory({"r", {}, {}}).value().ReadNumbers("value").value();
  std::map<Step, double> found;
  for (std::size_t i = 0; i < values.steps.size(); ++i) found[values.steps[i]] = values.values[i];
  int lost = 0;
  for (const auto& [step, value] : acknowledged) {
    const auto row = found.find(step);
    if (row == found.end() || row->second != value) ++lost;
  }
  EXPECT_EQ(lost, 0);
  fmt::print(
      "{} rows acknowledged, {} lost; writers failed {} times with an I/O error, {} with a "
      "full disk\n",
      acknowledged.size(), lost, failures_[Code::kIoError], failures_[Code::kNoSpace]);
}

}  // namespace
}  // namespace reprise
