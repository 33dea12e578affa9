#include "tests/support/exact_reference.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace reprise {

namespace {

// The smallest positive double is 2^-1074.
constexpr int kUnit = -1074;
// Digits gained before a division: more than any rounding looks at.
constexpr std::uint32_t kGuardWords = 4;

// magnitude * 2^unit, to the nearest double, ties to even. `more` says that a bit was lost below.
double ToDouble(const BigNatural& magnitude, int unit, bool more) {
  const auto bits = static_cast<int>(magnitude.Bits());
  if (bits == 0) return 0.0;
  const int lowest = std::max(bits + unit - 53, kUnit);  // of the bits that a double keeps
  const int dropped = lowest - unit;
  std::uint64_t kept = 0;
  for (int place = bits - 1; place >= std::max(dropped, 0); --place) {
    kept = kept * 2 + (magnitude.Bit(static_cast<std::uint32_t>(place)) ? 1 : 0);
  }
  if (dropped <= 0) return std::ldexp(static_cast<double>(kept), unit);
  const bool half = magnitude.Bit(static_cast<std::uint32_t>(dropped - 1));
  bool below = more;
  for (int place = 0; place < dropped - 1 && !below; ++place) {
    below = magnitude.Bit(static_cast<std::uint32_t>(place));
  }
  if (half && (below || kept % 2 == 1)) ++kept;
  return std::ldexp(static_cast<double>(kept), lowest);
}

}  // namespace

void BigNatural::Add(std::uint64_t value, std::uint32_t shift) {
  std::size_t i = shift / 32;
  const std::uint32_t bit = shift % 32;
  // The value lies in up to three digits.
  std::uint64_t low = (value & 0xFFFFFFFFU) << bit;
  std::uint64_t high = (value >> 32) << bit;
  std::uint64_t carry = 0;
  for (int part = 0; part < 3 || carry != 0; ++part, ++i) {
    if (i >= digits_.size()) digits_.resize(i + 1, 0);
    std::uint64_t sum = std::uint64_t{digits_[i]} + carry + (low & 0xFFFFFFFFU);
    low = (low >> 32) + high;
    high = 0;
    digits_[i] = static_cast<std::uint32_t>(sum);
    carry = sum >> 32;
  }
}

void BigNatural::Subtract(const BigNatural& other) {
  std::int64_t borrow = 0;
  for (std::size_t i = 0; i < digits_.size(); ++i) {
    std::int64_t digit = std::int64_t{digits_[i]} - std::int64_t{other.Digit(i)} - borrow;
    borrow = digit < 0 ? 1 : 0;
    if (digit < 0) digit += std::int64_t{1} << 32;
    digits_[i] = static_cast<std::uint32_t>(digit);
  }
}

void BigNatural::ShiftLeft(std::uint32_t words) { digits_.insert(digits_.begin(), words, 0U); }

bool BigNatural::Divide(std::uint32_t divisor) {
  std::uint64_t rest = 0;
  for (auto digit = digits_.rbegin(); digit != digits_.rend(); ++digit) {
    const std::uint64_t part = (rest << 32) | *digit;
    *digit = static_cast<std::uint32_t>(part / divisor);
    rest = part % divisor;
  }
  return rest != 0;
}

bool BigNatural::AtLeast(const BigNatural& other) const {
  for (std::size_t i = std::max(digits_.size(), other.digits_.size()); i-- > 0;) {
    if (Digit(i) != other.Digit(i)) return Digit(i) > other.Digit(i);
  }
  return true;
}

bool BigNatural::IsZero() const { return Bits() == 0; }

std::uint32_t BigNatural::Bits() const {
  for (std::size_t i = digits_.size(); i-- > 0;) {
    if (digits_[i] == 0) continue;
    return static_cast<std::uint32_t>(i * 32) +
           static_cast<std::uint32_t>(std::bit_width(digits_[i]));
  }
  return 0;
}

bool BigNatural::Bit(std::uint32_t place) const {
  return ((Digit(place / 32) >> (place % 32)) & 1U) != 0;
}

void ExactReference::Add(const ValueView& number) {
  ++count_;
  if (number.type() != Type::kDouble) {
    const std::int64_t value = number.as_int64();
    const auto bits = static_cast<std::uint64_t>(value);
    (value < 0 ? negative_ : positive_).Add(value < 0 ? 0 - bits : bits, -kUnit);
    return;
  }
  const double value = number.as_double();
  if (std::isinf(value)) {
    (value > 0 ? plus_infinity_ : minus_infinity_) = true;
    return;
  }
  int exponent = 0;
  const double fraction = std::frexp(std::abs(value), &exponent);  // 0.5 <= fraction < 1
  if (fraction == 0) return;
  // A double below 2^-1022 has fewer than 53 bits: those that its unit leaves.
  const int unit = std::max(exponent - 53, kUnit);
  const auto whole = static_cast<std::uint64_t>(std::ldexp(std::abs(value), -unit / 2) *
                                                std::ldexp(1.0, -unit + unit / 2));
  (value < 0 ? negative_ : positive_).Add(whole, static_cast<std::uint32_t>(unit - kUnit));
}

double ExactReference::Round(std::uint32_t divisor) const {
  if (plus_infinity_ && minus_infinity_) return std::numeric_limits<double>::quiet_NaN();
  if (plus_infinity_) return std::numeric_limits<double>::infinity();
  if (minus_infinity_) return -std::numeric_limits<double>::infinity();
  const bool is_negative = !positive_.AtLeast(negative_);
  BigNatural magnitude = is_negative ? negative_ : positive_;
  magnitude.Subtract(is_negative ? positive_ : negative_);
  if (magnitude.IsZero()) return 0.0;
  magnitude.ShiftLeft(kGuardWords);
  const bool more = magnitude.Divide(divisor);
  const double rounded = ToDouble(magnitude, kUnit - 32 * static_cast<int>(kGuardWords), more);
  return is_negative ? -rounded : rounded;
}

double ExactReference::Sum() const { return Round(1); }
double ExactReference::Mean() const { return Round(count_); }

}  // namespace reprise
