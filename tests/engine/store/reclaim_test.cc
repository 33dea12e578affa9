// Giving back what nobody needs, and nothing else.
#include "engine/store/reclaim.h"

#include <atomic>
#include <fstream>
#include <optional>
#include <thread>

#include "engine/catalog/keys.h"
#include "tests/engine/store/forger.h"
#include "tests/engine/store/store_fixture.h"
#include "tests/support/eventually.h"
#include "tests/support/store_checks.h"

namespace reprise {
namespace {

class Reclaim : public StoreFixture {
 protected:
  void TearDown() override {
    if (store_) {
      EXPECT_TRUE(store_->Close().ok());
    }
    store_.reset();
    EXPECT_EQ(FindRebuildDifference(path()), "");
    StoreFixture::TearDown();
  }

  Store& store() {
    if (!store_) store_.emplace(Store::Open(path()).value());
    return *store_;
  }
  void CloseStore() {
    ASSERT_TRUE(store().Close().ok());
    store_.reset();
  }

  RunWriter Resume(const std::string& id) {
    RunOptions options;
    options.project = "e/p";
    options.run_id = id;
    options.resume = reprise::Resume::kAllow;
    return store().StartRun(options).value();
  }
  // A finished run with `sessions` times 100 rows, which stay as many segments below four.
  void MakeRows(const std::string& id, int sessions, double scale) {
    for (int i = 0; i < sessions; ++i) {
      RunWriter run = Resume(id);
      LogRows(run, 100, scale + i);
      ASSERT_TRUE(run.Finish().ok());
    }
  }
  void Fork(const std::string& from, Step step, const std::string& to) {
    ForkOptions options;
    options.run_id = to;
    ASSERT_TRUE(store().Fork(Moment{from, {}, step}, options).has_value());
  }
  std::vector<double> Losses(const std::string& run) {
    return store().OpenHistory(Moment{run, {}, {}}).value().ReadNumbers("loss").value().values;
  }
  // With what the catalog's keys of a run's segments begin; `uid` in hexadecimal digits.
  static std::string SegmentKeys(const std::string& uid) {
    RunUid parsed;
    EXPECT_TRUE(FromHex(std::string_view(uid).substr(0, 16), &parsed.high));
    EXPECT_TRUE(FromHex(std::string_view(uid).substr(16), &parsed.low));
    return std::string(Key(parsed, Table::kSegments).view());
  }
  // Cuts the last two keys off each page of the catalog that has such a key: those of the newest
  // run, its segments and its lease.
  void HideSegments(const std::string& keys) {
    constexpr std::size_t kPage = 4096;
    constexpr std::size_t kLower = 12;  // of LMDB's page header: where its offsets of nodes end,
    constexpr std::size_t kUpper = 14;  // and where nodes begin; between them is what was there
    const std::string bytes = ReadFile(path() + "/catalog.1");
    std::fstream file(path() + "/catalog.1", std::ios::in | std::ios::out | std::ios::binary);
    int hidden = 0;
    for (std::size_t at = bytes.find(keys); at != std::string::npos;
         at = bytes.find(keys, at + 1)) {
      const std::size_t page = at / kPage * kPage;
      const auto upper = static_cast<std::uint8_t>(bytes[page + kUpper]) |
                         static_cast<std::uint8_t>(bytes[page + kUpper + 1]) << 8;
      if (at - page < static_cast<std::size_t>(upper)) continue;
      file.seekp(static_cast<std::streamoff>(page + kLower));
      file.put(static_cast<char>(bytes[page + kLower] - 4));
      ++hidden;
    }
    ASSERT_GT(hidden, 0);
  }
  std::uint64_t PackBytes() const {
    std::uint64_t bytes = 0;
    for (const auto& entry : std::filesystem::directory_iterator(path() + "/packs")) {
      bytes += entry.file_size();
    }
    return bytes;
  }
  std::uint64_t Reclaimable() { return ReadStoreStat(path()).value().reclaimable_bytes; }

  std::optional<Store> store_;
};

TEST_F(Reclaim, GivesBackTheBytesOfADeletedRun) {
  MakeRows("kept", 1, 1.0);
  MakeRows("gone", 3, 2.0);
  const std::vector<double> kept = Losses("kept");
  ASSERT_TRUE(store().Delete("gone").ok());
  CloseStore();
  const std::uint64_t promised = Reclaimable();
  const std::uint64_t before = PackBytes();
  const ReclaimReport report = store().Reclaim().value();
  EXPECT_EQ(report.packs_rewritten, 1U);
  EXPECT_EQ(report.bytes_freed, promised);
  EXPECT_GT(promised, 0U);
  CloseStore();
  EXPECT_LT(PackBytes(), before);
  EXPECT_EQ(Reclaimable(), 0U);
  EXPECT_EQ(Losses("kept"), kept);
}

TEST_F(Reclaim, DoesNothingWhereNothingIsDead) {
  MakeRows("kept", 2, 1.0);
  CloseStore();
  const std::string pack = OnlyPack();
  EXPECT_EQ(store().Reclaim().value().packs_rewritten, 0U);
  CloseStore();
  EXPECT_EQ(OnlyPack(), pack);
}

TEST_F(Reclaim, KeepsWhatALivingForkShows) {
  MakeRows("a", 3, 1.0);
  Fork("a", 150, "b");
  const std::vector<double> shown = Losses("b");
  ASSERT_TRUE(store().Delete("a").ok());
  CloseStore();
  EXPECT_EQ(store().Reclaim().value().packs_rewritten, 1U);  // the third session's rows go
  EXPECT_EQ(Losses("b"), shown);
  ASSERT_TRUE(store().Delete("b").ok());
  CloseStore();
  EXPECT_EQ(store().Reclaim().value().packs_rewritten, 1U);
  CloseStore();
  EXPECT_EQ(Segments().size(), 0U);
}

// The fork between is deleted too: only the youngest leads to the oldest.
TEST_F(Reclaim, KeepsWhatAForkOfADeletedForkShows) {
  MakeRows("a", 2, 1.0);
  Fork("a", 199, "b");
  MakeRows("b", 2, 2.0);
  Fork("b", 299, "c");
  MakeRows("other", 2, 3.0);
  const std::vector<double> shown = Losses("c");
  for (const char* run : {"a", "b", "other"}) ASSERT_TRUE(store().Delete(run).ok());
  CloseStore();
  EXPECT_EQ(store().Reclaim().value().packs_rewritten, 1U);
  EXPECT_EQ(Losses("c"), shown);
}

TEST_F(Reclaim, GivesBackSegmentsThatWereMerged) {
  MakeRows("a", 9, 1.0);
  {
    const RunWriter merges = Resume("a");
    ASSERT_TRUE(Eventually([&] { return Reclaimable() > 0; }));
  }
  const std::vector<double> all = Losses("a");
  CloseStore();
  const std::size_t before = Segments().size();
  EXPECT_EQ(store().Reclaim().value().packs_rewritten, 1U);
  CloseStore();
  EXPECT_LT(Segments().size(), before);
  EXPECT_EQ(Losses("a"), all);
}

TEST_F(Reclaim, LeavesOpenHistoriesReadable) {
  MakeRows("a", 3, 1.0);
  MakeRows("gone", 3, 2.0);
  CloseStore();
  const History history = store().OpenHistory(Moment{"gone", {}, {}}).value();
  ASSERT_TRUE(store().Delete("gone").ok());
  EXPECT_EQ(store().Reclaim().value().packs_rewritten, 1U);
  EXPECT_EQ(history.ReadNumbers("loss").value().values.size(), 300U);
}

TEST_F(Reclaim, WorksBesideAWriter) {
  MakeRows("gone", 3, 2.0);
  RunWriter run = Start(store(), "a");
  LogRows(run, 10, 1.0);
  ASSERT_TRUE(store().Delete("gone").ok());
  EXPECT_EQ(store().Reclaim().value().packs_rewritten, 1U);
  LogRows(run, 10, 2.0);
  ASSERT_TRUE(run.Finish().ok());
  EXPECT_EQ(Losses("a").size(), 20U);
}

TEST_F(Reclaim, LeavesThePackOfASegmentThatItsWriterMayYetPublish) {
  MakeRows("gone", 3, 2.0);
  ASSERT_TRUE(store().Delete("gone").ok());
  CloseStore();
  RunWriter live = Resume("live");
  {
    Forger forger(path());
    forger.Append(forger.FactsOf(forger.Uid("live"), 0), RowsAt({0, 1, 2}));
  }
  const std::string pack = OnlyPack();
  const ReclaimReport report = store().Reclaim().value();
  EXPECT_EQ(report.packs_rewritten, 0U);
  EXPECT_GT(report.packs_in_use, 0U);
  EXPECT_TRUE(std::filesystem::exists(path() + "/" + pack));
  ASSERT_TRUE(live.Finish().ok());
  LeaveDamaged();
}

TEST_F(Reclaim, LeavesTimesOfRunsAsTheyAre) {
  MakeRows("a", 1, 1.0);
  MakeRows("gone", 3, 2.0);
  ASSERT_TRUE(store().Delete("gone").ok());
  CloseStore();
  const TimeMicros before = store().ReadRun("a").value().updated;
  EXPECT_EQ(store().Reclaim().value().packs_rewritten, 1U);
  EXPECT_EQ(store().ReadRun("a").value().updated, before);
}

TEST_F(Reclaim, LeavesADamagedPackAsItIs) {
  MakeRows("a", 1, 1.0);
  MakeRows("gone", 3, 2.0);
  ASSERT_TRUE(store().Delete("gone").ok());
  CloseStore();
  const std::string pack = OnlyPack();
  const SegmentRef first = Segments().at(0);
  FlipByte(path() + "/" + pack, first.offset + kFrameHeaderSize + 3);
  const ReclaimReport report = store().Reclaim().value();
  EXPECT_EQ(report.packs_rewritten, 0U);
  EXPECT_EQ(report.packs_damaged, 1U);
  CloseStore();
  EXPECT_TRUE(std::filesystem::exists(path() + "/" + pack));
  LeaveDamaged();
}

// A segment that the catalog no longer shows looks as one that nobody needs.
TEST_F(Reclaim, TouchesNothingWhereTheCatalogIsDamaged) {
  MakeRows("doomed", 1, 1.0);
  MakeRows("other", 1, 2.0);
  ASSERT_TRUE(store().Delete("doomed").ok());
  HideSegments(SegmentKeys(store().ReadRun("other").value().uid));
  const std::uint64_t before = PackBytes();
  EXPECT_EQ(store().Reclaim().error().code(), Code::kCorrupt);
  EXPECT_EQ(PackBytes(), before);
  static_cast<void>(store().Close());
  store_.reset();
  ASSERT_TRUE(RebuildCatalog(path()).ok());
  EXPECT_EQ(Losses("other").size(), 100U);
}

TEST_F(Reclaim, OneAtATime) {
  MakeRows("a", 1, 1.0);
  const auto root = SystemIo().files->OpenDirectory(path()).value();
  const auto held = HoldFiles(*root);
  ASSERT_NE(held, nullptr);
  EXPECT_EQ(store().Reclaim().error().code(), Code::kBusy);
}

// Whatever they meet, they find every row, while packs come and go.
TEST_F(Reclaim, ReadersMissNothing) {
  MakeRows("a", 3, 1.0);
  const std::vector<double> all = Losses("a");
  std::atomic<bool> done = false;
  std::thread reader([&] {
    const Store other = Store::Open(path(), {.read_only = true}).value();
    while (!done) {
      const auto history = other.OpenHistory(Moment{"a", {}, {}});
      ASSERT_TRUE(history) << history.error().ToString();
      const auto read = history->ReadNumbers("loss");
      ASSERT_TRUE(read) << read.error().ToString();
      ASSERT_EQ(read->values, all);
    }
  });
  std::uint64_t rewritten = 0;
  for (int i = 0; i < 20; ++i) {
    MakeRows("gone", 1, 2.0);
    EXPECT_TRUE(store().Delete("gone").ok());
    rewritten += store().Reclaim().value().packs_rewritten;
  }
  done = true;
  reader.join();
  EXPECT_GT(rewritten, 0U);
}

}  // namespace
}  // namespace reprise
