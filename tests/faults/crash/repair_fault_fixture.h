// A damaged store whose repair is disturbed, and what may be found after the next one.
#ifndef REPRISE_TESTS_FAULTS_CRASH_REPAIR_FAULT_FIXTURE_H_
#define REPRISE_TESTS_FAULTS_CRASH_REPAIR_FAULT_FIXTURE_H_

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "tests/faults/crash/damaged_store.h"
#include "tests/faults/crash/repair_check.h"
#include "tests/faults/crash/test_size.h"
#include "tests/faults/crash/unreported_loss.h"

namespace reprise {

inline constexpr DamageTarget kDamageTargets[] = {DamageTarget::kLog, DamageTarget::kPack,
                                                  DamageTarget::kSuperblock, DamageTarget::kCatalog,
                                                  DamageTarget::kTwoFiles};

inline std::string DamageTestName(const ::testing::TestParamInfo<DamageTarget>& target) {
  return DamageTargetName(target.param);
}

class RepairFaultFixture : public ::testing::TestWithParam<DamageTarget> {
 protected:
  // Everything that an undisturbed repair may leave: it depends on what else was lost with the
  // machine. Each is judged.
  void MendUndisturbed(const DamagedStore& store) {
    allowed_.clear();
    const auto whole = check_.Look(store.whole);
    ASSERT_TRUE(whole) << whole.error().ToString();
    for (const bool keeps_catalog : {true, false}) {
      for (const Crash crash : {Crash::kKill, Crash::kPower}) {
        CrashImage image = store.damaged;
        image.crash = crash;
        if (crash == Crash::kPower) ++image.boot;
        if (!keeps_catalog) image.catalog = nullptr;
        CheckPlan plan;
        plan.verifies = true;
        plan.depth = VerifyDepth::kDeep;
        const Mended mended = check_.Mend(image, plan);
        ASSERT_EQ(mended.fault, "");
        ASSERT_EQ(FindUnreportedLoss(*whole, mended.text, mended.report), "");
        allowed_.insert(mended.text);
      }
    }
  }

  void ExpectMended(const Mended& mended, const std::string& where) {
    EXPECT_EQ(mended.fault, "") << where;
    if (!mended.fault.empty() || allowed_.contains(mended.text)) return;
    ADD_FAILURE() << where << ": a repair that was not disturbed leaves other rows\n"
                  << TextOf(mended.text) << "but\n"
                  << TextOf(*allowed_.begin());
  }

  static std::string TextOf(const StoreText& store) {
    std::string text;
    for (const auto& [run, lines] : store) text += run + ": " + lines;
    return text;
  }

  const std::uint64_t seed_ = CrashSeed();
  RepairCheck check_;
  std::set<StoreText> allowed_;
};

}  // namespace reprise

#endif  // REPRISE_TESTS_FAULTS_CRASH_REPAIR_FAULT_FIXTURE_H_
