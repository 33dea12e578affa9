// Each call to the disk fails: once, or from then on. Whoever meets it is told or does without,
// what was acknowledged stays, and work goes on when a full disk has room again.
//
// REPRISE_FAULT_RUNS: how many runs in all, spread over calls and errors; 0: every
// one.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <map>
#include <vector>

#include "tests/faults/crash/fault_run.h"
#include "tests/faults/crash/test_size.h"

namespace reprise {
namespace {

constexpr std::uint64_t kDefaultRuns = 4'000;

constexpr FaultKind kKinds[] = {
    {"EIO", EIO, false, false},
    {"EIO from then on", EIO, false, true},
    {"half a write, then EIO", EIO, true, false},
    {"ENOSPC", ENOSPC, false, false},
    {"ENOSPC from then on", ENOSPC, false, true},
    {"half a write, then ENOSPC from then on", ENOSPC, true, true},
    {"EDQUOT from then on", EDQUOT, false, true},
    {"EMFILE", EMFILE, false, false},
    {"EMFILE from then on", EMFILE, false, true},
};

class FailingCalls : public ::testing::TestWithParam<Script> {
 protected:
  FaultRun Run(std::uint64_t first, const FaultKind& kind) {
    const FaultPlan plan = kind.At(first);
    const FaultyDisk disk{[&](Workload& work) { work.faults().Set(plan); },
                          [](Workload& work) { work.faults().Stop(); }};
    return RunOnFaultyDisk(GetParam(), seed_, disk, check_);
  }

  const std::uint64_t seed_ = CrashSeed();
  ImageCheck check_;
};

TEST_P(FailingCalls, LoseNothingAcknowledged) {
  const FaultRun healthy = Run(FaultPlan::kNever, kKinds[0]);
  ASSERT_EQ(healthy.fault, "");
  const std::uint64_t all = healthy.calls * std::size(kKinds);
  const std::uint64_t asked = NumberOf("REPRISE_FAULT_RUNS", kDefaultRuns) / Scripts().size();
  const std::uint64_t runs = asked == 0 ? all : std::min(all, asked);
  std::map<std::string, std::uint64_t> fired;
  std::uint64_t no_space = 0;
  for (std::uint64_t i = 0; i < runs && !HasFailure(); ++i) {
    // The prime is larger than any `all`, so none comes twice.
    const std::uint64_t chosen = (i * 104'729 + seed_) % all;
    const FaultKind& kind = kKinds[chosen % std::size(kKinds)];
    const FaultRun run = Run(chosen / std::size(kKinds), kind);
    fired[kind.name] += run.fired > 0 ? 1 : 0;
    no_space += run.no_space;
    EXPECT_EQ(run.fault, "") << GetParam().name << ", seed " << seed_ << ": " << kind.name
                             << " at call " << chosen / std::size(kKinds) << " of "
                             << healthy.calls;
  }
  fmt::print("{}: seed {}, {} calls, {} of {} runs, {} calls met a full disk and worked later\n",
             GetParam().name, seed_, healthy.calls, runs, all, no_space);
  EXPECT_GT(no_space, 0U);
  for (const FaultKind& kind : kKinds) EXPECT_GT(fired[kind.name], 0U) << kind.name;
}

INSTANTIATE_TEST_SUITE_P(Protocol, FailingCalls, ::testing::ValuesIn(Scripts()), ScriptTestName);

}  // namespace
}  // namespace reprise
