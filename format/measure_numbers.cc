#include "format/measure_numbers.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>

namespace reprise {

namespace {

constexpr std::size_t kLanes = 8;

// Numbers above this are summed as multiples of kHugeUnit, since their sum may be no double.
constexpr double kHuge = 0x1p1000;
constexpr double kHugeUnit = 0x1p64;

// Of what is added, number i goes to lane i mod 8.
template <typename T>
struct Lanes {
  std::array<double, kLanes> sum{};
  std::array<std::uint64_t, kLanes> nan{};
  std::array<T, kLanes> low{};
  std::array<T, kLanes> high{};

  Lanes() {
    using Limits = std::numeric_limits<T>;
    low.fill(Limits::has_infinity ? Limits::infinity() : Limits::max());
    high.fill(Limits::has_infinity ? -Limits::infinity() : Limits::lowest());
  }
  // No comparison holds for a NaN.
  void Add(std::size_t lane, T value) {
    const bool is_number = value == value;
    sum[lane] += is_number ? static_cast<double>(value) : 0.0;
    nan[lane] += is_number ? 0 : 1;
    low[lane] = value < low[lane] ? value : low[lane];
    high[lane] = value > high[lane] ? value : high[lane];
  }
};

double SumOf(const std::array<double, kLanes>& lanes) {
  return ((lanes[0] + lanes[1]) + (lanes[2] + lanes[3])) +
         ((lanes[4] + lanes[5]) + (lanes[6] + lanes[7]));
}

template <typename T>
Lanes<T> AddAll(std::span<const std::uint64_t> bits) {
  Lanes<T> lanes;
  const std::size_t whole = bits.size() / kLanes * kLanes;
  for (std::size_t i = 0; i < whole; i += kLanes) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      lanes.Add(lane, std::bit_cast<T>(bits[i + lane]));
    }
  }
  for (std::size_t i = whole; i < bits.size(); ++i) {
    lanes.Add(i - whole, std::bit_cast<T>(bits[i]));
  }
  return lanes;
}

template <typename T>
std::size_t FirstEqual(std::span<const std::uint64_t> bits, T value) {
  std::size_t at = 0;
  while (std::bit_cast<T>(bits[at]) != value) ++at;
  return at;
}

double HugeMean(std::span<const std::uint64_t> bits, double count) {
  std::array<double, kLanes> sum{};
  for (std::size_t i = 0; i < bits.size(); ++i) {
    const auto value = std::bit_cast<double>(bits[i]);
    sum[i % kLanes] += std::isnan(value) ? 0 : value / kHugeUnit;
  }
  return SumOf(sum) / count * kHugeUnit;
}

double MeanOf(std::span<const std::uint64_t> bits, const std::array<double, kLanes>& sum,
              double count, double low, double high) {
  if (std::isinf(low) || std::isinf(high)) return 0;
  const bool huge = std::max(std::fabs(low), std::fabs(high)) > kHuge;
  const double mean = huge ? HugeMean(bits, count) : SumOf(sum) / count;
  return std::clamp(mean, low, high);
}

template <typename T>
NumberMeasures Measure(std::span<const std::uint64_t> bits) {
  const Lanes<T> lanes = AddAll<T>(bits);
  NumberMeasures measures;
  for (const std::uint64_t nan : lanes.nan) measures.nan += static_cast<std::size_t>(nan);
  measures.count = bits.size() - measures.nan;
  if (measures.count == 0) return measures;
  const T low = *std::min_element(lanes.low.begin(), lanes.low.end());
  const T high = *std::max_element(lanes.high.begin(), lanes.high.end());
  measures.min_at = FirstEqual(bits, low);
  measures.max_at = FirstEqual(bits, high);
  measures.mean = MeanOf(bits, lanes.sum, static_cast<double>(measures.count),
                         static_cast<double>(low), static_cast<double>(high));
  return measures;
}

}  // namespace

NumberMeasures MeasureNumbers(Type type, std::span<const std::uint64_t> bits) {
  return type == Type::kDouble ? Measure<double>(bits) : Measure<std::int64_t>(bits);
}

}  // namespace reprise
