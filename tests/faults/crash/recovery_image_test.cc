// Whoever recovers a store crashes too, at any of its writes, and the next one recovers both.
//
// REPRISE_RECOVERY_IMAGES: how many images of recoveries in all. REPRISE_CRASH_SEED: which.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <unordered_set>

#include "tests/faults/crash/script_trace.h"
#include "tests/faults/crash/test_size.h"

namespace reprise {
namespace {

constexpr std::uint64_t kDefaultImages = 5'000;
// Of one way to run a script so many crashes have their recovery crashed, at most so often each.
constexpr std::uint64_t kFirstCrashes = 12;
constexpr std::uint64_t kMostOfOneRecovery = 200;

class RecoveryImages : public ::testing::TestWithParam<Script> {
 protected:
  // Recovers `first`, and crashes that about `count` times.
  void CrashRecovery(const Oracle& oracle, const CrashImage& first, std::uint64_t count,
                     std::uint64_t seed) {
    ++firsts_;
    DiskTrace recovery;
    CheckPlan plan;
    plan.recovery = first.position % 2 == 0 ? Recovery::kAdopt : Recovery::kResume;
    ASSERT_EQ(check_.FindFault(first, oracle, plan, &recovery), "");
    ForEachImage(recovery, count, seed, [&](const CrashImage& second) {
      return !HasFailure() && CheckSecond(oracle, first, second, recovery.effects.size());
    });
  }

  // Nothing was acknowledged by the one that recovered. What a power cut took is gone, also if a
  // kill comes after it.
  bool CheckSecond(const Oracle& oracle, const CrashImage& first, CrashImage second,
                   std::size_t effects) {
    ++made_;
    const std::size_t position = second.position;
    const std::uint64_t hash = second.Hash();
    if (!seen_.insert(hash ^ first.acknowledged << 40).second) return false;
    kills_ += second.crash == Crash::kKill ? 1 : 0;
    second.position += first.position + 1;  // later than whoever crashed before
    second.acknowledged = first.acknowledged;
    CheckPlan plan = PlanOf(hash);
    plan.earlier = first.crash;
    EXPECT_EQ(check_.FindFault(second, oracle, plan), "")
        << GetParam().name << ", seed " << seed_ << ": first at effect " << first.position
        << (first.crash == Crash::kKill ? ", killed" : ", power cut") << "; then at effect "
        << position << " of " << effects << " of its recovery"
        << (second.crash == Crash::kKill ? ", killed" : ", power cut");
    return true;
  }

  const std::uint64_t seed_ = CrashSeed();
  ImageCheck check_;
  std::unordered_set<std::uint64_t> seen_;
  std::uint64_t firsts_ = 0;
  std::uint64_t made_ = 0;
  std::uint64_t kills_ = 0;
};

TEST_P(RecoveryImages, WhoRecoversMayCrashToo) {
  const std::uint64_t count =
      NumberOf("REPRISE_RECOVERY_IMAGES", kDefaultImages) / Scripts().size() + 1;
  for (std::uint64_t round = 0; seen_.size() < count && !HasFailure(); ++round) {
    const std::uint64_t seed = seed_ + (round << 32);
    const auto trace = RecordScript(GetParam(), seed);
    ASSERT_TRUE(trace) << trace.error().ToString();
    const std::uint64_t each =
        std::min((count - seen_.size()) / kFirstCrashes + 1, kMostOfOneRecovery);
    const std::size_t before = seen_.size();
    ForEachImage(trace->disk, kFirstCrashes, seed, [&](const CrashImage& first) {
      if (HasFailure() || seen_.size() >= count) return false;
      CrashRecovery(trace->oracle, first, each, seed);
      return true;
    });
    ASSERT_GT(seen_.size(), before) << "no images are left";
  }
  fmt::print(
      "{}: seed {}, {} first crashes, {} crashes of their recoveries, {} distinct, {} of them "
      "kills\n",
      GetParam().name, seed_, firsts_, made_, seen_.size(), kills_);
  EXPECT_GT(seen_.size(), firsts_);
  EXPECT_GT(kills_, 0U);
}

INSTANTIATE_TEST_SUITE_P(Protocol, RecoveryImages, ::testing::ValuesIn(Scripts()), ScriptTestName);

}  // namespace
}  // namespace reprise
