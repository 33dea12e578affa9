#include <gmock/gmock.h>
#include <sys/syscall.h>

#include <cerrno>
#include <filesystem>
#include <iostream>

#include "format/superblock.h"
#include "tests/engine/store/store_fixture.h"
#include "tests/support/child_process.h"
#include "tests/support/deny_system_call.h"

namespace reprise {
namespace {

using ::testing::IsEmpty;

class VerifyTest : public StoreFixture {};

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
  EXPECT_TRUE(FindsOnly({Severity::kLost,
                         "segment.damaged",
                         OnlyPack(),
                         damaged.offset,
                         "e/p/b@0",
                         {damaged.first, damaged.last},
                         "segment checksum mismatch"}));
  EXPECT_EQ(Check().ExitCode(), 2);
}

// The pack held the changes too; the catalog still knows how many there were.
TEST_F(VerifyTest, TellsHowManyChangesAMissingPackHeld) {
  MakeStore();
  std::filesystem::remove(FileIn("packs", ".pack"));
  EXPECT_TRUE(FindsOnly({Severity::kLost, "change.missing", "", 0, "", kNoSteps,
                         "no log and no pack has changes 1 to 10; "}));
  EXPECT_EQ(Check().ExitCode(), 2);
}

TEST_F(VerifyTest, TellsADamagedSuperblock) {
  MakeStore();
  FlipByte(path() + "/STORE", 40);
  EXPECT_TRUE(FindsOnly(
      {Severity::kLost, "superblock.damaged", "STORE", 0, "", kNoSteps, "checksum mismatch"}));
  EXPECT_EQ(Check().ExitCode(), 2);
}

TEST_F(VerifyTest, DoesNotJudgeAStoreOfANewerRelease) {
  MakeStore();
  Superblock superblock = DecodeSuperblock(ReadFile(path() + "/STORE")).value();
  superblock.read_version = superblock.write_version = kStoreReadVersion + 1;
  WriteFile(path() + "/STORE", EncodeSuperblock(superblock));
  std::filesystem::remove(FileIn("packs", ".pack"));
  EXPECT_TRUE(FindsOnly({Severity::kVersion, "superblock.version", "STORE", 0, "", kNoSteps,
                         "needs reader version 2"}));
  EXPECT_EQ(Check().ExitCode(), 4);
}

TEST_F(VerifyTest, NamesAMissingDirectory) {
  MakeStore();
  std::filesystem::remove_all(path() + "/log");
  EXPECT_TRUE(FindsOnly(
      {Severity::kLost, "store.directory_missing", "log", 0, "", kNoSteps, "make it if the copy"}));
}

TEST_F(VerifyTest, NamesADirectoryThatCannotBeOpened) {
  MakeStore();
  std::filesystem::remove_all(path() + "/log");
  WriteFile(path() + "/log", "not a directory");
  EXPECT_TRUE(FindsOnly({Severity::kIo, "store.unreadable", "log", 0, "", kNoSteps, "ENOTDIR"}));
  EXPECT_EQ(Check().ExitCode(), 74);
}

// What is in them is then not known, and nothing is called lost.
TEST_F(VerifyTest, NamesDirectoriesThatCannotBeListed) {
  MakeStore();
  const int code = RunInChild([&] {
    if (!DenySystemCall(SYS_getdents64, EIO)) return 99;
    const VerifyReport report = Check();
    const bool as_expected =
        report.findings.size() == 3 &&
        IsFinding(report.findings[0],
                  {Severity::kIo, "store.unreadable", "", 0, "", kNoSteps, "EIO"}) &&
        IsFinding(report.findings[1],
                  {Severity::kIo, "store.unreadable", "log", 0, "", kNoSteps, "EIO"}) &&
        IsFinding(report.findings[2],
                  {Severity::kIo, "store.unreadable", "packs", 0, "", kNoSteps, "EIO"});
    if (!as_expected) std::cerr << Text(report);
    return as_expected ? 0 : 1;
  });
  EXPECT_EQ(code, 0);
}

TEST_F(VerifyTest, NotesAFileThatDoesNotBelong) {
  MakeStore();
  WriteFile(path() + "/notes.txt", "hello");
  EXPECT_TRUE(FindsOnly(
      {Severity::kNote, "store.unknown_file", "notes.txt", 0, "", kNoSteps, "does not belong"}));
  EXPECT_EQ(Check().ExitCode(), 1);
}

TEST_F(VerifyTest, NotesADirectoryThatEveryUserMayChange) {
  MakeStore();
  const auto others = std::filesystem::perms::others_write;
  std::filesystem::permissions(path() + "/packs", others, std::filesystem::perm_options::add);
  EXPECT_TRUE(
      FindsOnly({Severity::kNote, "store.world_writable", "packs", 0, "", kNoSteps, "every user"}));
  std::filesystem::permissions(path() + "/packs", others, std::filesystem::perm_options::remove);
  std::filesystem::permissions(path(), others, std::filesystem::perm_options::add);
  EXPECT_TRUE(
      FindsOnly({Severity::kNote, "store.world_writable", "", 0, "", kNoSteps, "every user"}));
}

TEST_F(VerifyTest, NotesAFileThatWasNeverFinished) {
  MakeStore();
  WriteFile(path() + "/log/x.new", "");
  EXPECT_TRUE(FindsOnly(
      {Severity::kNote, "store.unfinished_file", "log/x.new", 0, "", kNoSteps, "never finished"}));
}

TEST_F(VerifyTest, ChecksOneRunOnly) {
  MakeStore();
  FlipByte(FileIn("packs", ".pack"), Segments().front().offset + 100);
  VerifyOptions options{.depth = VerifyDepth::kDeep, .run = "b"};
  const VerifyReport report = Check(options);
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
  for (const std::string& file : {FileIn("packs", ".pack"), path() + "/STORE"}) {
    const std::string bytes = ReadFile(file);
    for (std::size_t at = 0; at < bytes.size(); at += 13) {
      FlipByte(file, at);
      EXPECT_NE(CheckAt(VerifyDepth::kChecksums).ExitCode(), 0) << file << " byte " << at;
      EXPECT_NE(Check().ExitCode(), 0) << file << " byte " << at;
      WriteFile(file, bytes);
    }
  }
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
