// What is kept of each key over the visible rows.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/support/run_fixture.h"

namespace reprise {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

class SummaryRules : public RunFixture {
 protected:
  // Logs the values of `v` and gives its entry as a live, a sealed and a reopened run have it.
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
  const SummaryEntry entry = EntryOf({"text", 1, std::nan("")});
  EXPECT_EQ(ToText(entry.first.value), "'text'");
  EXPECT_EQ(entry.first.step, 0);
  EXPECT_EQ(ToText(entry.last.value), "nan");
  EXPECT_EQ(entry.last.step, 2);
}

TEST_F(SummaryRules, MinAndMaxAreShownAsLogged) {
  const SummaryEntry entry = EntryOf({3, 2.5, true, 7.0});
  EXPECT_EQ(ToText(entry.min->value), "true");
  EXPECT_EQ(entry.min->step, 2);
  EXPECT_EQ(ToText(entry.max->value), "7.0");
}

TEST_F(SummaryRules, IntegersAndDoublesAreComparedExactly) {
  const std::int64_t big = (std::int64_t{1} << 53) + 1;
  const SummaryEntry entry = EntryOf({0x1p53, big});
  EXPECT_EQ(ToText(entry.max->value), std::to_string(big));
  EXPECT_EQ(entry.max->step, 1);
  EXPECT_EQ(entry.min->step, 0);
}

TEST_F(SummaryRules, TiesGoToTheLowestStepAndZerosAreEqual) {
  const SummaryEntry entry = EntryOf({-0.0, 0.0, 0});
  EXPECT_EQ(entry.min->step, 0);
  EXPECT_EQ(entry.max->step, 0);
  EXPECT_EQ(ToText(entry.max->value), "-0.0");
}

TEST_F(SummaryRules, NanIsCountedApartAndPoisonsNothing) {
  const SummaryEntry entry = EntryOf({1, std::nan(""), 3.0, std::nan("")});
  EXPECT_EQ(entry.count, 2u);
  EXPECT_EQ(entry.nan, 2u);
  EXPECT_EQ(entry.sum, 4.0);
  EXPECT_EQ(entry.mean, 2.0);
  EXPECT_EQ(ToText(entry.max->value), "3.0");
}

TEST_F(SummaryRules, BoolCountsAsNumberAndTextDoesNot) {
  const SummaryEntry entry = EntryOf({true, false, "7", ValueView()});
  EXPECT_EQ(entry.count, 2u);
  EXPECT_EQ(entry.sum, 1.0);
}

TEST_F(SummaryRules, WithoutNumbersThereIsNoSum) {
  const SummaryEntry entry = EntryOf({"a", "b"});
  EXPECT_EQ(entry.count, 0u);
  EXPECT_FALSE(entry.min || entry.max || entry.sum || entry.mean);
}

TEST_F(SummaryRules, SumsAreExact) {
  EXPECT_EQ(EntryOf({1e100, 1.0, -1e100}).sum, 1.0);
  EXPECT_EQ(EntryOf({1.0, 1e100, 1.0, -1e100}).sum, 2.0);
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
  EXPECT_TRUE(std::isnan(*EntryOf({kInfinity, 1, -kInfinity}).sum));
}

TEST_F(SummaryRules, EveryPathToTheSameRowsGivesTheSameBits) {
  const auto value = [](int i) { return std::ldexp(1.0 / (i + 3), i % 60 - 30); };
  RunWriter straight = Start("straight");
  for (int i = 0; i < 60; ++i) ASSERT_TRUE(straight.Log({{"v", value(i)}}));
  RunWriter winding = Start("winding");
  for (int i = 0; i < 40; ++i) ASSERT_TRUE(winding.Log({{"v", value(i)}}));
  ASSERT_TRUE(winding.Rewind(19).ok());
  for (int i = 20; i < 30; ++i) ASSERT_TRUE(winding.Log({{"v", value(i)}}));
  ASSERT_TRUE(winding.Finish().ok());
  ForkOptions fork;
  fork.run_id = "forked";
  ASSERT_TRUE(store().Fork(At("winding?_step=24"), fork));
  for (int begin = 25; begin < 60; begin += 7) {
    RunWriter forked = Start("forked");
    for (int i = begin; i < std::min(begin + 7, 60); ++i) {
      ASSERT_TRUE(forked.Log({{"v", value(i)}}));
    }
    ASSERT_TRUE(forked.Finish().ok());
  }
  ExpectSame(SummaryOf("straight").entries.at("v"), SummaryOf("forked").entries.at("v"));
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

// --- config

class ConfigRules : public RunFixture {};

TEST_F(ConfigRules, MergesLeafByLeaf) {
  RunOptions options;
  options.config = {{"optimizer.lr", 0.5}, {"optimizer.name", "sgd"}};
  RunWriter run = Start("a", options);
  ASSERT_TRUE(run.UpdateConfig({{"optimizer.lr", 0.25}, {"seed", 1}}).ok());
  EXPECT_EQ(ConfigOf("a"), (Lines{"optimizer.lr=0.25", "optimizer.name='sgd'", "seed=1"}));
}

TEST_F(ConfigRules, KeepsTypesExactly) {
  RunWriter run = Start("a");
  ASSERT_TRUE(
      run.UpdateConfig({{"a", 1}, {"b", 1.0}, {"c", true}, {"d", ValueView()}, {"e", "1"}}).ok());
  ASSERT_TRUE(run.Finish().ok());
  Reopen();
  EXPECT_EQ(ConfigOf("a"), (Lines{"a=1", "b=1.0", "c=true", "d=null", "e='1'"}));
}

TEST_F(ConfigRules, FromOutsideNeedsARunThatNobodyWrites) {
  {
    RunWriter run = Start("a");
    EXPECT_EQ(store().UpdateConfig("a", {{"k", 1}}).code(), Code::kBusy);
    ASSERT_TRUE(run.Finish().ok());
  }
  EXPECT_TRUE(store().UpdateConfig("a", {{"k", 1}}).ok());
  EXPECT_EQ(ConfigOf("a"), (Lines{"k=1"}));
}

TEST_F(ConfigRules, ABadPathChangesNothing) {
  RunWriter run = Start("a");
  EXPECT_EQ(run.UpdateConfig({{"good", 1}, {"", 2}}).code(), Code::kInvalidArgument);
  EXPECT_EQ(ConfigOf("a"), Lines{});
}

TEST_F(ConfigRules, StaysOverARewind) {
  RunWriter run = Start("a");
  LogSteps(run, 0, 5);
  ASSERT_TRUE(run.UpdateConfig({{"k", 1}}).ok());
  ASSERT_TRUE(run.Rewind(2).ok());
  EXPECT_EQ(ConfigOf("a"), (Lines{"k=1"}));
}

}  // namespace
}  // namespace reprise
