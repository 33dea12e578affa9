#include "engine/io/environment.h"

#include <gtest/gtest.h>
#include <pwd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <thread>
#include <vector>

#include "tests/support/child_process.h"
#include "tests/support/deny_system_call.h"

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

TEST(Environment, AsksTheUserDatabaseOnce) {
  const std::string user = UserName();
  const int code = RunInChild([&] {
    if (!DenySystemCall(SYS_openat, EACCES)) return 99;
    return UserName() == user ? 0 : 1;
  });
  EXPECT_EQ(code, 0);
}

TEST(Environment, KnowsTheUserThatTheProcessBecomes) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can become another user";
  const std::string root = UserName();
  const int code = RunInChild([&] {
    constexpr uid_t kNobodyHasIt = 54'321;
    if (seteuid(kNobodyHasIt) != 0) return 99;
    if (UserName() != "uid-54321") return 1;
    if (seteuid(0) != 0) return 98;
    return UserName() == root ? 0 : 2;
  });
  EXPECT_EQ(code, 0);
}

TEST(Environment, TellsThreadsTheUserAtTheSameTime) {
  const int code = RunInChild([] {
    std::vector<std::string> names(8);
    std::vector<std::thread> threads;
    for (std::string& name : names) threads.emplace_back([&name] { name = UserName(); });
    for (std::thread& thread : threads) thread.join();
    return names == std::vector<std::string>(names.size(), UserName()) ? 0 : 1;
  });
  EXPECT_EQ(code, 0);
}

}  // namespace
}  // namespace reprise
