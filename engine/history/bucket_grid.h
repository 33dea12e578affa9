// Which bucket a step is in, and which steps a bucket has.
#ifndef REPRISE_ENGINE_HISTORY_BUCKET_GRID_H_
#define REPRISE_ENGINE_HISTORY_BUCKET_GRID_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "reprise/value.h"

namespace reprise {

// Divides steps into buckets of equal width. Steps use all 63 bits, so products have 128.
class BucketGrid {
 public:
  // Requires 0 <= steps.first <= steps.last and buckets > 0.
  BucketGrid(const StepRange& steps, std::uint64_t buckets)
      : steps_(steps),
        buckets_(buckets),
        width_(static_cast<std::uint64_t>(steps.last - steps.first) + 1) {}

  // Requires a step of the range.
  std::size_t BucketOf(Step step) const {
    const auto offset = static_cast<std::uint64_t>(step - steps_.first);
    return static_cast<std::size_t>(Wide{offset} * buckets_ / width_);
  }
  // Empty if no step comes to this bucket.
  StepRange StepsOf(std::size_t bucket) const {
    // The bucket behind the last step begins at a step that there may not be.
    const std::uint64_t begin = Offset(bucket);
    const std::uint64_t first = std::min(begin, width_ - 1);
    const std::uint64_t steps = Offset(bucket + 1) - begin;
    return {At(first), At(first + steps - 1)};
  }
  // Of a bucket that is not empty.
  Step LastOf(std::size_t bucket) const { return At(Offset(bucket + 1) - 1); }

 private:
  __extension__ using Wide = unsigned __int128;

  // How many steps come before bucket `bucket`, which may be the one behind the last.
  std::uint64_t Offset(std::size_t bucket) const {
    return static_cast<std::uint64_t>((Wide{bucket} * width_ + buckets_ - 1) / buckets_);
  }
  // Modulo 2^64, for the step before the first.
  Step At(std::uint64_t offset) const {
    return static_cast<Step>(static_cast<std::uint64_t>(steps_.first) + offset);
  }

  const StepRange steps_;
  const std::uint64_t buckets_;
  const std::uint64_t width_;
};

}  // namespace reprise

#endif  // REPRISE_ENGINE_HISTORY_BUCKET_GRID_H_
