// What verify says of the logs of processes that were killed.
#include <gmock/gmock.h>

#include "format/checksum.h"
#include "format/log_file.h"
#include "tests/engine/store/forger.h"
#include "tests/engine/store/store_fixture.h"
#include "tests/support/eventually.h"

namespace reprise {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class VerifyLogsTest : public StoreFixture {
 protected:
  // A finding about all of that process's rows.
  Finding AllKilledRows(Severity severity, const std::string& code) const {
    return {severity,
            code,
            NameIn("log", ".lock").substr(0, 20),
            0,
            "e/p/killed@0",
            {0, 99},
            "100 parts of lease 1"};
  }
};

TEST_F(VerifyLogsTest, NotesAProcessThatWasKilled) {
  MakeKilledStore();
  EXPECT_TRUE(FindsOnly({Severity::kNote, "session.dead", NameIn("log", ".lock"), 0, "", kNoSteps,
                         "a process ended"}));
  const VerifyReport report = Check();
  EXPECT_EQ(report.ExitCode(), 1);
  EXPECT_EQ(report.rows, 100U);
}

TEST_F(VerifyLogsTest, FindsNothingAfterTheNextProcessHasRecovered) {
  MakeKilledStore();
  const std::string dead = FileIn("log", ".lock");
  {
    Store store = Store::Open(path()).value();
    RunWriter run = Start(store, "next");
    LogRows(run, 1, 1.0);
    ASSERT_TRUE(run.Finish().ok());
    EXPECT_TRUE(Eventually([&] { return !std::filesystem::exists(dead); }))
        << "recovery works in the background";
    const Status closed = store.Close();
    ASSERT_TRUE(closed.ok()) << closed.ToString();
  }
  const VerifyReport report = Check();
  EXPECT_THAT(Codes(report), IsEmpty()) << Text(report);
  EXPECT_EQ(report.rows, 101U);
}

TEST_F(VerifyLogsTest, NotesATornTail) {
  MakeKilledStore();
  const std::string log = FileIn("log", ".log");
  const std::string bytes = ReadFile(log);
  WriteFile(log, bytes + std::string("PRGP") + std::string(20, 'x'));
  const VerifyReport report = Check();
  ASSERT_THAT(Codes(report), ElementsAre("log.torn_tail", "session.dead")) << Text(report);
  EXPECT_TRUE(
      IsFinding(report.findings[0], {Severity::kNote, "log.torn_tail", NameIn("log", ".log"),
                                     bytes.size(), "", kNoSteps, "group ends in its header"}));
  EXPECT_EQ(report.ExitCode(), 1);
}

TEST_F(VerifyLogsTest, TellsDamageAmongAcknowledgedGroupsAndWhoseHistoryItIs) {
  MakeKilledStore();
  const std::string log = FileIn("log", ".log");
  const std::string bytes = ReadFile(log);
  const std::size_t group = bytes.find("PRGP", bytes.size() / 2);
  FlipByte(log, group);
  const VerifyReport report = Check();
  ASSERT_THAT(Codes(report), ElementsAre("log.damaged", "session.dead", "history.unreadable"));
  EXPECT_TRUE(IsFinding(report.findings[0], {Severity::kLost, "log.damaged", NameIn("log", ".log"),
                                             group, "", kNoSteps, "group"}));
  EXPECT_TRUE(
      IsFinding(report.findings[2], {Severity::kLost, "history.unreadable", "", 0, "e/p/killed@0",
                                     kNoSteps, NameIn("log", ".log").substr(4)}));
  EXPECT_EQ(report.ExitCode(), 2);
}

TEST_F(VerifyLogsTest, NamesALogThatCannotBeRead) {
  MakeStore();
  std::filesystem::create_directory(path() + "/log/00000000000000f0-1.log");
  const VerifyReport report = Check();
  ASSERT_THAT(Codes(report), ElementsAre("log.unreadable", "session.dead")) << Text(report);
  EXPECT_TRUE(
      IsFinding(report.findings[0], {Severity::kIo, "log.unreadable", "log/00000000000000f0", 0, "",
                                     kNoSteps, "00000000000000f0-1.log"}));
}

TEST_F(VerifyLogsTest, NamesALogOfANewerRelease) {
  MakeKilledStore();
  const std::string log = FileIn("log", ".log");
  std::string bytes = ReadFile(log);
  const std::uint64_t file_id = DecodeLogHeader(bytes).value().file_id;
  bytes[8] = bytes[10] = kLogReadVersion + 1;
  const std::uint64_t checksum = Checksum(bytes.substr(0, kLogHeaderSize - 8), file_id, 0);
  bytes.replace(kLogHeaderSize - 8, 8, reinterpret_cast<const char*>(&checksum), 8);
  WriteFile(log, bytes);
  const VerifyReport report = Check();
  ASSERT_THAT(Codes(report), ElementsAre("log.unreadable", "change.missing", "session.dead"));
  EXPECT_TRUE(IsFinding(report.findings[0],
                        {Severity::kVersion, "log.unreadable", NameIn("log", ".lock").substr(0, 20),
                         0, "", kNoSteps, "upgrade"}));
  EXPECT_TRUE(
      IsFinding(report.findings[1], {Severity::kVersion, "change.missing", "", 0, "", kNoSteps,
                                     "no pack that can be read has changes 1 to 2"}));
  EXPECT_EQ(report.ExitCode(), 4);
}

// The lease was given back although its rows were never sealed.
TEST_F(VerifyLogsTest, TellsRowsThatWereLeftInALog) {
  MakeKilledStore();
  {
    Forger forger(path());
    const RunUid uid = forger.Uid("killed");
    forger.Make(uid, LeaseReleased{forger.Lease(uid).generation, 0, {}});
  }
  const VerifyReport report = Check();
  ASSERT_THAT(Codes(report), ElementsAre("log.unsealed_rows", "session.dead")) << Text(report);
  EXPECT_TRUE(IsFinding(report.findings[0], AllKilledRows(Severity::kLost, "log.unsealed_rows")));
}

TEST_F(VerifyLogsTest, NotesRowsBehindAFence) {
  MakeKilledStore();
  {
    Forger forger(path());
    const RunUid uid = forger.Uid("killed");
    const LeaseRecord lease = forger.Lease(uid);
    const Fence fence{lease.holder.session, lease.generation, 0};
    forger.Make(uid, LeaseGranted{lease.generation + 1, {}, fence});
  }
  const VerifyReport report = Check();
  ASSERT_THAT(Codes(report), ElementsAre("log.orphan_rows", "session.dead")) << Text(report);
  EXPECT_TRUE(IsFinding(report.findings[0], AllKilledRows(Severity::kNote, "log.orphan_rows")));
}

TEST_F(VerifyLogsTest, NotesALeaseWhoseHolderLeftNoTrace) {
  MakeStore();
  {
    Forger forger(path());
    const RunUid uid = forger.Uid("a");
    Holder holder;
    holder.session = Forger::kSession;
    forger.Make(uid, LeaseGranted{forger.Lease(uid).generation + 1, holder, {}});
  }
  EXPECT_TRUE(FindsOnly(
      {Severity::kNote, "lease.holder_gone", "", 0, "e/p/a", kNoSteps, "00000000000000f0"}));
}

TEST_F(VerifyLogsTest, DumpsALogAndGoesOnPastDamage) {
  MakeKilledStore();
  const std::string log = FileIn("log", ".log");
  std::string text;
  const auto keep = [&](const std::string& line) { text += line + "\n"; };
  ASSERT_TRUE(DumpFile(log, keep).ok());
  EXPECT_THAT(text, HasSubstr("run_created"));
  EXPECT_THAT(text, HasSubstr("row step=99"));
  EXPECT_THAT(text, Not(HasSubstr("damaged")));
  FlipByte(log, ReadFile(log).size() / 2);
  LeaveDamaged();
  text.clear();
  ASSERT_TRUE(DumpFile(log, keep).ok());
  EXPECT_THAT(text, HasSubstr("damaged"));
  EXPECT_THAT(text, HasSubstr("row step=99"));
}

TEST_F(VerifyLogsTest, DumpsEveryKindOfFile) {
  MakeStore();
  const auto dump = [&](const std::string& file) {
    std::string text;
    const Status dumped = DumpFile(file, [&](const std::string& line) { text += line + "\n"; });
    EXPECT_TRUE(dumped.ok()) << dumped.ToString();
    return text;
  };
  EXPECT_THAT(dump(path() + "/STORE"), HasSubstr("superblock read_version=1"));
  const std::string pack = dump(FileIn("packs", ".pack"));
  EXPECT_THAT(pack, HasSubstr("'loss' type=3"));
  EXPECT_THAT(pack, HasSubstr("sealed"));
  EXPECT_THAT(pack, Not(HasSubstr("damaged")));
  EXPECT_THAT(dump(path() + "/catalog.1"), HasSubstr("forked_from"));
  WriteFile(temp_.Of("other"), "hello");
  EXPECT_EQ(DumpFile(temp_.Of("other"), [](const std::string&) {}).code(), Code::kInvalidArgument);
}

TEST_F(VerifyLogsTest, CountsWhereBytesAre) {
  MakeStore();
  const StoreStat stat = ReadStoreStat(path()).value();
  EXPECT_EQ(stat.runs, 2U);
  EXPECT_EQ(stat.segments, 3U);
  EXPECT_EQ(stat.rows, 180U);
  EXPECT_EQ(stat.values, 360U);
  EXPECT_EQ(stat.log_bytes, 0U);
  EXPECT_GT(stat.catalog_bytes, 0U);
  EXPECT_GT(stat.segment_bytes, 0U);
  EXPECT_LT(stat.segment_bytes, stat.pack_bytes);
}

}  // namespace
}  // namespace reprise
