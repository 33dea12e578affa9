// Where a record goes, what commits a row, and what one call of Log means.
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/run_fixture.h"

namespace reprise {
namespace {

using Logging = RunFixture;

// --- steps

TEST_F(Logging, BeginsAtStepZeroAndCountsOn) {
  RunWriter run = Start("a");
  EXPECT_EQ(run.next_step(), 0);
  EXPECT_EQ(run.Log({{"x", 1}}), 0);
  EXPECT_EQ(run.Log({{"x", 2}}), 1);
  EXPECT_EQ(run.next_step(), 2);
  EXPECT_EQ(RowsOf("a"), (Lines{"0 x=1", "1 x=2"}));
}

TEST_F(Logging, WithoutAStepCommitsTheRowAndWithOneLeavesItOpen) {
  RunWriter run = Start("a");
  EXPECT_EQ(run.Log({{"x", 1}}), 0);
  EXPECT_EQ(run.Log({{"x", 2}}, {.step = 5}), 5);
  EXPECT_EQ(RowsOf("a"), (Lines{"0 x=1", "5 x=2 (open)"}));
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
  EXPECT_EQ(CodeOf(run.Log({{"x", 3}}, {.step = 3})), Code::kOutOfOrder);
}

TEST_F(Logging, BelowTheOpenStepWritesNothingAndSaysWhere) {
  RunWriter run = Start("a");
  ASSERT_TRUE(run.Log({{"x", 1}}, {.step = 3}));
  const auto refused = run.Log({{"x", 2}}, {.step = 2});
  EXPECT_EQ(CodeOf(refused), Code::kOutOfOrder);
  for (const char* fact : {"step 2", "head step 3", "branch 0", "'a'", "rewind"}) {
    EXPECT_NE(MessageOf(refused).find(fact), std::string::npos) << MessageOf(refused);
  }
  EXPECT_EQ(RowsOf("a"), (Lines{"3 x=1 (open)"}));
}

TEST_F(Logging, AtOrBelowACommittedStepWritesNothingAndSaysWhere) {
  RunWriter run = Start("a");
  LogSteps(run, 0, 2);
  const auto refused = run.Log({{"x", 9}}, {.step = 1});
  EXPECT_EQ(CodeOf(refused), Code::kOutOfOrder);
  for (const char* fact : {"step 1", "head step 2", "branch 0", "'a'", "rewind"}) {
    EXPECT_NE(MessageOf(refused).find(fact), std::string::npos) << MessageOf(refused);
  }
  EXPECT_EQ(CodeOf(run.Log({{"x", 9}}, {.step = 2})), Code::kOutOfOrder);
  EXPECT_EQ(run.next_step(), 3);
  EXPECT_EQ(run.Log({{"x", 3}}), 3) << "a refused call must not disturb the next one";
  EXPECT_EQ(RowsOf("a"), (Lines{"0 x=0", "1 x=1", "2 x=2", "3 x=3"}));
}

TEST_F(Logging, CommitOverridesEitherDefault) {
  RunWriter run = Start("a");
  EXPECT_EQ(run.Log({{"x", 1}}, {.commit = false}), 0);
  EXPECT_EQ(RowsOf("a"), (Lines{"0 x=1 (open)"}));
  EXPECT_EQ(run.Log({{"y", 1}}, {.step = 0, .commit = true}), 0);
  EXPECT_EQ(RowsOf("a"), (Lines{"0 x=1 y=1"}));
  EXPECT_EQ(run.Log({{"x", 2}}, {.step = 3, .commit = true}), 3);
  EXPECT_EQ(RowsOf("a"), (Lines{"0 x=1 y=1", "3 x=2"}));
}

TEST_F(Logging, StepsMayHaveGaps) {
  RunWriter run = Start("a");
  for (const Step step : {Step{10}, Step{1000}, Step{1} << 40}) {
    EXPECT_EQ(run.Log({{"x", 1}}, {.step = step, .commit = true}), step);
  }
  EXPECT_EQ(StepsOf("a"), (std::vector<Step>{10, 1000, Step{1} << 40}));
}

TEST_F(Logging, StepsBelowZeroAndTheLargestNumberAreRefused) {
  RunWriter run = Start("a");
  const Step most = std::numeric_limits<Step>::max();
  EXPECT_EQ(CodeOf(run.Log({{"x", 1}}, {.step = -1})), Code::kInvalidArgument);
  EXPECT_EQ(CodeOf(run.Log({{"x", 1}}, {.step = most})), Code::kInvalidArgument);
  EXPECT_EQ(RowsOf("a"), Lines{});
  EXPECT_TRUE(run.Log({{"x", 1}}, {.step = most - 1, .commit = true}));
  EXPECT_EQ(CodeOf(run.Log({{"x", 1}})), Code::kOutOfOrder) << "there is no next step";
  EXPECT_TRUE(run.Rewind(-1).ok());
  EXPECT_EQ(run.Log({{"x", 1}}), 0);
}

TEST_F(Logging, TheOpenRowCannotBeNamedFromOutside) {
  RunWriter run = Start("a");
  LogSteps(run, 0, 1);
  ASSERT_TRUE(run.Log({{"x", 2}}, {.step = 2}));
  EXPECT_EQ(CodeOf(store().OpenHistory(At("a?_step=2"))), Code::kOutOfRange);
  EXPECT_EQ(CodeOf(store().OpenHistory(At("a?_step=1"))), Code::kOk);
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
  EXPECT_EQ(run.next_step(), kThreads * kEach);
  const auto history = store().OpenHistory(At("a"));
  EXPECT_EQ(history->CountRows(), std::uint64_t{kThreads} * kEach);
  const auto series = history->ReadNumbers("i");
  EXPECT_EQ(series->steps.back(), kThreads * kEach - 1) << "no step is used twice or left out";
}

// --- values

TEST_F(Logging, KeepsEveryBitOfEveryType) {
  const double infinity = std::numeric_limits<double>::infinity();
  const std::vector<Value> values = {{},
                                     Value(true),
                                     Value(false),
                                     Value(std::numeric_limits<std::int64_t>::min()),
                                     Value(std::numeric_limits<std::int64_t>::max()),
                                     Value((std::int64_t{1} << 53) + 1),
                                     Value(std::int64_t{1}),
                                     Value(1.0),
                                     Value(-0.0),
                                     Value(0.0),
                                     Value(std::bit_cast<double>(0x7FF8'0000'0000'BEEFULL)),
                                     Value(std::bit_cast<double>(0x7FF4'0000'DEAD'BEEFULL)),
                                     Value(infinity),
                                     Value(-infinity),
                                     Value(std::numeric_limits<double>::denorm_min()),
                                     Value(""),
                                     Value("caf\xC3\xA9"),
                                     Value(ValueView::Bytes(std::string_view("\0\xFF\n", 3))),
                                     Value(ValueView::Json("{}")),
                                     Value(ValueView::Json(R"([1,{"_type":"histogram"}])"))};
  RunWriter run = Start("a");
  for (const Value& value : values) ASSERT_TRUE(run.Log({{"v", value.view()}}));
  EXPECT_EQ(store().OpenHistory(At("a"))->ReadSeries("v")->values, values) << "from the log";
  ASSERT_TRUE(run.Finish().ok());
  EXPECT_EQ(store().OpenHistory(At("a"))->ReadSeries("v")->values, values) << "from a segment";
}

TEST_F(Logging, AbsentNullAndNanAreThreeThings) {
  RunWriter run = Start("a");
  ASSERT_TRUE(run.Log({{"x", 1}, {"v", ValueView()}}));
  ASSERT_TRUE(run.Log({{"x", 2}, {"v", std::nan("")}}));
  ASSERT_TRUE(run.Log({{"x", 3}}));
  EXPECT_EQ(RowsOf("a"), (Lines{"0 v=null x=1", "1 v=nan x=2", "2 x=3"}));
  EXPECT_EQ(RowsOf("a", {.keys = {"v"}}), (Lines{"0 v=null", "1 v=nan"}));
}

TEST_F(Logging, AKeyMayChangeItsTypeFromRowToRow) {
  RunWriter run = Start("a");
  for (const ValueView& value : {ValueView(1), ValueView(1.0), ValueView(true), ValueView("1")}) {
    ASSERT_TRUE(run.Log({{"v", value}}));
  }
  const Lines rows = {"0 v=1", "1 v=1.0", "2 v=true", "3 v='1'"};
  EXPECT_EQ(RowsOf("a"), rows);
  ASSERT_TRUE(run.Finish().ok());
  EXPECT_EQ(RowsOf("a"), rows);
}

TEST_F(Logging, AKeyGivenTwiceInOneCallHasTheLastValue) {
  RunWriter run = Start("a");
  ASSERT_TRUE(run.Log({{"v", 1}, {"v", "last"}}));
  EXPECT_EQ(RowsOf("a"), (Lines{"0 v='last'"}));
}

TEST_F(Logging, ARowMayHaveNoKeys) {
  RunWriter run = Start("a");
  EXPECT_EQ(run.Log({}), 0);
  EXPECT_EQ(RowsOf("a"), (Lines{"0"}));
}

TEST_F(Logging, OneBadFieldRefusesTheWholeRecord) {
  RunWriter run = Start("a");
  EXPECT_EQ(CodeOf(run.Log({{"good", 1}, {"", 2}})), Code::kInvalidArgument);
  EXPECT_EQ(RowsOf("a"), Lines{});
  EXPECT_EQ(run.next_step(), 0);
}

// --- keys that are ours

TEST_F(Logging, TheFieldStepSetsTheStepAndIsNotAKey) {
  RunWriter run = Start("a");
  EXPECT_EQ(run.Log({{"_step", 8}, {"x", 1}}), 8);
  EXPECT_EQ(RowsOf("a"), (Lines{"8 x=1 (open)"}));
  EXPECT_EQ(CodeOf(run.Log({{"_step", "nine"}})), Code::kInvalidArgument);
  EXPECT_EQ(CodeOf(run.Log({{"_step", -1}})), Code::kInvalidArgument);
}

TEST_F(Logging, TheTimeIsTheFieldsOrTheOptionsOrNone) {
  RunWriter run = Start("a");
  ASSERT_TRUE(run.Log({{"_timestamp", 1'700'000'000.25}, {"x", 1}}));
  ASSERT_TRUE(run.Log({{"x", 2}}, {.time = 7}));
  ASSERT_TRUE(run.Log({{"x", 3}}, {.time = kNoTime}));
  const auto times = [&] {
    std::vector<TimeMicros> found;
    auto cursor = store().OpenHistory(At("a"))->Rows({});
    while (cursor->Next().value()) found.push_back(cursor->row().time);
    return found;
  };
  const std::vector<TimeMicros> expected = {1'700'000'000'250'000, 7, kNoTime};
  EXPECT_EQ(times(), expected);
  EXPECT_EQ(RowsOf("a"), (Lines{"0 x=1", "1 x=2", "2 x=3"})) << "it is not a key";
  ASSERT_TRUE(run.Finish().ok());
  EXPECT_EQ(times(), expected);
}

TEST_F(Logging, ARowHasTheTimeOfItsFirstRecord) {
  RunWriter run = Start("a");
  ASSERT_TRUE(run.Log({{"x", 1}}, {.step = 0, .time = 100}));
  ASSERT_TRUE(run.Log({{"y", 2}}, {.step = 0, .time = 200}));
  auto cursor = store().OpenHistory(At("a"))->Rows({});
  ASSERT_TRUE(cursor->Next().value());
  EXPECT_EQ(cursor->row().time, 100);
}

// --- columns

TEST_F(Logging, ColumnsAreRowsAndCommitTheOpenOne) {
  RunWriter run = Start("a");
  ASSERT_TRUE(run.Log({{"x", 1}}, {.step = 0}));
  const std::vector<Step> steps = {2, 4, 9};
  const std::vector<double> loss = {0.5, -0.0, 0.25};
  const std::vector<std::int64_t> epoch = {0, 0, 1};
  const std::vector<std::string_view> note = {"a", "", "c"};
  const std::vector<ColumnBatch::Column> columns = {{"loss", Type::kDouble, loss, {}, {}},
                                                    {"epoch", Type::kInt64, {}, epoch, {}},
                                                    {"note", Type::kString, {}, {}, note}};
  EXPECT_EQ(run.AppendColumns({steps, {}, columns}), 3u);
  EXPECT_EQ(RowsOf("a"), (Lines{"0 x=1", "2 epoch=0 loss=0.5 note='a'",
                                "4 epoch=0 loss=-0.0 note=''", "9 epoch=1 loss=0.25 note='c'"}));
  EXPECT_EQ(run.next_step(), 10);
}

TEST_F(Logging, ColumnsAtACommittedStepAreOutOfOrder) {
  RunWriter run = Start("a");
  LogSteps(run, 0, 3);
  const std::vector<Step> steps = {3, 4};
  const std::vector<double> loss = {1, 2};
  const std::vector<ColumnBatch::Column> columns = {{"loss", Type::kDouble, loss, {}, {}}};
  EXPECT_EQ(CodeOf(run.AppendColumns({steps, {}, columns})), Code::kOutOfOrder);
  EXPECT_EQ(StepsOf("a"), (std::vector<Step>{0, 1, 2, 3}));
}

TEST_F(Logging, ColumnsOfUnequalLengthAreRefusedWhole) {
  RunWriter run = Start("a");
  const std::vector<Step> steps = {0, 1};
  const std::vector<double> loss = {1};
  const std::vector<ColumnBatch::Column> columns = {{"loss", Type::kDouble, loss, {}, {}}};
  EXPECT_EQ(CodeOf(run.AppendColumns({steps, {}, columns})), Code::kInvalidArgument);
  EXPECT_EQ(run.next_step(), 0);
}

}  // namespace
}  // namespace reprise
