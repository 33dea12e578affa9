// How much the tests of this folder do, as the environment asks.
#ifndef REPRISE_TESTS_FAULTS_CRASH_TEST_SIZE_H_
#define REPRISE_TESTS_FAULTS_CRASH_TEST_SIZE_H_

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "tests/faults/crash/scripts.h"

namespace reprise {

inline std::uint64_t NumberOf(const char* variable, std::uint64_t fallback) {
  const char* text = std::getenv(variable);
  return text == nullptr || *text == '\0' ? fallback : std::strtoull(text, nullptr, 10);
}

inline std::uint64_t CrashSeed() { return NumberOf("REPRISE_CRASH_SEED", 1); }

// For tests that have a case for each script.
inline std::string ScriptTestName(const ::testing::TestParamInfo<Script>& script) {
  std::string name = script.param.name;
  std::replace(name.begin(), name.end(), ' ', '_');
  return name;
}

}  // namespace reprise

#endif  // REPRISE_TESTS_FAULTS_CRASH_TEST_SIZE_H_
