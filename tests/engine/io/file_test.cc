#include "engine/io/file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/syscall.h>

#include <cerrno>
#include <chrono>
#include <future>
#include <limits>

#include "engine/io/io.h"
#include "tests/support/child_process.h"
#include "tests/support/deny_system_call.h"
#include "tests/support/temp_dir.h"

namespace reprise {
namespace {

using testing::HasSubstr;

class FileTest : public testing::Test {
 protected:
  std::unique_ptr<File> Create(std::string_view name) {
    return std::move(directory_->Create(name)).value();
  }
  std::unique_ptr<File> Open(std::string_view name, OpenMode mode = OpenMode::kReadWrite) {
    return std::move(directory_->Open(name, mode)).value();
  }

  TempDir temp_;
  std::unique_ptr<Directory> directory_ = SystemIo().files->OpenDirectory(temp_.path()).value();
};

TEST_F(FileTest, ReadsBackWhatWasWrittenAtAnyOffset) {
  const auto file = Create("f");
  ASSERT_TRUE(file->WriteAt(4, "tail").ok());
  ASSERT_TRUE(file->WriteAt(0, "head").ok());
  EXPECT_EQ(file->Size().value(), 8u);
  EXPECT_EQ(ReadAll(*file, 2, 4).value(), "adta");
}

TEST_F(FileTest, FillsTheGapBeforeAWriteWithZeros) {
  const auto file = Create("f");
  ASSERT_TRUE(file->WriteAt(3, "x").ok());
  EXPECT_EQ(ReadWhole(*file, 100).value(), std::string("\0\0\0x", 4));
}

TEST_F(FileTest, ReadsFewerBytesOnlyAtTheEnd) {
  const auto file = Create("f");
  ASSERT_TRUE(file->WriteAt(0, "abc").ok());
  char buffer[10];
  EXPECT_EQ(file->ReadAt(1, buffer, sizeof(buffer)).value(), 2u);
  EXPECT_EQ(file->ReadAt(3, buffer, sizeof(buffer)).value(), 0u);
  EXPECT_EQ(file->ReadAt(1000, buffer, sizeof(buffer)).value(), 0u);
}

TEST_F(FileTest, RefusesOffsetsThatNoFileHas) {
  const auto file = Create("f");
  const auto top = std::numeric_limits<std::uint64_t>::max();
  char byte = 0;
  EXPECT_EQ(file->WriteAt(top, "x").code(), Code::kInvalidArgument);
  EXPECT_EQ(file->WriteAt(top / 2, "xx").code(), Code::kInvalidArgument);
  EXPECT_EQ(file->ReadAt(top, &byte, 1).error().code(), Code::kInvalidArgument);
}

TEST_F(FileTest, CannotBeWrittenWhenOpenedForReading) {
  Create("f");
  const Status status = Open("f", OpenMode::kRead)->WriteAt(7, "x");
  EXPECT_EQ(status.code(), Code::kIoError);
  EXPECT_THAT(std::string(status.message()), HasSubstr("write failed: '" + temp_.Of("f") + "'"));
  EXPECT_THAT(std::string(status.message()), HasSubstr("at byte 7 (EBADF: "));
}

TEST_F(FileTest, IsReadableByItsOwnerOnly) {
  Create("f");
  const auto permissions = std::filesystem::status(temp_.Of("f")).permissions();
  using std::filesystem::perms;
  EXPECT_EQ(permissions & (perms::group_all | perms::others_all), perms::none);
}

TEST_F(FileTest, SyncsWhatWasWritten) {
  const auto file = Create("f");
  ASSERT_TRUE(file->WriteAt(0, "x").ok());
  EXPECT_TRUE(file->DataSync().ok());
  EXPECT_TRUE(file->DataSync().ok());
}

TEST(File, NeverSyncsAgainAfterAFailure) {
  // Files of procfs are regular files that cannot be synced.
  const auto directory = SystemIo().files->OpenDirectory("/proc/self").value();
  const auto file = directory->Open("comm", OpenMode::kRead).value();
  const Status first = file->DataSync();
  EXPECT_EQ(first.code(), Code::kIoError);
  EXPECT_THAT(std::string(first.message()), HasSubstr("fdatasync failed"));
  const Status second = file->DataSync();
  EXPECT_EQ(second.code(), Code::kIoError);
  EXPECT_THAT(std::string(second.message()), HasSubstr("an earlier sync failed"));
}

TEST_F(FileTest, TellsAFullDiskFromAnUnreliableOne) {
  const auto code_when = [this](std::string_view name, int error) {
    return RunInChild([&] {
      const auto directory = SystemIo().files->OpenDirectory(temp_.path()).value();
      const auto file = directory->Create(name).value();
      if (!DenySystemCall(SYS_pwrite64, error)) return 99;
      return static_cast<int>(file->WriteAt(0, "x").code());
    });
  };
  EXPECT_EQ(code_when("a", ENOSPC), static_cast<int>(Code::kNoSpace));
  EXPECT_EQ(code_when("b", EDQUOT), static_cast<int>(Code::kNoSpace));
  EXPECT_EQ(code_when("c", EFBIG), static_cast<int>(Code::kNoSpace));
  EXPECT_EQ(code_when("d", EIO), static_cast<int>(Code::kIoError));
}

TEST_F(FileTest, CallsAFullDiskAtASyncAnIoError) {
  EXPECT_EQ(RunInChild([&] {
              const auto directory = SystemIo().files->OpenDirectory(temp_.path()).value();
              const auto file = directory->Create("f").value();
              if (!DenySystemCall(SYS_fdatasync, ENOSPC)) return 99;
              return static_cast<int>(file->DataSync().code());
            }),
            static_cast<int>(Code::kIoError));
}

TEST_F(FileTest, ReportsRangesBeyondTheEndWithoutAllocatingThem) {
  const auto file = Create("f");
  ASSERT_TRUE(file->WriteAt(0, "abc").ok());
  const auto top = std::numeric_limits<std::uint64_t>::max();
  EXPECT_EQ(ReadAll(*file, 0, 4).error().code(), Code::kCorrupt);
  EXPECT_EQ(ReadAll(*file, 4, 0).error().code(), Code::kCorrupt);
  EXPECT_EQ(ReadAll(*file, 1, top).error().code(), Code::kCorrupt);
  EXPECT_EQ(ReadAll(*file, top, 1).error().code(), Code::kCorrupt);
  EXPECT_EQ(ReadAll(*file, 3, 0).value(), "");
}

TEST_F(FileTest, ReadsWholeFilesUpToTheLimit) {
  const auto file = Create("f");
  ASSERT_TRUE(file->WriteAt(0, "abc").ok());
  EXPECT_EQ(ReadWhole(*file, 3).value(), "abc");
  EXPECT_EQ(ReadWhole(*file, 2).error().code(), Code::kCorrupt);
}

TEST_F(FileTest, IsLockedByOneExclusiveHolderOrManySharedOnes) {
  Create("f");
  const auto a = Open("f");
  const auto b = Open("f");
  EXPECT_TRUE(a->TryLock(LockKind::kShared).value());
  EXPECT_TRUE(b->TryLock(LockKind::kShared).value());
  EXPECT_FALSE(a->TryLock(LockKind::kExclusive).value());
  ASSERT_TRUE(b->Unlock().ok());
  EXPECT_TRUE(a->TryLock(LockKind::kExclusive).value());
  EXPECT_FALSE(b->TryLock(LockKind::kShared).value());
}

TEST_F(FileTest, GivesUpItsLockWhenClosed) {
  auto a = Create("f");
  ASSERT_TRUE(a->TryLock(LockKind::kExclusive).value());
  a.reset();
  EXPECT_TRUE(Open("f")->TryLock(LockKind::kExclusive).value());
}

TEST_F(FileTest, KeepsItsLockWhenTheFileIsOpenedAndClosedElsewhereInTheProcess) {
  const auto a = Create("f");
  ASSERT_TRUE(a->TryLock(LockKind::kExclusive).value());
  Open("f").reset();
  EXPECT_FALSE(Open("f")->TryLock(LockKind::kExclusive).value());
}

TEST_F(FileTest, KeepsItsLockWhenRenamed) {
  const auto a = Create("f");
  ASSERT_TRUE(a->TryLock(LockKind::kExclusive).value());
  ASSERT_TRUE(directory_->Rename("f", "g").ok());
  EXPECT_FALSE(Open("g")->TryLock(LockKind::kShared).value());
}

TEST_F(FileTest, WaitsForALock) {
  const auto a = Create("f");
  const auto b = Open("f");
  ASSERT_TRUE(a->Lock(LockKind::kExclusive).ok());
  auto waiting = std::async(std::launch::async, [&] { return b->Lock(LockKind::kExclusive); });
  EXPECT_EQ(waiting.wait_for(std::chrono::milliseconds(50)), std::future_status::timeout);
  ASSERT_TRUE(a->Unlock().ok());
  EXPECT_TRUE(waiting.get().ok());
  EXPECT_FALSE(a->TryLock(LockKind::kShared).value());
}

TEST_F(FileTest, CannotBeLockedExclusivelyWhenOpenedForReading) {
  Create("f");
  const auto file = Open("f", OpenMode::kRead);
  EXPECT_TRUE(file->TryLock(LockKind::kShared).value());
  EXPECT_EQ(file->TryLock(LockKind::kExclusive).error().code(), Code::kIoError);
}

}  // namespace
}  // namespace reprise
