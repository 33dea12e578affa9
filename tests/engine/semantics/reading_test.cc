// What a reader sees.
#include <gtest/gtest.h>

#include <array>
#include <random>

#include "tests/support/child_process.h"
#include "tests/support/run_fixture.h"

namespace reprise {
namespace {

// Each test reads the same rows twice: while they are live, and when they are sealed.
class Reading : public RunFixture, public ::testing::WithParamInterface<bool> {
 protected:
  // x at every step of 0..9, y at even ones, note at step 3.
  void MakeRows() {
    run_.emplace(Start("a"));
    for (Step step = 0; step < 10; ++step) {
      const LogOptions at = {.step = step, .time = 1'000'000 * step, .commit = true};
      if (step == 3) {
        ASSERT_TRUE(run_->Log({{"x", step}, {"note", "three"}}, at));
      } else if (step % 2 == 0) {
        ASSERT_TRUE(run_->Log({{"x", step}, {"y", 0.5 * static_cast<double>(step)}}, at));
      } else {
        ASSERT_TRUE(run_->Log({{"x", step}}, at));
      }
    }
    Seal();
  }
  void Seal() {
    if (!GetParam()) return;
    ASSERT_TRUE(run_->Finish().ok());
  }
  void TearDown() override {
    run_.reset();
    RunFixture::TearDown();
  }
  History Open(const std::string& moment) {
    auto history = store().OpenHistory(At(moment));
    if (!history) ADD_FAILURE() << history.error().ToString();
    return std::move(*history);
  }

  std::optional<RunWriter> run_;
};

TEST_P(Reading, AllRowsWithAllKeys) {
  MakeRows();
  const Lines rows = RowsOf("a");
  ASSERT_EQ(rows.size(), 10u);
  EXPECT_EQ(rows[3], "3 note='three' x=3");
  EXPECT_EQ(rows[4], "4 x=4 y=2.0");
  EXPECT_EQ(rows[5], "5 x=5");
}

TEST_P(Reading, RowsOfSomeKeysAreJoinedOuterUnlessInnerIsAsked) {
  MakeRows();
  RowQuery query;
  query.keys = {"y", "note"};
  EXPECT_EQ(StepsOf("a", query), (std::vector<Step>{0, 2, 3, 4, 6, 8}));
  query.keys = {"x", "y"};
  query.join = Join::kInner;
  EXPECT_EQ(StepsOf("a", query), (std::vector<Step>{0, 2, 4, 6, 8}));
  query.keys = {"y", "note"};
  EXPECT_EQ(StepsOf("a", query), std::vector<Step>{});
}

TEST_P(Reading, GivesOnlyTheKeysAsked) {
  MakeRows();
  RowQuery query;
  query.keys = {"y"};
  EXPECT_EQ(RowsOf("a", query)[1], "2 y=1.0");
}

TEST_P(Reading, RangesOfStepsIncludeBothEnds) {
  MakeRows();
  RowQuery query;
  query.steps = {3, 5};
  EXPECT_EQ(StepsOf("a", query), (std::vector<Step>{3, 4, 5}));
  query.steps = {5, 4};
  EXPECT_EQ(StepsOf("a", query), std::vector<Step>{});
  query.steps = {7, 7};
  EXPECT_EQ(StepsOf("a", query), (std::vector<Step>{7}));
}

TEST_P(Reading, TheLastRowsOfWhatIsSelected) {
  MakeRows();
  RowQuery query;
  query.last = 3;
  EXPECT_EQ(StepsOf("a", query), (std::vector<Step>{7, 8, 9}));
  query.keys = {"y"};
  EXPECT_EQ(StepsOf("a", query), (std::vector<Step>{4, 6, 8}));
  query.steps = {0, 5};
  EXPECT_EQ(StepsOf("a", query), (std::vector<Step>{0, 2, 4}));
  query.last = 100;
  EXPECT_EQ(StepsOf("a", query).size(), 3u);
  query.last = 0;
  EXPECT_EQ(StepsOf("a", query), std::vector<Step>{});
}

TEST_P(Reading, ASeriesIsOneKeysValuesInStepOrder) {
  MakeRows();
  const auto series = Open("a").ReadSeries("y", {2, 7});
  ASSERT_TRUE(series);
  EXPECT_EQ(series->steps, (std::vector<Step>{2, 4, 6}));
  EXPECT_EQ(ToText(series->values[2]), "3.0");
}

TEST_P(Reading, ANumericReaderSeesIntegersAndBoolsAndLeavesTextOut) {
  run_.emplace(Start("n"));
  for (const ValueView& value : std::vector<ValueView>{1, 2.5, true, "text", ValueView(), false}) {
    ASSERT_TRUE(run_->Log({{"v", value}}));
  }
  Seal();
  const auto numbers = Open("n").ReadNumbers("v");
  ASSERT_TRUE(numbers);
  EXPECT_EQ(numbers->steps, (std::vector<Step>{0, 1, 2, 5}));
  EXPECT_EQ(numbers->values, (std::vector<double>{1, 2.5, 1, 0}));
}

TEST_P(Reading, AKeyThatWasNeverLoggedIsNotFound) {
  MakeRows();
  EXPECT_EQ(CodeOf(Open("a").ReadSeries("z")), Code::kNotFound);
  EXPECT_EQ(CodeOf(Open("a").ReadNumbers("z")), Code::kNotFound);
  EXPECT_EQ(CodeOf(Open("a").ReadSeries("y", {1, 1})), Code::kOk) << "logged, but not there";
}

TEST_P(Reading, KeysAreSortedAndThoseThatAreVisible) {
  MakeRows();
  EXPECT_EQ(Open("a").Keys(), (std::vector<std::string>{"note", "x", "y"}));
  EXPECT_EQ(Open("a?_step=2").Keys(), (std::vector<std::string>{"x", "y"}));
}

// Vectors of 1,024 rows, in which ranges begin and end anywhere; each key is kept another way.
TEST_P(Reading, RangesOfLongColumnsAreTheRowsInThem) {
  constexpr std::size_t kRows = 5000;
  const std::vector<std::string> keys = {"noise", "few", "whole", "flag"};
  run_.emplace(Start("a"));
  std::mt19937_64 random(1);
  std::vector<Step> steps;
  std::vector<std::array<double, 4>> rows;
  for (std::size_t i = 0; i < kRows; ++i) {
    steps.push_back((steps.empty() ? 0 : steps.back()) + 1 + static_cast<Step>(random() % 3));
    const auto whole = static_cast<std::int64_t>(i * i % 1000);
    const bool flag = random() % 2 == 0;
    const double noise = static_cast<double>(random()) / 7;
    const double few = static_cast<double>(random() % 7) / 3;
    rows.push_back({noise, few, static_cast<double>(whole), flag ? 1.0 : 0.0});
    ASSERT_TRUE(run_->Log({{"noise", noise}, {"few", few}, {"whole", whole}, {"flag", flag}},
                          {.step = steps.back(), .time = {}, .commit = true}));
  }
  Seal();
  const History history = Open("a");
  for (int round = 0; round < 200; ++round) {
    const std::size_t key = random() % keys.size();
    StepRange range{static_cast<Step>(random() % 12000), static_cast<Step>(random() % 12000)};
    if (round % 4 == 0) range.last = range.first + static_cast<Step>(random() % 10);
    NumericSeries expected;
    for (std::size_t i = 0; i < kRows; ++i) {
      if (!range.contains(steps[i])) continue;
      expected.steps.push_back(steps[i]);
      expected.values.push_back(rows[i][key]);
    }
    const auto series = history.ReadNumbers(keys[key], range);
    ASSERT_TRUE(series);
    ASSERT_EQ(series->steps, expected.steps)
        << keys[key] << " " << range.first << ":" << range.last;
    ASSERT_EQ(series->values, expected.values) << keys[key];
  }
}

// A segment has 64 tables; rows of further shapes share one.
TEST_P(Reading, AMomentCutsAHistoryOfManyShapes) {
  run_.emplace(Start("a"));
  constexpr Step kRows = 200;
  for (Step step = 0; step < kRows; ++step) {
    ASSERT_TRUE(run_->Log({{"key" + std::to_string(step), step}, {"x", step}}));
  }
  Seal();
  for (const Step step : {0, 63, 100, 150}) {
    const History history = Open("a?_step=" + std::to_string(step));
    EXPECT_EQ(history.last_step(), step);
    EXPECT_EQ(history.CountRows(), static_cast<std::uint64_t>(step) + 1);
    const auto summary = history.ReadSummary();
    ASSERT_TRUE(summary);
    EXPECT_EQ(summary->rows, static_cast<std::uint64_t>(step) + 1);
    EXPECT_EQ(summary->entries.size(), static_cast<std::size_t>(step) + 2);
    EXPECT_EQ(summary->entries.at("x").sum, static_cast<double>(step * (step + 1)) / 2);
    EXPECT_EQ(summary->entries.at("x").last.step, step);
  }
}

TEST_P(Reading, AMomentCutsTheHistory) {
  MakeRows();
  const History history = Open("a?_step=4");
  EXPECT_EQ(history.last_step(), 4);
  EXPECT_EQ(history.last_committed_step(), 4);
  EXPECT_EQ(history.CountRows(), 5u);
  EXPECT_EQ(StepsOf("a?_step=4"), (std::vector<Step>{0, 1, 2, 3, 4}));
  EXPECT_EQ(CodeOf(store().OpenHistory(At("a?_step=10"))), Code::kOutOfRange);
}

TEST_P(Reading, TimesAreThoseLogged) {
  MakeRows();
  auto cursor = Open("a").Rows({});
  for (Step step = 0; step < 10; ++step) {
    ASSERT_TRUE(*cursor->Next());
    EXPECT_EQ(cursor->row().time, 1'000'000 * step);
  }
  EXPECT_FALSE(*cursor->Next());
}

TEST_P(Reading, ACursorOutlivesItsHistory) {
  MakeRows();
  std::optional<RowCursor> cursor;
  {
    const History history = Open("a");
    cursor.emplace(std::move(*history.Rows({})));
  }
  int rows = 0;
  while (*cursor->Next()) ++rows;
  EXPECT_EQ(rows, 10);
}

TEST_P(Reading, ASnapshotStaysWhatItWas) {
  MakeRows();
  const History before = Open("a");
  run_.reset();
  ASSERT_TRUE(store().Rewind(At("a?_step=2")));
  {
    RunWriter run = Start("a");
    ASSERT_TRUE(run.Log({{"other", 1}}));
  }
  ASSERT_TRUE(store().Delete("a").ok());
  EXPECT_EQ(before.last_step(), 9);
  EXPECT_EQ(before.CountRows(), 10u);
  EXPECT_EQ(before.ReadNumbers("x")->values.back(), 9);
  EXPECT_EQ(before.Keys(), (std::vector<std::string>{"note", "x", "y"}));
}

INSTANTIATE_TEST_SUITE_P(Of, Reading, ::testing::Values(false, true),
                         [](const auto& is) { return is.param ? "SealedRows" : "LiveRows"; });

using ReadingRuns = RunFixture;

TEST_F(ReadingRuns, SeesWhatAnotherProcessAcknowledged) {
  const pid_t self = getpid();
  RunWriter run = Start("a");
  LogSteps(run, 0, 4);
  ASSERT_TRUE(run.Log({{"x", 5}}, {.step = 5}));
  EXPECT_EQ(RunInChild([&] {
              if (getpid() == self) return 1;
              auto opened = Store::Open(path());
              if (!opened) return 2;
              const auto history = opened->OpenHistory(At("a"));
              if (!history || history->last_step() != 5) return 3;
              return history->last_committed_step() == 4 ? 0 : 4;
            }),
            0);
}

TEST_F(ReadingRuns, WritesNothing) {
  {
    RunWriter run = Start("a");
    LogSteps(run, 0, 4);
    ASSERT_TRUE(run.Finish().ok());
  }
  Options options;
  options.read_only = true;
  Reopen(options);
  EXPECT_EQ(StepsOf("a").size(), 5u);
  RunOptions start;
  start.run_id = "b";
  EXPECT_NE(StartCode(start), Code::kOk);
  EXPECT_NE(CodeOf(store().Rewind(At("a?_step=1"))), Code::kOk);
  EXPECT_NE(store().Delete("a").code(), Code::kOk);
}

TEST_F(ReadingRuns, ListsNewestFirstAndPageByPage) {
  for (int i = 0; i < 5; ++i) {
    RunOptions options;
    options.project = i % 2 == 0 ? "me/even" : "me/odd";
    ASSERT_TRUE(Start("r" + std::to_string(i), options).Finish().ok());
  }
  const auto ids = [&](const RunQuery& query) {
    Lines found;
    const auto runs = store().ListRuns(query);
    for (const RunInfo& info : *runs) found.push_back(info.run_id);
    return found;
  };
  EXPECT_EQ(ids({}), (Lines{"r4", "r3", "r2", "r1", "r0"}));
  RunQuery query;
  query.project = "me/even";
  EXPECT_EQ(ids(query), (Lines{"r4", "r2", "r0"}));
  query = {};
  query.limit = 2;
  EXPECT_EQ(ids(query), (Lines{"r4", "r3"}));
  query.after = InfoOf("r3").uid;
  EXPECT_EQ(ids(query), (Lines{"r2", "r1"}));
}

TEST_F(ReadingRuns, ListsNoDeletedRun) {
  ASSERT_TRUE(Start("a").Finish().ok());
  ASSERT_TRUE(Start("b").Finish().ok());
  ASSERT_TRUE(store().Delete("a").ok());
  const auto runs = store().ListRuns();
  ASSERT_EQ(runs->size(), 1u);
  EXPECT_EQ(runs->front().run_id, "b");
}

TEST_F(ReadingRuns, InfoCountsTheHeadsVisibleRows) {
  RunWriter run = Start("a");
  LogSteps(run, 0, 9);
  EXPECT_EQ(InfoOf("a").rows, 10u);
  EXPECT_EQ(InfoOf("a").last_step, 9);
  ASSERT_TRUE(run.Rewind(4).ok());
  EXPECT_EQ(InfoOf("a").rows, 5u);
  EXPECT_EQ(InfoOf("a").last_step, 4);
  EXPECT_EQ(InfoOf("a").branch, 1u);
}

TEST_F(ReadingRuns, AnEmptyRunHasNoRows) {
  const RunWriter run = Start("a");
  const auto history = store().OpenHistory(At("a"));
  ASSERT_TRUE(history);
  EXPECT_EQ(history->last_step(), kNoStep);
  EXPECT_EQ(history->last_committed_step(), kNoStep);
  EXPECT_EQ(history->CountRows(), 0u);
  EXPECT_EQ(history->Keys(), std::vector<std::string>{});
  EXPECT_TRUE(SummaryOf("a").entries.empty());
}

}  // namespace
}  // namespace reprise
