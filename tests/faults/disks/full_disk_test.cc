// A disk that is really full: what can still be done on it, and that all goes on when there is
// room. LMDB's file lies on it too, as nowhere in the tests with a disk in memory.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <utility>
#include <vector>

#include "reprise/store.h"
#include "tests/faults/disks/small_tmpfs.h"
#include "tests/support/store_checks.h"

namespace reprise {
namespace {

constexpr std::uint64_t kDisk = std::uint64_t{1} << 20;
constexpr std::uint64_t kBlock = 4096;

class FullDisk : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!disk_.missing().empty()) GTEST_SKIP() << disk_.missing();
  }
  void TearDown() override {
    if (IsSkipped()) return;
    disk_.Free();
    EXPECT_EQ(FindDamage(path()), "");
    EXPECT_EQ(FindRebuildDifference(path()), "");
  }

  std::string path() const { return disk_.Of("store"); }
  bool HasReserve() const { return std::filesystem::exists(path() + "/RESERVE"); }

  static RunOptions Named(const std::string& id) {
    RunOptions options;
    options.run_id = id;
    return options;
  }
  static RunWriter Start(Store& store, const std::string& id) {
    return store.StartRun(Named(id)).value();
  }
  template <typename Result>
  static bool IsFull(const Result& result) {
    return !result && result.error().code() == Code::kNoSpace;
  }
  // Makes the call until it works, with a block more room each time that the disk is full.
  template <typename Call>
  auto WithRoom(int* met, const Call& call) {
    auto result = call();
    for (std::uint64_t freed = 0; IsFull(result) && freed <= kDisk; freed += kBlock) {
      ++*met;
      disk_.Free(kBlock);
      result = call();
    }
    EXPECT_TRUE(result.has_value()) << result.error().ToString();
    return std::move(result).value();
  }
  static std::vector<Step> StepsOf(const Store& store, const std::string& run) {
    return store.OpenHistory({run, {}, {}}).value().ReadNumbers("loss").value().steps;
  }
  // Logs until the disk is full; the rows that were acknowledged.
  static int LogUntilFull(RunWriter& run) {
    for (int rows = 0;; ++rows) {
      const auto step = run.Log({{"loss", rows}, {"text", "a row of some forty bytes, or more"}});
      if (step) continue;
      EXPECT_EQ(step.error().code(), Code::kNoSpace) << step.error().ToString();
      return rows;
    }
  }
  void MakeRuns() {
    Store store = Store::Open(path()).value();
    for (const char* id : {"a", "b", "c"}) {
      RunWriter run = Start(store, id);
      for (int i = 0; i < 50; ++i) ASSERT_TRUE(run.Log({{"loss", i}}).has_value());
      ASSERT_TRUE(run.Finish().ok());
    }
    ASSERT_TRUE(store.Close().ok());
  }

  SmallTmpfs disk_{kDisk};
};

TEST_F(FullDisk, ALiveRunIsRewoundAndGoesOnWhenThereIsRoom) {
  MakeRuns();
  Store store = Store::Open(path()).value();
  RunWriter run = Start(store, "live");
  disk_.Fill(8 * kBlock);
  const int rows = LogUntilFull(run);
  ASSERT_GT(rows, 10);
  EXPECT_EQ(StepsOf(store, "live").size(), static_cast<std::size_t>(rows));
  const Status rewound = run.Rewind(4);
  ASSERT_TRUE(rewound.ok()) << rewound.ToString();
  EXPECT_FALSE(HasReserve());
  EXPECT_EQ(StepsOf(store, "live").size(), 5U);
  disk_.Free();
  EXPECT_EQ(run.Log({{"loss", 1}}).value(), 5);
  EXPECT_TRUE(run.Finish().ok());
  EXPECT_TRUE(store.Close().ok());
  { const Store again = Store::Open(path()).value(); }
  EXPECT_TRUE(HasReserve());
}

TEST_F(FullDisk, AStoreThatIsOpenedOnItReadsDeletesAndRewinds) {
  MakeRuns();
  ASSERT_TRUE(HasReserve());
  disk_.Fill();
  Store store = Store::Open(path()).value();
  EXPECT_EQ(StepsOf(store, "a").size(), 50U);
  const Status deleted = store.Delete("b");
  ASSERT_TRUE(deleted.ok()) << deleted.ToString();
  EXPECT_FALSE(HasReserve());
  const auto rewound = store.Rewind({"a", {}, 9});
  ASSERT_TRUE(rewound.has_value()) << rewound.error().ToString();
  EXPECT_EQ(StepsOf(store, "a").size(), 10U);
  EXPECT_EQ(store.OpenHistory({"b", {}, {}}).error().code(), Code::kNotFound);
}

TEST_F(FullDisk, WhereTheReserveIsGoneACallSaysThatThereIsNoRoom) {
  MakeRuns();
  std::filesystem::remove(path() + "/RESERVE");
  disk_.Fill();
  Store store = Store::Open(path()).value();
  EXPECT_EQ(store.Delete("b").code(), Code::kNoSpace);
  disk_.Free();
  EXPECT_TRUE(store.Delete("b").ok());
}

// Whatever is left, down to the block: no acknowledged row is lost, and the run goes on.
TEST_F(FullDisk, BecomesFullAtAnyBlock) {
  int met = 0;
  int acknowledged = 0;
  for (std::uint64_t left = 0; left < 64 * kBlock && !HasFailure(); left += kBlock) {
    const std::string id = fmt::format("run{}", left / kBlock);
    disk_.Fill(left);
    Store store = WithRoom(&met, [&] { return Store::Open(path()); });
    RunWriter run = WithRoom(&met, [&] { return store.StartRun(Named(id)); });
    const int rows = LogUntilFull(run);
    acknowledged += rows;
    disk_.Free();
    EXPECT_EQ(run.Log({{"loss", -1}}).value(), rows);
    EXPECT_EQ(StepsOf(store, id).size(), static_cast<std::size_t>(rows + 1));
    EXPECT_TRUE(run.Finish().ok());
    EXPECT_TRUE(store.Delete(id).ok());
    EXPECT_TRUE(store.Reclaim().has_value());
    EXPECT_TRUE(store.Close().ok());
  }
  fmt::print("a call met a full disk {} times and worked later, logging 64 times; {} rows\n", met,
             acknowledged);
  EXPECT_GT(met, 10);
}

}  // namespace
}  // namespace reprise
