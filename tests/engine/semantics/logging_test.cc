// Where a record goes, and what one call of Log means.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/run_fixture.h"

namespace reprise {
namespace {

class Logging : public RunFixture {};

TEST_F(Logging, BeginsAtStepZeroAndCountsOn) {
  RunWriter run = Start("a");
  EXPECT_EQ(run.next_step(), 0);
  EXPECT_EQ(run.Log({{"x", 1}}), 0);
  EXPECT_EQ(run.Log({{"x", 2}}), 1);
  EXPECT_EQ(run.next_step(), 2);
  EXPECT_EQ(RowsOf("a"), (Lines{"0 x=1", "1 x=2"}));
}

TEST_F(Logging, WithAStepOpensARowThatReadersAreToldOf) {
  RunWriter run = Start("a");
  EXPECT_EQ(run.Log({{"x", 1}}, {.step = 5}), 5);
  EXPECT_EQ(RowsOf("a"), (Lines{"5 x=1 (open)"}));
}

TEST_F(Logging, WithoutAStepAddsToTheOpenRowAndCommitsIt) {
  RunWriter run = Start("a");
  ASSERT_TRUE(run.Log({{"x", 1}}, {.step = 5}));
  EXPECT_EQ(run.Log({{"y", 2}}), 5);
  EXPECT_EQ(RowsOf("a"), (Lines{"5 x=1 y=2"}));
  EXPECT_EQ(run.next_step(), 6);
}

TEST_F(Logging, AtTheOpenStepMergesAndTheLastValueWins) {
  RunWriter run = Start("a");
  ASSERT_TRUE(run.Log({{"x", 1}, {"y", 1}}, {.step = 3}));
  EXPECT_EQ(run.Log({{"y", "two"}, {"z", 3}}, {.step = 3}), 3);
  EXPECT_EQ(RowsOf("a"), (Lines{"3 x=1 y='two' z=3 (open)"}));
}

TEST_F(Logging, AboveTheOpenStepCommitsItAndOpensTheNext) {
  RunWriter run = Start("a");
  ASSERT_TRUE(run.Log({{"x", 1}}, {.step = 3}));
  EXPECT_EQ(run.Log({{"x", 2}}, {.step = 7}), 7);
  EXPECT_EQ(RowsOf("a"), (Lines{"3 x=1", "7 x=2 (open)"}));
}

TEST_F(Logging, BelowTheOpenStepWritesNothingAndSaysWhere) {
  RunWriter run = Start("a");
  ASSERT_TRUE(run.Log({{"x", 1}}, {.step = 3}));
  const auto refused = run.Log({{"x", 2}}, {.step = 2});
  EXPECT_EQ(CodeOf(refused), Code::kOutOfOrder);
  for (const char* fact : {"step 2", "head step 3", "branch 0", "rewind"}) {
    EXPECT_NE(MessageOf(refused).find(fact), std::string::npos) << MessageOf(refused);
  }
  EXPECT_EQ(RowsOf("a"), (Lines{"3 x=1 (open)"}));
}

TEST_F(Logging, AtACommittedStepIsOutOfOrder) {
  RunWriter run = Start("a");
  ASSERT_TRUE(run.Log({{"x", 1}}, {.step = 3, .commit = true}));
  EXPECT_EQ(CodeOf(run.Log({{"x", 2}}, {.step = 3})), Code::kOutOfOrder);
  EXPECT_EQ(run.Log({{"x", 3}}), 4) << "a refused call must not disturb the next one";
  EXPECT_EQ(RowsOf("a"), (Lines{"3 x=1", "4 x=3"}));
}

TEST_F(Logging, CommitOverridesEitherDefault) {
  RunWriter run = Start("a");
  EXPECT_EQ(run.Log({{"x", 1}}, {.commit = false}), 0);
  EXPECT_EQ(RowsOf("a"), (Lines{"0 x=1 (open)"}));
  EXPECT_EQ(run.Log({{"y", 1}}, {.step = 0, .commit = true}), 0);
  EXPECT_EQ(RowsOf("a"), (Lines{"0 x=1 y=1"}));
}

TEST_F(Logging, StepsMayHaveGaps) {
  RunWriter run = Start("a");
  for (const Step step : {Step{10}, Step{1000}, Step{1} << 40}) {
    EXPECT_EQ(run.Log({{"x", 1}}, {.step = step, .commit = true}), step);
  }
  EXPECT_EQ(StepsOf("a"), (std::vector<Step>{10, 1000, Step{1} << 40}));
}

TEST_F(Logging, FinishCommitsTheOpenRow) {
  RunWriter run = Start("a");
  ASSERT_TRUE(run.Log({{"x", 1}}, {.step = 2}));
  ASSERT_TRUE(run.Finish().ok());
  EXPECT_EQ(RowsOf("a"), (Lines{"2 x=1"}));
}

TEST_F(Logging, AfterFinishIsClosed) {
  RunWriter run = Start("a");
  ASSERT_TRUE(run.Finish().ok());
  EXPECT_EQ(CodeOf(run.Log({{"x", 1}})), Code::kClosed);
  EXPECT_EQ(run.Rewind(-1).code(), Code::kClosed);
  EXPECT_EQ(run.UpdateConfig({{"a", 1}}).code(), Code::kClosed);
  EXPECT_EQ(run.SetSummary("a", 1).code(), Code::kClosed);
  EXPECT_EQ(run.Sync().code(), Code::kClosed);
  EXPECT_EQ(run.Finish().code(), Code::kClosed);
}

TEST_F(Logging, OneBadFieldRefusesTheWholeRecord) {
  RunWriter run = Start("a");
  EXPECT_EQ(CodeOf(run.Log({{"good", 1}, {"", 2}})), Code::kInvalidArgument);
  EXPECT_EQ(RowsOf("a"), Lines{});
  EXPECT_EQ(run.next_step(), 0);
}

TEST_F(Logging, KeepsEveryBitOfEveryType) {
  const double payload = std::bit_cast<double>(std::uint64_t{0x7FF8'0000'0000'BEEF});
  const double infinity = std::numeric_limits<double>::infinity();
  const std::vector<ValueView> values = {{},
                                         true,
                                         false,
                                         std::numeric_limits<std::int64_t>::min(),
                                         std::numeric_limits<std::int64_t>::max(),
                                         (std::int64_t{1} << 53) + 1,
                                         -0.0,
                                         0.0,
                                         payload,
                                         infinity,
                                         -infinity,
                                         5e-324,
                                         "",
                                         "text",
                                         ValueView::Bytes(std::string_view("\0\xff", 2)),
                                         ValueView::Json("[1, 2]")};
  RunWriter run = Start("a");
  for (const ValueView& value : values) ASSERT_TRUE(run.Log({{"v", value}}));
  const auto check = [&] {
    const auto series = store().OpenHistory(At("a"))->ReadSeries("v");
    ASSERT_TRUE(series);
    ASSERT_EQ(series->values.size(), values.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
      EXPECT_TRUE(series->values[i].view() == values[i]) << "value " << i;
    }
  };
  check();
  ASSERT_TRUE(run.Finish().ok());
  check();
}

TEST_F(Logging, AbsentNullAndNanAreThreeThings) {
  RunWriter run = Start("a");
  ASSERT_TRUE(run.Log({{"x", 1}, {"v", ValueView()}}));
  ASSERT_TRUE(run.Log({{"x", 2}, {"v", std::nan("")}}));
  ASSERT_TRUE(run.Log({{"x", 3}}));
  EXPECT_EQ(RowsOf("a"), (Lines{"0 v=null x=1", "1 v=nan x=2", "2 x=3"}));
}

TEST_F(Logging, AKeyMayChangeItsTypeFromRowToRow) {
  RunWriter run = Start("a");
  ASSERT_TRUE(run.Log({{"v", 1}}));
  ASSERT_TRUE(run.Log({{"v", 1.0}}));
  ASSERT_TRUE(run.Log({{"v", true}}));
  ASSERT_TRUE(run.Log({{"v", "1"}}));
  const Lines rows = {"0 v=1", "1 v=1.0", "2 v=true", "3 v='1'"};
  EXPECT_EQ(RowsOf("a"), rows);
  ASSERT_TRUE(run.Finish().ok());
  EXPECT_EQ(RowsOf("a"), rows);
}

TEST_F(Logging, TheFieldStepSetsTheStep) {
  RunWriter run = Start("a");
  EXPECT_EQ(run.Log({{"_step", 8}, {"x", 1}}), 8);
  EXPECT_EQ(RowsOf("a"), (Lines{"8 x=1 (open)"}));
}

TEST_F(Logging, TheFieldTimestampSetsTheTime) {
  RunWriter run = Start("a");
  ASSERT_TRUE(run.Log({{"_timestamp", 1700000000.25}, {"x", 1}}));
  auto cursor = store().OpenHistory(At("a"))->Rows({});
  ASSERT_TRUE(cursor && *cursor->Next());
  EXPECT_EQ(cursor->row().time, 1'700'000'000'250'000);
  EXPECT_EQ(ToText(cursor->row()), "0 x=1");
}

TEST_F(Logging, ARowMayHaveNoTime) {
  RunWriter run = Start("a");
  ASSERT_TRUE(run.Log({{"x", 1}}, {.time = kNoTime}));
  ASSERT_TRUE(run.Finish().ok());
  auto cursor = store().OpenHistory(At("a"))->Rows({});
  ASSERT_TRUE(cursor && *cursor->Next());
  EXPECT_EQ(cursor->row().time, kNoTime);
}

TEST_F(Logging, ANegativeStepIsRefused) {
  RunWriter run = Start("a");
  EXPECT_EQ(CodeOf(run.Log({{"x", 1}}, {.step = -1})), Code::kInvalidArgument);
  EXPECT_EQ(RowsOf("a"), Lines{});
}

TEST_F(Logging, ThreadsMayShareAWriter) {
  RunWriter run = Start("a");
  constexpr int kThreads = 4;
  constexpr int kEach = 250;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&run, t] {
      for (int i = 0; i < kEach; ++i) EXPECT_TRUE(run.Log({{"thread", t}, {"i", i}}));
    });
  }
  for (std::thread& thread : threads) thread.join();
  const auto history = store().OpenHistory(At("a"));
  EXPECT_EQ(history->CountRows(), std::uint64_t{kThreads * kEach});
  const auto series = history->ReadNumbers("i");
  EXPECT_EQ(series->steps.back(), kThreads * kEach - 1) << "no step is used twice or left out";
}

TEST_F(Logging, ColumnsAreRows) {
  RunWriter run = Start("a");
  const std::vector<Step> steps = {2, 4, 9};
  const std::vector<double> loss = {0.5, -0.0, 0.25};
  const std::vector<std::int64_t> epoch = {0, 0, 1};
  const std::vector<std::string_view> note = {"a", "", "c"};
  const std::vector<ColumnBatch::Column> columns = {{"loss", Type::kDouble, loss, {}, {}},
                                                    {"epoch", Type::kInt64, {}, epoch, {}},
                                                    {"note", Type::kString, {}, {}, note}};
  EXPECT_EQ(run.AppendColumns({steps, {}, columns}), 3u);
  EXPECT_EQ(RowsOf("a"), (Lines{"2 epoch=0 loss=0.5 note='a'", "4 epoch=0 loss=-0.0 note=''",
                                "9 epoch=1 loss=0.25 note='c'"}));
  EXPECT_EQ(run.next_step(), 10);
}

TEST_F(Logging, ColumnsAtACommittedStepAreOutOfOrder) {
  RunWriter run = Start("a");
  LogSteps(run, 0, 3);
  const std::vector<Step> steps = {3, 4};
  const std::vector<double> loss = {1, 2};
  const std::vector<ColumnBatch::Column> columns = {{"loss", Type::kDouble, loss, {}, {}}};
  const auto appended = run.AppendColumns({steps, {}, columns});
  EXPECT_TRUE(!appended || *appended == 0);
  EXPECT_EQ(StepsOf("a"), (std::vector<Step>{0, 1, 2, 3}));
}

}  // namespace
}  // namespace reprise
