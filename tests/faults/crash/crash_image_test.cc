// Power cuts and kills at every point of every protocol: what was acknowledged is there, and
// nothing that nobody wrote.
//
// REPRISE_CRASH_IMAGES: how many images in all. REPRISE_CRASH_SEED: which.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <unordered_set>

#include "tests/faults/crash/script_trace.h"
#include "tests/faults/crash/test_size.h"

namespace reprise {
namespace {

constexpr std::uint64_t kDefaultImages = 50'000;
// Of one way to run a script: short ones have few more that differ in anything.
constexpr std::uint64_t kMostOfOneTrace = 2'500;

struct Counters {
  std::uint64_t made = 0;
  std::unordered_set<std::uint64_t> checked;   // the same disk again if more was acknowledged
  std::unordered_set<std::uint64_t> distinct;  // disks
  std::uint64_t kills = 0;
  std::uint64_t verified = 0;
  std::uint64_t deep = 0;
};

class CrashImages : public ::testing::TestWithParam<Script> {
 protected:
  // Whether it is a new one.
  bool Check(const ScriptTrace& trace, const CrashImage& image) {
    if (HasFailure()) return false;
    ++counters_.made;
    const std::uint64_t hash = image.Hash();
    const std::uint64_t acknowledged = trace.oracle.CountAcknowledged(image.acknowledged);
    if (!counters_.checked.insert(hash * 31 + acknowledged).second) return false;
    const CheckPlan plan = PlanOf(hash);
    counters_.distinct.insert(hash);
    counters_.kills += image.crash == Crash::kKill ? 1 : 0;
    counters_.verified += plan.verifies ? 1 : 0;
    counters_.deep += plan.verifies && plan.depth == VerifyDepth::kDeep ? 1 : 0;
    EXPECT_EQ(check_.FindFault(image, trace.oracle, plan), "")
        << GetParam().name << ", seed " << seed_ << ": image " << counters_.checked.size()
        << ", at effect " << image.position << " of " << trace.disk.effects.size()
        << (image.crash == Crash::kKill ? ", killed" : ", power cut");
    return true;
  }

  const std::uint64_t seed_ = CrashSeed();
  Counters counters_;
  ImageCheck check_;
};

TEST_P(CrashImages, NothingAcknowledgedIsLost) {
  const std::uint64_t count =
      NumberOf("REPRISE_CRASH_IMAGES", kDefaultImages) / Scripts().size() + 1;
  std::size_t effects = 0;
  for (std::uint64_t round = 0; counters_.distinct.size() < count && !HasFailure(); ++round) {
    const std::uint64_t seed = seed_ + (round << 32);
    const auto trace = RecordScript(GetParam(), seed);
    ASSERT_TRUE(trace) << trace.error().ToString();
    effects += trace->disk.effects.size();
    const std::size_t before = counters_.distinct.size();
    ForEachImage(trace->disk, std::min(count - before, kMostOfOneTrace), seed,
                 [&](const CrashImage& image) { return Check(*trace, image); });
    ASSERT_GT(counters_.distinct.size(), before) << "no images are left";
  }
  fmt::print(
      "{}: seed {}, {} effects, {} images, {} opened, {} distinct, {} kills, {} verified, {} of "
      "them deeply\n",
      GetParam().name, seed_, effects, counters_.made, counters_.checked.size(),
      counters_.distinct.size(), counters_.kills, counters_.verified, counters_.deep);
  EXPECT_GT(counters_.kills, 0U);
  EXPECT_LT(counters_.kills, counters_.checked.size());
  EXPECT_GT(counters_.verified, 0U);
}

INSTANTIATE_TEST_SUITE_P(Protocol, CrashImages, ::testing::ValuesIn(Scripts()), ScriptTestName);

}  // namespace
}  // namespace reprise
