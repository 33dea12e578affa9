// What a sample must say, worked out value by value.
#ifndef REPRISE_TESTS_SUPPORT_NAIVE_SAMPLE_H_
#define REPRISE_TESTS_SUPPORT_NAIVE_SAMPLE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "reprise/history.h"

namespace reprise {

// The buckets of `series`, as semantics have them; the means are exact.
struct NaiveBucket {
  Bucket bucket;
  double mean_of_magnitudes = 0;  // what the error of a mean is measured by
};
std::vector<NaiveBucket> NaiveSample(const Series& series, const StepRange& steps,
                                     std::uint64_t buckets);

// Where `sampled` differs from the naive sample; empty if nowhere.
std::string FindSampleDifference(const Buckets& sampled, const Series& series,
                                 const StepRange& steps);
// The same for a snapped sample, as far as one can tell without knowing the cells: all values are
// counted once, in order, not after their own bucket, with the right extremes.
std::string FindSnappedDifference(const Buckets& sampled, const Series& series,
                                  const StepRange& steps);

}  // namespace reprise

#endif  // REPRISE_TESTS_SUPPORT_NAIVE_SAMPLE_H_
