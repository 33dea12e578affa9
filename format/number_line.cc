// What NumPy's and PyTorch's `linspace` compute, so that the edges of their histograms leave
// nothing. Where another program made the list the numbers are close, and little is left.
//
// A reader must compute the very same line, also in a process that flushes subnormal numbers to
// zero, as training programs may. So a line that could come near them is not computed: it is taken
// to be level. The same holds for one that is not finite. No compiler may contract these
// expressions (format/CMakeLists.txt); where one rounding is meant, std::fma says so.
#include "format/number_line.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <optional>

#include "format/float32.h"

namespace reprise {
namespace {

constexpr std::size_t kLanes = 8;

// A line rises or falls by at least this from one number to the next, or it is level.
constexpr double kLeastDoubleStep = 0x1p-900;
constexpr float kLeastFloatStep = 0x1p-60;

// Looks at the bits: the processor may have been told to take subnormal numbers for zero.
bool IsZeroOrNormal(double value) {
  const auto bits = std::bit_cast<std::uint64_t>(value);
  const std::uint64_t exponent = bits >> 52 & 0x7FF;
  return (exponent > 0 && exponent < 0x7FF) || bits << 1 == 0;
}
bool IsZeroOrNormal(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const std::uint32_t exponent = bits >> 23 & 0xFF;
  return (exponent > 0 && exponent < 0xFF) || bits << 1 == 0;
}

// Bits as signed integers in the order of the numbers, and back.
std::uint64_t Order(std::uint64_t bits) {
  const auto place = static_cast<std::int64_t>(bits);
  return place >= 0 ? bits : bits ^ std::numeric_limits<std::int64_t>::max();
}
std::uint32_t Order(std::uint32_t bits) {
  const auto place = static_cast<std::int32_t>(bits);
  return place >= 0 ? bits : bits ^ std::numeric_limits<std::int32_t>::max();
}

std::uint64_t PlaceOf(double value) { return Order(std::bit_cast<std::uint64_t>(value)); }
std::uint64_t PlaceOf(float value) {
  const auto place = static_cast<std::int32_t>(Order(std::bit_cast<std::uint32_t>(value)));
  return static_cast<std::uint64_t>(std::int64_t{place});
}

// Of a double, or of a float32 that is kept as one.
std::uint64_t PlaceOf(LineRule rule, std::uint64_t bits) {
  const auto value = std::bit_cast<double>(bits);
  return TakesFloat32(rule) ? PlaceOf(static_cast<float>(value)) : PlaceOf(value);
}
std::uint64_t BitsAt(LineRule rule, std::uint64_t place) {
  if (!TakesFloat32(rule)) return Order(place);
  return WidenFloat32(Order(static_cast<std::uint32_t>(place)));
}

// The line from first to last. Both are float32 values where the rule takes such.
class Line {
 public:
  Line(LineRule rule, std::uint64_t first, std::uint64_t last, std::size_t count);

  // The place of number i in the order of its type.
  std::uint64_t PlaceAt(std::size_t i) const;

 private:
  double DoubleAt(std::size_t i) const {
    const double rise = static_cast<double>(i) * step_;
    return first_ + rise;
  }
  float FloatAt(std::size_t i) const {
    const float rise = static_cast<float>(i) * float_step_;
    return float_first_ + rise;
  }
  float LaneAt(std::size_t i) const;
  float FromNearerEnd(std::size_t i) const;

  LineRule rule_;
  std::size_t count_;
  bool level_;
  double first_;
  double step_ = 0;
  float float_first_ = 0;  // these where the rule takes float32 values
  float float_last_ = 0;
  float float_step_ = 0;
  std::uint64_t first_place_;
  std::uint64_t last_place_;
};

Line::Line(LineRule rule, std::uint64_t first, std::uint64_t last, std::size_t count)
    : rule_(rule),
      count_(count),
      first_(std::bit_cast<double>(first)),
      first_place_(PlaceOf(rule, first)),
      last_place_(PlaceOf(rule, last)) {
  const double last_number = std::bit_cast<double>(last);
  const auto steps = static_cast<double>(std::max<std::size_t>(count, 2) - 1);
  step_ = (last_number - first_) / steps;
  level_ = !IsZeroOrNormal(first_) || !IsZeroOrNormal(last_number) || !std::isfinite(step_) ||
           std::abs(step_) < kLeastDoubleStep;
  if (!TakesFloat32(rule)) return;
  float_first_ = static_cast<float>(first_);
  float_last_ = static_cast<float>(last_number);
  float_step_ = (float_last_ - float_first_) / static_cast<float>(steps);
  level_ = !IsZeroOrNormal(float_first_) || !IsZeroOrNormal(float_last_) ||
           !std::isfinite(float_step_) || std::abs(float_step_) < kLeastFloatStep;
}

std::uint64_t Line::PlaceAt(std::size_t i) const {
  if (i + 1 == count_) return last_place_;
  if (level_ || i == 0) return first_place_;
  switch (rule_) {
    case LineRule::kRounded:
      return PlaceOf(static_cast<float>(DoubleAt(i)));
    case LineRule::kFloat:
      return PlaceOf(FloatAt(i));
    case LineRule::kLanes:
      return PlaceOf(LaneAt(i));
    default:
      return PlaceOf(DoubleAt(i));
  }
}

// As PyTorch's loop for vector units of eight numbers: with one rounding from the nearer end to the
// first of the eight, and with two from there on. Numbers after the last eight stand alone.
float Line::LaneAt(std::size_t i) const {
  const std::size_t begin = i / kLanes * kLanes;
  if (begin + kLanes > count_) return FromNearerEnd(i);
  const float rise = static_cast<float>(i - begin) * float_step_;
  return FromNearerEnd(begin) + rise;
}

float Line::FromNearerEnd(std::size_t i) const {
  if (i < count_ / 2) return std::fma(float_step_, static_cast<float>(i), float_first_);
  return std::fma(-float_step_, static_cast<float>(count_ - 1 - i), float_last_);
}

bool IsFiniteFloat32(std::uint64_t bits) {
  return AsFloat32(bits).has_value() && !std::isinf(std::bit_cast<double>(bits));
}

}  // namespace

bool AreFloat32(std::span<const std::uint64_t> doubles) {
  return std::all_of(doubles.begin(), doubles.end(), IsFiniteFloat32);
}

void SubtractLine(LineRule rule, std::span<std::uint64_t> numbers) {
  const Line line(rule, numbers.front(), numbers.back(), numbers.size());
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    numbers[i] = PlaceOf(rule, numbers[i]) - line.PlaceAt(i);
  }
}

Status AddLine(LineRule rule, std::uint64_t first, std::uint64_t last,
               std::span<std::uint64_t> numbers) {
  if (TakesFloat32(rule) && !(AsFloat32(first).has_value() && AsFloat32(last).has_value())) {
    return Status::Error(Code::kCorrupt,
                         fmt::format("a line of float32 values runs from {} to {}",
                                     std::bit_cast<double>(first), std::bit_cast<double>(last)));
  }
  const Line line(rule, first, last, numbers.size());
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    numbers[i] = BitsAt(rule, numbers[i] + line.PlaceAt(i));
  }
  return {};
}

}  // namespace reprise
