#include "engine/history/bucket_grid.h"

#include <gtest/gtest.h>

#include <limits>

namespace reprise {
namespace {

constexpr Step kLastStep = std::numeric_limits<Step>::max();

// Whether the buckets lie side by side, and their own steps are in them.
void ExpectDivides(const StepRange& steps, std::uint64_t buckets) {
  const BucketGrid grid(steps, buckets);
  Step next = steps.first;
  for (std::uint64_t i = 0; i < buckets; ++i) {
    const StepRange part = grid.StepsOf(i);
    if (part.empty()) continue;
    ASSERT_EQ(part.first, next) << i;
    ASSERT_EQ(grid.BucketOf(part.first), i);
    ASSERT_EQ(grid.BucketOf(part.last), i);
    ASSERT_EQ(grid.LastOf(i), part.last);
    if (part.last == steps.last) return;
    next = part.last + 1;
  }
  FAIL() << "the last step has no bucket";
}

TEST(BucketGrid, DividesAllStepsOnceWhateverTheirNumber) {
  for (const std::uint64_t buckets : {1U, 2U, 3U, 7U, 1000U, 1'000'000U}) {
    for (const StepRange steps :
         {StepRange{0, 0}, StepRange{5, 7}, StepRange{0, 999}, StepRange{0, kLastStep},
          StepRange{1, kLastStep}, StepRange{kLastStep - 2, kLastStep}}) {
      SCOPED_TRACE(testing::Message() << steps.first << ".." << steps.last << " by " << buckets);
      ExpectDivides(steps, buckets);
    }
  }
}

TEST(BucketGrid, RoundsDownAsTheRuleSays) {
  const BucketGrid grid({10, 19}, 3);  // floor((s - 10) * 3 / 10)
  EXPECT_EQ(grid.StepsOf(0), (StepRange{10, 13}));
  EXPECT_EQ(grid.StepsOf(1), (StepRange{14, 16}));
  EXPECT_EQ(grid.StepsOf(2), (StepRange{17, 19}));
}

}  // namespace
}  // namespace reprise
