// What is kept of each key over the visible rows.
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "tests/support/run_fixture.h"

namespace reprise {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

class SummaryRules : public RunFixture {
 protected:
  // Logs the values of `v`, a row each, and gives its entry, which is the same live and sealed.
  SummaryEntry EntryOf(const std::vector<ValueView>& values) {
    const std::string id = "r" + std::to_string(runs_++);
    SummaryEntry live;
    {
      RunWriter run = Start(id);
      for (const ValueView& value : values) EXPECT_TRUE(run.Log({{"v", value}}));
      live = SummaryOf(id).entries.at("v");
      EXPECT_TRUE(run.Finish().ok());
    }
    const SummaryEntry sealed = SummaryOf(id).entries.at("v");
    ExpectSame(live, sealed);
    return sealed;
  }
  static void ExpectSame(const SummaryEntry& a, const SummaryEntry& b) {
    EXPECT_EQ(a.first, b.first);
    EXPECT_EQ(a.last, b.last);
    EXPECT_EQ(a.min, b.min);
    EXPECT_EQ(a.max, b.max);
    EXPECT_EQ(a.count, b.count);
    EXPECT_EQ(a.nan, b.nan);
    EXPECT_EQ(Bits(a.sum), Bits(b.sum));
    EXPECT_EQ(Bits(a.mean), Bits(b.mean));
  }
  static std::optional<std::uint64_t> Bits(const std::optional<double>& value) {
    if (!value) return std::nullopt;
    return std::bit_cast<std::uint64_t>(*value);
  }

 private:
  int runs_ = 0;
};

TEST_F(SummaryRules, FirstAndLastAreTheLoggedValuesOfAnyType) {
  const SummaryEntry entry = EntryOf({"text", 1, kNan});
  EXPECT_EQ(entry.first, (ValueAtStep{Value("text"), 0}));
  EXPECT_EQ(entry.last, (ValueAtStep{Value(kNan), 2}));
}

TEST_F(SummaryRules, MinAndMaxAreShownAsLogged) {
  const SummaryEntry entry = EntryOf({3, 2.5, true, 7.0});
  EXPECT_EQ(entry.min, (ValueAtStep{Value(true), 2}));
  EXPECT_EQ(entry.max, (ValueAtStep{Value(7.0), 3}));
  const SummaryEntry other = EntryOf({2, 0.5, true, 7, -3.25});
  EXPECT_EQ(other.min, (ValueAtStep{Value(-3.25), 4}));
  EXPECT_EQ(other.max, (ValueAtStep{Value(7), 3}));
}

TEST_F(SummaryRules, IntegersAndDoublesAreComparedExactly) {
  const std::int64_t odd = (std::int64_t{1} << 53) + 1;
  const SummaryEntry entry = EntryOf({0x1p53, odd});
  EXPECT_EQ(entry.max, (ValueAtStep{Value(odd), 1}));
  EXPECT_EQ(entry.min, (ValueAtStep{Value(0x1p53), 0}));
}

TEST_F(SummaryRules, TiesGoToTheLowestStepAndZerosAreEqual) {
  const SummaryEntry entry = EntryOf({-0.0, 0.0, 0, false});
  EXPECT_EQ(entry.min, (ValueAtStep{Value(-0.0), 0}));
  EXPECT_EQ(entry.max, (ValueAtStep{Value(-0.0), 0}));
}

TEST_F(SummaryRules, NanIsCountedApartAndPoisonsNothing) {
  const SummaryEntry entry = EntryOf({1, kNan, 3.0, kNan});
  EXPECT_EQ(entry.count, 2u);
  EXPECT_EQ(entry.nan, 2u);
  EXPECT_EQ(entry.sum, 4.0);
  EXPECT_EQ(entry.mean, 2.0);
  EXPECT_EQ(entry.max, (ValueAtStep{Value(3.0), 2}));
}

TEST_F(SummaryRules, BoolCountsAsNumberAndTextDoesNot) {
  const SummaryEntry entry = EntryOf({true, false, "7", ValueView()});
  EXPECT_EQ(entry.count, 2u);
  EXPECT_EQ(entry.sum, 1.0);
}

TEST_F(SummaryRules, WithoutNumbersThereAreNoAggregates) {
  for (const ValueView& other : {ValueView("b"), ValueView(kNan)}) {
    const SummaryEntry entry = EntryOf({"a", other});
    EXPECT_EQ(entry.count, 0u);
    EXPECT_FALSE(entry.min || entry.max || entry.sum || entry.mean);
  }
}

TEST_F(SummaryRules, SumsAreExact) {
  EXPECT_EQ(EntryOf({1e100, 1.0, -1e100}).sum, 1.0);
  EXPECT_EQ(EntryOf({1.0, 1e100, 1.0, -1e100}).sum, 2.0);
  EXPECT_EQ(EntryOf({0.1, 0.2, 0.3}).sum, 0.6);
  const std::int64_t big = std::numeric_limits<std::int64_t>::max();
  EXPECT_EQ(EntryOf({big, 1, -big}).sum, 1.0);
}

TEST_F(SummaryRules, MeanIsFiniteWhereOnlyTheSumOverflows) {
  const double most = std::numeric_limits<double>::max();
  const SummaryEntry entry = EntryOf({most, most});
  EXPECT_EQ(entry.sum, kInfinity);
  EXPECT_EQ(entry.mean, most);
}

TEST_F(SummaryRules, InfinitiesOfBothSignsMakeNan) {
  EXPECT_EQ(EntryOf({1, kInfinity}).sum, kInfinity);
  EXPECT_EQ(EntryOf({-kInfinity, 1}).sum, -kInfinity);
  EXPECT_EQ(EntryOf({1, -kInfinity}).mean, -kInfinity);
  EXPECT_TRUE(std::isnan(*EntryOf({kInfinity, 1, -kInfinity}).sum));
}

TEST_F(SummaryRules, EveryPathToTheSameRowsGivesTheSameBits) {
  const auto value = [](Step step) {
    const auto i = static_cast<int>(step);
    return std::ldexp(1.0 / (i + 3), i % 60 - 30);
  };
  RunWriter straight = Start("straight");
  for (Step i = 0; i < 60; ++i) ASSERT_TRUE(straight.Log({{"v", value(i)}}));
  {
    RunWriter winding = Start("winding");
    for (Step i = 0; i < 20; ++i) ASSERT_TRUE(winding.Log({{"v", value(i)}}));
    for (Step i = 20; i < 40; ++i) ASSERT_TRUE(winding.Log({{"v", 1e18}}));
    ASSERT_TRUE(winding.Rewind(19).ok());
    for (Step i = 20; i < 30; ++i) ASSERT_TRUE(winding.Log({{"v", value(i)}}));
    ASSERT_TRUE(winding.Finish().ok());
  }
  ASSERT_TRUE(store().Fork(At("winding?_step=24"), {.run_id = "forked"}));
  for (Step begin = 25; begin < 60; begin += 7) {
    RunWriter forked = Start("forked");
    for (Step i = begin; i < std::min(begin + 7, Step{60}); ++i) {
      ASSERT_TRUE(forked.Log({{"v", "to be replaced"}}, {.step = i}));
      ASSERT_TRUE(forked.Log({{"v", value(i)}}, {.step = i}));
    }
    ASSERT_TRUE(forked.Finish().ok());
  }
  ExpectSame(SummaryOf("straight").entries.at("v"), SummaryOf("forked").entries.at("v"));
}

TEST_F(SummaryRules, AfterARewindIsThatOfAFreshRunWithJustThoseRows) {
  const std::vector<double> values = {1e100, 0.1, -1e100, 0.2, 5e-324, 0.3, -0.0, 7};
  RunWriter run = Start("a");
  for (const double v : values) ASSERT_TRUE(run.Log({{"v", v}}));
  ASSERT_TRUE(run.Rewind(4).ok());
  RunWriter fresh = Start("fresh");
  for (std::size_t i = 0; i <= 4; ++i) ASSERT_TRUE(fresh.Log({{"v", values[i]}}));
  ExpectSame(SummaryOf("a").entries.at("v"), SummaryOf("fresh").entries.at("v"));
  ASSERT_TRUE(run.Finish().ok());
  ASSERT_TRUE(fresh.Finish().ok());
  ExpectSame(SummaryOf("a").entries.at("v"), SummaryOf("fresh").entries.at("v"));
}

TEST_F(SummaryRules, SpeaksOfTheRowsUpToTheMomentAsked) {
  RunWriter run = Start("a");
  LogSteps(run, 0, 9);
  EXPECT_EQ(SummaryOf("a?_step=3").entries.at("x").sum, 6.0);
  EXPECT_EQ(SummaryOf("a?_step=3").rows, 4u);
  EXPECT_EQ(SummaryOf("a?_step=3").through, 3);
  ASSERT_TRUE(run.Finish().ok());
  EXPECT_EQ(SummaryOf("a?_step=3").entries.at("x").sum, 6.0);
}

// --- values that users set

TEST_F(SummaryRules, ShowsTheLastValueUnlessOneWasSet) {
  RunWriter run = Start("a");
  ASSERT_TRUE(run.Log({{"acc", 0.5}}));
  EXPECT_EQ(ShownOf("a", "acc"), "0.5");
  ASSERT_TRUE(run.SetSummary("acc", "best").ok());
  EXPECT_EQ(ShownOf("a", "acc"), "'best'");
  ASSERT_TRUE(run.Log({{"acc", 0.25}}));
  EXPECT_EQ(ShownOf("a", "acc"), "'best'") << "it stays until it is removed";
  ASSERT_TRUE(run.RemoveSummary("acc").ok());
  EXPECT_EQ(ShownOf("a", "acc"), "0.25");
}

TEST_F(SummaryRules, AValueMayBeSetForAKeyThatWasNeverLogged) {
  {
    RunWriter run = Start("a");
    ASSERT_TRUE(run.SetSummary("note", "good").ok());
    ASSERT_TRUE(run.Finish().ok());
  }
  Reopen();
  EXPECT_EQ(ShownOf("a", "note"), "'good'");
}

TEST_F(SummaryRules, ASetValueFallsAwayWhenItsStepIsCut) {
  RunWriter run = Start("a");
  LogSteps(run, 0, 3);
  ASSERT_TRUE(run.SetSummary("best", "early").ok());  // at 3
  LogSteps(run, 4, 6);
  ASSERT_TRUE(run.SetSummary("best", "late").ok());  // at 6
  ASSERT_TRUE(run.SetSummary("other", 1).ok());
  EXPECT_EQ(ShownOf("a", "best"), "'late'");
  ASSERT_TRUE(run.Rewind(5).ok());
  EXPECT_EQ(ShownOf("a", "best"), "'early'") << "the value set earlier comes back";
  EXPECT_EQ(ShownOf("a", "other"), "");
  EXPECT_EQ(ShownOf("a@0", "best"), "'late'");
  ASSERT_TRUE(run.Rewind(2).ok());
  EXPECT_EQ(ShownOf("a", "best"), "");
}

TEST_F(SummaryRules, ASetValueCarriesTheOpenStepElseTheLastElseMinusOne) {
  RunWriter run = Start("a");
  ASSERT_TRUE(run.SetSummary("a", 1).ok());
  LogSteps(run, 0, 1);
  ASSERT_TRUE(run.SetSummary("b", 1).ok());
  ASSERT_TRUE(run.Log({{"x", 1}}, {.step = 9}));
  ASSERT_TRUE(run.SetSummary("c", 1).ok());
  const auto set = SummaryOf("a").explicit_values;
  EXPECT_EQ(set.at("a").step, -1);
  EXPECT_EQ(set.at("b").step, 1);
  EXPECT_EQ(set.at("c").step, 9);
}

TEST_F(SummaryRules, WhatTheParentSetsAfterAForkIsNotTheForks) {
  RunWriter parent = Start("a");
  LogSteps(parent, 0, 3);
  ASSERT_TRUE(parent.SetSummary("best", "before").ok());
  ASSERT_TRUE(store().Fork(At("a"), {.run_id = "b"}));
  ASSERT_TRUE(parent.SetSummary("best", "after").ok());
  EXPECT_EQ(ShownOf("b", "best"), "'before'");
  EXPECT_EQ(ShownOf("a", "best"), "'after'");
}

}  // namespace
}  // namespace reprise
