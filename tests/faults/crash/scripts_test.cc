// That scripts do what they are there for: a protocol that was not run has no crashes.
#include <gtest/gtest.h>

#include <algorithm>
#include <string_view>

#include "tests/faults/crash/script_trace.h"
#include "tests/faults/crash/test_size.h"

namespace reprise {
namespace {

const Script& Named(std::string_view name) {
  return *std::find_if(Scripts().begin(), Scripts().end(),
                       [&](const Script& script) { return script.name == name; });
}

bool RemovesAPack(const DiskEffect& effect) {
  return effect.kind == DiskEffect::Kind::kRemove && effect.from.ends_with(".pack");
}

// Both times: nothing else removes a pack.
TEST(Scripts, ReclaimRemovesPacks) {
  const auto trace = RecordScript(Named("reclaim"), CrashSeed());
  ASSERT_TRUE(trace) << trace.error().ToString();
  const auto& effects = trace->disk.effects;
  EXPECT_GE(std::count_if(effects.begin(), effects.end(), RemovesAPack), 2);
}

}  // namespace
}  // namespace reprise
