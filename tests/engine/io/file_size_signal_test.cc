#include "engine/io/file_size_signal.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include "engine/io/io.h"
#include "tests/support/child_process.h"
#include "tests/support/temp_dir.h"

namespace reprise {
namespace {

void LimitFileSize(rlim_t bytes) {
  const rlimit limit{bytes, bytes};
  setrlimit(RLIMIT_FSIZE, &limit);
  signal(SIGXFSZ, SIG_DFL);
}

std::unique_ptr<File> CreateIn(const TempDir& temp) {
  return SystemIo().files->OpenDirectory(temp.path()).value()->Create("f").value();
}

bool IsPending() {
  sigset_t pending;
  return sigpending(&pending) == 0 && sigismember(&pending, SIGXFSZ) == 1;
}

bool IsBlocked() {
  sigset_t mask;
  return pthread_sigmask(SIG_BLOCK, nullptr, &mask) == 0 && sigismember(&mask, SIGXFSZ) == 1;
}

void Block() {
  sigset_t mask;
  sigemptyset(&mask);
  sigaddset(&mask, SIGXFSZ);
  pthread_sigmask(SIG_BLOCK, &mask, nullptr);
}

TEST(FileSizeLimit, IsNoSpaceInsteadOfDeath) {
  const TempDir temp;
  EXPECT_EQ(RunInChild([&] {
              LimitFileSize(4096);
              const auto file = CreateIn(temp);
              if (file->WriteAt(0, std::string(8192, 'x')).code() != Code::kNoSpace) return 1;
              if (file->Size().value() != 4096) return 2;
              if (IsBlocked() || IsPending()) return 3;
              return file->WriteAt(100, "fits").ok() ? 0 : 4;
            }),
            0);
}

TEST(FileSizeLimit, KillsAWriterThatDoesNotBlockTheSignal) {
  const TempDir temp;
  EXPECT_EQ(RunInChild([&] {
              const auto file = CreateIn(temp);  // before there is a limit
              LimitFileSize(4096);
              return file->WriteAt(8192, "x").ok() ? 0 : 1;
            }),
            -SIGXFSZ);
}

TEST(FileSizeLimit, LeavesTheHostsOwnPendingSignalAlone) {
  const TempDir temp;
  EXPECT_EQ(RunInChild([&] {
              LimitFileSize(4096);
              const auto file = CreateIn(temp);
              Block();
              raise(SIGXFSZ);
              if (file->WriteAt(8192, "x").code() != Code::kNoSpace) return 1;
              return IsPending() && IsBlocked() ? 0 : 2;
            }),
            0);
}

TEST(FileSizeLimit, LeavesTheHostsBlockedSignalWithoutOneOfOurs) {
  const TempDir temp;
  EXPECT_EQ(RunInChild([&] {
              LimitFileSize(4096);
              const auto file = CreateIn(temp);
              Block();
              if (file->WriteAt(8192, "x").code() != Code::kNoSpace) return 1;
              return !IsPending() && IsBlocked() ? 0 : 2;
            }),
            0);
}

}  // namespace
}  // namespace reprise
