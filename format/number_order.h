// The exact order of logged numbers, whatever their types.
#ifndef REPRISE_FORMAT_NUMBER_ORDER_H_
#define REPRISE_FORMAT_NUMBER_ORDER_H_

#include <cmath>
#include <compare>
#include <cstdint>

#include "reprise/value.h"

namespace reprise {

// Whether a numeric reader sees `value` as NaN.
inline bool IsNan(const ValueView& value) {
  return value.type() == Type::kDouble && std::isnan(value.as_double());
}

// Neither may be NaN.
inline std::weak_ordering CompareDoubles(double a, double b) {
  if (a < b) return std::weak_ordering::less;
  return a > b ? std::weak_ordering::greater : std::weak_ordering::equivalent;
}

// An int64 against a double that is not NaN, without rounding either.
std::weak_ordering CompareMixed(std::int64_t a, double b);

// Compares bools (as 0 and 1), int64s and doubles by the number they stand for, without rounding
// either: 2^53 + 1 as int64 is above 2^53 as double; -0.0, 0 and false are equivalent.
// Both must be numbers (IsNumber) and not NaN.
inline std::weak_ordering CompareNumbers(const ValueView& a, const ValueView& b) {
  const bool a_double = a.type() == Type::kDouble;
  const bool b_double = b.type() == Type::kDouble;
  if (a_double && b_double) return CompareDoubles(a.as_double(), b.as_double());
  if (b_double) return CompareMixed(a.as_int64(), b.as_double());
  if (a_double) return 0 <=> CompareMixed(b.as_int64(), a.as_double());
  return a.as_int64() <=> b.as_int64();  // bools are kept as int64s are
}

}  // namespace reprise

#endif  // REPRISE_FORMAT_NUMBER_ORDER_H_
