// Where a record goes, what commits a row, and what may be logged.
#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <thread>

#include "tests/support/run_fixture.h"

namespace reprise {
namespace {

class LogRules : public RunFixture {
 protected:
  static constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
};
using Limits = RunFixture;
using Columns = RunFixture;

// --- steps

TEST_F(LogRules, AutomaticStepsBeginAtZeroAndRiseByOne) {
  RunWriter run = Start("r");
  EXPECT_EQ(run.next_step(), 0);
  EXPECT_EQ(run.Log({{"x", 1}}).value(), 0);
  EXPECT_EQ(run.Log({{"x", 2}}).value(), 1);
  EXPECT_EQ(run.next_step(), 2);
  EXPECT_EQ(RowsOf("r"), (Lines{"0 x=1", "1 x=2"}));
}

TEST_F(LogRules, AnAutomaticRowIsCommittedAndAnExplicitOneStaysOpen) {
  RunWriter run = Start("r");
  run.Log({{"x", 1}}).value();
  run.Log({{"x", 2}}, {.step = 5}).value();
  EXPECT_EQ(RowsOf("r"), (Lines{"0 x=1", "5 x=2 (open)"}));
}

TEST_F(LogRules, CommitOverridesEitherDefault) {
  RunWriter run = Start("r");
  run.Log({{"x", 1}}, {.commit = false}).value();
  EXPECT_EQ(RowsOf("r"), (Lines{"0 x=1 (open)"}));
  run.Log({{"x", 2}}, {.step = 3, .commit = true}).value();
  EXPECT_EQ(RowsOf("r"), (Lines{"0 x=1", "3 x=2"}));
}

TEST_F(LogRules, WithoutAStepTheOpenRowIsWrittenTo) {
  RunWriter run = Start("r");
  run.Log({{"x", 1}}, {.step = 7}).value();
  EXPECT_EQ(run.Log({{"y", 2}}).value(), 7);
  EXPECT_EQ(RowsOf("r"), (Lines{"7 x=1 y=2"}));
  EXPECT_EQ(run.next_step(), 8);
}

TEST_F(LogRules, TheOpenStepMergesAndForEachKeyTheLastValueWins) {
  RunWriter run = Start("r");
  run.Log({{"x", 1}, {"y", 1}}, {.step = 7}).value();
  run.Log({{"x", "two"}, {"z", 3}}, {.step = 7}).value();
  EXPECT_EQ(RowsOf("r"), (Lines{"7 x='two' y=1 z=3 (open)"}));
}

TEST_F(LogRules, AHigherStepCommitsTheOpenRow) {
  RunWriter run = Start("r");
  run.Log({{"x", 1}}, {.step = 7}).value();
  run.Log({{"x", 2}}, {.step = 9}).value();
  EXPECT_EQ(RowsOf("r"), (Lines{"7 x=1", "9 x=2 (open)"}));
  EXPECT_EQ(CodeOf(run.Log({{"x", 3}}, {.step = 7})), Code::kOutOfOrder);
}

TEST_F(LogRules, AStepThatIsNotAboveTheHeadWritesNothingAndSaysWhy) {
  RunWriter run = Start("r");
  LogSteps(run, 0, 4);
  const auto late = run.Log({{"x", 9}}, {.step = 3});
  ASSERT_EQ(CodeOf(late), Code::kOutOfOrder);
  const std::string message = MessageOf(late);
  for (const char* part : {"step 3", "head step 4", "branch 0", "'r'", "rewind"}) {
    EXPECT_NE(message.find(part), std::string::npos) << message;
  }
  EXPECT_EQ(CodeOf(run.Log({{"x", 9}}, {.step = 4})), Code::kOutOfOrder);  // it is committed
  EXPECT_EQ(StepsOf("r").size(), 5U);
  EXPECT_EQ(run.next_step(), 5);
}

TEST_F(LogRules, StepsBelowZeroAndTheLargestNumberAreInvalid) {
  RunWriter run = Start("r");
  EXPECT_EQ(CodeOf(run.Log({{"x", 1}}, {.step = -1})), Code::kInvalidArgument);
  const Step most = std::numeric_limits<Step>::max();
  EXPECT_EQ(CodeOf(run.Log({{"x", 1}}, {.step = most})), Code::kInvalidArgument);
  EXPECT_TRUE(run.Log({{"x", 1}}, {.step = most - 1, .commit = true}));
  EXPECT_EQ(CodeOf(run.Log({{"x", 1}})), Code::kOutOfOrder);
  EXPECT_TRUE(run.Rewind(-1).ok());
  EXPECT_EQ(run.Log({{"x", 1}}).value(), 0);
}

TEST_F(LogRules, ARowMayHaveNoKeys) {
  RunWriter run = Start("r");
  EXPECT_EQ(run.Log({}).value(), 0);
  EXPECT_EQ(RowsOf("r"), (Lines{"0"}));
}

TEST_F(LogRules, FinishCommitsTheOpenRow) {
  RunWriter run = Start("r");
  run.Log({{"x", 1}}, {.step = 2}).value();
  ASSERT_TRUE(run.Finish().ok());
  EXPECT_EQ(RowsOf("r"), (Lines{"2 x=1"}));
  EXPECT_EQ(CodeOf(run.Log({{"x", 1}})), Code::kClosed);
  EXPECT_EQ(CodeOf(run.Finish()), Code::kClosed);
}

TEST_F(LogRules, TheOpenRowCannotBeNamedFromOutside) {
  RunWriter run = Start("r");
  LogSteps(run, 0, 1);
  run.Log({{"x", 2}}, {.step = 2}).value();
  EXPECT_EQ(CodeOf(store().OpenHistory(At("r?_step=2"))), Code::kOutOfRange);
  EXPECT_EQ(CodeOf(store().OpenHistory(At("r?_step=1"))), Code::kOk);
}

// --- values

TEST_F(LogRules, EveryValueComesBackAsItWasLogged) {
  const std::vector<Value> values = {{},
                                     Value(true),
                                     Value(false),
                                     Value(std::numeric_limits<std::int64_t>::min()),
                                     Value(std::numeric_limits<std::int64_t>::max()),
                                     Value(std::int64_t{1}),
                                     Value(1.0),
                                     Value(-0.0),
                                     Value(std::numeric_limits<double>::infinity()),
                                     Value(-std::numeric_limits<double>::infinity()),
                                     Value(std::bit_cast<double>(0x7FF4'0000'DEAD'BEEFULL)),
                                     Value(std::numeric_limits<double>::denorm_min()),
                                     Value(""),
                                     Value("caf\xC3\xA9"),
                                     Value(ValueView::Bytes(std::string_view("\0\xFF\n", 3))),
                                     Value(ValueView::Json("{}")),
                                     Value(ValueView::Json(R"([1,{"_type":"histogram"}])"))};
  RunWriter run = Start("r");
  for (const Value& value : values) run.Log({{"v", value.view()}}).value();
  for (int pass = 0; pass < 2; ++pass) {  // from the log, then from a segment
    const auto history = store().OpenHistory(At("r"));
    ASSERT_TRUE(history);
    const auto series = history->ReadSeries("v");
    ASSERT_TRUE(series);
    EXPECT_EQ(series->values, values);
    if (pass == 0) {
      ASSERT_TRUE(run.Finish().ok());
    }
  }
}

TEST_F(LogRules, AbsentNullAndNaNDiffer) {
  RunWriter run = Start("r");
  run.Log({{"v", ValueView()}}).value();
  run.Log({{"other", 1}}).value();
  run.Log({{"v", kNan}}).value();
  EXPECT_EQ(RowsOf("r"), (Lines{"0 v=null", "1 other=1", "2 v=nan"}));
  EXPECT_EQ(RowsOf("r", {.keys = {"v"}}), (Lines{"0 v=null", "2 v=nan"}));
}

TEST_F(LogRules, ANumericReaderSeesIntegersAndBoolsAsNumbers) {
  RunWriter run = Start("r");
  run.Log({{"v", 3}}).value();
  run.Log({{"v", true}}).value();
  run.Log({{"v", "text"}}).value();
  run.Log({{"v", 0.5}}).value();
  const auto numbers = store().OpenHistory(At("r"))->ReadNumbers("v");
  ASSERT_TRUE(numbers);
  EXPECT_EQ(numbers->steps, (std::vector<Step>{0, 1, 3}));
  EXPECT_EQ(numbers->values, (std::vector<double>{3, 1, 0.5}));
}

TEST_F(LogRules, AKeyGivenTwiceInOneCallHasTheLastValue) {
  RunWriter run = Start("r");
  run.Log({{"v", 1}, {"v", "last"}}).value();
  EXPECT_EQ(RowsOf("r"), (Lines{"0 v='last'"}));
}

// --- keys that are ours

TEST_F(LogRules, AFieldStepSetsTheStepAndIsNotAKey) {
  RunWriter run = Start("r");
  EXPECT_EQ(run.Log({{"_step", 4}, {"x", 1}}).value(), 4);
  EXPECT_EQ(RowsOf("r"), (Lines{"4 x=1 (open)"}));
  EXPECT_EQ(CodeOf(run.Log({{"_step", "four"}})), Code::kInvalidArgument);
  EXPECT_EQ(CodeOf(run.Log({{"_step", -1}})), Code::kInvalidArgument);
}

TEST_F(LogRules, AFieldTimestampSetsTheTimeInSeconds) {
  RunWriter run = Start("r");
  run.Log({{"_timestamp", 1'700'000'000.25}, {"x", 1}}).value();
  run.Log({{"x", 2}}, {.time = 7}).value();
  run.Log({{"x", 3}}, {.time = kNoTime}).value();
  auto cursor = store().OpenHistory(At("r"))->Rows({});
  ASSERT_TRUE(cursor);
  std::vector<TimeMicros> times;
  while (cursor->Next().value()) times.push_back(cursor->row().time);
  EXPECT_EQ(times, (std::vector<TimeMicros>{1'700'000'000'250'000, 7, kNoTime}));
}

TEST_F(LogRules, ARowHasTheTimeOfItsFirstRecord) {
  RunWriter run = Start("r");
  run.Log({{"x", 1}}, {.step = 0, .time = 100}).value();
  run.Log({{"y", 2}}, {.step = 0, .time = 200}).value();
  auto cursor = store().OpenHistory(At("r"))->Rows({});
  ASSERT_TRUE(cursor->Next().value());
  EXPECT_EQ(cursor->row().time, 100);
}

// --- limits

TEST_F(Limits, AKeyHas1To1024BytesOfUtf8WithoutControlCharacters) {
  RunWriter run = Start("r");
  EXPECT_TRUE(run.Log({{std::string(1024, 'k'), 1}}));
  EXPECT_TRUE(run.Log({{"train/loss.min caf\xC3\xA9", 1}}));
  const std::string too_long(1025, 'k');
  for (const std::string_view key :
       std::initializer_list<std::string_view>{"", too_long, "a\nb", "a\x7F", "\xC3", "\xFF"}) {
    EXPECT_EQ(CodeOf(run.Log({{key, 1}})), Code::kInvalidArgument) << key;
  }
  EXPECT_EQ(run.next_step(), 2);
}

TEST_F(Limits, AValueHasAtMost4MiBAndARow8MiB) {
  RunWriter run = Start("r");
  const std::string most(std::size_t{4} << 20, 'v');
  EXPECT_TRUE(run.Log({{"v", most}}));
  EXPECT_EQ(CodeOf(run.Log({{"v", most + "x"}})), Code::kInvalidArgument);
  EXPECT_EQ(CodeOf(run.Log({{"a", most}, {"b", most}})), Code::kInvalidArgument);
  // The same by merging: what was there stays.
  EXPECT_TRUE(run.Log({{"a", most}}, {.step = 5}));
  EXPECT_EQ(CodeOf(run.Log({{"b", most}}, {.step = 5})), Code::kInvalidArgument);
  EXPECT_TRUE(run.Log({{"b", 1}}, {.step = 5}));
  EXPECT_EQ(StepsOf("r"), (std::vector<Step>{0, 5}));
}

// --- columns

TEST_F(Columns, AreAppendedAsCommittedRows) {
  RunWriter run = Start("r");
  run.Log({{"x", 1}}, {.step = 0}).value();  // open
  const std::array<Step, 3> steps = {2, 3, 7};
  const std::array<double, 3> losses = {0.5, 0.25, 0.125};
  const std::array<std::string_view, 3> notes = {"a", "b", "c"};
  const std::array<ColumnBatch::Column, 2> columns = {
      ColumnBatch::Column{"note", Type::kString, {}, {}, notes},
      ColumnBatch::Column{"loss", Type::kDouble, losses, {}, {}}};
  EXPECT_EQ(run.AppendColumns({steps, {}, columns}).value(), 3U);
  EXPECT_EQ(RowsOf("r"), (Lines{"0 x=1", "2 loss=0.5 note='a'", "3 loss=0.25 note='b'",
                                "7 loss=0.125 note='c'"}));
  EXPECT_EQ(run.next_step(), 8);
}

TEST_F(Columns, KeepTheRowsBeforeTheFirstThatFails) {
  RunWriter run = Start("r");
  const std::array<Step, 3> steps = {2, 2, 3};
  const std::array<std::int64_t, 3> values = {1, 2, 3};
  const std::array<ColumnBatch::Column, 1> columns = {
      ColumnBatch::Column{"v", Type::kInt64, {}, values, {}}};
  const auto appended = run.AppendColumns({steps, {}, columns});
  EXPECT_EQ(CodeOf(appended), Code::kOutOfOrder);
  EXPECT_NE(MessageOf(appended).find("1 of 3 rows"), std::string::npos) << MessageOf(appended);
  EXPECT_EQ(RowsOf("r"), (Lines{"2 v=1"}));
}

TEST_F(Columns, OfUnequalLengthAreRefusedWhole) {
  RunWriter run = Start("r");
  const std::array<Step, 2> steps = {0, 1};
  const std::array<double, 1> values = {1};
  const std::array<ColumnBatch::Column, 1> columns = {
      ColumnBatch::Column{"v", Type::kDouble, values, {}, {}}};
  EXPECT_EQ(CodeOf(run.AppendColumns({steps, {}, columns})), Code::kInvalidArgument);
  EXPECT_EQ(run.next_step(), 0);
}

// --- threads

TEST_F(LogRules, ThreadsThatLogTakeTurns) {
  RunWriter run = Start("r");
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 100; ++i) EXPECT_TRUE(run.Log({{"x", i}}));
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(run.next_step(), 400);
  EXPECT_EQ(StepsOf("r").size(), 400U);
}

}  // namespace
}  // namespace reprise
