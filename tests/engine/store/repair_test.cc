// What a repair mends, and what it leaves as it is.
#include "reprise/repair.h"

#include <gmock/gmock.h>
#include <signal.h>
#include <unistd.h>

#include <ctime>

#include "tests/engine/store/forger.h"
#include "tests/engine/store/repair_fixture.h"
#include "tests/support/child_process.h"

namespace reprise {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class RepairTest : public RepairFixture {};

TEST_F(RepairTest, FindsNothingToDoInASoundStore) {
  MakeStore();
  const auto before = AllFiles();
  EXPECT_THAT(Plan().items, IsEmpty());
  const RepairReport report = Mend();
  EXPECT_THAT(report.items, IsEmpty());
  EXPECT_EQ(report.quarantine, "");
  EXPECT_EQ(report.ExitCode(), 0);
  EXPECT_EQ(AllFiles(), before);
}

TEST_F(RepairTest, RefusesAStoreThatIsBeingWritten) {
  Store store = Store::Open(path()).value();
  RunWriter run = Start(store, "live");
  LogRows(run, 10, 1.0);
  EXPECT_EQ(Repair(path()).error().code(), Code::kBusy);
  EXPECT_EQ(Repair(path(), {.apply = true}).error().code(), Code::kBusy);
  EXPECT_TRUE(run.Finish().ok());
}

TEST_F(RepairTest, ADryRunChangesNothing) {
  MakeStore();
  FlipByte(FileIn("packs", ".pack"), Segments().back().offset + 100);
  const auto before = AllFiles();
  const RepairReport report = Plan();
  EXPECT_FALSE(report.applied);
  EXPECT_EQ(report.ExitCode(), 1);
  EXPECT_THAT(What(report), ElementsAre("segment.rewrite"));
  EXPECT_NE(report.items[0].lost, "");
  EXPECT_EQ(AllFiles(), before);
  LeaveDamaged();
}

TEST_F(RepairTest, LeavesASessionThatMerelyDiedToTheNextWriter) {
  MakeKilledStore();
  EXPECT_THAT(Plan().items, IsEmpty());
  EXPECT_THAT(Mend().items, IsEmpty());
  LeaveDamaged();
}

// --- the catalog

TEST_F(RepairTest, BuildsADamagedCatalogAnew) {
  MakeStore();
  const auto rows = AllRows();
  const std::string catalog = path() + "/catalog.1";
  WriteFile(catalog, ReadFile(catalog).substr(0, 5000));
  EXPECT_THAT(What(Mend()), ElementsAre("catalog.rebuild"));
  ExpectMended();
  EXPECT_EQ(AllRows(), rows);
}

TEST_F(RepairTest, BuildsAMissingCatalogAnew) {
  MakeStore();
  const auto rows = AllRows();
  std::filesystem::remove(path() + "/catalog.1");
  std::filesystem::remove(path() + "/catalog.lock");
  EXPECT_THAT(What(Mend()), ElementsAre("catalog.rebuild"));
  ExpectMended();
  EXPECT_EQ(AllRows(), rows);
}

// --- logs

// One group of the log of a killed process is damaged: rows before it and rows behind it stay.
TEST_F(RepairTest, KeepsTheRowsAroundDamageInALog) {
  MakeKilledStore();
  const auto before = AllRows();
  DamageLog(0.5);
  EXPECT_EQ(CheckAt(VerifyDepth::kChecksums).ExitCode(), 2);
  const RepairReport report = Mend();
  EXPECT_THAT(What(report), ElementsAre("log.gap", "log.seal", "log.damaged", "session.settle"));
  ExpectMended();
  EXPECT_THAT(Codes(Check()), Contains("history.gap"));
  const auto after = AllRows();
  EXPECT_TRUE(IsPartOf(after, before));
  ASSERT_GE(after.size(), 97U);  // the damaged row, and the one behind it
  EXPECT_LT(after.size(), 100U);
  const Lineage lineage = Store::Open(path()).value().ReadLineage("killed").value();
  EXPECT_EQ(lineage.run.state, RunState::kCrashed);
  ASSERT_EQ(lineage.gaps.size(), 1U);
  EXPECT_EQ(lineage.gaps[0].reason, "log_damaged");
  const StepRange steps = lineage.gaps[0].steps;
  EXPECT_EQ(steps.last - steps.first + 1, static_cast<Step>(100 - after.size()));
  EXPECT_EQ(StepsOf("killed").front(), 0);
  EXPECT_EQ(StepsOf("killed").back(), 99);
}

// Each row is logged in two parts, the second of which says another value.
TEST_F(RepairTest, KeepsNoRowThatMayHaveLostAPart) {
  const int code = RunInChild([&] {
    Store store = Store::Open(path()).value();
    RunWriter run = Start(store, "parts");
    for (int i = 0; i < 40; ++i) {
      if (!run.Log({{"loss", 1.0}}, {.step = i})) return 1;
      if (!run.Log({{"loss", 2.0}, {"epoch", i}}, {.step = i})) return 1;
    }
    return kill(getpid(), SIGKILL);
  });
  ASSERT_EQ(code, -SIGKILL);
  const auto before = AllRows();
  const std::string log = FileIn("log", ".log");
  const std::string good = ReadFile(log);
  for (std::size_t i = 1; i < 20; ++i) {
    std::filesystem::remove_all(path() + "/packs");
    std::filesystem::create_directory(path() + "/packs");
    WriteFile(log, good);
    FlipByte(log, 1000 + i * 181);  // behind the definitions; a row takes 140 bytes
    Mend();
    EXPECT_TRUE(IsPartOf(AllRows(), before)) << i;
    EXPECT_GE(AllRows().size(), 30U) << i;
    EXPECT_TRUE(AllRows().contains("parts@0 39")) << i << ": the open row, far behind the damage";
  }
}

// The log's header is damaged, so nothing of it can be read. Only the catalog knows how many
// changes it had.
TEST_F(RepairTest, SaysThatChangesMayBeLostIfNobodyKnows) {
  const auto lost = [&] {
    for (const RepairItem& item : Plan().items) {
      if (item.what == "log.damaged") return item.lost;
    }
    return std::string("no damage");
  };
  MakeKilledStore();
  FlipByte(FileIn("log", ".log"), 68);
  EXPECT_EQ(lost(), "");
  EXPECT_THAT(What(Plan()), Contains("change.lost"));
  std::filesystem::remove(path() + "/catalog.1");
  std::filesystem::remove(path() + "/catalog.lock");
  EXPECT_THAT(lost(), HasSubstr("changes after change 0"));
  LeaveDamaged();
}

TEST_F(RepairTest, ARunWhoseLogWasDamagedCanBeResumed) {
  MakeKilledStore();
  DamageLog(0.5);
  Mend();
  Store store = Store::Open(path()).value();
  RunOptions options;
  options.project = "e/p";
  options.run_id = "killed";
  options.resume = Resume::kMust;
  RunWriter run = store.StartRun(options).value();
  EXPECT_EQ(run.Log({{"loss", 1.0}}).value(), 100);
  EXPECT_TRUE(run.Finish().ok());
  LeaveDamaged();
}

TEST_F(RepairTest, KeepsTheDamagedLogAside) {
  MakeKilledStore();
  DamageLog(0.5);
  const std::string log = FileIn("log", ".log");
  const std::string bytes = ReadFile(log);
  const RepairReport report = Mend();
  EXPECT_FALSE(std::filesystem::exists(log));
  const std::string name = std::filesystem::path(log).filename();
  EXPECT_EQ(ReadFile(path() + "/" + report.quarantine + "/" + name), bytes);
}

// --- segments

TEST_F(RepairTest, KeepsTheColumnsThatVerify) {
  MakeLongRun();
  const auto before = AllRows();
  const SegmentRef segment = Segments().front();
  FlipByte(FileIn("packs", ".pack"), OffsetOfColumn(segment, "loss"));
  const RepairReport report = Mend();
  ASSERT_THAT(What(report), Contains("segment.rewrite"));
  ExpectMended();
  const auto after = AllRows();
  EXPECT_EQ(after.size(), before.size());
  EXPECT_TRUE(IsPartOf(after, before));
  const Lineage lineage = Store::Open(path()).value().ReadLineage("long").value();
  ASSERT_EQ(lineage.gaps.size(), 1U);
  EXPECT_THAT(lineage.gaps[0].keys, ElementsAre("loss"));
  EXPECT_EQ(lineage.gaps[0].rows, 0U);
}

// What comes after a loss, on the branch and in forks, knows of the rows that remain.
TEST_F(RepairTest, SummariesBehindALossAreThoseOfTheRowsThatRemain) {
  MakeForkedSegments();
  const SegmentRef segment = Segments().front();
  CutSegment(segment);
  const RepairReport report = Mend();
  EXPECT_THAT(What(report), Contains("segment.drop"));
  ExpectMended();  // deep: every prefix is compared with a rescan
  const auto history = Store::Open(path()).value().OpenHistory({.run = "b"}).value();
  EXPECT_EQ(history.CountRows().value(), 20U);
}

TEST_F(RepairTest, ADamagedFrameHeaderCostsNothing) {
  MakeStore();
  const auto before = AllRows();
  FlipByte(FileIn("packs", ".pack"), Segments().front().offset + 30);
  EXPECT_THAT(What(Mend()), Contains("segment.rewrite"));
  ExpectMended();
  EXPECT_EQ(AllRows(), before);
}

// --- changes

TEST_F(RepairTest, RecordsChangesThatAreLostSoThatTheRestIsReadable) {
  MakeRun("first");
  MakeStore();
  const auto events = Events();
  ASSERT_GE(events.size(), 2U);
  FlipByte(FileIn("packs", ".pack"), events.front().offset + 90);
  std::filesystem::remove(path() + "/catalog.1");
  std::filesystem::remove(path() + "/catalog.lock");
  EXPECT_FALSE(Store::Open(path()).has_value());
  const RepairReport report = Mend();
  EXPECT_THAT(What(report), Contains("change.lost"));
  ExpectMended();
  EXPECT_EQ(StepsOf("a").size(), 100U);
}

// Segments that only lost changes named leave the summaries behind them wrong.
TEST_F(RepairTest, ChangesThatMakeNoSenseWithoutLostOnesAreVoid) {
  MakeForkedSegments();
  const auto before = AllRows();
  FlipByte(FileIn("packs", ".pack"), Events().at(1).offset + 90);
  std::filesystem::remove(path() + "/catalog.1");
  std::filesystem::remove(path() + "/catalog.lock");
  const auto what = What(Mend());
  EXPECT_THAT(what, Contains("change.lost"));
  EXPECT_THAT(what, Contains("change.void"));
  EXPECT_THAT(what, Contains("segment.unnamed"));
  ExpectMended();
  EXPECT_TRUE(IsPartOf(AllRows(), before));
}

// --- foundations

TEST_F(RepairTest, MakesTheSuperblockAnewFromWhatPacksSay) {
  MakeStore();
  const std::string good = ReadFile(path() + "/STORE");
  FlipByte(path() + "/STORE", 20);
  EXPECT_TRUE(Plan().more);
  EXPECT_THAT(What(Mend()), ElementsAre("superblock.restore"));
  ExpectMended();
  EXPECT_EQ(ReadFile(path() + "/STORE").substr(0, 56), good.substr(0, 56));
}

TEST_F(RepairTest, NamesTheQuarantineByTheTime) {
  const auto minute = [] {
    const std::time_t now = std::time(nullptr);
    std::tm utc{};
    gmtime_r(&now, &utc);
    char text[32];
    return std::string(text, std::strftime(text, sizeof(text), "quarantine/%Y%m%dT%H%M", &utc));
  };
  MakeStore();
  FlipByte(path() + "/STORE", 20);
  const std::string before = minute();
  const std::string name = Mend().quarantine;
  EXPECT_TRUE(name.starts_with(before) || name.starts_with(minute())) << name;
}

TEST_F(RepairTest, LeavesASuperblockAloneThatNothingKnows) {
  ASSERT_TRUE(Store::Open(path()).has_value());
  FlipByte(path() + "/STORE", 20);
  const auto repaired = Repair(path(), {.apply = true});
  ASSERT_FALSE(repaired.has_value());
  EXPECT_THAT(repaired.error().message(), HasSubstr("name 0 stores"));
  LeaveDamaged();
}

TEST_F(RepairTest, DoesNotTouchAStoreOfANewerRelease) {
  MakeStore();
  Superblock superblock = DecodeSuperblock(ReadFile(path() + "/STORE")).value();
  superblock.write_version = kStoreWriteVersion + 1;
  WriteFile(path() + "/STORE", EncodeSuperblock(superblock));
  FlipByte(FileIn("packs", ".pack"), Segments().back().offset + 100);
  const auto before = AllFiles();
  EXPECT_EQ(Repair(path(), {.apply = true}).error().code(), Code::kUnsupportedVersion);
  EXPECT_EQ(AllFiles(), before);
  LeaveDamaged();
}

TEST_F(RepairTest, MakesAMissingDirectory) {
  MakeStore();
  std::filesystem::remove_all(path() + "/log");
  EXPECT_THAT(What(Mend()), ElementsAre("directory.make"));
  ExpectMended();
}

TEST_F(RepairTest, PutsAPackAsideThatCannotBeOpened) {
  MakeStore();
  FlipByte(FileIn("packs", ".pack"), 20);  // the seed of all of its checksums
  EXPECT_THAT(What(Mend()), Contains("pack.aside"));
  ExpectMended();
}

}  // namespace
}  // namespace reprise
