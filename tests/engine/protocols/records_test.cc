// Protocols, records and order: rules 1 to 6.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <set>

#include "engine/log/log_reader.h"
#include "tests/engine/protocols/protocol_fixture.h"
#include "tests/support/gate.h"

namespace reprise {
namespace {

using Protocol01 = Protocol;
using Protocol02 = Protocol;
using Protocol04 = Protocol;
using Protocol05 = Protocol;
using Protocol06 = Protocol;

TEST_F(Protocol01, LeaseHeldRecordsNeedTheLeaseAndSharedOnesDoNot) {
  RunWriter run = Start("a");
  LogSteps(run, 0, 3);
  Store other = Another();
  const ChangeNumber before = LastChange();
  for (Store* asks : {&store(), &other}) {  // the lease is the writer's, not its store's
    EXPECT_EQ(CodeOf(asks->Rewind(At("a?_step=1"))), Code::kBusy);
    EXPECT_EQ(CodeOf(asks->Restore(At("a@0"))), Code::kBusy);
    EXPECT_EQ(asks->UpdateConfig("a", {{"k", 1}}).code(), Code::kBusy);
    EXPECT_EQ(asks->Finish("a").code(), Code::kBusy);
  }
  EXPECT_EQ(LastChange(), before) << "a refused change must leave no number";
  EXPECT_TRUE(other.SetMetadata("a", {.notes = "n"}).ok());
  EXPECT_TRUE(other.Fork(At("a?_step=1")));
  EXPECT_TRUE(other.Close().ok());
}

TEST_F(Protocol01, SharedRecordsAreNumberedOverTheWholeStore) {
  const RunWriter run = Start("a");
  Store other = Another();
  const ChangeNumber before = LastChange();
  EXPECT_TRUE(other.SetMetadata("a", {.name = "by another"}).ok());
  EXPECT_EQ(LastChange(), before + 1);
  EXPECT_TRUE(store().SetMetadata("a", {.name = "by the first"}).ok());
  EXPECT_EQ(LastChange(), before + 2);
  EXPECT_TRUE(other.Fork(At("a"), Named("b")));
  EXPECT_EQ(LastChange(), before + 3);
  EXPECT_TRUE(other.Close().ok());
}

TEST_F(Protocol02, AChangeIsLoggedThenSyncedThenCommitted) {
  MakeRun("a", 3);
  Store recorded = Recorded();
  ASSERT_TRUE(recorded.SetMetadata("a", {.notes = "first, to begin the log"}).ok());
  recorder_.Take();
  ASSERT_TRUE(recorded.SetMetadata("a", {.notes = "second"}).ok());
  const Events events = recorder_.Take();
  ASSERT_EQ(events.size(), 3u) << Joined(events);
  EXPECT_TRUE(events[0].starts_with("write log/")) << Joined(events);
  EXPECT_TRUE(events[1].starts_with("sync log/")) << Joined(events);
  EXPECT_EQ(events[2], "commit");
  EXPECT_TRUE(recorded.Close().ok());
}

TEST_F(Protocol02, AChangeThatCannotBeLoggedIsNotCommitted) {
  MakeRun("a", 3);
  const ChangeNumber before = LastChange();
  Store recorded = Recorded();
  recorder_.OnEvent([](const std::string& event) {
    return event.starts_with("write log/") ? Status::Error(Code::kNoSpace, "full") : Status();
  });
  EXPECT_EQ(recorded.SetMetadata("a", {.notes = "lost"}).code(), Code::kNoSpace);
  EXPECT_EQ(LastChange(), before);
  EXPECT_EQ(InfoOf("a").notes, "");
  recorder_.OnEvent(nullptr);
  EXPECT_TRUE(recorded.SetMetadata("a", {.notes = "kept"}).ok());
  EXPECT_EQ(LastChange(), before + 1);
  EXPECT_TRUE(recorded.Close().ok());
}

TEST_F(Protocol02, ChangesOfManyProcessesAreOneSequence) {
  { const RunWriter run = Start("a"); }
  CloseStore();
  const ChangeNumber before = LastChange();
  std::vector<pid_t> children;
  for (int child = 0; child < 3; ++child) {
    children.push_back(StartChild([&] {
      Store store = Store::Open(path()).value();
      for (int i = 0; i < 30; ++i) {
        const Metadata add{.add_tags = {fmt::format("{}-{}", child, i)}};
        if (!store.SetMetadata("a", add).ok()) return 1;
      }
      return store.Close().ok() ? 0 : 2;
    }));
  }
  for (const pid_t child : children) EXPECT_EQ(WaitFor(child), 0);
  Reopen();
  EXPECT_EQ(InfoOf("a").tags.size(), 90u);
  EXPECT_EQ(LastChange(), before + 90);
}

class Protocol03 : public Protocol, public ::testing::WithParamInterface<Durability> {
 protected:
  // The call changes the catalog, and has synced all that it wrote before it does.
  template <typename Call>
  void ExpectSyncedBeforeCommit(const char* name, Call call) {
    SCOPED_TRACE(name);
    const ChangeNumber before = LastChange();
    recorder_.Take();
    call();
    const Events events = recorder_.Take();
    const std::size_t synced = Find(events, "sync log/");
    EXPECT_LT(Find(events, "commit", "", synced), events.size()) << Joined(events);
    EXPECT_EQ(UnsyncedLogsAtCommits(events), "") << Joined(events);
    EXPECT_GT(LastChange(), before);
  }
};

TEST_P(Protocol03, ChangesAreOnDiskBeforeTheCatalogShowsThem) {
  Store recorded = Recorded({.durability = GetParam()});
  std::optional<RunWriter> run;
  ExpectSyncedBeforeCommit("start", [&] { run.emplace(recorded.StartRun(Of("a")).value()); });
  LogSteps(*run, 0, 20);
  ExpectSyncedBeforeCommit("rewind", [&] { EXPECT_TRUE(run->Rewind(10).ok()); });
  LogSteps(*run, 11, 12);
  ExpectSyncedBeforeCommit("config", [&] { EXPECT_TRUE(run->UpdateConfig({{"lr", 1}}).ok()); });
  ExpectSyncedBeforeCommit("summary", [&] { EXPECT_TRUE(run->SetSummary("x", 1).ok()); });
  ExpectSyncedBeforeCommit("metadata",
                           [&] { EXPECT_TRUE(recorded.SetMetadata("a", {.notes = "n"}).ok()); });
  ExpectSyncedBeforeCommit("fork",
                           [&] { EXPECT_TRUE(recorded.Fork(At("a?_step=5"), Named("b"))); });
  ExpectSyncedBeforeCommit("finish", [&] { EXPECT_TRUE(run->Finish().ok()); });
  ExpectSyncedBeforeCommit("restore", [&] { EXPECT_TRUE(recorded.Restore(At("a@0"))); });
  ExpectSyncedBeforeCommit("delete", [&] { EXPECT_TRUE(recorded.Delete("a").ok()); });
  EXPECT_TRUE(recorded.Close().ok());
}

std::string LevelName(const ::testing::TestParamInfo<Durability>& level) {
  return std::array{"None", "Process", "Disk"}[static_cast<std::size_t>(level.param)];
}
INSTANTIATE_TEST_SUITE_P(, Protocol03,
                         ::testing::Values(Durability::kNone, Durability::kProcess,
                                           Durability::kDisk),
                         LevelName);

TEST_F(Protocol04, AForkSyncsTheRowsOfTheOtherSessionBeforeItRefersToThem) {
  RunWriter run = Start("a");
  LogSteps(run, 0, 5);
  const std::vector<std::string> parents = FilesIn("log", ".log");
  ASSERT_EQ(parents.size(), 1u);
  const std::string parent = parents[0].substr(parents[0].rfind('/') + 1);
  Store recorded = Recorded();
  ASSERT_TRUE(recorded.Fork(At("a?_step=3"), Named("b")));
  const Events events = recorder_.Take();
  const std::size_t synced = Find(events, "sync log/" + parent);
  const std::size_t written = Find(events, "write log/");
  EXPECT_LT(synced, written) << Joined(events);
  EXPECT_LT(written, Find(events, "commit")) << Joined(events);
  EXPECT_EQ(UnsyncedLogsAtCommits(events), "") << Joined(events);
  std::set<std::string> files;
  for (const std::string& event : events) {
    if (event.starts_with("sync log/") && event.ends_with(".log")) files.insert(event);
  }
  EXPECT_EQ(files.size(), 2u) << "the parent's log and the fork's\n" << Joined(events);
  EXPECT_TRUE(recorded.Close().ok());
}

TEST_F(Protocol04, ARewindSyncsTheOwnRowsBeforeItRefersToThem) {
  Store recorded = Recorded({.durability = Durability::kNone});
  auto run = recorded.StartRun(Of("a"));
  ASSERT_TRUE(run);
  LogSteps(*run, 0, 5);
  recorder_.Take();
  ASSERT_TRUE(run->Rewind(3).ok());
  const Events events = recorder_.Take();
  EXPECT_LT(Find(events, "sync log/"), Find(events, "commit")) << Joined(events);
  EXPECT_EQ(UnsyncedLogsAtCommits(events), "");
  ASSERT_TRUE(run->Finish().ok());
  EXPECT_TRUE(recorded.Close().ok());
  EXPECT_EQ(StepsOf("a").size(), 4u);
}

// How many orphans Verify reports; it must find nothing that is worse.
int OrphansIn(const std::string& store_path) {
  const auto report = Verify(store_path, {.depth = VerifyDepth::kDeep});
  if (!report) return -1;
  int orphans = 0;
  for (const Finding& finding : report->findings) {
    EXPECT_EQ(finding.severity, Severity::kNote) << finding.message;
    orphans += finding.code.find("orphan") != std::string::npos ? 1 : 0;
  }
  return orphans;
}

TEST_F(Protocol05, RowsThatReachTheLogBehindTheFenceAreNeverHistory) {
  // Rows wait in memory, and reach the log too late.
  Store recorded = Recorded({.durability = Durability::kNone});
  std::atomic<bool> frozen = false;
  recorder_.OnEvent([&](const std::string& event) {
    const bool held = frozen && event.starts_with("write log/");
    return held ? Status::Error(Code::kNoSpace, "not now") : Status();
  });
  auto old = recorded.StartRun(Of("a"));
  ASSERT_TRUE(old);
  LogSteps(*old, 0, 4);
  ASSERT_TRUE(old->Sync().ok());
  frozen = true;
  for (int i = 5; i < 8; ++i) static_cast<void>(old->Log({{"x", i}}));
  auto taker = store().StartRun(TakeoverOf("a"));
  ASSERT_TRUE(taker) << taker.error().ToString();
  EXPECT_EQ(taker->Log({{"x", -5}}), 5);
  frozen = false;
  EXPECT_EQ(old->Sync().code(), Code::kFenced);  // its rows are in the log now
  const Lines rows = {"0 x=0", "1 x=1", "2 x=2", "3 x=3", "4 x=4", "5 x=-5"};
  EXPECT_EQ(RowsOf("a"), rows);
  EXPECT_EQ(OrphansIn(path()), 1);
  ASSERT_TRUE(taker->Finish().ok());
  static_cast<void>(recorded.Close());
  EXPECT_EQ(RowsOf("a"), rows);
  Reopen();
  EXPECT_EQ(RowsOf("a"), rows);
}

TEST_F(Protocol05, AnOrphanIsReportedAndStaysOneWhenItsSessionIsRecovered) {
  const Gate holds;
  const Gate go_on;
  const pid_t child = StartChild([&] {
    Store store = Store::Open(path()).value();
    RunWriter run = store.StartRun(Of("a")).value();
    run.Log({{"x", 0}}).value();
    holds.Open();
    go_on.Wait();
    const bool fenced = CodeOf(run.Log({{"late", 1}})) == Code::kFenced;
    holds.Open();
    pause();  // keeps its log
    return fenced ? 0 : 1;
  });
  ASSERT_TRUE(holds.Wait());
  RunWriter run = store().StartRun(TakeoverOf("a")).value();
  go_on.Open();
  ASSERT_TRUE(holds.Wait());
  LogSteps(run, 1, 2);
  const Lines rows = {"0 x=0", "1 x=1", "2 x=2"};
  EXPECT_EQ(RowsOf("a"), rows);
  EXPECT_EQ(OrphansIn(path()), 1);
  kill(child, SIGKILL);
  WaitFor(child);
  Reopen();
  EXPECT_EQ(Start("a").next_step(), 3);
  EXPECT_EQ(RowsOf("a"), rows);
}

TEST_F(Protocol06, EachLogFileIsReadFromItsStartAndNeedsNoOther) {
  LogWriterOptions options;
  options.session = 7;
  options.store_uuid = std::string(16, 'u');
  options.boot_id = std::string(16, 'b');
  options.file_bytes = 4096;
  const auto logs = SystemIo().files->OpenDirectory(dir().path());
  ASSERT_TRUE(logs);
  const auto log = LogWriter::Make(SystemIo(), **logs, options);
  const std::uint32_t run = log->DefineRun({{1, 2}, 0}, 3);
  const std::uint32_t shape =
      log->DefineShape(std::make_shared<const Shape>(Shape{{{"loss", Type::kDouble}}, true}));
  const std::vector<ValueView> values = {0.5};
  for (Step step = 0; step < 500; ++step) {
    ASSERT_TRUE(log->AddRow({run, shape, step, 1000 + step, true, false, true, values}));
  }
  const std::vector<std::uint32_t> files = log->files();
  ASSERT_GT(files.size(), 3u);
  Step next = 0;
  for (const std::uint32_t file : files) {
    auto alone = LogFile::Open(**logs, LogFileName(7, file), options.boot_id);
    ASSERT_TRUE(alone);
    LogVisitor visitor;
    visitor.on_part = [&](const LoggedPart& part) -> Status {
      EXPECT_EQ(part.step, next);
      EXPECT_EQ(part.time, 1000 + next++);
      EXPECT_EQ((*part.shape)->columns[0].key, "loss");
      return {};
    };
    ASSERT_TRUE((*alone)->Scan(visitor));
    std::string dump;
    const Status dumped = DumpFile(dir().Of(LogFileName(7, file)),
                                   [&](const std::string& line) { dump += line + "\n"; });
    ASSERT_TRUE(dumped.ok()) << dumped.ToString();
    EXPECT_NE(dump.find("loss"), std::string::npos) << dump;
  }
  EXPECT_EQ(next, 500);
}

}  // namespace
}  // namespace reprise
