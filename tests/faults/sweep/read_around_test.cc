// What damage leaves readable, and that whoever reads is told what it took.
#include <gmock/gmock.h>

#include <filesystem>

#include "tests/faults/sweep/sweep_fixture.h"
#include "tests/support/file_bytes.h"

namespace reprise {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class ReadAround : public SweepFixture {
 protected:
  void SetUp() override { ASSERT_TRUE(MakeSweepStore(path())); }

  Store Open() {
    Options options;
    options.read_only = true;
    return Store::Open(path(), options).value();
  }
  static std::string MessageOf(const Status& status) { return std::string(status.message()); }
  // Steps that a cursor gives before it fails, and how.
  static std::size_t CountRows(const Result<History>& history, Status* failure) {
    std::size_t rows = 0;
    auto cursor = history->Rows({});
    for (;;) {
      const Result<bool> more = cursor->Next();
      if (!more) *failure = more.error();
      if (!more || !*more) return rows;
      ++rows;
    }
  }
  // Of the log that has rows of `live`, which is the longer one.
  std::string LogOfLive() const {
    std::string longest;
    std::uintmax_t size = 0;
    for (const auto& [file, bytes] : ReadStoreFiles(path())) {
      if (!file.ends_with(".log") || bytes.size() < size) continue;
      longest = file;
      size = bytes.size();
    }
    return longest;
  }
  // The pack that only one of `plain` and `special` needs, since two sessions wrote them.
  std::string PackOf(const std::string& run) {
    for (const auto& [file, bytes] : ReadStoreFiles(path())) {
      if (!file.starts_with("packs/")) continue;
      std::filesystem::rename(path() + "/" + file, path() + "/hidden");
      const auto history = Open().OpenHistory({.run = run, .branch = 0, .step = {}});
      Status failure;
      const bool needed = !history || (CountRows(history, &failure), !failure.ok());
      std::filesystem::rename(path() + "/hidden", path() + "/" + file);
      if (needed) return file;
    }
    return "";
  }
};

TEST_F(ReadAround, AMissingPackTakesOnlyItsOwnSegments) {
  const std::string pack = PackOf("plain");
  ASSERT_NE(pack, "");
  std::filesystem::remove(path() + "/" + pack);
  const Store store = Open();
  const auto lost = store.OpenHistory({.run = "plain", .branch = 0, .step = {}});
  ASSERT_TRUE(lost);
  Status failure;
  EXPECT_EQ(CountRows(lost, &failure), 0u);
  EXPECT_EQ(failure.code(), Code::kCorrupt);
  EXPECT_THAT(MessageOf(failure),
              AllOf(HasSubstr("steps 0 to 119 of branch 0 of run "), HasSubstr(" is missing"),
                    HasSubstr("restore it from a copy")));
  failure = Status();
  EXPECT_EQ(CountRows(store.OpenHistory({.run = "special", .branch = 0, .step = 1000}), &failure),
            6u);
  EXPECT_TRUE(failure.ok()) << failure.ToString();
}

TEST_F(ReadAround, ADamagedRunIsListedWithTheOthers) {
  std::filesystem::remove(path() + "/" + PackOf("plain"));
  const auto runs = Open().ListRuns();
  ASSERT_TRUE(runs) << runs.error().ToString();
  std::size_t damaged = 0;
  for (const RunInfo& run : *runs) {
    EXPECT_TRUE(run.run_id != "live" || run.unread.ok()) << run.unread.ToString();
    if (run.unread.ok()) continue;
    ++damaged;
    EXPECT_THAT(MessageOf(run.unread), HasSubstr("run e/p/" + run.run_id + ": steps "));
  }
  EXPECT_EQ(runs->size(), 5u);
  EXPECT_GT(damaged, 0u);
  EXPECT_LT(damaged, runs->size());
}

TEST_F(ReadAround, ADamagedSegmentIsNamedWithItsSteps) {
  const std::string pack = path() + "/" + PackOf("plain");
  std::string bytes = ReadFile(pack);
  const std::size_t frame = bytes.find("\x89RPF\x01");
  ASSERT_NE(frame, std::string::npos);
  bytes[frame + 76] ^= '\x01';
  WriteFile(pack, bytes);
  std::string message;
  const Store store = Open();
  const std::vector<RunInfo> runs = store.ListRuns().value();
  for (const RunInfo& run : runs) {
    Status failure;
    const auto history = store.OpenHistory({.run = run.run_id, .branch = 0, .step = {}});
    if (!history) failure = history.error();
    if (history) CountRows(history, &failure);
    if (!failure.ok() && message.empty()) message = MessageOf(failure);
  }
  EXPECT_THAT(message, AllOf(HasSubstr("frame at byte " + std::to_string(frame)),
                             HasSubstr("steps 0 to "), HasSubstr(" of branch 0 of run ")));
}

TEST_F(ReadAround, ADamagedLogTellsUpToWhereThereAreRows) {
  FlipByte(path() + "/" + LogOfLive(), 400);
  const Store store = Open();
  const auto lost = store.OpenHistory({.run = "live", .branch = {}, .step = {}});
  ASSERT_FALSE(lost);
  EXPECT_EQ(lost.error().code(), Code::kCorrupt);
  EXPECT_THAT(MessageOf(lost.error()),
              AllOf(HasSubstr("rows of run 'live'"), HasSubstr("above step -1 of branch 0"),
                    HasSubstr(".log'"), HasSubstr("'live@1?_step=N'")));
  EXPECT_TRUE(store.OpenHistory({.run = "plain", .branch = {}, .step = {}}));
}

TEST_F(ReadAround, AStoreWithoutItsSuperblockIsNotMadeAnew) {
  std::filesystem::remove(path() + "/STORE");
  const auto opened = Store::Open(path());
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code(), Code::kCorrupt);
  EXPECT_THAT(MessageOf(opened.error()), HasSubstr("superblock of a store is missing"));
  EXPECT_FALSE(std::filesystem::exists(path() + "/STORE"));
}

}  // namespace
}  // namespace reprise
