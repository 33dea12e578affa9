// Power cuts and kills at every point of every protocol: what was acknowledged is there, and
// nothing that nobody wrote.
//
// REPRISE_CRASH_IMAGES: how many images in all. REPRISE_CRASH_SEED: which.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <unordered_set>

#include "tests/faults/crash/image_check.h"
#include "tests/faults/crash/scripts.h"
#include "tests/faults/crash/trace_recorder.h"

namespace reprise {
namespace {

constexpr std::uint64_t kDefaultImages = 50'000;

std::uint64_t NumberOf(const char* variable, std::uint64_t fallback) {
  const char* text = std::getenv(variable);
  return text == nullptr ? fallback : std::strtoull(text, nullptr, 10);
}

class CrashImages : public ::testing::TestWithParam<Script> {
 protected:
  // Runs the script.
  void Record() {
    std::unique_ptr<Workload> work;
    TraceRecorder recorder([&] { return work->path(); });
    work = std::make_unique<Workload>(seed_, &recorder.tracer());
    const Status status = GetParam().run(*work);
    ASSERT_TRUE(status.ok()) << status.ToString();
    trace_ = recorder.Take({}, 1);
    oracle_ = work->oracle();
  }

  CheckPlan PlanOf(std::uint64_t hash) {
    CheckPlan plan;
    // Waiting for one another takes milliseconds, so it is rare.
    plan.recovery = hash % 2 == 0    ? Recovery::kAdopt
                    : hash % 64 == 1 ? Recovery::kRace
                                     : Recovery::kResume;
    plan.verifies = hash / 64 % 8 == 0;
    plan.depth = hash / 512 % 8 == 0 ? VerifyDepth::kDeep : VerifyDepth::kChecksums;
    return plan;
  }

  const std::uint64_t seed_ = NumberOf("REPRISE_CRASH_SEED", 1);
  DiskTrace trace_;
  Oracle oracle_;
  ImageCheck check_;
};

TEST_P(CrashImages, NothingAcknowledgedIsLost) {
  ASSERT_NO_FATAL_FAILURE(Record());
  const std::uint64_t count = NumberOf("REPRISE_CRASH_IMAGES", kDefaultImages) / Scripts().size();
  std::unordered_set<std::uint64_t> distinct;
  std::unordered_set<std::uint64_t> seen;
  std::uint64_t kills = 0;
  std::uint64_t verified = 0;
  std::uint64_t offered = 0;
  ForEachImage(trace_, count, seed_, [&](const CrashImage& image) {
    if (HasFailure()) return false;
    ++offered;
    const std::uint64_t hash = image.Hash();
    // The same disk is looked at again if more was acknowledged before.
    const std::uint64_t acknowledged = oracle_.CountAcknowledged(image.acknowledged);
    if (!seen.insert(hash * 31 + acknowledged).second) return false;
    distinct.insert(hash);
    const CheckPlan plan = PlanOf(hash);
    if (image.crash == Crash::kKill) ++kills;
    if (plan.verifies) ++verified;
    const std::string fault = check_.FindFault(image, oracle_, plan);
    EXPECT_EQ(fault, "") << GetParam().name << ", seed " << seed_ << ": image " << offered
                         << " at effect " << image.position << " of " << trace_.effects.size()
                         << (image.crash == Crash::kKill ? ", killed" : ", power cut");
    return true;
  });
  fmt::print("{}: seed {}, {} effects, {} calls, {} images, {} distinct, {} kills, {} verified\n",
             GetParam().name, seed_, trace_.effects.size(), oracle_.calls().size(), seen.size(),
             distinct.size(), kills, verified);
  EXPECT_GT(distinct.size(), 0u);
  EXPECT_GT(kills, 0u);
  EXPECT_GT(verified, 0u);
}

INSTANTIATE_TEST_SUITE_P(Protocol, CrashImages, ::testing::ValuesIn(Scripts()),
                         [](const auto& script) {
                           std::string name = script.param.name;
                           std::replace(name.begin(), name.end(), ' ', '_');
                           return name;
                         });

}  // namespace
}  // namespace reprise
