// What verify says of the logs of processes that were killed.
#include <gmock/gmock.h>
#include <signal.h>
#include <unistd.h>

#include "tests/engine/store/store_fixture.h"
#include "tests/support/child_process.h"
#include "tests/support/eventually.h"

namespace reprise {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class VerifyLogsTest : public StoreFixture {
 protected:
  // A process that logs rows and is killed.
  void MakeKilledStore() {
    const int code = RunInChild([&] {
      Store store = Store::Open(path()).value();
      RunWriter run = Start(store, "killed");
      LogRows(run, 100, 1.0);
      if (!run.Sync().ok()) return 1;
      return kill(getpid(), SIGKILL);
    });
    ASSERT_EQ(code, -SIGKILL);
  }
};

TEST_F(VerifyLogsTest, NotesAProcessThatWasKilled) {
  MakeKilledStore();
  const VerifyReport report = Check();
  EXPECT_THAT(Codes(report), ElementsAre("session.dead")) << Text(report);
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
  EXPECT_THAT(Codes(report), ElementsAre("log.torn_tail", "session.dead")) << Text(report);
  EXPECT_EQ(report.findings[0].offset, bytes.size());
  EXPECT_EQ(report.ExitCode(), 1);
}

TEST_F(VerifyLogsTest, TellsDamageAmongAcknowledgedGroups) {
  MakeKilledStore();
  const std::string log = FileIn("log", ".log");
  FlipByte(log, ReadFile(log).size() / 2);
  const VerifyReport report = Check();
  EXPECT_THAT(Codes(report), Contains("log.damaged")) << Text(report);
  EXPECT_EQ(report.ExitCode(), 2);
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
  WriteFile(path() + "/other", "hello");
  EXPECT_EQ(DumpFile(path() + "/other", [](const std::string&) {}).code(), Code::kInvalidArgument);
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
