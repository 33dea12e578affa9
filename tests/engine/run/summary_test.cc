// Summaries: what is kept of each key, and values that users set.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/support/run_fixture.h"

namespace reprise {
namespace {

class SummaryRules : public RunFixture {
 protected:
  static constexpr double kInf = std::numeric_limits<double>::infinity();
  static constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

  // What comes of one key's values, logged one a row.
  SummaryEntry EntryOf(std::initializer_list<ValueView> values) {
    RunWriter run = Start("entry-" + std::to_string(++entries_));
    for (const ValueView& value : values) run.Log({{"v", value}}).value();
    return SummaryOf(run.run_id()).entries.at("v");
  }

 private:
  int entries_ = 0;
};

TEST_F(SummaryRules, FirstAndLastAreLoggedValuesOfAnyType) {
  const SummaryEntry entry = EntryOf({ValueView("text"), 1, kNan});
  EXPECT_EQ(entry.first, (ValueAtStep{Value("text"), 0}));
  EXPECT_EQ(entry.last, (ValueAtStep{Value(kNan), 2}));
}

TEST_F(SummaryRules, MinAndMaxAreShownAsLogged) {
  const SummaryEntry entry = EntryOf({2, 0.5, true, 7, -3.25});
  EXPECT_EQ(entry.min, (ValueAtStep{Value(-3.25), 4}));
  EXPECT_EQ(entry.max, (ValueAtStep{Value(7), 3}));
}

TEST_F(SummaryRules, IntegersAndDoublesAreComparedExactly) {
  const std::int64_t odd = (std::int64_t{1} << 53) + 1;
  const SummaryEntry entry = EntryOf({0x1p53, ValueView(odd)});
  EXPECT_EQ(entry.max, (ValueAtStep{Value(odd), 1}));
  EXPECT_EQ(entry.min, (ValueAtStep{Value(0x1p53), 0}));
}

TEST_F(SummaryRules, TiesGoToTheLowestStepAndZerosAreEqual) {
  const SummaryEntry entry = EntryOf({-0.0, 0.0, 0, false});
  EXPECT_EQ(entry.min, (ValueAtStep{Value(-0.0), 0}));
  EXPECT_EQ(entry.max, (ValueAtStep{Value(-0.0), 0}));
}

TEST_F(SummaryRules, NaNsAreCountedApart) {
  const SummaryEntry entry = EntryOf({1, kNan, 3, kNan});
  EXPECT_EQ(entry.count, 2U);
  EXPECT_EQ(entry.nan, 2U);
  EXPECT_EQ(entry.mean, 2.0);
  EXPECT_EQ(entry.max->step, 2);
}

TEST_F(SummaryRules, WithoutNumbersThereAreNoAggregates) {
  const SummaryEntry entry = EntryOf({ValueView("a"), kNan});
  EXPECT_EQ(entry.count, 0U);
  EXPECT_FALSE(entry.min || entry.max || entry.sum || entry.mean);
}

TEST_F(SummaryRules, SumsAreExact) {
  EXPECT_EQ(EntryOf({1e300, 1.0, -1e300}).sum, 1.0);
  EXPECT_EQ(EntryOf({0.1, 0.2, 0.3}).sum, 0.6);
  const double most = std::numeric_limits<double>::max();
  const SummaryEntry large = EntryOf({most, most});
  EXPECT_EQ(large.sum, kInf);
  EXPECT_EQ(large.mean, most);
}

TEST_F(SummaryRules, InfinitiesMakeTheSumInfiniteAndBothSignsMakeItNaN) {
  EXPECT_EQ(EntryOf({1, kInf}).sum, kInf);
  EXPECT_EQ(EntryOf({1, -kInf}).mean, -kInf);
  EXPECT_TRUE(std::isnan(*EntryOf({kInf, -kInf}).sum));
}

TEST_F(SummaryRules, EveryPathToTheSameRowsGivesTheSameBits) {
  {
    RunWriter plain = Start("plain");
    for (Step i = 0; i < 50; ++i) plain.Log({{"v", 0.1 * static_cast<double>(i)}}).value();
  }
  {
    RunWriter crooked = Start("crooked");
    for (Step i = 0; i < 30; ++i) crooked.Log({{"v", 0.1 * static_cast<double>(i)}}).value();
    for (int i = 0; i < 9; ++i) crooked.Log({{"v", 1e18}}).value();
    ASSERT_TRUE(crooked.Finish().ok());
  }
  ASSERT_TRUE(store().Rewind(At("crooked?_step=29")));
  RunWriter fork = Start("fork", {.fork_from = At("crooked")});
  for (Step i = 30; i < 50; ++i) {
    fork.Log({{"v", "to be replaced"}}, {.step = i}).value();
    fork.Log({{"v", 0.1 * static_cast<double>(i)}}, {.step = i}).value();
  }
  const SummaryEntry a = SummaryOf("plain").entries.at("v");
  const SummaryEntry b = SummaryOf("fork").entries.at("v");
  EXPECT_EQ(a.sum, b.sum);
  EXPECT_EQ(a.mean, b.mean);
  EXPECT_EQ(a.count, b.count);
  EXPECT_EQ(a.min, b.min);
  EXPECT_EQ(a.max, b.max);
}

TEST_F(SummaryRules, TheOpenRowCounts) {
  RunWriter run = Start("r");
  run.Log({{"v", 1}}, {.step = 0}).value();
  EXPECT_EQ(SummaryOf("r").entries.at("v").count, 1U);
  run.Log({{"v", 5}}, {.step = 0}).value();
  const SummaryEntry entry = SummaryOf("r").entries.at("v");
  EXPECT_EQ(entry.count, 1U);
  EXPECT_EQ(entry.sum, 5.0);
}

// --- values that users set

TEST_F(SummaryRules, ASetValueIsShownUntilItIsRemoved) {
  RunWriter run = Start("r");
  run.Log({{"v", 1}}).value();
  EXPECT_EQ(ShownOf("r", "v"), "1");
  ASSERT_TRUE(run.SetSummary("v", "set").ok());
  EXPECT_EQ(ShownOf("r", "v"), "'set'");
  run.Log({{"v", 2}}).value();
  EXPECT_EQ(ShownOf("r", "v"), "'set'");
  ASSERT_TRUE(run.RemoveSummary("v").ok());
  EXPECT_EQ(ShownOf("r", "v"), "2");
}

TEST_F(SummaryRules, ASetValueFallsAwayWhenItsStepIsCut) {
  RunWriter run = Start("r");
  LogSteps(run, 0, 3);
  ASSERT_TRUE(run.SetSummary("best", "early").ok());  // at 3
  LogSteps(run, 4, 6);
  ASSERT_TRUE(run.SetSummary("best", "late").ok());  // at 6
  ASSERT_TRUE(run.SetSummary("other", 1).ok());
  ASSERT_TRUE(run.Rewind(5).ok());
  EXPECT_EQ(ShownOf("r", "best"), "'early'");
  EXPECT_EQ(ShownOf("r", "other"), "");
  EXPECT_EQ(ShownOf("r@0", "best"), "'late'");
  ASSERT_TRUE(run.Rewind(2).ok());
  EXPECT_EQ(ShownOf("r", "best"), "");
}

TEST_F(SummaryRules, ASetValueCarriesTheOpenStepElseTheLastElseMinusOne) {
  RunWriter run = Start("r");
  ASSERT_TRUE(run.SetSummary("a", 1).ok());
  LogSteps(run, 0, 1);
  ASSERT_TRUE(run.SetSummary("b", 1).ok());
  run.Log({{"x", 1}}, {.step = 9}).value();
  ASSERT_TRUE(run.SetSummary("c", 1).ok());
  const auto set = SummaryOf("r").explicit_values;
  EXPECT_EQ(set.at("a").step, -1);
  EXPECT_EQ(set.at("b").step, 1);
  EXPECT_EQ(set.at("c").step, 9);
}

TEST_F(SummaryRules, WhatTheParentSetsAfterAForkIsNotTheForks) {
  RunWriter parent = Start("p");
  LogSteps(parent, 0, 3);
  ASSERT_TRUE(parent.SetSummary("best", "before").ok());
  ASSERT_TRUE(store().Fork(At("p"), {.run_id = "f"}));
  ASSERT_TRUE(parent.SetSummary("best", "after").ok());
  EXPECT_EQ(ShownOf("f", "best"), "'before'");
  EXPECT_EQ(ShownOf("p", "best"), "'after'");
}

}  // namespace
}  // namespace reprise
