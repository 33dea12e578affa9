// Power cuts and kills at every point of a repair: the next repair ends as one that nobody
// disturbed.
//
// REPRISE_REPAIR_IMAGES: how many images of repairs in all. REPRISE_CRASH_SEED: which.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <unordered_set>

#include "tests/faults/crash/repair_fault_fixture.h"
#include "tests/faults/crash/script_trace.h"

namespace reprise {
namespace {

constexpr std::uint64_t kDefaultImages = 800;
// Of one damaged store.
constexpr std::uint64_t kMostOfOneTrace = 100;
// Of them so many have the repair crashed that mends them, so often.
constexpr std::uint64_t kSecondCrashes = 2;
constexpr std::uint64_t kImagesOfSecond = 10;

struct Counters {
  std::uint64_t stores = 0;
  std::uint64_t sound = 0;  // damage that needs no repair
  std::uint64_t made = 0;
  std::unordered_set<std::uint64_t> distinct;
  std::uint64_t kills = 0;
  std::uint64_t verified = 0;
  std::uint64_t second = 0;  // of the distinct ones: a repair of a repair was crashed
};

class RepairImages : public RepairFaultFixture {
 protected:
  // Whether it is a new one. `repair` is told how it is mended.
  bool Check(const CrashImage& image, const std::string& where, DiskTrace* repair) {
    if (HasFailure()) return false;
    ++counters_.made;
    const std::uint64_t hash = image.Hash();
    if (!counters_.distinct.insert(hash).second) return false;
    CheckPlan plan = PlanOf(hash);
    counters_.kills += image.crash == Crash::kKill ? 1 : 0;
    counters_.verified += plan.verifies ? 1 : 0;
    const auto first =
        hash / 4096 % 4 == 0 ? RepairCheck::First::kWriter : RepairCheck::First::kRepair;
    ExpectMended(check_.Mend(image, plan, first, repair),
                 fmt::format("{}, at effect {}, {}{}", where, image.position,
                             image.crash == Crash::kKill ? "killed" : "power cut",
                             first == RepairCheck::First::kWriter ? ", opened to write" : ""));
    return true;
  }

  void CrashSecond(const DiskTrace& second, const CrashImage& first, std::uint64_t seed,
                   const std::string& where) {
    ForEachImage(second, kImagesOfSecond, seed, [&](CrashImage image) {
      image.position += first.position + 1;
      const bool is_new = Check(image, where + ", mended and crashed again", nullptr);
      counters_.second += is_new ? 1 : 0;
      return is_new;
    });
  }

  void CrashRepairs(const DamagedStore& store, std::uint64_t count, std::uint64_t seed) {
    const std::string where = fmt::format("seed {}: {}", seed, store.what);
    SCOPED_TRACE(where);
    ASSERT_NO_FATAL_FAILURE(MendUndisturbed(store));
    DiskTrace repair;
    const Mended mended = check_.Mend(store.damaged, {}, RepairCheck::First::kRepair, &repair);
    ++counters_.stores;
    if (mended.report.items.empty()) {
      ++counters_.sound;
      return;
    }
    std::uint64_t twice = 0;
    ForEachImage(repair, count, seed, [&](const CrashImage& image) {
      DiskTrace second;
      const bool crashes_again = twice < kSecondCrashes;
      const bool is_new = Check(image, where, crashes_again ? &second : nullptr);
      if (is_new && crashes_again) CrashSecond(second, image, seed, where);
      twice += is_new ? 1 : 0;
      return is_new;
    });
  }

  Counters counters_;
};

TEST_P(RepairImages, TheNextRepairEndsAsOneThatNobodyDisturbed) {
  const std::uint64_t count =
      NumberOf("REPRISE_REPAIR_IMAGES", kDefaultImages) / std::size(kDamageTargets) + 1;
  for (std::uint64_t round = 0; counters_.distinct.size() < count && !HasFailure(); ++round) {
    const std::uint64_t seed = seed_ + (round << 32);
    const auto store = MakeDamagedStore(GetParam(), seed);
    ASSERT_TRUE(store) << store.error().ToString();
    CrashRepairs(*store, std::min(count - counters_.distinct.size(), kMostOfOneTrace), seed);
  }
  fmt::print(
      "repair of a {}: seed {}, {} damaged stores, {} of them sound, {} images, {} distinct, {} "
      "kills, {} verified, {} of a second repair\n",
      DamageTargetName(GetParam()), seed_, counters_.stores, counters_.sound, counters_.made,
      counters_.distinct.size(), counters_.kills, counters_.verified, counters_.second);
  EXPECT_GT(counters_.kills, 0U);
  EXPECT_LT(counters_.kills, counters_.distinct.size());
  EXPECT_GT(counters_.verified, 0U);
  EXPECT_GT(counters_.second, 0U);
}

INSTANTIATE_TEST_SUITE_P(Damage, RepairImages, ::testing::ValuesIn(kDamageTargets), DamageTestName);

}  // namespace
}  // namespace reprise
