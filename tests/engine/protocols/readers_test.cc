// Protocols, readers: rules 18 and 20.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <thread>

#include "engine/store/verify_context.h"
#include "tests/engine/protocols/protocol_fixture.h"

namespace reprise {
namespace {

using Protocol18 = Protocol;
using Protocol20 = Protocol;

// Rewinds run `a` and logs to it, round after round: rows are sealed under the writer for lack of
// memory, and every tenth round by its end. Each row says of which round it is.
class RewindingWriter {
 public:
  explicit RewindingWriter(Store& store) : store_(store), thread_([this] { Write(); }) {}
  // However a test ends, the thread ends before the store does.
  ~RewindingWriter() {
    stop_ = true;
    thread_.join();
  }
  RewindingWriter(const RewindingWriter&) = delete;
  RewindingWriter& operator=(const RewindingWriter&) = delete;

  // Lets three more rounds begin once those of the last look are done: neither side outruns the
  // other, and at each look there is something going on.
  void Look() {
    while (rounds_ < std::min(kRounds, kRoundsALook * looks_)) std::this_thread::yield();
    ++looks_;
  }

 private:
  // Bounded, for what is written has to be verified in the end.
  static constexpr std::int64_t kRounds = 300;
  static constexpr std::int64_t kRoundsALook = 3;

  void Write() {
    const std::string filler(4000, 'f');
    std::optional<RunWriter> run;
    for (std::int64_t round = 1; round <= kRounds && !stop_; ++round) {
      while (round > kRoundsALook * looks_ && !stop_) std::this_thread::yield();
      if (!run) run.emplace(store_.StartRun({.run_id = "a", .resume = Resume::kMust}).value());
      if (run->next_step() > 60) {
        EXPECT_TRUE(run->Rewind(round % 50).ok());
      }
      for (int i = 0; i < 20; ++i) EXPECT_TRUE(run->Log({{"round", round}, {"filler", filler}}));
      if (round % 10 == 0) {
        EXPECT_TRUE(run->Finish().ok());
        run.reset();
      }
      rounds_ = round;
    }
  }

  Store& store_;
  std::atomic<bool> stop_ = false;
  std::atomic<std::int64_t> looks_ = 0;
  std::atomic<std::int64_t> rounds_ = 0;  // that are done
  std::thread thread_;
};

// A history that mixed two moments would see a lower round after a higher one, or a gap.
void ExpectOneMoment(const History& history, const Series& rounds) {
  for (std::size_t i = 0; i < rounds.steps.size(); ++i) {
    ASSERT_EQ(rounds.steps[i], static_cast<Step>(i)) << "a row is missing";
    const std::int64_t before = rounds.values[i == 0 ? 0 : i - 1].as_int64();
    ASSERT_LE(before, rounds.values[i].as_int64()) << "branches are mixed";
  }
  EXPECT_EQ(rounds.steps.back(), history.last_step());
  EXPECT_EQ(history.ReadSummary()->rows, rounds.steps.size());
}

TEST_F(Protocol18, AHistoryIsOneMomentWhileTheRunIsRewoundAndSealed) {
  Reopen({.memory_budget_bytes = std::size_t{1} << 20});
  {
    RunWriter run = Start("a");
    ASSERT_TRUE(run.Log({{"round", 0}}));
    ASSERT_TRUE(run.Finish().ok());
  }
  Store reader = Another();
  RewindingWriter writer(store());
  for (int i = 0; i < 100; ++i) {
    writer.Look();
    const auto history = reader.OpenHistory(At("a"));
    ASSERT_TRUE(history) << history.error().ToString();
    const auto rounds = history->ReadSeries("round");
    ASSERT_TRUE(rounds) << rounds.error().ToString();
    ExpectOneMoment(*history, *rounds);
    if (HasFailure()) return;
  }
}

TEST_F(Protocol18, AHistoryBeginsAgainWhenTheHeadMovesWhileTheLogIsRead) {
  RunWriter run = Start("a");
  LogSteps(run, 0, 9);
  Store reader = Recorded();
  std::atomic<bool> moved = false;
  recorder_.OnEvent([&](const std::string& event) -> Status {
    if (moved || !event.starts_with("read log/")) return {};
    moved = true;
    return run.Rewind(2);  // the catalog was looked at before
  });
  const auto history = reader.OpenHistory(At("a"));
  recorder_.OnEvent(nullptr);
  ASSERT_TRUE(moved);
  ASSERT_TRUE(history) << history.error().ToString();
  EXPECT_EQ(history->ReadSeries("x")->steps, (std::vector<Step>{0, 1, 2}));
}

TEST_F(Protocol18, AHistoryBeginsAgainWhenTheRunIsTakenWhileTheLogIsRead) {
  RunWriter run = Start("a");
  LogSteps(run, 0, 9);
  Store reader = Recorded();
  std::optional<RunWriter> taker;
  recorder_.OnEvent([&](const std::string& event) -> Status {
    if (taker || !event.starts_with("read log/")) return {};
    taker.emplace(store().StartRun(TakeoverOf("a")).value());
    EXPECT_EQ(taker->Log({{"x", 10}}), 10);
    return {};
  });
  const auto history = reader.OpenHistory(At("a"));
  recorder_.OnEvent(nullptr);
  ASSERT_TRUE(taker);
  ASSERT_TRUE(history) << history.error().ToString();
  EXPECT_EQ(history->last_step(), 10);
}

TEST_F(Protocol18, RowsOfAHolderThatWasPassedAreThereBeforeTheTakerHasSealedThem) {
  RunWriter old = Start("a");
  LogSteps(old, 0, 2);
  Store other = Recorded();
  std::vector<Step> seen;
  recorder_.OnEvent([&](const std::string& event) -> Status {
    if (event.starts_with("write packs/") && seen.empty()) seen = StepsOf("a");
    return {};
  });
  const auto taker = other.StartRun(TakeoverOf("a"));
  recorder_.OnEvent(nullptr);
  ASSERT_TRUE(taker) << taker.error().ToString();
  EXPECT_EQ(seen, (std::vector<Step>{0, 1, 2}));
}

// Run `a` with ten rows in two files of one session's log, which go as soon as the first is read.
class GoingLogFiles {
 public:
  GoingLogFiles(const std::string& store_path, Recorder* recorder)
      : impl_(std::make_shared<Store::Impl>(
            *OpenContext(store_path, {.sync_interval_ms = 3'600'000}))),
        store_(impl_),
        run_(store_.StartRun({.run_id = "a"}).value()) {
    for (int step = 0; step < 10; ++step) {
      if (step == 5) {
        EXPECT_TRUE((*impl_->Writing())->session()->log().Rotate().ok());
      }
      EXPECT_TRUE(run_.Log({{"x", step}}));
    }
    recorder->OnEvent([this](const std::string& event) -> Status {
      if (gone_ || !event.starts_with("read log/")) return {};
      gone_ = true;  // the first file is open, the second one is not
      REPRISE_TRY(run_.Finish());
      return store_.Close();
    });
  }
  bool gone() const { return gone_; }

 private:
  std::shared_ptr<Store::Impl> impl_;
  Store store_;
  RunWriter run_;
  std::atomic<bool> gone_ = false;
};

TEST_F(Protocol18, AHistoryBeginsAgainWhenALogFileIsRemovedWhileTheyAreRead) {
  Store reader = Recorded();
  const GoingLogFiles files(path(), &recorder_);
  ASSERT_EQ(FilesIn("log", ".log").size(), 2u);
  const auto history = reader.OpenHistory(At("a"));
  recorder_.OnEvent(nullptr);
  ASSERT_TRUE(files.gone());
  EXPECT_EQ(FilesIn("log", ".log"), Lines{});
  ASSERT_TRUE(history) << history.error().ToString();
  EXPECT_EQ(history->ReadSeries("x")->steps.size(), 10u);
}

TEST_F(Protocol18, VerifyReadsALogAgainWhenAFileOfItIsRemovedMeanwhile) {
  const GoingLogFiles files(path(), &recorder_);
  VerifyContext context;
  context.logs = std::make_unique<RecordedDirectory>(
      recorder_, "log/", SystemIo().files->OpenDirectory(path() + "/log").value());
  VerifyLogs(&context);
  recorder_.OnEvent(nullptr);
  ASSERT_TRUE(files.gone());
  EXPECT_EQ(context.report.findings.size(), 0u);
}

TEST_F(Protocol18, AnOpenHistoryHasThePacksThatItHasNotReadYet) {
  MakeRun("a", 9);
  CloseStore();
  Reopen();
  const auto history = store().OpenHistory(At("a"));
  ASSERT_TRUE(history);
  const std::vector<std::string> packs = FilesIn("packs", ".pack");
  ASSERT_EQ(packs.size(), 1u);
  std::filesystem::rename(packs[0], dir().Of("removed"));
  const auto series = history->ReadNumbers("x");
  std::filesystem::rename(dir().Of("removed"), packs[0]);
  ASSERT_TRUE(series) << series.error().ToString();
  EXPECT_EQ(series->steps.size(), 10u);
}

TEST_F(Protocol18, AnOpenHistoryKeepsItsFiles) {
  RunWriter run = Start("a");
  LogSteps(run, 0, 9);
  const auto history = store().OpenHistory(At("a"));
  ASSERT_TRUE(history);
  ASSERT_TRUE(run.Rewind(2).ok());
  LogSteps(run, 3, 30);
  ASSERT_TRUE(run.Finish().ok());
  ASSERT_TRUE(store().Delete("a").ok());
  CloseStore();  // the log that the rows were in is gone
  const auto series = history->ReadNumbers("x");
  ASSERT_TRUE(series) << series.error().ToString();
  EXPECT_EQ(series->steps.size(), 10u);
  EXPECT_EQ(history->last_step(), 9);
}

TEST_F(Protocol20, TheStateOfADeadHolderIsDerivedWhenReadAndNothingIsWritten) {
  ASSERT_TRUE(WriterDies("a", 0, 3));
  Reopen({.read_only = true});
  const ChangeNumber before = LastChange();
  const std::vector<std::string> files = FilesIn("log", "");
  const std::string log = ReadFile(FilesIn("log", ".log").at(0));
  EXPECT_EQ(InfoOf("a").state, RunState::kCrashed);
  EXPECT_EQ(StepsOf("a").size(), 4u);
  CloseStore();
  EXPECT_EQ(LastChange(), before);
  EXPECT_EQ(FilesIn("log", ""), files) << "its lock and its log";
  EXPECT_EQ(ReadFile(FilesIn("log", ".log").at(0)), log);
  Reopen();
  { const RunWriter other = Start("a"); }
  EXPECT_GT(LastChange(), before) << "a writer writes it down";
}

}  // namespace
}  // namespace reprise
