// Whoever recovers a store crashes too, at any of its writes, and the next one recovers both.
//
// REPRISE_RECOVERY_IMAGES: how many images of recoveries in all. REPRISE_CRASH_SEED: which.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <unordered_set>

#include "tests/faults/crash/script_trace.h"
#include "tests/faults/crash/test_size.h"

namespace reprise {
namespace {

constexpr std::uint64_t kDefaultImages = 5'000;
// How many crashes of each script have their recovery crashed.
constexpr std::uint64_t kFirstCrashes = 12;

class RecoveryImages : public ::testing::TestWithParam<Script> {
 protected:
  // Recovers `first`, and crashes that about `count` times.
  void CrashRecovery(const Oracle& oracle, const CrashImage& first, std::uint64_t count) {
    DiskTrace recovery;
    CheckPlan plan;
    plan.recovery = first.position % 2 == 0 ? Recovery::kAdopt : Recovery::kResume;
    ASSERT_EQ(check_.FindFault(first, oracle, plan, &recovery), "");
    ForEachImage(recovery, count, seed_, [&](const CrashImage& second) {
      return !HasFailure() && CheckSecond(oracle, first, second, recovery.effects.size());
    });
  }

  // Nothing was acknowledged by the one that recovered. What a power cut took is gone, also if a
  // kill comes after it.
  bool CheckSecond(const Oracle& oracle, const CrashImage& first, CrashImage second,
                   std::size_t effects) {
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
  std::uint64_t kills_ = 0;
};

TEST_P(RecoveryImages, WhoRecoversMayCrashToo) {
  const auto trace = RecordScript(GetParam(), seed_);
  ASSERT_TRUE(trace) << trace.error().ToString();
  const std::uint64_t count =
      NumberOf("REPRISE_RECOVERY_IMAGES", kDefaultImages) / Scripts().size() / kFirstCrashes + 1;
  std::uint64_t firsts = 0;
  ForEachImage(trace->disk, kFirstCrashes, seed_, [&](const CrashImage& first) {
    if (HasFailure()) return false;
    ++firsts;
    CrashRecovery(trace->oracle, first, count);
    return true;
  });
  fmt::print("{}: seed {}, {} first crashes, {} crashes of their recoveries, {} of them kills\n",
             GetParam().name, seed_, firsts, seen_.size(), kills_);
  EXPECT_GT(seen_.size(), firsts);
  EXPECT_GT(kills_, 0U);
}

INSTANTIATE_TEST_SUITE_P(Protocol, RecoveryImages, ::testing::ValuesIn(Scripts()), ScriptTestName);

}  // namespace
}  // namespace reprise
