// The protocols, rule by rule, as far as they show from outside one process; what needs a watched
// or failing disk is in protocol_order_test.cc and in the tests of the log and the packs.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <thread>

#include "tests/support/child_process.h"
#include "tests/support/gate.h"
#include "tests/support/run_fixture.h"
#include "tests/support/shared_memory.h"

namespace reprise {
namespace {

namespace fs = std::filesystem;

class Protocols : public RunFixture {
 protected:
  std::string LogFolder() const { return path() + "/log"; }
  std::string PackFolder() const { return path() + "/packs"; }

  static std::vector<std::string> FilesIn(const std::string& folder, std::string_view ending) {
    std::vector<std::string> files;
    for (const auto& entry : fs::directory_iterator(folder)) {
      const std::string file = entry.path().string();
      if (file.ends_with(ending)) files.push_back(file);
    }
    return files;
  }
  static std::string BytesOf(const std::string& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  static void Flip(const std::string& file, std::uint64_t offset) {
    std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
    stream.seekg(static_cast<std::streamoff>(offset));
    const auto byte = static_cast<char>(stream.get() ^ 0x55);
    stream.seekp(static_cast<std::streamoff>(offset));
    stream.put(byte);
  }

  // A child that logs `rows` rows `x=i` to run `r` and is killed while it has the store open.
  void LogInAProcessThatIsKilled(const std::string& store_path, int rows) {
    const Gate logged;
    const pid_t child = StartChild([&] {
      Store store = Store::Open(store_path).value();
      RunWriter run = store.StartRun({.run_id = "r", .resume = Resume::kAllow}).value();
      for (int i = 0; i < rows; ++i) run.Log({{"x", i}}).value();
      logged.Open();
      pause();
      return 0;
    });
    ASSERT_TRUE(logged.Wait());
    kill(child, SIGKILL);
    ASSERT_EQ(WaitFor(child), -SIGKILL);
  }
};

using Protocol01 = Protocols;
using Protocol02 = Protocols;
using Protocol05 = Protocols;
using Protocol06 = Protocols;
using Protocol07 = Protocols;
using Protocol09 = Protocols;
using Protocol10 = Protocols;
using Protocol11 = Protocols;
using Protocol12 = Protocols;
using Protocol13 = Protocols;
using Protocol14 = Protocols;
using Protocol15 = Protocols;
using Protocol16 = Protocols;
using Protocol17 = Protocols;
using Protocol18 = Protocols;
using Protocol20 = Protocols;
using Protocol21 = Protocols;
using Protocol22 = Protocols;
using Protocol23 = Protocols;
using Protocol24 = Protocols;

// --- records and order

TEST_F(Protocol01, LeaseHeldRecordsNeedTheLeaseAndSharedOnesDoNot) {
  RunWriter run = Start("r");
  LogSteps(run, 0, 3);
  EXPECT_EQ(CodeOf(store().Rewind(At("r?_step=1"))), Code::kBusy);
  EXPECT_EQ(CodeOf(store().Restore(At("r@0"))), Code::kBusy);
  EXPECT_EQ(CodeOf(store().UpdateConfig("r", {{"a", 1}})), Code::kBusy);
  EXPECT_EQ(CodeOf(store().Finish("r")), Code::kBusy);
  EXPECT_TRUE(store().SetMetadata("r", {.notes = "n"}).ok());
  EXPECT_TRUE(store().Fork(At("r?_step=1")));
}

TEST_F(Protocol02, ChangesOfManyProcessesAreOneSequence) {
  { const RunWriter run = Start("r"); }
  CloseStore();
  std::vector<pid_t> children;
  for (int child = 0; child < 3; ++child) {
    children.push_back(StartChild([&] {
      Store store = Store::Open(path()).value();
      for (int i = 0; i < 30; ++i) {
        Metadata add;
        add.add_tags = {fmt::format("{}-{}", child, i)};
        if (!store.SetMetadata("r", add).ok()) return 1;
      }
      return store.Close().ok() ? 0 : 2;
    }));
  }
  for (const pid_t child : children) EXPECT_EQ(WaitFor(child), 0);
  Reopen();
  EXPECT_EQ(InfoOf("r").tags.size(), 90U);
}

TEST_F(Protocol05, ARowBehindAFenceIsReportedAndNeverHistory) {
  const Gate holds;
  const Gate go_on;
  const pid_t child = StartChild([&] {
    Store store = Store::Open(path()).value();
    RunWriter run = store.StartRun({.run_id = "r"}).value();
    run.Log({{"x", 0}}).value();
    holds.Open();
    go_on.Wait();
    const bool fenced = CodeOf(run.Log({{"late", 1}})) == Code::kFenced;
    holds.Open();
    pause();  // keeps its log
    return fenced ? 0 : 1;
  });
  ASSERT_TRUE(holds.Wait());
  RunWriter run = Start("r", {.takeover = true});
  go_on.Open();
  ASSERT_TRUE(holds.Wait());
  LogSteps(run, 1, 2);
  EXPECT_EQ(RowsOf("r"), (Lines{"0 x=0", "1 x=1", "2 x=2"}));
  const auto report = Verify(path());
  ASSERT_TRUE(report);
  int orphans = 0;
  for (const Finding& finding : report->findings) {
    EXPECT_EQ(finding.severity, Severity::kNote) << finding.message;
    orphans += finding.code.find("orphan") != std::string::npos ? 1 : 0;
  }
  EXPECT_EQ(orphans, 1);
  kill(child, SIGKILL);
  WaitFor(child);
  Reopen();
  EXPECT_EQ(RowsOf("r"), (Lines{"0 x=0", "1 x=1", "2 x=2"}));
}

TEST_F(Protocol06, ALogFileIsReadFromItsStartWithNoOther) {
  RunWriter run = Start("r");
  LogSteps(run, 0, 3);
  RunWriter other = Start("other");
  other.Log({{"loss", 0.5}, {"acc", 1}}).value();
  const std::vector<std::string> logs = FilesIn(LogFolder(), ".log");
  ASSERT_EQ(logs.size(), 1U);
  fs::copy_file(logs[0], dir().Of("alone.log"));
  std::string dump;
  const Status dumped =
      DumpFile(dir().Of("alone.log"), [&](const std::string& line) { dump += line + "\n"; });
  ASSERT_TRUE(dumped.ok()) << dumped.ToString();
  for (const char* part : {"x", "loss", "acc"}) {
    EXPECT_NE(dump.find(part), std::string::npos) << dump;
  }
}

// --- sessions

TEST_F(Protocol07, ASessionHasALockFileFromItsFirstWriteToItsClose) {
  EXPECT_TRUE(FilesIn(LogFolder(), ".lock").empty());
  { const RunWriter run = Start("r"); }
  EXPECT_EQ(FilesIn(LogFolder(), ".lock").size(), 1U);
  CloseStore();
  EXPECT_TRUE(FilesIn(LogFolder(), "").empty());
}

TEST_F(Protocol07, AChildOfForkHasNoDescriptorOfTheStore) {
  RunWriter run = Start("r");
  LogSteps(run, 0, 3);
  const int open_files = RunInChild([&] {
    int count = 0;
    for (const auto& entry : fs::directory_iterator("/proc/self/fd")) {
      std::error_code ignored;
      const std::string target = fs::read_symlink(entry.path(), ignored).string();
      const bool of_store = target.starts_with(LogFolder()) || target.starts_with(PackFolder());
      const bool is_file = of_store && fs::is_regular_file(target, ignored);
      count += is_file ? 1 : 0;
    }
    return count;
  });
  EXPECT_EQ(open_files, 0);
  EXPECT_TRUE(run.Log({{"x", 4}}));
}

TEST_F(Protocol09, RecoveryIsIdempotent) {
  LogInAProcessThatIsKilled(path(), 5);
  for (int i = 0; i < 3; ++i) {
    const int started = RunInChild([&] {
      Store store = Store::Open(path()).value();
      const auto run = store.StartRun({.run_id = "r", .resume = Resume::kMust});
      _exit(run && run->next_step() == 5 ? 0 : 1);  // dies with the lease, and nothing new
      return 1;
    });
    EXPECT_EQ(started, 0);
  }
  EXPECT_EQ(Start("r").next_step(), 5);
  EXPECT_EQ(StepsOf("r"), (std::vector<Step>{0, 1, 2, 3, 4}));
}

// --- logs and packs

TEST_F(Protocol10, ALogThatEndsWithinAGroupLosesThatGroupAlone) {
  LogInAProcessThatIsKilled(path(), 5);
  const std::vector<std::string> logs = FilesIn(LogFolder(), ".log");
  ASSERT_EQ(logs.size(), 1U);
  fs::resize_file(logs[0], fs::file_size(logs[0]) - 3);
  EXPECT_EQ(FindDamage(path()), "");
  EXPECT_EQ(Start("r").next_step(), 4);
  EXPECT_EQ(StepsOf("r"), (std::vector<Step>{0, 1, 2, 3}));
}

TEST_F(Protocol10, ABadGroupBeforeAGoodOneIsCorruptionAndSaysSo) {
  const std::string damaged = dir().Of("damaged");
  LogInAProcessThatIsKilled(damaged, 20);
  const std::vector<std::string> logs = FilesIn(damaged + "/log", ".log");
  ASSERT_EQ(logs.size(), 1U);
  Flip(logs[0], fs::file_size(logs[0]) - 300);
  const auto report = Verify(damaged);
  ASSERT_TRUE(report);
  EXPECT_EQ(report->ExitCode(), 2);
  Store store = Store::Open(damaged).value();
  const auto run = store.StartRun({.run_id = "r", .resume = Resume::kMust});
  EXPECT_EQ(CodeOf(run), Code::kCorrupt);
  EXPECT_EQ(CodeOf(store.StartRun({.run_id = "another"})), Code::kOk);
}

// Logs until the limit on file sizes is met, lifts it, and goes on: how many were acknowledged.
int LogThroughAFullDisk(const std::string& store_path, std::atomic<int>* acknowledged) {
  signal(SIGXFSZ, SIG_IGN);
  rlimit limit{};
  getrlimit(RLIMIT_FSIZE, &limit);
  const rlim_t unlimited = limit.rlim_max;
  limit.rlim_cur = 1U << 20;
  setrlimit(RLIMIT_FSIZE, &limit);
  Store store = Store::Open(store_path).value();
  RunWriter run = store.StartRun({.run_id = "r"}).value();
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

TEST_F(Protocol11, AFullDiskAcknowledgesNothingAndWritingGoesOnWhenThereIsRoom) {
  const SharedMemory<std::atomic<int>> acknowledged;
  EXPECT_EQ(RunInChild([&] { return LogThroughAFullDisk(path(), &*acknowledged); }), 0);
  EXPECT_GT(*acknowledged, 5);
  EXPECT_EQ(StepsOf("r").size(), static_cast<std::size_t>(*acknowledged));
}

TEST_F(Protocol12, OnlyWhatIsSealedAndPublishedLeavesTheLog) {
  RunWriter run = Start("r");
  LogSteps(run, 0, 5);
  EXPECT_EQ(FilesIn(LogFolder(), ".log").size(), 1U);
  ASSERT_TRUE(run.Finish().ok());
  CloseStore();
  EXPECT_TRUE(FilesIn(LogFolder(), "").empty());
  Reopen({.read_only = true});
  EXPECT_EQ(StepsOf("r").size(), 6U);
}

TEST_F(Protocol13, APackIsContinuedAndNeverOverwritten) {
  {
    RunWriter run = Start("r");
    LogSteps(run, 0, 5);
  }
  CloseStore();
  const std::vector<std::string> packs = FilesIn(PackFolder(), "");
  ASSERT_EQ(packs.size(), 1U);
  const std::string before = BytesOf(packs[0]);
  Reopen();
  {
    RunWriter run = Start("r");
    LogSteps(run, 6, 9);
  }
  CloseStore();
  ASSERT_EQ(FilesIn(PackFolder(), ""), packs);
  const std::string after = BytesOf(packs[0]);
  EXPECT_GT(after.size(), before.size());
  EXPECT_EQ(after.substr(0, before.size()), before);
}

TEST_F(Protocol14, ATombstoneOutlivesTheFramesOfItsRun) {
  {
    RunWriter run = Start("r");
    LogSteps(run, 0, 5);
  }
  ASSERT_TRUE(store().Delete("r").ok());
  {
    RunWriter second = Start("r");
    LogSteps(second, 0, 1);
  }
  CloseStore();
  ASSERT_TRUE(RebuildCatalog(path()).ok());
  Reopen();
  EXPECT_EQ(StepsOf("r"), (std::vector<Step>{0, 1}));
}

// --- catalog

TEST_F(Protocol15, ACatalogThatIsGoneIsRebuiltFromLogsAndPacks) {
  {
    RunWriter run = Start("r", {.config = {{"lr", 1}}, .tags = {{"t"}}});
    LogSteps(run, 0, 9);
    ASSERT_TRUE(run.Rewind(4).ok());
    LogSteps(run, 5, 6);
    ASSERT_TRUE(run.Finish().ok());
  }
  CloseStore();
  int removed = 0;
  for (const auto& entry : fs::directory_iterator(path())) {
    if (entry.path().filename().string().starts_with("catalog")) {
      fs::remove_all(entry.path());
      ++removed;
    }
  }
  ASSERT_GT(removed, 0);
  Reopen();
  EXPECT_EQ(StepsOf("r"), (std::vector<Step>{0, 1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(StepsOf("r@0").size(), 10U);
  EXPECT_EQ(ConfigOf("r"), (Lines{"lr=1"}));
  EXPECT_EQ(InfoOf("r").tags, (std::vector<std::string>{"t"}));
}

TEST_F(Protocol16, AnOpenStoreGoesOnWithARebuiltCatalog) {
  RunWriter run = Start("r");
  LogSteps(run, 0, 5);
  const auto history = store().OpenHistory(At("r"));
  ASSERT_TRUE(history);
  ASSERT_EQ(RunInChild([&] { return RebuildCatalog(path()).ok() ? 0 : 1; }), 0);
  ASSERT_TRUE(run.Rewind(3).ok());
  LogSteps(run, 4, 6);
  EXPECT_EQ(StepsOf("r").size(), 7U);
  EXPECT_EQ(history->ReadSeries("x")->values.size(), 6U);
  EXPECT_TRUE(run.Finish().ok());
}

TEST_F(Protocol17, ARebuildGivesEqualTables) {
  RunWriter run = Start("r", {.config = {{"lr", 1}}});
  LogSteps(run, 0, 9);
  ASSERT_TRUE(run.SetSummary("best", 1).ok());
  ASSERT_TRUE(run.Rewind(4).ok());
  LogSteps(run, 5, 6);
  ASSERT_TRUE(run.RemoveSummary("best").ok());
  ASSERT_TRUE(run.Finish(1).ok());
  store().Fork(At("r@0?_step=7"), {.run_id = "f"}).value();
  store().Restore(At("r@0")).value();
  ASSERT_TRUE(store().SetMetadata("f", {.notes = "n", .add_tags = {"t"}}).ok());
  { const RunWriter gone = Start("gone"); }
  ASSERT_TRUE(store().Delete("gone").ok());
  CloseStore();
  EXPECT_EQ(FindRebuildDifference(path()), "");
}

// --- readers

TEST_F(Protocol18, AHistoryIsOneMomentWhileTheRunIsRewoundAndSealed) {
  std::atomic<bool> stop = false;
  { const RunWriter run = Start("r"); }
  // Each round writes rows whose `round` rises; a history that mixed two moments would see a lower
  // one after a higher one, or a gap.
  std::thread writer([&] {
    for (std::int64_t round = 1; !stop; ++round) {
      RunWriter run = Start("r");
      if (run.next_step() > 60) {
        EXPECT_TRUE(run.Rewind(round % 50).ok());
      }
      for (int i = 0; i < 20; ++i) EXPECT_TRUE(run.Log({{"round", round}}));
      EXPECT_TRUE(run.Finish().ok());
    }
  });
  for (int i = 0; i < 200; ++i) {
    const auto history = store().OpenHistory(At("r"));
    ASSERT_TRUE(history) << history.error().ToString();
    if (history->last_step() == kNoStep) continue;
    const auto series = history->ReadSeries("round");
    ASSERT_TRUE(series) << series.error().ToString();
    for (std::size_t at = 0; at < series->steps.size(); ++at) {
      ASSERT_EQ(series->steps[at], static_cast<Step>(at));
      if (at > 0) {
        ASSERT_LE(series->values[at - 1].as_int64(), series->values[at].as_int64());
      }
    }
    EXPECT_EQ(history->ReadSummary()->rows, series->steps.size());
  }
  stop = true;
  writer.join();
}

TEST_F(Protocol20, TheStateOfADeadHolderIsDerivedAndNothingWritten) {
  LogInAProcessThatIsKilled(path(), 3);
  Reopen({.read_only = true});
  const std::string log = BytesOf(FilesIn(LogFolder(), ".log").at(0));
  EXPECT_EQ(InfoOf("r").state, RunState::kCrashed);
  EXPECT_EQ(StepsOf("r").size(), 3U);
  CloseStore();
  EXPECT_EQ(BytesOf(FilesIn(LogFolder(), ".log").at(0)), log);
  EXPECT_EQ(FilesIn(LogFolder(), ".lock").size(), 1U);
}

// --- segments and summaries

TEST_F(Protocol21, MoreShapesThanASegmentHasTablesComeBackWhole) {
  RunWriter run = Start("r");
  Lines expected;
  for (int i = 0; i < 150; ++i) {
    const std::string key = fmt::format("k{}", i % 100);
    const std::string other = fmt::format("other{}", i / 3);
    const LogOptions options{.time = i % 2 == 0 ? kNoTime : TimeMicros{i}};
    run.Log({{key, i}, {other, 0.5}}, options).value();
    expected.push_back(fmt::format("{} {}={} {}=0.5", i, key, i, other));
  }
  ASSERT_TRUE(run.Finish().ok());
  EXPECT_EQ(RowsOf("r"), expected);
}

TEST_F(Protocol22, TheOpenRowIsNotSealedWithTheOthers) {
  Reopen({.memory_budget_bytes = std::size_t{1} << 20});
  RunWriter run = Start("r");
  run.Log({{"big", std::string(std::size_t{3} << 19, 'b')}}).value();
  run.Log({{"x", 1}}, {.step = 5}).value();
  run.Log({{"y", 2}}, {.step = 5}).value();  // by now the first row is sealed for lack of memory
  EXPECT_EQ(RowsOf("r", {.keys = {"x", "y"}}), (Lines{"5 x=1 y=2 (open)"}));
  EXPECT_EQ(SummaryOf("r").entries.at("y").count, 1U);
  run.Log({{"x", 3}}, {.step = 5}).value();
  EXPECT_EQ(SummaryOf("r").entries.at("x").sum, 3.0);
  Reopen();
  EXPECT_EQ(RowsOf("r", {.keys = {"x", "y"}}), (Lines{"5 x=3 y=2"}));
}

TEST_F(Protocol23, PrefixesSpeakOfTheWholeVisibleHistory) {
  for (Step part = 0; part < 12; ++part) {
    RunWriter run = Start("r");
    LogSteps(run, part * 10, part * 10 + 9);
    run.Log({{fmt::format("only-{}", part), part}}, {.step = part * 10 + 9}).value_or(0);
  }
  for (const Step step : {117, 64, 35, 30, 9, 0}) {
    ASSERT_TRUE(store().Rewind(At(fmt::format("r?_step={}", step))));
    RunWriter run = Start("r");
    LogSteps(run, step + 1, step + 2);
    const Summary summary = SummaryOf("r");
    const auto last = static_cast<double>(step + 2);
    EXPECT_EQ(summary.rows, static_cast<std::uint64_t>(step + 3));
    EXPECT_EQ(summary.entries.at("x").sum, last * (last + 1) / 2);
  }
}

TEST_F(Protocol24, ABranchKeepsTheMomentAskedForThoughItsBaseIsAnAncestor) {
  {
    RunWriter run = Start("p");
    LogSteps(run, 0, 9);
  }
  {
    RunWriter run = Start("f", {.fork_from = At("p?_step=5")});
    LogSteps(run, 6, 8);
    ASSERT_TRUE(run.Rewind(2).ok());
  }
  ASSERT_TRUE(store().Delete("p").ok());
  const Lineage lineage = store().ReadLineage("f").value();
  ASSERT_EQ(lineage.branches.size(), 2U);
  EXPECT_EQ(lineage.branches[1].base->run_id, "f");
  EXPECT_EQ(lineage.branches[1].base->step, 2);
  EXPECT_EQ(lineage.branches[0].base->run_id, "p");
  EXPECT_EQ(lineage.branches[0].base->step, 5);
  EXPECT_TRUE(lineage.branches[0].base->deleted);
  EXPECT_EQ(StepsOf("f"), (std::vector<Step>{0, 1, 2}));
}

}  // namespace
}  // namespace reprise
