// Protocols, records and order: rules 1 to 6.
#include <gtest/gtest.h>

#include "engine/log/log_reader.h"
#include "tests/engine/protocols/protocol_fixture.h"

namespace reprise {
namespace {

TEST_F(Protocol, Rule01_SharedRecordsNeedNoLeaseAndAreNumberedOverTheWholeStore) {
  RunWriter run = Start("a");
  LogSteps(run, 0, 3);
  Store other = Another();
  const ChangeNumber before = LastChange();
  Metadata metadata;
  metadata.name = "by another";
  EXPECT_TRUE(other.SetMetadata("a", metadata).ok());
  EXPECT_EQ(LastChange(), before + 1);
  metadata.name = "by the first";
  EXPECT_TRUE(store().SetMetadata("a", metadata).ok());
  EXPECT_EQ(LastChange(), before + 2);
  EXPECT_TRUE(other.Fork(At("a?_step=1"), Named("b")));
  EXPECT_EQ(LastChange(), before + 3);

  for (const Status& status : {other.UpdateConfig("a", {{"k", 1}}), other.Finish("a")}) {
    EXPECT_EQ(status.code(), Code::kBusy);
  }
  EXPECT_EQ(CodeOf(other.Rewind(At("a?_step=1"))), Code::kBusy);
  EXPECT_EQ(LastChange(), before + 3) << "a refused change must leave no number";
  EXPECT_TRUE(other.Close().ok());
}

TEST_F(Protocol, Rule02_AChangeIsLoggedThenSyncedThenCommitted) {
  MakeRun("a", 3);
  Store recorded = Recorded();
  Metadata metadata;
  metadata.notes = "first, to begin the log";
  ASSERT_TRUE(recorded.SetMetadata("a", metadata).ok());
  recorder_.Take();
  metadata.notes = "second";
  ASSERT_TRUE(recorded.SetMetadata("a", metadata).ok());
  const Events events = recorder_.Take();
  ASSERT_EQ(events.size(), 3u) << Joined(events);
  EXPECT_TRUE(events[0].starts_with("write log/")) << Joined(events);
  EXPECT_TRUE(events[1].starts_with("sync log/")) << Joined(events);
  EXPECT_EQ(events[2], "commit");
  EXPECT_TRUE(recorded.Close().ok());
}

TEST_F(Protocol, Rule02_AChangeThatCannotBeLoggedIsNotCommitted) {
  MakeRun("a", 3);
  const ChangeNumber before = LastChange();
  Store recorded = Recorded();
  recorder_.on_event = [](const std::string& event) {
    return event.starts_with("write log/") ? Status::Error(Code::kNoSpace, "full") : Status();
  };
  Metadata metadata;
  metadata.notes = "lost";
  EXPECT_EQ(recorded.SetMetadata("a", metadata).code(), Code::kNoSpace);
  EXPECT_EQ(LastChange(), before);
  EXPECT_EQ(InfoOf("a").notes, "");
  recorder_.on_event = nullptr;
  metadata.notes = "kept";
  EXPECT_TRUE(recorded.SetMetadata("a", metadata).ok());
  EXPECT_EQ(LastChange(), before + 1);
  EXPECT_TRUE(recorded.Close().ok());
}

class ProtocolAtLevel : public Protocol, public ::testing::WithParamInterface<Durability> {};

TEST_P(ProtocolAtLevel, Rule03_NothingIsPublishedBeforeItIsOnDisk) {
  Options options;
  options.durability = GetParam();
  Store recorded = Recorded(options);
  auto run = recorded.StartRun(Of("a"));
  ASSERT_TRUE(run);
  LogSteps(*run, 0, 20);
  ASSERT_TRUE(run->Rewind(10).ok());
  LogSteps(*run, 11, 12);
  ASSERT_TRUE(run->UpdateConfig({{"lr", 1}}).ok());
  ASSERT_TRUE(recorded.Fork(At("a?_step=5"), Named("b")));
  ASSERT_TRUE(run->Finish().ok());
  ASSERT_TRUE(recorded.Restore(At("a@0")));
  ASSERT_TRUE(recorded.Delete("b").ok());
  const Events events = recorder_.Take();
  EXPECT_GE(std::count(events.begin(), events.end(), "commit"), 8) << Joined(events);
  EXPECT_EQ(UnsyncedAtCommits(events), "");
  EXPECT_TRUE(recorded.Close().ok());
}

INSTANTIATE_TEST_SUITE_P(Every, ProtocolAtLevel,
                         ::testing::Values(Durability::kNone, Durability::kProcess,
                                           Durability::kDisk));

TEST_F(Protocol, Rule04_AForkSyncsTheRowsOfTheOtherSessionBeforeItRefersToThem) {
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
  EXPECT_TRUE(recorded.Close().ok());
}

TEST_F(Protocol, Rule04_ARewindSyncsTheOwnRowsBeforeItRefersToThem) {
  Options options;
  options.durability = Durability::kNone;
  Store recorded = Recorded(options);
  auto run = recorded.StartRun(Of("a"));
  ASSERT_TRUE(run);
  LogSteps(*run, 0, 5);
  recorder_.Take();
  ASSERT_TRUE(run->Rewind(3).ok());
  const Events events = recorder_.Take();
  EXPECT_LT(Find(events, "sync log/"), Find(events, "commit")) << Joined(events);
  EXPECT_EQ(UnsyncedAtCommits(events), "");
  ASSERT_TRUE(run->Finish().ok());
  EXPECT_TRUE(recorded.Close().ok());
  EXPECT_EQ(StepsOf("a").size(), 4u);
}

TEST_F(Protocol, Rule05_RowsBeyondTheirGenerationsFenceAreNeverHistory) {
  Options options;
  options.durability = Durability::kNone;  // rows wait in memory, and reach the log too late
  Store recorded = Recorded(options);
  bool frozen = false;
  recorder_.on_event = [&](const std::string& event) {
    const bool held = frozen && event.starts_with("write log/");
    return held ? Status::Error(Code::kNoSpace, "not now") : Status();
  };
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
  const auto report = Verify(path());
  const bool reported = std::any_of(
      report->findings.begin(), report->findings.end(),
      [](const Finding& finding) { return finding.code.find("orphan") != std::string::npos; });
  EXPECT_TRUE(reported) << "orphans are to be told";
  ASSERT_TRUE(taker->Finish().ok());
  static_cast<void>(recorded.Close());
  EXPECT_EQ(RowsOf("a"), rows);
  Reopen();
  EXPECT_EQ(RowsOf("a"), rows);
}

TEST_F(Protocol, Rule06_EachLogFileIsReadFromItsStartAndNeedsNoOther) {
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
  }
  EXPECT_EQ(next, 500);
}

}  // namespace
}  // namespace reprise
