// What there is to say of up to 1,024 numbers: the extremes, how many are NaN, and the mean.
#ifndef REPRISE_FORMAT_MEASURE_NUMBERS_H_
#define REPRISE_FORMAT_MEASURE_NUMBERS_H_

#include <cstddef>
#include <cstdint>
#include <span>

#include "reprise/value.h"

namespace reprise {

// Of numbers of one type, NaNs left out but for their count.
struct NumberMeasures {
  std::size_t count = 0;
  std::size_t nan = 0;
  // Places of the least and the greatest number, of equal ones the first. 0 without numbers.
  std::size_t min_at = 0;
  std::size_t max_at = 0;
  // Never beyond the two. 0 without numbers, and where an infinity is among them: min and max say
  // what the mean is then.
  double mean = 0;
};

// `bits` as they are stored, of a bool, int64 or double.
//
// The mean is summed in eight lanes (segment.md), which is as exact as 1,024 numbers need, the same
// on every machine, and what vector units can do. Its error is below 2^-45 of the mean of
// magnitudes, or one unit of the smallest doubles.
NumberMeasures MeasureNumbers(Type type, std::span<const std::uint64_t> bits);

// Where the first of `bits` is that equals the number, which one must: not a NaN.
std::size_t FirstEqual(std::span<const std::uint64_t> bits, double number);

}  // namespace reprise

#endif  // REPRISE_FORMAT_MEASURE_NUMBERS_H_
