// A curve as a plot draws it: what its values are like in each of some equal parts of the steps.
#ifndef REPRISE_SAMPLE_H_
#define REPRISE_SAMPLE_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "reprise/value.h"

namespace reprise {

struct SampleOptions {
  // 1 to 1,000,000; as many as a plot has pixels across is enough.
  std::uint64_t buckets = 1000;
  // What the buckets divide, both ends included, whether the key has values there or not. Absent:
  // from the first to the last visible step of the history, so that the buckets of all its keys
  // are the same. An open end (the default of StepRange::last) means the last visible step.
  std::optional<StepRange> steps{};
  // Reads cells only: much faster, and less exact at the edges between buckets.
  //
  // Values come in cells of up to 1,024 (of one segment, or of live rows; rows with other keys
  // beside this one have cells of their own). A snapped sample counts a whole cell in the bucket
  // of its first value, so a bucket has all values of the cells that begin in it, and none of
  // those that began before. Nothing is counted twice or left out: at the ends of `steps`, and
  // where a rewind or fork cut the history, cells are cut exactly, and what is left of one counts
  // as a cell.
  //
  // Where the cells are depends on how rows were sealed, so a snapped sample may change when they
  // are; an exact one does not.
  bool snapped = false;
};

// A number as it was logged, and where: bool, int64 or double. It owns nothing and refers to
// nothing. Null at kNoStep where there is none.
struct SamplePoint {
  Step step = kNoStep;
  ValueView value;

  friend bool operator==(const SamplePoint&, const SamplePoint&) = default;
};

// Step s lies in bucket floor((s - first) * n / (last - first + 1)) of n.
struct Bucket {
  // Its share of the steps. Empty if there are more buckets than steps and none came to this one.
  StepRange steps;
  // Numbers that are not NaN, and NaNs. Text and null are neither, and are left out everywhere.
  std::uint64_t count = 0;
  std::uint64_t nan = 0;
  // The first and the last number, which may be NaN.
  SamplePoint first;
  SamplePoint last;
  // The extreme numbers, NaNs left out, compared exactly across types; of equal ones the first.
  SamplePoint min;
  SamplePoint max;
  // Within 1e-12 of the exact mean, relative to the mean of magnitudes, and never beyond min and
  // max. With infinities: that infinity, or NaN where both signs occur. Absent if count is 0.
  std::optional<double> mean;
};

// All buckets that were asked for, in step order, empty ones too.
using Buckets = std::vector<Bucket>;

}  // namespace reprise

#endif  // REPRISE_SAMPLE_H_
