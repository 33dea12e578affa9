#include "engine/io/fork_guard.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <atomic>
#include <thread>
#include <vector>

#include "engine/io/io.h"
#include "tests/support/child_process.h"
#include "tests/support/temp_dir.h"

namespace reprise {
namespace {

std::unique_ptr<Directory> OpenDirectory(const TempDir& temp) {
  return SystemIo().files->OpenDirectory(temp.path()).value();
}

TEST(ForkGuard, KnowsTheChildAndTheGrandchild) {
  const ForkGuard guard;
  EXPECT_FALSE(guard.crossed());
  EXPECT_TRUE(guard.Check().ok());
  EXPECT_EQ(RunInChild([&] {
              if (!guard.crossed() || guard.Check().code() != Code::kClosed) return 1;
              const ForkGuard own;
              if (own.crossed()) return 2;
              return RunInChild([&] { return guard.crossed() && own.crossed() ? 0 : 3; });
            }),
            0);
  EXPECT_FALSE(guard.crossed());
}

TEST(Fork, ClosesFilesAndDirectoriesInTheChildAlone) {
  const TempDir temp;
  const auto directory = OpenDirectory(temp);
  const auto file = directory->Create("f").value();
  EXPECT_EQ(RunInChild([&] {
              char byte = 0;
              const bool all_closed =
                  file->WriteAt(0, "child").code() == Code::kClosed &&
                  file->ReadAt(0, &byte, 1).error().code() == Code::kClosed &&
                  file->DataSync().code() == Code::kClosed &&
                  file->Size().error().code() == Code::kClosed &&
                  file->TryLock(LockKind::kShared).error().code() == Code::kClosed &&
                  file->Lock(LockKind::kShared).code() == Code::kClosed &&
                  file->Unlock().code() == Code::kClosed &&
                  directory->Create("g").error().code() == Code::kClosed &&
                  directory->Open("f", OpenMode::kRead).error().code() == Code::kClosed &&
                  directory->OpenDirectory("d").error().code() == Code::kClosed &&
                  directory->MakeDirectory("d").code() == Code::kClosed &&
                  directory->Rename("f", "g").code() == Code::kClosed &&
                  directory->RenameNoReplace("f", "g").code() == Code::kClosed &&
                  directory->Remove("f").code() == Code::kClosed &&
                  directory->Sync().code() == Code::kClosed &&
                  directory->List().error().code() == Code::kClosed &&
                  directory->Exists("f").error().code() == Code::kClosed &&
                  directory->Id().error().code() == Code::kClosed &&
                  directory->OnNetwork().error().code() == Code::kClosed;
              return all_closed ? 0 : 1;
            }),
            0);
  EXPECT_TRUE(file->WriteAt(0, "parent").ok());
  EXPECT_EQ(ReadWhole(*file, 100).value(), "parent");
}

TEST(Fork, LetsTheChildOpenEverythingAnew) {
  const TempDir temp;
  auto directory = OpenDirectory(temp);
  auto file = directory->Create("f").value();
  EXPECT_EQ(RunInChild([&] {
              file.reset();
              directory = OpenDirectory(temp);
              file = directory->Open("f", OpenMode::kReadWrite).value();
              return file->WriteAt(0, "child").ok() ? 0 : 1;
            }),
            0);
  EXPECT_EQ(ReadWhole(*file, 100).value(), "child");
}

TEST(Fork, KeepsTheParentsLockFromTheChild) {
  const TempDir temp;
  const auto directory = OpenDirectory(temp);
  const auto file = directory->Create("f").value();
  ASSERT_TRUE(file->TryLock(LockKind::kExclusive).value());
  EXPECT_EQ(RunInChild([&] {
              const auto again = OpenDirectory(temp)->Open("f", OpenMode::kReadWrite).value();
              return again->TryLock(LockKind::kExclusive).value() ? 1 : 0;
            }),
            0);
  const auto again = directory->Open("f", OpenMode::kReadWrite).value();
  EXPECT_FALSE(again->TryLock(LockKind::kExclusive).value());
}

TEST(Fork, DoesNotKeepALockAliveInTheChild) {
  const TempDir temp;
  const auto directory = OpenDirectory(temp);
  auto file = directory->Create("f").value();
  ASSERT_TRUE(file->TryLock(LockKind::kExclusive).value());
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const pid_t child = StartChild([&] {
    close(ends[1]);
    char byte = 0;
    return read(ends[0], &byte, 1) == 0 ? 0 : 1;  // until the parent is done
  });
  file.reset();
  file = directory->Open("f", OpenMode::kReadWrite).value();
  EXPECT_TRUE(file->TryLock(LockKind::kExclusive).value());
  close(ends[1]);
  EXPECT_EQ(WaitFor(child), 0);
  close(ends[0]);
}

// Async-signal-safe, as it must be in a child of a process with threads.
bool HasOpenFileOn(dev_t device) {
  for (int fd = 3; fd < 256; ++fd) {
    struct stat facts {};
    if (fstat(fd, &facts) == 0 && S_ISREG(facts.st_mode) && facts.st_dev == device) return true;
  }
  return false;
}

TEST(Fork, LeaksNothingWhileOtherThreadsOpenAndClose) {
  const TempDir temp;
  const auto directory = OpenDirectory(temp);
  const auto device = static_cast<dev_t>(directory->Id().value().device);
  ASSERT_FALSE(HasOpenFileOn(device));
  std::atomic<bool> stop = false;
  std::vector<std::thread> threads;
  for (const std::string name : {"a", "b"}) {
    threads.emplace_back([&, name] {
      directory->Create(name).value().reset();
      while (!stop) directory->Open(name, OpenMode::kReadWrite).value().reset();
    });
  }
  int leaks = 0;
  for (int i = 0; i < 300; ++i) {
    if (RunInChild([&] { return HasOpenFileOn(device) ? 1 : 0; }) != 0) ++leaks;
  }
  stop = true;
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(leaks, 0);
}

}  // namespace
}  // namespace reprise
