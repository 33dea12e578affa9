#include "format/measure_numbers.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <type_traits>
#include <vector>

#include "format/codec_kernels.h"

namespace reprise {

namespace {

constexpr std::size_t kLanes = 8;

// Numbers above this are summed as multiples of kHugeUnit, since their sum may be no double.
constexpr double kHuge = 0x1p1000;
constexpr double kHugeUnit = 0x1p64;

template <typename T>
using Lanes = std::array<T, kLanes>;

// Number i goes to lane i mod 8. One pass does one simple thing, which the compiler can do to
// several lanes at once.
template <typename T, typename Partial, typename Add>
Lanes<Partial> Fold(std::span<const std::uint64_t> bits, Partial from, const Add& add) {
  Lanes<Partial> lanes;
  lanes.fill(from);
  const std::size_t whole = bits.size() / kLanes * kLanes;
  for (std::size_t i = 0; i < whole; i += kLanes) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      lanes[lane] = add(lanes[lane], std::bit_cast<T>(bits[i + lane]));
    }
  }
  for (std::size_t i = whole; i < bits.size(); ++i) {
    lanes[i - whole] = add(lanes[i - whole], std::bit_cast<T>(bits[i]));
  }
  return lanes;
}

double SumOf(const Lanes<double>& lanes) {
  return ((lanes[0] + lanes[1]) + (lanes[2] + lanes[3])) +
         ((lanes[4] + lanes[5]) + (lanes[6] + lanes[7]));
}

// What a sum needs to know of NaNs.
struct Sum {
  double sum = 0;
  std::size_t nan = 0;
};

// A sum that is no NaN had none: then they need not be looked for.
template <typename T>
Sum SumWithoutNans(std::span<const std::uint64_t> bits) {
  const double plain = SumOf(
      Fold<T>(bits, 0.0, [](double sum, T value) { return sum + static_cast<double>(value); }));
  if (!std::isnan(plain)) return {plain, 0};
  const double nans =
      SumOf(Fold<T>(bits, 0.0, [](double n, T value) { return n + (value == value ? 0.0 : 1.0); }));
  const double sum = SumOf(Fold<T>(bits, 0.0, [](double partial, T value) {
    return partial + (value == value ? static_cast<double>(value) : 0.0);
  }));
  return {sum, static_cast<std::size_t>(nans)};
}

template <typename T>
struct Extremes {
  T low;
  T high;
};

Extremes<std::int64_t> ExtremesOfIntegers(std::span<const std::uint64_t> bits) {
  const IntegerExtent extent = Kernels().extent(bits.data(), bits.size());
  return {extent.least, extent.greatest};
}

double DoubleAt(std::int64_t ordered) {
  auto bits = static_cast<std::uint64_t>(ordered);
  Kernels().from_ordered(&bits, 1, 0);
  return std::bit_cast<double>(bits);
}

Extremes<double> ExtremesOfDoubles(std::span<const std::uint64_t> bits, std::size_t nan) {
  std::vector<std::uint64_t> numbers;
  if (nan > 0) {
    numbers.resize(bits.size());
    std::size_t count = 0;
    for (const std::uint64_t value : bits) {  // without a branch
      numbers[count] = value;
      count += std::isnan(std::bit_cast<double>(value)) ? 0 : 1;
    }
    bits = std::span(numbers).first(count);
  }
  const DoubleExtent extent = Kernels().measure(bits.data(), bits.size());
  return {DoubleAt(extent.least), DoubleAt(extent.greatest)};
}

// Of at least one number; so many more are NaN.
template <typename T>
Extremes<T> FindExtremes(std::span<const std::uint64_t> bits, std::size_t nan) {
  if constexpr (std::is_same_v<T, double>) {
    return ExtremesOfDoubles(bits, nan);
  } else {
    return ExtremesOfIntegers(bits);
  }
}

// Where the first of `bits` is that equals `number`, as one does. Looks at several at once, and at
// bits: a host may have told its processor to take subnormal numbers for zero.
template <typename T>
std::size_t FirstOf(std::span<const std::uint64_t> bits, T number) {
  constexpr std::uint64_t kSign = std::uint64_t{1} << 63;
  const auto wanted = std::bit_cast<std::uint64_t>(number);
  // -0.0 equals 0.0.
  const bool either_zero = std::is_same_v<T, double> && (wanted & ~kSign) == 0;
  const std::uint64_t compared = either_zero ? ~kSign : ~std::uint64_t{0};
  const auto differs = [&](std::uint64_t value) { return (value ^ wanted) & compared; };
  std::size_t at = 0;
  for (; at + kLanes <= bits.size(); at += kLanes) {
    bool found = false;
    for (std::size_t lane = 0; lane < kLanes; ++lane) found |= differs(bits[at + lane]) == 0;
    if (found) break;
  }
  while (differs(bits[at]) != 0) ++at;
  return at;
}

double HugeMean(std::span<const std::uint64_t> bits, double count) {
  const double sum = SumOf(Fold<double>(bits, 0.0, [](double partial, double value) {
    return partial + (std::isnan(value) ? 0.0 : value / kHugeUnit);
  }));
  return sum / count * kHugeUnit;
}

double MeanOf(std::span<const std::uint64_t> bits, double sum, double count, double low,
              double high) {
  if (std::isinf(low) || std::isinf(high)) return 0;
  const bool huge = std::max(std::fabs(low), std::fabs(high)) > kHuge;
  return std::clamp(huge ? HugeMean(bits, count) : sum / count, low, high);
}

template <typename T>
NumberMeasures Measure(std::span<const std::uint64_t> bits) {
  const Sum sum = SumWithoutNans<T>(bits);
  NumberMeasures measures;
  measures.nan = sum.nan;
  measures.count = bits.size() - sum.nan;
  if (measures.count == 0) return measures;
  const auto [low, high] = FindExtremes<T>(bits, measures.nan);
  measures.min_at = FirstOf(bits, low);
  measures.max_at = FirstOf(bits, high);
  measures.mean = MeanOf(bits, sum.sum, static_cast<double>(measures.count),
                         static_cast<double>(low), static_cast<double>(high));
  return measures;
}

}  // namespace

std::size_t FirstEqual(std::span<const std::uint64_t> bits, double number) {
  return FirstOf(bits, number);
}

NumberMeasures MeasureNumbers(Type type, std::span<const std::uint64_t> bits) {
  return type == Type::kDouble ? Measure<double>(bits) : Measure<std::int64_t>(bits);
}

}  // namespace reprise
