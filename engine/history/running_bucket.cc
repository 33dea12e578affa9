#include "engine/history/running_bucket.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "format/measure_numbers.h"
#include "format/number_order.h"

namespace reprise {

namespace {

// From here on sums are kept in units of kUnit: 2^63 values of 2^900 have a sum, as have 2^63 of
// the largest doubles in these units.
constexpr double kHuge = 0x1p900;
constexpr double kUnit = 0x1p128;

SamplePoint PointAt(Step step, Type type, std::uint64_t bits) {
  return {step, ValueView::Stored(type, bits, {})};
}

// Which cells have the least and the greatest number; `end` where all are NaN.
struct ExtremeCells {
  std::size_t min;
  std::size_t max;
};

// All cells without a number have NaN as their extremes, which compares false.
template <typename T>
ExtremeCells FindExtremes(const Cells& cells, std::size_t begin, std::size_t end) {
  ExtremeCells found{end, end};
  T least{};
  T greatest{};
  for (std::size_t i = begin; i < end; ++i) {
    const T low = std::bit_cast<T>(cells.min[i]);
    const T high = std::bit_cast<T>(cells.max[i]);
    if (found.min == end ? low == low : low < least) {
      found.min = i;
      least = low;
    }
    if (found.max == end ? high == high : high > greatest) {
      found.max = i;
      greatest = high;
    }
  }
  return found;
}

bool IsInfinite(const SamplePoint& point) {
  return point.value.type() == Type::kDouble && std::isinf(point.value.as_double());
}

}  // namespace

void RunningMean::Scale() {
  scaled_ = true;
  sum_ /= kUnit;
  error_ /= kUnit;
}

void RunningMean::AddTerm(double term) {
  const double sum = sum_ + term;
  error_ += std::fabs(sum_) >= std::fabs(term) ? (sum_ - sum) + term : (term - sum) + sum_;
  sum_ = sum;
}

void RunningMean::Add(double mean, std::uint64_t count) {
  if (!scaled_ && std::fabs(mean) >= kHuge) Scale();
  AddTerm((scaled_ ? mean / kUnit : mean) * static_cast<double>(count));
}

void RunningMean::Merge(const RunningMean& other) {
  if (!scaled_ && other.scaled_) Scale();
  const double unit = scaled_ && !other.scaled_ ? kUnit : 1;
  AddTerm(other.sum_ / unit);
  error_ += other.error_ / unit;
}

double RunningMean::Of(std::uint64_t count) const {
  const double mean = (sum_ + error_) / static_cast<double>(count);
  return scaled_ ? mean * kUnit : mean;
}

void RunningBucket::AddEnds(const SamplePoint& first, const SamplePoint& last) {
  if (empty() || first.step < first_.step) first_ = first;
  if (last.step > last_.step) last_ = last;
}

// Of equal numbers the one with the lowest step.
void RunningBucket::AddExtremes(const SamplePoint& min, const SamplePoint& max) {
  if (min_.step == kNoStep) {
    min_ = min;
    max_ = max;
    return;
  }
  const auto below = CompareNumbers(min.value, min_.value);
  if (below < 0 || (below == 0 && min.step < min_.step)) min_ = min;
  const auto above = CompareNumbers(max.value, max_.value);
  if (above > 0 || (above == 0 && max.step < max_.step)) max_ = max;
}

// A plain sum is exact enough for the cells of one segment; where it overflows they are added one
// by one.
void RunningBucket::AddCellMeans(const Cells& cells, std::size_t begin, std::size_t end) {
  double sum = 0;
  std::uint64_t count = 0;
  for (std::size_t i = begin; i < end; ++i) {
    sum += cells.means[i] * static_cast<double>(cells.count(i));
    count += cells.count(i);
    nan_ += static_cast<std::uint64_t>(cells.nans[i]);
  }
  count_ += count;
  if (std::isfinite(sum)) return mean_.Add(sum, 1);
  for (std::size_t i = begin; i < end; ++i) mean_.Add(cells.means[i], cells.count(i));
}

void RunningBucket::AddCells(const Cells& cells, std::size_t begin, std::size_t end) {
  const Type type = cells.type;
  AddEnds(PointAt(cells.steps.first[begin], type, cells.first[begin]),
          PointAt(cells.steps.last[end - 1], type, cells.last[end - 1]));
  AddCellMeans(cells, begin, end);
  const ExtremeCells at = type == Type::kDouble ? FindExtremes<double>(cells, begin, end)
                                                : FindExtremes<std::int64_t>(cells, begin, end);
  if (at.min == end) return;
  AddExtremes(PointAt(cells.min_steps[at.min], type, cells.min[at.min]),
              PointAt(cells.max_steps[at.max], type, cells.max[at.max]));
}

void RunningBucket::AddValues(Type type, std::span<const Step> steps,
                              std::span<const std::uint64_t> bits) {
  AddEnds(PointAt(steps.front(), type, bits.front()), PointAt(steps.back(), type, bits.back()));
  const NumberMeasures measures = MeasureNumbers(type, bits);
  nan_ += measures.nan;
  if (measures.count == 0) return;
  count_ += measures.count;
  mean_.Add(measures.mean, measures.count);
  AddExtremes(PointAt(steps[measures.min_at], type, bits[measures.min_at]),
              PointAt(steps[measures.max_at], type, bits[measures.max_at]));
}

void RunningBucket::Merge(const RunningBucket& other) {
  if (other.empty()) return;
  AddEnds(other.first_, other.last_);
  nan_ += other.nan_;
  if (other.count_ == 0) return;
  count_ += other.count_;
  mean_.Merge(other.mean_);
  AddExtremes(other.min_, other.max_);
}

double RunningBucket::Mean() const {
  const double min = min_.value.as_number();
  const double max = max_.value.as_number();
  const bool below = IsInfinite(min_) && min < 0;
  const bool above = IsInfinite(max_) && max > 0;
  if (below && above) return std::numeric_limits<double>::quiet_NaN();
  if (below) return min;
  if (above) return max;
  return std::clamp(mean_.Of(count_), min, max);
}

Bucket RunningBucket::Finish(const StepRange& steps) const {
  Bucket bucket{steps, count_, nan_, first_, last_, min_, max_, std::nullopt};
  if (count_ > 0) bucket.mean = Mean();
  return bucket;
}

}  // namespace reprise
