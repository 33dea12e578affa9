// Sums and means computed the slow way, to compare the engine's with: as integers of any size.
#ifndef REPRISE_TESTS_SUPPORT_EXACT_REFERENCE_H_
#define REPRISE_TESTS_SUPPORT_EXACT_REFERENCE_H_

#include <cstdint>
#include <vector>

#include "reprise/value.h"

namespace reprise {

// A natural number of any size: digits of 32 bits, the lowest first.
class BigNatural {
 public:
  // Adds `value` * 2^`shift`.
  void Add(std::uint64_t value, std::uint32_t shift);
  // Requires *this >= other.
  void Subtract(const BigNatural& other);
  void ShiftLeft(std::uint32_t words);
  // Keeps the quotient; true if something was left over.
  bool Divide(std::uint32_t divisor);

  bool AtLeast(const BigNatural& other) const;
  bool IsZero() const;
  // The number of bits up to the highest one.
  std::uint32_t Bits() const;
  bool Bit(std::uint32_t place) const;

 private:
  std::uint32_t Digit(std::size_t i) const { return i < digits_.size() ? digits_[i] : 0; }

  std::vector<std::uint32_t> digits_;
};

// Numbers added up as multiples of 2^-1074, which every int64 and every finite double is.
class ExactReference {
 public:
  // A number that is not NaN.
  void Add(const ValueView& number);

  double Sum() const;
  double Mean() const;

 private:
  double Round(std::uint32_t divisor) const;

  BigNatural positive_;
  BigNatural negative_;
  bool plus_infinity_ = false;
  bool minus_infinity_ = false;
  std::uint32_t count_ = 0;
};

}  // namespace reprise

#endif  // REPRISE_TESTS_SUPPORT_EXACT_REFERENCE_H_
