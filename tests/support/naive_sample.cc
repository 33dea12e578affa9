#include "tests/support/naive_sample.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "format/aggregate.h"
#include "format/number_order.h"

namespace reprise {

namespace {

__extension__ using Uint128 = unsigned __int128;

constexpr double kMostError = 1e-12;

std::size_t BucketOf(Step step, const StepRange& steps, std::uint64_t buckets) {
  const Uint128 offset = static_cast<std::uint64_t>(step - steps.first);
  const Uint128 width = Uint128{static_cast<std::uint64_t>(steps.last - steps.first)} + 1;
  return static_cast<std::size_t>(offset * buckets / width);
}

Value Magnitude(const ValueView& number) { return Value(std::fabs(number.as_number())); }

SamplePoint PointOf(const ValueView& value, Step step) { return {step, value}; }

std::string Text(const SamplePoint& point) {
  return fmt::format("type {} bits {:x} at {}", static_cast<int>(point.value.type()),
                     point.value.bits(), point.step);
}

std::string Text(const Bucket& bucket) {
  return fmt::format("{}..{} count {} nan {} first ({}) last ({}) min ({}) max ({}) mean {}",
                     bucket.steps.first, bucket.steps.last, bucket.count, bucket.nan,
                     Text(bucket.first), Text(bucket.last), Text(bucket.min), Text(bucket.max),
                     bucket.mean ? fmt::format("{:.17g}", *bucket.mean) : "none");
}

bool IsMean(const std::optional<double>& mean, const NaiveBucket& expected) {
  const std::optional<double>& exact = expected.bucket.mean;
  if (!mean || !exact) return mean.has_value() == exact.has_value();
  if (std::isnan(*exact)) return std::isnan(*mean);
  if (std::isinf(*exact)) return *mean == *exact;
  const double room = expected.mean_of_magnitudes * kMostError;
  return std::fabs(*mean / 2 - *exact / 2) <=
         room / 2 + 2 * std::numeric_limits<double>::denorm_min();
}

bool SameSteps(const StepRange& a, const StepRange& b) {
  return (a.empty() && b.empty()) || a == b;
}

bool IsBucket(const Bucket& bucket, const NaiveBucket& expected) {
  const Bucket& e = expected.bucket;
  return SameSteps(bucket.steps, e.steps) && bucket.count == e.count && bucket.nan == e.nan &&
         bucket.first == e.first && bucket.last == e.last && bucket.min == e.min &&
         bucket.max == e.max && IsMean(bucket.mean, expected);
}

struct Sums {
  Aggregate values;
  Aggregate magnitudes;
};

NaiveBucket ToBucket(const Sums& sums) {
  NaiveBucket made;
  Bucket& bucket = made.bucket;
  bucket.steps = {0, -1};
  if (sums.values.empty()) return made;
  bucket.count = sums.values.count();
  bucket.nan = sums.values.nan();
  bucket.first = PointOf(sums.values.first(), sums.values.first_step());
  bucket.last = PointOf(sums.values.last(), sums.values.last_step());
  bucket.min = PointOf(sums.values.min(), sums.values.min_step());
  bucket.max = PointOf(sums.values.max(), sums.values.max_step());
  bucket.mean = sums.values.mean();
  made.mean_of_magnitudes = sums.magnitudes.mean().value_or(0);
  return made;
}

// Each bucket's first and last step, by asking where steps around its borders are.
void FillSteps(const StepRange& steps, std::vector<NaiveBucket>* buckets) {
  const std::uint64_t n = buckets->size();
  const Uint128 width = Uint128{static_cast<std::uint64_t>(steps.last - steps.first)} + 1;
  for (std::uint64_t i = 0; i < n; ++i) {
    // The first step s with (s - first) * n >= i * width.
    const Uint128 begin = (i * width + n - 1) / n;
    const Uint128 end = ((i + 1) * width + n - 1) / n;
    if (begin == end) continue;
    (*buckets)[i].bucket.steps = {steps.first + static_cast<Step>(begin),
                                  steps.first + static_cast<Step>(end - 1)};
  }
}

}  // namespace

std::vector<NaiveBucket> NaiveSample(const Series& series, const StepRange& steps,
                                     std::uint64_t buckets) {
  std::vector<Sums> sums(buckets);
  for (std::size_t i = 0; i < series.steps.size(); ++i) {
    const ValueView value = series.values[i];
    if (!IsNumber(value.type()) || !steps.contains(series.steps[i])) continue;
    Sums& to = sums[BucketOf(series.steps[i], steps, buckets)];
    to.values.Add(series.steps[i], value);
    to.magnitudes.Add(series.steps[i], Magnitude(value));
  }
  std::vector<NaiveBucket> made;
  for (const Sums& sum : sums) made.push_back(ToBucket(sum));
  FillSteps(steps, &made);
  return made;
}

std::string FindSampleDifference(const Buckets& sampled, const Series& series,
                                 const StepRange& steps) {
  const std::vector<NaiveBucket> expected = NaiveSample(series, steps, sampled.size());
  for (std::size_t i = 0; i < sampled.size(); ++i) {
    if (IsBucket(sampled[i], expected[i])) continue;
    return fmt::format("bucket {} of {} is\n  {}\n and should be\n  {}", i, sampled.size(),
                       Text(sampled[i]), Text(expected[i].bucket));
  }
  return "";
}

std::string FindSnappedDifference(const Buckets& sampled, const Series& series,
                                  const StepRange& steps) {
  // The values that a bucket says it has are those from its first to the next one's, if they are
  // told apart by steps alone: one shape, so one column at a time.
  Series rest;
  for (std::size_t i = 0; i < series.steps.size(); ++i) {
    if (!IsNumber(series.values[i].type()) || !steps.contains(series.steps[i])) continue;
    rest.steps.push_back(series.steps[i]);
    rest.values.push_back(series.values[i]);
  }
  Sums all;
  std::uint64_t count = 0;
  std::uint64_t nan = 0;
  for (std::size_t i = 0; i < rest.steps.size(); ++i) all.values.Add(rest.steps[i], rest.values[i]);
  std::optional<SamplePoint> min;
  std::optional<SamplePoint> max;
  for (std::size_t i = 0; i < sampled.size(); ++i) {
    const Bucket& bucket = sampled[i];
    count += bucket.count;
    nan += bucket.nan;
    if (bucket.first.step == kNoStep) continue;
    if (BucketOf(bucket.first.step, steps, sampled.size()) != i) {
      return fmt::format("bucket {} begins with step {}", i, bucket.first.step);
    }
    if (bucket.count == 0) continue;
    if (!min || CompareNumbers(bucket.min.value, min->value) < 0) min = bucket.min;
    if (!max || CompareNumbers(bucket.max.value, max->value) > 0) max = bucket.max;
  }
  if (count != all.values.count() || nan != all.values.nan()) {
    return fmt::format("{} numbers and {} NaNs, should be {} and {}", count, nan,
                       all.values.count(), all.values.nan());
  }
  if (count == 0) return "";
  const bool same_min = CompareNumbers(min->value, all.values.min()) == 0;
  const bool same_max = CompareNumbers(max->value, all.values.max()) == 0;
  return same_min && same_max ? "" : "the extremes are wrong";
}

}  // namespace reprise
