// Small segments become large ones, and nobody who reads can tell.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "engine/run/merger.h"
#include "tests/engine/protocols/protocol_fixture.h"
#include "tests/support/eventually.h"
#include "tests/support/file_bytes.h"
#include "tests/support/naive_sample.h"

namespace reprise {
namespace {

using Rows = std::vector<std::uint64_t>;

TEST(CountToMerge, JoinsASegmentWithAsManyRowsBehindIt) {
  EXPECT_EQ(CountToMerge(Rows{}), 0u);
  EXPECT_EQ(CountToMerge(Rows{5, 5, 5}), 0u) << "three are too few";
  EXPECT_EQ(CountToMerge(Rows{5, 5, 5, 5}), 4u);
  EXPECT_EQ(CountToMerge(Rows{1, 1, 1, 4, 9}), 0u) << "four behind three";
  EXPECT_EQ(CountToMerge(Rows{1, 1, 1, 1, 4, 9}), 5u);
  EXPECT_EQ(CountToMerge(Rows{1, 1, 1, 1, 4, 8}), 6u);
}

// Sessions too short to merge leave many alike, and then one that is smaller.
TEST(CountToMerge, ASmallerOneAtTheEndKeepsNothingApart) {
  EXPECT_EQ(CountToMerge(Rows{1, 3, 3, 3, 3, 3}), 6u);
  EXPECT_EQ(CountToMerge(Rows{1, 1, 3, 3, 20, 3}), 4u);
  EXPECT_EQ(CountToMerge(Rows{1, 2, 4, 8, 16}), 0u);
}

TEST(CountToMerge, MakesNoneLargerThanASealedOne) {
  EXPECT_EQ(CountToMerge(Rows{9000, 9000, 9000, 9000, 36'000, 65'536}), 4u);
  EXPECT_EQ(CountToMerge(Rows(300, 1024)), 64u);
  EXPECT_EQ(CountToMerge(Rows{65'536, 65'536, 65'536, 65'536}), 0u);
}

// A row is copied a logarithmic number of times, and few segments are left.
TEST(CountToMerge, CopiesEachRowAFewTimes) {
  constexpr std::uint64_t kSeals = 20'000;
  Rows last_first;
  std::uint64_t copied = 0;
  std::size_t most = 0;
  for (std::uint64_t i = 0; i < kSeals; ++i) {
    last_first.insert(last_first.begin(), 1);
    const auto count = static_cast<std::ptrdiff_t>(CountToMerge(last_first));
    std::uint64_t rows = 0;
    for (auto part = last_first.begin(); part != last_first.begin() + count; ++part) rows += *part;
    copied += rows;
    if (count > 0) last_first.erase(last_first.begin() + 1, last_first.begin() + count);
    if (count > 0) last_first.front() = rows;
    most = std::max(most, last_first.size());
  }
  EXPECT_LE(copied, 15 * kSeals);
  EXPECT_LE(most, 20u);
}

class Merging : public Protocol {
 protected:
  std::size_t SegmentsOf(const BranchId& branch) {
    std::size_t count = 0;
    ReadCatalog([&](CatalogView& view) -> Status {
      const auto segments =
          view.Segments(branch, Stream::kHistory, 0, std::numeric_limits<Step>::max());
      if (!segments) return segments.error();
      count = segments->size();
      return {};
    });
    return count;
  }
  // One segment each.
  void LogInSessions(int sessions, int rows) {
    for (int session = 0; session < sessions; ++session) {
      RunWriter run = store().StartRun(Of("a")).value();
      for (int i = 0; i < rows; ++i) {
        const Step step = run.next_step();
        ASSERT_TRUE(run.Log({{"x", step}, {step % 3 == 0 ? "every third" : "else", 0.5}}));
      }
      ASSERT_TRUE(run.Finish().ok());
    }
  }
  BranchId HeadOf(const std::string& id) {
    BranchId head;
    ReadCatalog([&](CatalogView& view) -> Status {
      const auto found = view.FindRunInAllProjects(id);
      if (!found) return found.error();
      head = {found->at(0), view.GetRun(found->at(0)).value()->head};
      return {};
    });
    return head;
  }
  // One session of many rows.
  void AppendInSession(std::size_t rows) {
    RunWriter run = store().StartRun(Of("a")).value();
    std::vector<Step> steps;
    std::vector<double> x;
    std::vector<std::int64_t> n;
    for (std::size_t i = 0; i < rows; ++i) {
      steps.push_back(run.next_step() + static_cast<Step>(2 * i));
      x.push_back(random_() % 60 == 0 ? std::nan("")
                                      : static_cast<float>(random_() % 1'000'000) / 77.0F);
      n.push_back(static_cast<std::int64_t>(random_() % 1000));
    }
    const std::vector<ColumnBatch::Column> columns = {{"n", Type::kInt64, {}, n, {}},
                                                      {"x", Type::kDouble, x, {}, {}}};
    ASSERT_TRUE(run.AppendColumns({steps, {}, columns}));
    ASSERT_TRUE(run.Finish().ok());
  }
  // What is read of a key, a sample of which is what the values give.
  Series SeriesOf(const std::string& key) {
    const History history = store().OpenHistory(At("a")).value();
    Series series = history.ReadSeries(key).value();
    for (const StepRange& steps : {StepRange{0, history.last_step()}, StepRange{1000, 6000},
                                   StepRange{2047, 4097}, StepRange{3, 9999}}) {
      SampleOptions options;
      options.buckets = 7;
      options.steps = steps;
      EXPECT_EQ(FindSampleDifference(history.Sample(key, options).value(), series, steps), "");
    }
    return series;
  }

  std::mt19937_64 random_{1};

  std::vector<Step> StepsUpTo(Step last) {
    std::vector<Step> steps;
    for (Step step = 0; step <= last; ++step) steps.push_back(step);
    return steps;
  }
};

TEST_F(Merging, ShortSessionsLeaveFewSegments) {
  LogInSessions(40, 3);
  const RunWriter run = Start("a");  // which merges what the last one left
  EXPECT_TRUE(Eventually([&] { return SegmentsOf(HeadOf("a")) <= 12; }));
  EXPECT_EQ(StepsOf("a"), StepsUpTo(119));
  const Summary summary = store().OpenHistory(At("a"))->ReadSummary().value();
  EXPECT_EQ(summary.entries.at("x").sum, 119.0 * 120 / 2);
  EXPECT_EQ(summary.entries.at("every third").count, 40u);
}

TEST_F(Merging, AHistoryOpenedBeforeStaysAsItWas) {
  LogInSessions(3, 2);
  const History before = store().OpenHistory(At("a")).value();
  LogInSessions(1, 2);
  const RunWriter run = Start("a");
  ASSERT_TRUE(Eventually([&] { return SegmentsOf(HeadOf("a")) == 1; }));
  EXPECT_EQ(before.ReadNumbers("x")->steps, StepsUpTo(5));
  EXPECT_EQ(before.ReadSummary()->entries.at("x").count, 6u);
}

TEST_F(Merging, ForksKeepWhatTheyShare) {
  LogInSessions(2, 2);
  ASSERT_TRUE(store().Fork(Moment{"a", {}, 2}, Named("b")));
  LogInSessions(2, 2);
  RunWriter run = Start("a");
  ASSERT_TRUE(Eventually([&] { return SegmentsOf(HeadOf("a")) == 1; }));
  EXPECT_EQ(StepsOf("b"), StepsUpTo(2));
  EXPECT_EQ(store().OpenHistory(At("b"))->ReadSummary()->entries.at("x").sum, 3.0);
  ASSERT_TRUE(run.Rewind(3).ok());
  ASSERT_TRUE(run.Log({{"x", 4}}));
  EXPECT_EQ(StepsOf("a"), StepsUpTo(4));
  EXPECT_EQ(StepsOf("a@0"), StepsUpTo(7));
}

// With vectors that stay as they are, and others that do not.
TEST_F(Merging, LongSeriesStayAsTheyAreInEveryBit) {
  for (const std::size_t rows : {2048U, 1024U, 1500U, 3000U}) AppendInSession(rows);
  const Series x = SeriesOf("x");
  const Series n = SeriesOf("n");
  ASSERT_EQ(SegmentsOf(HeadOf("a")), 4u);
  const RunWriter run = Start("a");
  ASSERT_TRUE(Eventually([&] { return SegmentsOf(HeadOf("a")) == 1; }));
  EXPECT_EQ(SeriesOf("x").steps, x.steps);
  EXPECT_EQ(SeriesOf("x").values, x.values);
  EXPECT_EQ(SeriesOf("n").values, n.values);
}

// More than have tables of their own.
TEST_F(Merging, RowsOfManyShapesStayAsTheyAre) {
  for (int session = 0; session < 4; ++session) {
    RunWriter run = store().StartRun(Of("a")).value();
    for (int i = 0; i < 90; ++i) {
      const std::string key = "key " + std::to_string(i);
      ASSERT_TRUE(run.Log({{key, run.next_step()}, {"shared", 0.5}}));
    }
    ASSERT_TRUE(run.Finish().ok());
  }
  const Lines before = RowsOf("a");
  ASSERT_EQ(before.size(), 360u);
  const RunWriter run = Start("a");
  ASSERT_TRUE(Eventually([&] { return SegmentsOf(HeadOf("a")) == 1; }));
  EXPECT_EQ(RowsOf("a"), before);
}

TEST_F(Merging, ADamagedSegmentIsNotMerged) {
  for (int i = 0; i < 4; ++i) AppendInSession(2048);
  const BranchId head = HeadOf("a");
  CloseStore();
  const auto context = OpenContext(path(), {}).value();
  const std::vector<SegmentRef> parts = FindSegmentsToMerge(*context, head).value();
  ASSERT_EQ(parts.size(), 4u);
  const std::string pack = path() + "/packs/" + PackFileName(parts[2].pack);
  const std::size_t at = parts[2].offset + parts[2].length / 2;
  const std::uintmax_t size = std::filesystem::file_size(pack);
  const auto packs = PackWriter::Make(context->io, *context->packs, {1, context->uuid});
  FlipByte(pack, at);
  const auto merged = MergeSegments(*context, parts, 1, *packs);
  ASSERT_FALSE(merged.has_value());
  EXPECT_EQ(merged.error().code(), Code::kCorrupt);
  EXPECT_TRUE(packs->Close().ok());
  EXPECT_EQ(std::filesystem::file_size(pack), size);
  FlipByte(pack, at);
  EXPECT_TRUE(MergeSegments(*context, parts, 1,
                            *PackWriter::Make(context->io, *context->packs, {1, context->uuid})));
}

// The segments after a merged one count on the summaries before them.
TEST_F(Merging, SummariesStayExactAsSessionsGoOn) {
  for (int round = 0; round < 12; ++round) {
    LogInSessions(1 + round % 5, 1 + round % 3);
    const RunWriter run = Start("a");
    // Three may stay, and each one before them that is larger than all behind it: six of 80 rows.
    ASSERT_TRUE(Eventually([&] { return SegmentsOf(HeadOf("a")) <= 12; }));
    const History history = store().OpenHistory(At("a")).value();
    for (Step step = 0; step <= history.last_step(); ++step) {
      const Summary summary = history.ReadSummary(step).value();
      ASSERT_EQ(summary.entries.at("x").sum, static_cast<double>(step * (step + 1)) / 2);
      ASSERT_EQ(summary.entries.at("x").count, static_cast<std::uint64_t>(step + 1));
      ASSERT_EQ(summary.entries.at("every third").count, static_cast<std::uint64_t>(step / 3 + 1));
    }
  }
}

}  // namespace
}  // namespace reprise
