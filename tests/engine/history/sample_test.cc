// What a user can count on when sampling a curve. sample_random_test.cc compares whole samples.
#include <gmock/gmock.h>

#include <cmath>
#include <limits>
#include <thread>

#include "tests/support/naive_sample.h"
#include "tests/support/run_fixture.h"

namespace reprise {
namespace {

constexpr Step kLastStep = std::numeric_limits<Step>::max();

// Each test samples the same rows twice: while they are live, and when they are sealed.
class Sampling : public RunFixture, public ::testing::WithParamInterface<bool> {
 protected:
  // `x` = 10 * step at the steps.
  void MakeRows(const std::vector<Step>& steps) {
    RunWriter& run = Writer();
    for (const Step step : steps) {
      ASSERT_TRUE(run.Log({{"x", step % 1000 * 10}}, {.step = step, .commit = true}));
    }
    Seal();
  }
  // `x` = step at so many steps.
  void MakeManyRows(Step rows) {
    std::vector<Step> steps;
    std::vector<double> values;
    for (Step step = 0; step < rows; ++step) {
      steps.push_back(step);
      values.push_back(static_cast<double>(step));
    }
    const ColumnBatch::Column x{"x", Type::kDouble, values, {}, {}};
    ColumnBatch batch;
    batch.steps = steps;
    batch.columns = {&x, 1};
    ASSERT_TRUE(Writer().AppendColumns(batch));
    Seal();
  }
  RunWriter& Writer() {
    if (!run_) run_.emplace(Start("a"));
    return *run_;
  }
  void Seal() {
    if (!GetParam()) return;
    ASSERT_TRUE(run_->Finish().ok());
  }
  void TearDown() override {
    run_.reset();
    RunFixture::TearDown();
  }
  History Open(const std::string& moment = "a") {
    auto history = store().OpenHistory(At(moment));
    if (!history) ADD_FAILURE() << history.error().ToString();
    return std::move(*history);
  }
  Buckets Sample(const History& history, const std::string& key, const SampleOptions& options) {
    auto buckets = history.Sample(key, options);
    if (!buckets) ADD_FAILURE() << buckets.error().ToString();
    return buckets ? *buckets : Buckets();
  }

  std::optional<RunWriter> run_;
};

TEST_P(Sampling, GivesEachBucketItsOwn) {
  MakeRows({0, 1, 2, 5, 9});
  const Buckets buckets = Sample(Open(), "x", {.buckets = 2});
  ASSERT_EQ(buckets.size(), 2U);
  EXPECT_EQ(buckets[0].steps, (StepRange{0, 4}));
  EXPECT_EQ(buckets[0].count, 3U);
  EXPECT_EQ(buckets[0].first, (SamplePoint{0, 0}));
  EXPECT_EQ(buckets[0].last, (SamplePoint{2, 20}));
  EXPECT_EQ(buckets[0].max, (SamplePoint{2, 20}));
  EXPECT_EQ(buckets[0].mean, 10.0);
  EXPECT_EQ(buckets[1].min, (SamplePoint{5, 50}));
}

TEST_P(Sampling, IsOfAllVisibleStepsUnlessSomeAreAsked) {
  MakeRows({3, 4, 7});
  EXPECT_EQ(Sample(Open(), "x", {.buckets = 1})[0].steps, (StepRange{3, 7}));
  EXPECT_EQ(Sample(Open("a?_step=4"), "x", {.buckets = 1})[0].steps, (StepRange{3, 4}));
  const Buckets asked = Sample(Open(), "x", {.buckets = 1, .steps = StepRange{0, 100}});
  EXPECT_EQ(asked[0].steps, (StepRange{0, 100}));
  EXPECT_EQ(asked[0].count, 3U);
  const Buckets open_end = Sample(Open(), "x", {.buckets = 1, .steps = StepRange{4, kLastStep}});
  EXPECT_EQ(open_end[0].steps, (StepRange{4, 7}));
  EXPECT_EQ(open_end[0].count, 2U);
}

TEST_P(Sampling, LeavesEmptyBucketsIn) {
  MakeRows({0, 9});
  const Buckets buckets = Sample(Open(), "x", {.buckets = 5});
  ASSERT_EQ(buckets.size(), 5U);
  EXPECT_EQ(buckets[2].count, 0U);
  EXPECT_EQ(buckets[2].first.step, kNoStep);
  EXPECT_FALSE(buckets[2].mean.has_value());
}

TEST_P(Sampling, GivesStepsTooFewForTheBucketsToSomeOfThem) {
  MakeRows({0, 1});
  const Buckets buckets = Sample(Open(), "x", {.buckets = 4});
  EXPECT_EQ(buckets[0].count, 1U);
  EXPECT_TRUE(buckets[1].steps.empty());
  EXPECT_EQ(buckets[2].count, 1U);
}

TEST_P(Sampling, CountsNansApartAndSkipsText) {
  const double nan = std::nan("");
  for (const ValueView value : {ValueView(nan), ValueView("text"), ValueView(4), ValueView(true),
                                ValueView(), ValueView(nan)}) {
    ASSERT_TRUE(Writer().Log({{"x", value}}));
  }
  Seal();
  const Bucket bucket = Sample(Open(), "x", {.buckets = 1})[0];
  EXPECT_EQ(bucket.count, 2U);
  EXPECT_EQ(bucket.nan, 2U);
  EXPECT_EQ(bucket.first.step, 0);
  EXPECT_TRUE(std::isnan(bucket.last.value.as_double()));
  EXPECT_EQ(bucket.min, (SamplePoint{3, true}));
  EXPECT_EQ(bucket.mean, 2.5);
}

TEST_P(Sampling, OfInfinitiesHasThemAsItsMean) {
  const double infinity = std::numeric_limits<double>::infinity();
  for (const double value : {1.0, infinity, -infinity, 2.0}) {
    ASSERT_TRUE(Writer().Log({{"x", value}}));
  }
  Seal();
  const Buckets buckets = Sample(Open(), "x", {.buckets = 2});
  EXPECT_EQ(buckets[0].mean, infinity);
  EXPECT_EQ(buckets[1].mean, -infinity);
  EXPECT_TRUE(std::isnan(*Sample(Open(), "x", {.buckets = 1})[0].mean));
}

TEST_P(Sampling, OfAKeyWithoutNumbersIsEmptyAndOfNoKeyFails) {
  ASSERT_TRUE(Writer().Log({{"note", "text"}}));
  Seal();
  EXPECT_EQ(Sample(Open(), "note", {.buckets = 1})[0].count, 0U);
  EXPECT_EQ(CodeOf(Open().Sample("x")), Code::kNotFound);
}

TEST_P(Sampling, RefusesWhatCannotBeDivided) {
  MakeRows({0, 1});
  const History history = Open();
  EXPECT_EQ(CodeOf(history.Sample("x", {.buckets = 0})), Code::kInvalidArgument);
  EXPECT_EQ(CodeOf(history.Sample("x", {.buckets = 1'000'001})), Code::kInvalidArgument);
  EXPECT_EQ(CodeOf(history.Sample("x", {.steps = StepRange{5, 4}})), Code::kInvalidArgument);
  EXPECT_EQ(CodeOf(history.Sample("x", {.steps = StepRange{-1, 4}})), Code::kInvalidArgument);
}

TEST_P(Sampling, ReachesTheLastStepThereIs) {
  MakeRows({0, 1, kLastStep - 1});  // no step could follow the last one
  const Buckets buckets = Sample(Open(), "x", {.buckets = 1000});
  EXPECT_EQ(buckets[0].count, 2U);
  EXPECT_EQ(buckets[999].count, 1U);
  EXPECT_EQ(buckets[999].steps.last, kLastStep - 1);
}

// Cells begin at 0, 1024, 2048 ...: bucket 0 has the cells that begin in 0..1999.
TEST_P(Sampling, SnappedTakesWholeCells) {
  MakeManyRows(10'000);
  const Buckets buckets = Sample(Open(), "x", {.buckets = 5, .snapped = true});
  EXPECT_EQ(buckets[0].steps, (StepRange{0, 1999}));
  EXPECT_EQ(buckets[0].last.step, 2047);
  EXPECT_EQ(buckets[1].first.step, 2048);
  EXPECT_EQ(buckets[4].last.step, 9999);
}

TEST_P(Sampling, SnappedCutsExactlyAtTheEnds) {
  MakeManyRows(10'000);
  const SampleOptions options{.buckets = 2, .steps = StepRange{1000, 4999}, .snapped = true};
  const Buckets buckets = Sample(Open(), "x", options);
  EXPECT_EQ(buckets[0].first.step, 1000);
  EXPECT_EQ(buckets[1].last.step, 4999);
  EXPECT_EQ(buckets[0].count + buckets[1].count, 4000U);
  EXPECT_EQ(Sample(Open("a?_step=4999"), "x", {.buckets = 1, .snapped = true})[0].last.step, 4999);
}

TEST_P(Sampling, IsTheSameFromManyThreads) {
  MakeManyRows(20'000);
  const History history = Open();
  const auto series = history.ReadSeries("x");
  ASSERT_TRUE(series);
  std::vector<std::string> differences(4);
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < differences.size(); ++i) {
    threads.emplace_back([&, i] {
      const auto sampled = history.Sample("x", {.buckets = 30 + i});
      differences[i] = sampled ? FindSampleDifference(*sampled, *series, {0, 19'999})
                               : sampled.error().ToString();
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const std::string& difference : differences) EXPECT_EQ(difference, "");
}

// More shapes than have tables of their own: `x` is in dense tables and in a sparse one, and in
// that one has cells.
TEST_P(Sampling, OfManyShapesIsWhole) {
  std::vector<std::string> others;
  for (int i = 0; i < 150; ++i) others.push_back("other" + std::to_string(i));
  for (std::size_t i = 0; i < 9000; ++i) {
    const double x = std::sin(static_cast<double>(i));
    ASSERT_TRUE(Writer().Log({{"x", x}, {others[i % others.size()], 1}}));
  }
  Seal();
  const History history = Open();
  const auto series = history.ReadSeries("x");
  ASSERT_TRUE(series);
  for (const std::uint64_t buckets : {1U, 3U, 100U, 9000U}) {
    const Buckets sampled = Sample(history, "x", {.buckets = buckets});
    EXPECT_EQ(FindSampleDifference(sampled, *series, {0, 8999}), "");
    const Buckets snapped = Sample(history, "x", {.buckets = buckets, .snapped = true});
    EXPECT_EQ(FindSnappedDifference(snapped, *series, {0, 8999}), "");
  }
}

std::string Name(const ::testing::TestParamInfo<bool>& param) {
  return param.param ? "SealedRows" : "LiveRows";
}
INSTANTIATE_TEST_SUITE_P(Of, Sampling, ::testing::Bool(), Name);

}  // namespace
}  // namespace reprise
