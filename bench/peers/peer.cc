#include "bench/peers/peer.h"

#include <algorithm>
#include <limits>

namespace reprise::bench {

std::vector<Bucket> SampleOf(const NumericSeries& curve, const BucketRule& rule) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  std::vector<Bucket> buckets(static_cast<std::size_t>(rule.buckets()), {kInfinity, -kInfinity});
  for (std::size_t row = 0; row < curve.steps.size(); ++row) {
    Bucket& bucket = buckets[rule.Of(curve.steps[row])];
    bucket.min = std::min(bucket.min, curve.values[row]);
    bucket.max = std::max(bucket.max, curve.values[row]);
  }
  return buckets;
}

NumericSeries CutOf(const NumericSeries& curve, StepRange range) {
  const auto& steps = curve.steps;
  const auto first = std::lower_bound(steps.begin(), steps.end(), range.first) - steps.begin();
  const auto last = std::upper_bound(steps.begin(), steps.end(), range.last) - steps.begin();
  return {{steps.begin() + first, steps.begin() + last},
          {curve.values.begin() + first, curve.values.begin() + last}};
}

}  // namespace reprise::bench
