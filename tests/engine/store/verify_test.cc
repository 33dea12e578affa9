#include <gmock/gmock.h>

#include "engine/io/io.h"
#include "engine/segment/pack_reader.h"
#include "tests/engine/store/store_fixture.h"

namespace reprise {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class VerifyTest : public StoreFixture {
 protected:
  // Where the segments of the store's one pack lie.
  std::vector<SegmentRef> Segments() const {
    const auto packs = SystemIo().files->OpenDirectory(path() + "/packs").value();
    const auto ids = ListPacks(*packs).value();
    EXPECT_THAT(ids, SizeIs(1));
    const auto pack = PackFile::Open(*packs, ids.at(0)).value();
    std::vector<SegmentRef> segments;
    const auto keep = [&](const PackFrame& frame) -> Status {
      if (frame.kind == PackFrame::Kind::kSegment) segments.push_back(frame.ref);
      return {};
    };
    EXPECT_TRUE(pack->Scan(keep, [](const PackDamage&) { return Status(); }).ok());
    return segments;
  }
};

TEST_F(VerifyTest, FindsNothingInACleanStore) {
  MakeStore();
  const VerifyReport report = Check();
  EXPECT_THAT(Codes(report), IsEmpty()) << Text(report);
  EXPECT_EQ(report.ExitCode(), 0);
  EXPECT_EQ(report.runs, 2U);
  EXPECT_EQ(report.branches, 3U);
  EXPECT_EQ(report.rows, 180U);
  EXPECT_EQ(report.values, 360U);
  EXPECT_GT(report.bytes, 0U);
}

TEST_F(VerifyTest, FindsNothingInAStoreThatIsBeingWritten) {
  Store store = Store::Open(path()).value();
  RunWriter run = Start(store, "live");
  LogRows(run, 10, 1.0);
  const VerifyReport report = Check();
  EXPECT_THAT(Codes(report), IsEmpty()) << Text(report);
  EXPECT_EQ(report.rows, 10U);
  EXPECT_TRUE(run.Finish().ok());
}

TEST_F(VerifyTest, ChangesNothing) {
  MakeStore();
  const auto list = [&] {
    std::vector<std::pair<std::string, std::string>> files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(path())) {
      const bool is_lock = entry.path().string().ends_with("-lock");
      if (entry.is_regular_file() && !is_lock) {
        files.emplace_back(entry.path(), ReadFile(entry.path()));
      }
    }
    std::sort(files.begin(), files.end());
    return files;
  };
  const auto before = list();
  Check();
  EXPECT_EQ(list(), before);
}

TEST_F(VerifyTest, SaysThatThereIsNoStore) {
  std::filesystem::create_directory(path());
  EXPECT_EQ(Verify(path()).error().code(), Code::kNotFound);
  EXPECT_EQ(Verify(temp_.Of("absent")).error().code(), Code::kNotFound);
}

TEST_F(VerifyTest, NamesTheRowsOfADamagedSegment) {
  MakeStore();
  const auto segments = Segments();
  ASSERT_FALSE(segments.empty());
  const SegmentRef& damaged = segments.back();
  FlipByte(FileIn("packs", ".pack"), damaged.offset + 100);
  const VerifyReport report = Check();
  ASSERT_THAT(Codes(report), ElementsAre("segment.damaged")) << Text(report);
  EXPECT_EQ(report.ExitCode(), 2);
  EXPECT_EQ(report.findings[0].offset, damaged.offset);
  EXPECT_EQ(report.findings[0].run, "e/p/b@0");
  EXPECT_EQ(report.findings[0].steps, (StepRange{damaged.first, damaged.last}));
}

TEST_F(VerifyTest, FindsADamagedSegmentQuickly) {
  MakeStore();
  FlipByte(FileIn("packs", ".pack"), Segments().front().offset + 100);
  const VerifyReport report = Check(true);
  EXPECT_THAT(Codes(report), ElementsAre("segment.damaged")) << Text(report);
}

TEST_F(VerifyTest, NamesEachSegmentOfAMissingPack) {
  MakeStore();
  const std::size_t segments = Segments().size();
  std::filesystem::remove(FileIn("packs", ".pack"));
  const VerifyReport report = Check();
  // The pack held the changes too; the catalog still knows how many there were.
  EXPECT_THAT(Codes(report), Contains("change.missing")) << Text(report);
  EXPECT_EQ(report.ExitCode(), 2);
  EXPECT_GT(segments, 0U);
}

TEST_F(VerifyTest, TellsADamagedSuperblock) {
  MakeStore();
  FlipByte(path() + "/STORE", 40);
  const VerifyReport report = Check();
  EXPECT_THAT(Codes(report), ElementsAre("superblock.damaged")) << Text(report);
  EXPECT_EQ(report.ExitCode(), 2);
}

TEST_F(VerifyTest, TellsFilesThatDoNotBelong) {
  MakeStore();
  WriteFile(path() + "/notes.txt", "hello");
  WriteFile(path() + "/log/x.new", "");
  const VerifyReport report = Check();
  EXPECT_THAT(Codes(report), ElementsAre("store.unknown_file", "store.unfinished_file"));
  EXPECT_EQ(report.ExitCode(), 1);
}

TEST_F(VerifyTest, TellsAMissingCatalogAndChecksTheRest) {
  MakeStore();
  for (const auto& entry : std::filesystem::directory_iterator(path())) {
    if (entry.path().filename().string().starts_with("catalog.")) {
      std::filesystem::remove(entry.path());
    }
  }
  const VerifyReport report = Check();
  EXPECT_THAT(Codes(report), ElementsAre("catalog.missing")) << Text(report);
  EXPECT_EQ(report.ExitCode(), 3);
  EXPECT_EQ(report.values, 360U);
}

TEST_F(VerifyTest, ChecksOneRunOnly) {
  MakeStore();
  FlipByte(FileIn("packs", ".pack"), Segments().front().offset + 100);
  VerifyOptions options;
  options.run = "b";
  const VerifyReport report = Verify(path(), options).value();
  EXPECT_EQ(report.runs, 1U);
  options.run = "absent";
  EXPECT_EQ(Verify(path(), options).error().code(), Code::kNotFound);
}

TEST_F(VerifyTest, FindsTheRebuiltCatalogEqual) {
  MakeStore();
  const std::string before = DumpCatalog(path()).value();
  ASSERT_TRUE(RebuildCatalog(path()).ok());
  EXPECT_EQ(DumpCatalog(path()).value(), before);
  const VerifyReport report = Check();
  EXPECT_THAT(Codes(report), IsEmpty()) << Text(report);
}

// Rows of a writer that was passed, in the log of a process that is still alive.
TEST_F(VerifyTest, KnowsRowsBehindAFence) {
  Store old_store = Store::Open(path()).value();
  RunWriter old_run = Start(old_store, "taken");
  LogRows(old_run, 10, 1.0);
  Store new_store = Store::Open(path()).value();
  RunOptions options;
  options.project = "e/p";
  options.run_id = "taken";
  options.resume = Resume::kMust;
  options.takeover = true;
  RunWriter new_run = new_store.StartRun(options).value();
  LogRows(new_run, 10, 2.0);
  // It does not know yet that it was passed.
  EXPECT_EQ(old_run.Log({{"loss", 0.0}}).error().code(), Code::kFenced);
  const VerifyReport report = Check();
  for (const Finding& finding : report.findings) {
    EXPECT_EQ(finding.code, "log.orphan_rows") << Text(report);
  }
  EXPECT_EQ(report.rows, 20U);
}

// Whatever byte is damaged, verify says something, and never the wrong thing: it ends, and reports
// a loss only with a place.
TEST_F(VerifyTest, FindsDamageAnywhereInPacksAndSuperblock) {
  MakeStore();
  const std::string pack = FileIn("packs", ".pack");
  const std::size_t size = ReadFile(pack).size();
  for (const std::string& file : {pack, path() + "/STORE"}) {
    const std::string bytes = ReadFile(file);
    for (std::size_t at = 0; at < bytes.size(); at += 13) {
      FlipByte(file, at);
      const VerifyReport report = Check();
      EXPECT_NE(report.ExitCode(), 0) << file << " byte " << at;
      WriteFile(file, bytes);
    }
  }
  EXPECT_EQ(ReadFile(pack).size(), size);
  EXPECT_THAT(Codes(Check()), IsEmpty());
}

TEST_F(VerifyTest, SurvivesDamageAnywhereInTheCatalog) {
  MakeStore();
  const std::string file = path() + "/catalog.1";
  const std::string bytes = ReadFile(file);
  for (std::size_t at = 0; at < bytes.size(); at += 509) {
    FlipByte(file, at);
    const VerifyReport report = Check();
    EXPECT_TRUE(report.ExitCode() == 0 || report.ExitCode() == 3) << at << "\n" << Text(report);
    WriteFile(file, bytes);
  }
}

TEST_F(VerifyTest, ChecksACopyThatMayNotBeWritten) {
  MakeStore();
  for (const auto& entry : std::filesystem::recursive_directory_iterator(path())) {
    std::filesystem::permissions(
        entry.path(), entry.is_directory()
                          ? std::filesystem::perms::owner_read | std::filesystem::perms::owner_exec
                          : std::filesystem::perms::owner_read);
  }
  const VerifyReport report = Check();
  EXPECT_THAT(Codes(report), IsEmpty()) << Text(report);
  for (const auto& entry : std::filesystem::recursive_directory_iterator(path())) {
    std::filesystem::permissions(entry.path(), std::filesystem::perms::owner_all);
  }
}

TEST(ExitCode, SpeaksForTheGravestFinding) {
  VerifyReport report;
  EXPECT_EQ(report.ExitCode(), 0);
  const std::vector<std::pair<Severity, int>> rising = {
      {Severity::kNote, 1},    {Severity::kIncomplete, 5}, {Severity::kCatalog, 3},
      {Severity::kVersion, 4}, {Severity::kLost, 2},       {Severity::kIo, 74}};
  for (const auto& [severity, exit_code] : rising) {
    report.findings.emplace_back().severity = severity;
    EXPECT_EQ(report.ExitCode(), exit_code);
  }
}

}  // namespace
}  // namespace reprise
