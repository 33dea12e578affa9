#include "format/number_order.h"

namespace reprise {

namespace {

constexpr double kTwoTo63 = 9223372036854775808.0;

}  // namespace

// Whole parts first, as integers, where both are exact; then the fraction.
std::weak_ordering CompareMixed(std::int64_t a, double b) {
  if (b >= kTwoTo63) return std::weak_ordering::less;
  if (b < -kTwoTo63) return std::weak_ordering::greater;
  const double whole = std::trunc(b);
  const auto b_int = static_cast<std::int64_t>(whole);
  if (a != b_int) return a < b_int ? std::weak_ordering::less : std::weak_ordering::greater;
  return CompareDoubles(0, b - whole);
}

}  // namespace reprise
