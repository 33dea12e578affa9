#include "engine/io/environment.h"

#include <gtest/gtest.h>
#include <pwd.h>
#include <unistd.h>

#include <cstdlib>

namespace reprise {
namespace {

TEST(Environment, ReadsVariablesThatAreSetToSomething) {
  setenv("REPRISE_TEST_VARIABLE", "value", 1);
  EXPECT_EQ(EnvironmentVariable("REPRISE_TEST_VARIABLE"), "value");
  setenv("REPRISE_TEST_VARIABLE", "", 1);
  EXPECT_EQ(EnvironmentVariable("REPRISE_TEST_VARIABLE"), std::nullopt);
  unsetenv("REPRISE_TEST_VARIABLE");
  EXPECT_EQ(EnvironmentVariable("REPRISE_TEST_VARIABLE"), std::nullopt);
}

TEST(Environment, KnowsTheUser) {
  const passwd* entry = getpwuid(geteuid());
  EXPECT_EQ(UserName(), entry != nullptr ? entry->pw_name : "uid-" + std::to_string(geteuid()));
}

}  // namespace
}  // namespace reprise
