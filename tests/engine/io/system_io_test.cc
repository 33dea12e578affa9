#include <gtest/gtest.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <fstream>
#include <set>

#include "engine/io/io.h"
#include "tests/support/child_process.h"
#include "tests/support/deny_system_call.h"
#include "tests/support/temp_dir.h"

namespace reprise {
namespace {

Code CodeOfOpen(const std::string& path) {
  const auto directory = SystemIo().files->OpenDirectory(path);
  return directory.has_value() ? Code::kOk : directory.error().code();
}

TEST(FileSystem, MakesAllMissingDirectoriesOfAPath) {
  const TempDir temp;
  EXPECT_TRUE(SystemIo().files->MakeDirectories(temp.Of("a//b/c/")).ok());
  EXPECT_EQ(CodeOfOpen(temp.Of("a/b/c")), Code::kOk);
}

TEST(FileSystem, IsContentWithDirectoriesThatExist) {
  const TempDir temp;
  EXPECT_TRUE(SystemIo().files->MakeDirectories(temp.path()).ok());
  EXPECT_TRUE(SystemIo().files->MakeDirectories("/").ok());
}

// Somebody may have made it and failed to sync its name.
TEST(FileSystem, SyncsTheNameOfADirectoryThatExists) {
  const TempDir temp;
  const int code = RunInChild([&] {
    if (!DenySystemCall(SYS_fsync, EIO)) return 99;
    return SystemIo().files->MakeDirectories(temp.path() + "/").code() == Code::kIoError ? 0 : 1;
  });
  if (code == 99) GTEST_SKIP() << "no seccomp filters";
  EXPECT_EQ(code, 0);
}

TEST(FileSystem, MakesDirectoriesForTheirOwnerOnly) {
  const TempDir temp;
  ASSERT_TRUE(SystemIo().files->MakeDirectories(temp.Of("a")).ok());
  using std::filesystem::perms;
  const auto permissions = std::filesystem::status(temp.Of("a")).permissions();
  EXPECT_EQ(permissions & (perms::group_all | perms::others_all), perms::none);
}

TEST(FileSystem, DoesNotMakeADirectoryWhereAFileIs) {
  const TempDir temp;
  std::ofstream(temp.Of("f")) << "text";
  EXPECT_EQ(SystemIo().files->MakeDirectories(temp.Of("f")).code(), Code::kAlreadyExists);
  EXPECT_EQ(SystemIo().files->MakeDirectories(temp.Of("f/g")).code(), Code::kAlreadyExists);
}

TEST(FileSystem, OpensNothingButDirectories) {
  const TempDir temp;
  std::ofstream(temp.Of("f")) << "text";
  EXPECT_EQ(CodeOfOpen(temp.Of("f")), Code::kIoError);
  EXPECT_EQ(CodeOfOpen(temp.Of("absent")), Code::kNotFound);
  EXPECT_EQ(CodeOfOpen(""), Code::kInvalidArgument);
  EXPECT_EQ(CodeOfOpen(std::string("/\0x", 3)), Code::kInvalidArgument);
}

TEST(Clock, TellsTheTimeOfDayInMicroseconds) {
  using std::chrono::system_clock;
  const auto micros = [] {
    const auto now = system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::microseconds>(now).count();
  };
  const TimeMicros before = micros();
  const TimeMicros now = SystemIo().clock->Now();
  EXPECT_LE(before, now);
  EXPECT_LE(now, micros());
}

TEST(Clock, NeverGoesBackBetweenBoots) {
  std::uint64_t last = SystemIo().clock->BootNanos();
  EXPECT_GT(last, 0u);
  for (int i = 0; i < 1000; ++i) {
    const std::uint64_t now = SystemIo().clock->BootNanos();
    ASSERT_LE(last, now);
    last = now;
  }
}

TEST(Random, DoesNotRepeatItself) {
  std::set<std::uint64_t> seen;
  for (int i = 0; i < 1000; ++i) seen.insert(SystemIo().random->Next64());
  EXPECT_EQ(seen.size(), 1000u);
}

TEST(Random, DoesNotRepeatItselfWhereASandboxForbidsGetrandom) {
  EXPECT_EQ(RunInChild([] {
              if (!DenySystemCall(SYS_getrandom, ENOSYS)) return 99;
              std::set<std::uint64_t> seen;
              for (int i = 0; i < 1000; ++i) seen.insert(SystemIo().random->Next64());
              return seen.size() == 1000 ? 0 : 1;
            }),
            0);
}

TEST(Machine, KnowsTheProcessAlsoAfterFork) {
  EXPECT_EQ(SystemIo().machine->Self().pid, getpid());
  EXPECT_EQ(RunInChild([] { return SystemIo().machine->Self().pid == getpid() ? 0 : 1; }), 0);
}

TEST(Machine, KnowsWhichBootThisIs) {
  std::string text;
  std::ifstream("/proc/sys/kernel/random/boot_id") >> text;
  std::string hex;
  for (const auto byte : SystemIo().machine->Self().boot_id) {
    constexpr char kDigits[] = "0123456789abcdef";
    hex += kDigits[byte >> 4];
    hex += kDigits[byte & 15];
  }
  std::erase(text, '-');
  EXPECT_EQ(hex, text);
}

TEST(Machine, DoesNotInventABoot) {
  EXPECT_EQ(RunInChild([] {
              if (!DenySystemCall(SYS_openat, EACCES)) return 99;
              return SystemIo().machine->Self().boot_id == Host{}.boot_id ? 0 : 1;
            }),
            0);
}

TEST(Machine, HasAName) { EXPECT_FALSE(SystemIo().machine->Self().name.empty()); }

}  // namespace
}  // namespace reprise
