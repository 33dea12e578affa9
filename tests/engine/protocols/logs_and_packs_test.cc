// Protocols, logs and packs: rules 10 to 14.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>

#include <atomic>

#include "tests/engine/protocols/protocol_fixture.h"
#include "tests/support/shared_memory.h"

namespace reprise {
namespace {

using Protocol10 = Protocol;
using Protocol11 = Protocol;
using Protocol12 = Protocol;
using Protocol13 = Protocol;
using Protocol14 = Protocol;

TEST_F(Protocol10, ATornTailIsDroppedAndWhatWasBeforeItIsKept) {
  ASSERT_TRUE(WriterDies("a", 0, 9));
  const std::string log = FilesIn("log", ".log")[0];
  const std::string bytes = ReadFile(log);
  WriteFile(log, bytes.substr(0, bytes.size() - 3));
  EXPECT_EQ(FindDamage(path()), "") << "a torn tail is a note";
  EXPECT_EQ(Start("a").next_step(), 9);
  EXPECT_EQ(StepsOf("a"), (std::vector<Step>{0, 1, 2, 3, 4, 5, 6, 7, 8}));
}

TEST_F(Protocol10, ABadGroupBeforeAValidOneIsCorruption) {
  ASSERT_TRUE(WriterDies("a", 0, 9));
  const std::string log = FilesIn("log", ".log")[0];
  const std::string whole = ReadFile(log);
  std::string damaged = whole;
  damaged[whole.size() / 2] = static_cast<char>(~damaged[whole.size() / 2]);
  WriteFile(log, damaged);
  EXPECT_EQ(Verify(path())->ExitCode(), 2);
  EXPECT_EQ(StartCode(Of("a", Resume::kMust)), Code::kCorrupt)
      << "nothing is to be lost in silence";
  EXPECT_EQ(StartCode({.run_id = "another"}), Code::kOk) << "other runs are none the worse";
  WriteFile(log, whole);
  EXPECT_EQ(Start("a").next_step(), 10) << "the refusal must have changed nothing";
}

TEST_F(Protocol11, AFullDiskAcknowledgesNothingAndDoesNotPoison) {
  Store recorded = Recorded();
  auto run = recorded.StartRun(Of("a"));
  ASSERT_TRUE(run);
  LogSteps(*run, 0, 2);
  recorder_.OnEvent([](const std::string& event) {
    return event.starts_with("write ") ? Status::Error(Code::kNoSpace, "disk full") : Status();
  });
  EXPECT_EQ(CodeOf(run->Log({{"x", -1}})), Code::kNoSpace);
  EXPECT_EQ(CodeOf(run->Log({{"x", -2}})), Code::kNoSpace);
  EXPECT_EQ(StepsOf("a").size(), 3u) << "reads work on a full disk";
  recorder_.OnEvent(nullptr);
  EXPECT_EQ(run->Log({{"x", 3}}), 3);
  ASSERT_TRUE(run->Finish().ok());
  EXPECT_TRUE(recorded.Close().ok());
  EXPECT_EQ(RowsOf("a"), (Lines{"0 x=0", "1 x=1", "2 x=2", "3 x=3"}));
}

// A moment names committed rows: without the open row it would be another one than was asked for.
TEST_F(Protocol11, AForkWhoseOpenRowCannotBeCommittedIsNotMade) {
  Store recorded = Recorded();
  auto run = recorded.StartRun(Of("a"));
  ASSERT_TRUE(run);
  LogSteps(*run, 0, 2);
  ASSERT_TRUE(run->Log({{"x", 3}}, {.step = 3, .commit = false}));
  int writes = 0;
  recorder_.OnEvent([&](const std::string& event) {
    const bool fails = event.starts_with("write log/") && writes++ == 0;
    return fails ? Status::Error(Code::kNoSpace, "disk full") : Status();
  });
  EXPECT_EQ(CodeOf(recorded.Fork(At("a"), Named("b"))), Code::kNoSpace);
  recorder_.OnEvent(nullptr);
  EXPECT_EQ(CodeOf(recorded.OpenHistory(At("b"))), Code::kNotFound);
  ASSERT_TRUE(run->Finish().ok());
  EXPECT_TRUE(recorded.Close().ok());
}

// Logs until the limit on file sizes is met, lifts it, and goes on: how many were acknowledged.
int LogThroughAFileSizeLimit(const std::string& store_path, std::atomic<int>* acknowledged) {
  signal(SIGXFSZ, SIG_IGN);
  rlimit limit{};
  getrlimit(RLIMIT_FSIZE, &limit);
  const rlim_t unlimited = limit.rlim_max;
  limit.rlim_cur = 1U << 20;
  setrlimit(RLIMIT_FSIZE, &limit);
  Store store = Store::Open(store_path).value();
  RunWriter run = store.StartRun({.run_id = "a"}).value();
  const std::string text(50'000, 't');
  Code code = Code::kOk;
  for (int i = 0; i < 100 && code == Code::kOk; ++i) {
    const auto step = run.Log({{"text", text}});
    code = step ? Code::kOk : step.error().code();
    if (step) ++*acknowledged;
  }
  if (code != Code::kNoSpace) return 1;
  if (run.Log({{"text", text}}).has_value()) return 2;  // still full
  limit.rlim_cur = unlimited;
  setrlimit(RLIMIT_FSIZE, &limit);
  for (int i = 0; i < 3; ++i) {
    if (!run.Log({{"text", text}})) return 3;
    ++*acknowledged;
  }
  return run.Finish().ok() && store.Close().ok() ? 0 : 4;
}

// EFBIG, from the kernel and not from a test's disk.
TEST_F(Protocol11, AtALimitOfFileSizesNothingIsAcknowledgedAndAboveItWritingGoesOn) {
  const SharedMemory<std::atomic<int>> acknowledged;
  EXPECT_EQ(RunInChild([&] { return LogThroughAFileSizeLimit(path(), &*acknowledged); }), 0);
  EXPECT_GT(*acknowledged, 5);
  EXPECT_EQ(StepsOf("a").size(), static_cast<std::size_t>(*acknowledged));
}

TEST_F(Protocol11, AfterAFailedSyncRowsGoToANewFileAndTheOldOneIsNotSyncedAgain) {
  Store recorded = Recorded();
  auto run = recorded.StartRun(Of("a"));
  ASSERT_TRUE(run);
  LogSteps(*run, 0, 4);
  std::string failed;
  recorder_.OnEvent([&](const std::string& event) {
    if (!event.starts_with("sync log/") || !failed.empty()) return Status();
    failed = event;
    return Status::Error(Code::kIoError, "EIO");
  });
  recorder_.Take();
  EXPECT_TRUE(run->Sync().ok()) << "what was acknowledged is written to a new file";
  const Events events = recorder_.Take();
  EXPECT_LT(Find(events, "create log/"), Find(events, "sync log/")) << Joined(events);
  EXPECT_EQ(Find(events, failed), events.size()) << "a file is never synced again after a failure";
  EXPECT_EQ(run->Log({{"x", 5}}), 5);
  ASSERT_TRUE(run->Finish().ok());
  EXPECT_TRUE(recorded.Close().ok());
  EXPECT_EQ(StepsOf("a").size(), 6u);
}

TEST_F(Protocol11, IfTheNewFileFailsTooTheWritersArePoisoned) {
  Store recorded = Recorded();
  auto run = recorded.StartRun(Of("a"));
  ASSERT_TRUE(run);
  LogSteps(*run, 0, 4);
  recorder_.OnEvent([](const std::string& event) {
    return event.starts_with("sync log/") ? Status::Error(Code::kIoError, "EIO once") : Status();
  });
  const Status first = run->Sync();
  EXPECT_EQ(first.code(), Code::kIoError);
  recorder_.OnEvent(nullptr);
  const auto later = run->Log({{"x", 5}});
  EXPECT_EQ(CodeOf(later), Code::kIoError);
  EXPECT_EQ(MessageOf(later), MessageOf(first)) << "later calls return the first failure";
  EXPECT_EQ(StepsOf("a").size(), 5u) << "rows acknowledged before stay readable";
  static_cast<void>(recorded.Close());
  { const RunWriter gone = std::move(*run); }
  EXPECT_EQ(Start("a").next_step(), 5) << "starting the run again recovers it";
}

TEST_F(Protocol12, ASealIsSyncedThenRecordedThenPublishedThenTheLogMayGo) {
  Store recorded = Recorded();
  auto run = recorded.StartRun(Of("a"));
  ASSERT_TRUE(run);
  LogSteps(*run, 0, 9);
  EXPECT_EQ(FilesIn("log", ".log").size(), 1u);
  recorder_.Take();
  ASSERT_TRUE(run->Finish().ok());
  ASSERT_TRUE(recorded.Close().ok());
  const Events events = recorder_.Take();
  const std::size_t frame = Find(events, "write packs/");
  const std::size_t pack_synced = Find(events, "sync packs/", ".pack", frame);
  const std::size_t directory_synced = Find(events, "sync packs/", "packs/");
  const std::size_t record = Find(events, "write log/", "", frame);
  const std::size_t record_synced = Find(events, "sync log/", ".log", record);
  const std::size_t published = Find(events, "commit", "", frame);
  const std::size_t removed = Find(events, "remove log/", ".log");
  EXPECT_LT(frame, pack_synced) << Joined(events);
  EXPECT_LT(pack_synced, record) << Joined(events);
  EXPECT_LT(directory_synced, record) << "the pack is new\n" << Joined(events);
  EXPECT_LT(record, record_synced) << Joined(events);
  EXPECT_LT(record_synced, published) << Joined(events);
  EXPECT_LT(published, removed) << Joined(events);
  EXPECT_LT(removed, events.size()) << Joined(events);
  EXPECT_EQ(FilesIn("log", ""), Lines{});
  Reopen({.read_only = true});
  EXPECT_EQ(StepsOf("a").size(), 10u) << "the pack alone has them all";
}

// Packs with frames that were not synced when a log file went, a line each.
std::string UnsyncedPacksAtRemovals(const Events& events) {
  std::set<std::string> unsynced;
  std::string found;
  for (const std::string& event : events) {
    if (event.starts_with("write packs/")) unsynced.insert(event.substr(6));
    if (event.starts_with("sync packs/")) unsynced.erase(event.substr(5));
    if (!event.starts_with("remove log/") || !event.ends_with(".log")) continue;
    for (const std::string& pack : unsynced) found += event + " before " + pack + " is synced\n";
  }
  return found;
}

// A pack keeps a log's changes as well as its rows.
TEST_F(Protocol12, ALogFileGoesWhenThePackThatKeepsItsChangesIsSynced) {
  ASSERT_TRUE(WriterDies("a", 0, 3));
  Store recorded = Recorded();
  auto run = recorded.StartRun(Of("a", Resume::kMust));
  ASSERT_TRUE(run);
  const Events adopting = recorder_.Take();
  EXPECT_LT(Find(adopting, "remove log/", ".log"), adopting.size()) << Joined(adopting);
  EXPECT_EQ(UnsyncedPacksAtRemovals(adopting), "") << Joined(adopting);
  LogSteps(*run, 4, 5);
  ASSERT_TRUE(run->Finish().ok());
  ASSERT_TRUE(recorded.Close().ok());
  const Events closing = recorder_.Take();
  EXPECT_LT(Find(closing, "remove log/", ".log"), closing.size()) << Joined(closing);
  EXPECT_EQ(UnsyncedPacksAtRemovals(closing), "") << Joined(closing);
}

TEST_F(Protocol12, AFencedWriterPublishesNoSegment) {
  RunWriter old = Start("a");
  LogSteps(old, 0, 9);
  Store other = Another();
  auto taker = other.StartRun(TakeoverOf("a"));
  ASSERT_TRUE(taker) << taker.error().ToString();
  const std::string before = DumpCatalog(path()).value();
  EXPECT_EQ(old.Finish().code(), Code::kFenced);
  EXPECT_EQ(DumpCatalog(path()).value(), before);
  EXPECT_EQ(StepsOf("a").size(), 10u);
  ASSERT_TRUE(taker->Finish().ok());
  EXPECT_TRUE(other.Close().ok());
}

TEST_F(Protocol12, DeathAnywhereInASealLosesAndDoublesNothing) {
  int crashes = 0;
  for (int n = 1;; ++n) {
    const std::string id = "r" + std::to_string(n);
    const int code = RunInChild([&] {
      Recorder recorder;
      auto opened = OpenRecorded(path(), recorder);
      auto run = opened->StartRun(Of(id));
      for (int i = 0; run && i < 5; ++i) {
        if (!run->Log({{"x", i}})) return 1;
      }
      std::atomic<int> events = 0;
      recorder.OnEvent([&](const std::string& event) -> Status {
        if (!event.starts_with("read ") && ++events == n) kill(getpid(), SIGKILL);
        return {};
      });
      return run->Finish().ok() && opened->Close().ok() ? 0 : 2;
    });
    EXPECT_EQ(StepsOf(id), (std::vector<Step>{0, 1, 2, 3, 4})) << "killed before event " << n;
    EXPECT_EQ(Start(id).next_step(), 5) << "killed before event " << n;
    if (code == 0) break;
    ASSERT_EQ(code, -SIGKILL);
    ASSERT_LT(++crashes, 100);
    Reopen();
  }
  EXPECT_GT(crashes, 8);
}

TEST_F(Protocol13, LiveSessionsWriteToDifferentPacks) {
  Store other = Another();
  MakeRun("a", 5);
  auto run = other.StartRun(Of("b"));
  ASSERT_TRUE(run);
  LogSteps(*run, 0, 5);
  ASSERT_TRUE(run->Finish().ok());
  EXPECT_EQ(FilesIn("packs", ".pack").size(), 2u);
  EXPECT_TRUE(other.Close().ok());
}

TEST_F(Protocol13, ALaterSessionContinuesAPackAtTheNextBlockAndOverwritesNothing) {
  MakeRun("a", 5);
  CloseStore();
  const std::vector<std::string> packs = FilesIn("packs", "");
  ASSERT_EQ(packs.size(), 1u);
  const std::string before = ReadFile(packs[0]);
  Reopen();
  MakeRun("b", 5);
  CloseStore();
  ASSERT_EQ(FilesIn("packs", ""), packs);
  const std::string after = ReadFile(packs[0]);
  ASSERT_GT(after.size(), before.size());
  EXPECT_EQ(after.substr(0, before.size()), before);
  const std::size_t next_block = (before.size() + 4095) / 4096 * 4096;
  EXPECT_EQ(after.find_first_not_of('\0', before.size()), next_block);
}

TEST_F(Protocol13, APackWhoseSyncFailedIsNeverWrittenAgain) {
  Store recorded = Recorded();
  auto run = recorded.StartRun(Of("a"));
  ASSERT_TRUE(run);
  LogSteps(*run, 0, 9);
  std::string failed;
  recorder_.OnEvent([&](const std::string& event) {
    if (!event.starts_with("sync packs/") || !failed.empty()) return Status();
    failed = event.substr(5);
    return Status::Error(Code::kIoError, "EIO");
  });
  EXPECT_EQ(run->Finish().code(), Code::kIoError);
  ASSERT_NE(failed, "");
  recorder_.Take();
  EXPECT_TRUE(run->Finish().ok()) << "the same rows go to another pack";
  const Events events = recorder_.Take();
  EXPECT_EQ(Find(events, "write " + failed), events.size()) << Joined(events);
  EXPECT_TRUE(recorded.Close().ok());
  EXPECT_EQ(StepsOf("a").size(), 10u);
}

// A session that dies between pack and publication leaves a frame; its rows are sealed once more.
TEST_F(Protocol14, OfTwoFramesOfTheSameRowsOneCountsAlsoAfterARebuild) {
  const int code = RunInChild([&] {
    Recorder recorder;
    auto opened = OpenRecorded(path(), recorder);
    auto run = opened->StartRun(Of("a"));
    for (int i = 0; run && i < 5; ++i) {
      if (!run->Log({{"x", i}})) return 1;
    }
    recorder.OnEvent([&](const std::string& event) -> Status {
      if (event == "commit") kill(getpid(), SIGKILL);  // synced, recorded, and not published
      return {};
    });
    static_cast<void>(run->Finish());
    return 2;
  });
  ASSERT_EQ(code, -SIGKILL);
  ASSERT_TRUE(Start("a").Finish().ok());
  const Lines rows = {"0 x=0", "1 x=1", "2 x=2", "3 x=3", "4 x=4"};
  EXPECT_EQ(RowsOf("a"), rows);
  CloseStore();
  ASSERT_TRUE(RebuildCatalog(path()).ok());
  Reopen();
  EXPECT_EQ(RowsOf("a"), rows);
}

TEST_F(Protocol14, ADeletedLifeStaysDeletedWhenTheCatalogIsRebuilt) {
  MakeRun("a", 9);
  const std::string first_life = InfoOf("a").uid;
  ASSERT_TRUE(store().Delete("a").ok());
  MakeRun("a", 2);
  const std::string second_life = InfoOf("a").uid;
  EXPECT_NE(first_life, second_life);
  MakeRun("gone", 4);
  ASSERT_TRUE(store().Delete("gone").ok());
  CloseStore();
  ASSERT_TRUE(RebuildCatalog(path()).ok());
  Reopen();
  EXPECT_EQ(InfoOf("a").uid, second_life);
  EXPECT_EQ(StepsOf("a"), (std::vector<Step>{0, 1, 2}));
  EXPECT_EQ(CodeOf(store().ReadRun("gone")), Code::kNotFound);
}

}  // namespace
}  // namespace reprise
