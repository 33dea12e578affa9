#include "engine/io/directory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <cerrno>
#include <fstream>

#include "engine/io/io.h"
#include "tests/support/child_process.h"
#include "tests/support/deny_system_call.h"
#include "tests/support/temp_dir.h"

namespace reprise {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class DirectoryTest : public testing::Test {
 protected:
  void Make(std::string_view name, std::string_view text = "") {
    const auto file = directory_->Create(name).value();
    ASSERT_TRUE(file->WriteAt(0, text).ok());
  }
  std::string Text(Directory& directory, std::string_view name) {
    const auto file = directory.Open(name, OpenMode::kRead).value();
    return ReadWhole(*file, 1000).value();
  }
  Code CodeOfOpen(std::string_view name) {
    const auto file = directory_->Open(name, OpenMode::kReadWrite);
    return file.has_value() ? Code::kOk : file.error().code();
  }

  TempDir temp_;
  std::unique_ptr<Directory> directory_ = SystemIo().files->OpenDirectory(temp_.path()).value();
};

TEST_F(DirectoryTest, ListsNamesInOrder) {
  Make("b");
  Make("a");
  Make("B");
  ASSERT_TRUE(directory_->MakeDirectory("c").ok());
  EXPECT_THAT(directory_->List().value(), ElementsAre("B", "a", "b", "c"));
  EXPECT_THAT(directory_->List().value(), ElementsAre("B", "a", "b", "c"));
}

TEST_F(DirectoryTest, SaysThatAFileIsMissing) {
  const auto file = directory_->Open("absent", OpenMode::kRead);
  ASSERT_FALSE(file.has_value());
  EXPECT_EQ(file.error().code(), Code::kNotFound);
  EXPECT_EQ(std::string(file.error().message()),
            "open failed: '" + temp_.Of("absent") + "' (ENOENT: No such file or directory)");
  EXPECT_FALSE(directory_->Exists("absent").value());
  EXPECT_EQ(directory_->Remove("absent").code(), Code::kNotFound);
}

TEST_F(DirectoryTest, NeverCreatesAFileOverAnother) {
  Make("f", "old");
  EXPECT_EQ(directory_->Create("f").error().code(), Code::kAlreadyExists);
  EXPECT_EQ(directory_->MakeDirectory("f").code(), Code::kAlreadyExists);
  EXPECT_EQ(Text(*directory_, "f"), "old");
}

class UnfitName : public DirectoryTest, public testing::WithParamInterface<std::string> {};

TEST_P(UnfitName, IsRefusedByEveryMethod) {
  const std::string& name = GetParam();
  Make("f");
  EXPECT_EQ(CodeOfOpen(name), Code::kInvalidArgument);
  EXPECT_EQ(directory_->Create(name).error().code(), Code::kInvalidArgument);
  EXPECT_EQ(directory_->OpenDirectory(name).error().code(), Code::kInvalidArgument);
  EXPECT_EQ(directory_->MakeDirectory(name).code(), Code::kInvalidArgument);
  EXPECT_EQ(directory_->Rename("f", name).code(), Code::kInvalidArgument);
  EXPECT_EQ(directory_->Rename(name, "f").code(), Code::kInvalidArgument);
  EXPECT_EQ(directory_->RenameNoReplace("f", name).code(), Code::kInvalidArgument);
  EXPECT_EQ(directory_->RenameInto("f", *directory_, name).code(), Code::kInvalidArgument);
  EXPECT_EQ(directory_->Remove(name).code(), Code::kInvalidArgument);
  EXPECT_EQ(directory_->Exists(name).error().code(), Code::kInvalidArgument);
}

INSTANTIATE_TEST_SUITE_P(, UnfitName,
                         testing::Values("", ".", "..", "/", "a/b", "/etc", "../f",
                                         std::string("f\0g", 3)));

TEST_F(DirectoryTest, RefusesWhatIsNotARegularFile) {
  Make("f");
  ASSERT_TRUE(directory_->MakeDirectory("directory").ok());
  std::filesystem::create_symlink("f", temp_.Of("link"));
  ASSERT_EQ(mkfifo(temp_.Of("pipe").c_str(), 0600), 0);
  EXPECT_EQ(CodeOfOpen("f"), Code::kOk);
  EXPECT_EQ(CodeOfOpen("directory"), Code::kIoError);
  EXPECT_EQ(CodeOfOpen("link"), Code::kIoError);
  EXPECT_EQ(CodeOfOpen("pipe"), Code::kIoError);
}

TEST_F(DirectoryTest, CreatesNoFileThroughASymbolicLink) {
  std::filesystem::create_symlink("elsewhere", temp_.Of("link"));
  const auto file = directory_->Create("link");
  ASSERT_FALSE(file.has_value());
  EXPECT_EQ(file.error().code(), Code::kAlreadyExists);
  EXPECT_FALSE(std::filesystem::exists(temp_.Of("elsewhere")));
}

TEST(Directory, RefusesDevices) {
  const auto directory = SystemIo().files->OpenDirectory("/dev").value();
  const auto file = directory->Open("null", OpenMode::kRead);
  ASSERT_FALSE(file.has_value());
  EXPECT_EQ(file.error().code(), Code::kIoError);
}

TEST_F(DirectoryTest, FollowsNoSymbolicLinkToADirectory) {
  ASSERT_TRUE(directory_->MakeDirectory("d").ok());
  std::filesystem::create_directory_symlink("d", temp_.Of("link"));
  EXPECT_TRUE(directory_->OpenDirectory("d").has_value());
  EXPECT_FALSE(directory_->OpenDirectory("link").has_value());
  // But it does where the user names the path.
  EXPECT_TRUE(SystemIo().files->OpenDirectory(temp_.Of("link")).has_value());
}

TEST_F(DirectoryTest, RenamesOverAnExistingFile) {
  Make("new", "new");
  Make("old", "old");
  ASSERT_TRUE(directory_->Rename("new", "old").ok());
  EXPECT_THAT(directory_->List().value(), ElementsAre("old"));
  EXPECT_EQ(Text(*directory_, "old"), "new");
}

TEST_F(DirectoryTest, RenamesWithoutReplacing) {
  Make("a", "a");
  Make("b", "b");
  EXPECT_EQ(directory_->RenameNoReplace("a", "b").code(), Code::kAlreadyExists);
  EXPECT_EQ(Text(*directory_, "b"), "b");
  EXPECT_TRUE(directory_->RenameNoReplace("a", "c").ok());
  EXPECT_THAT(directory_->List().value(), ElementsAre("b", "c"));
}

TEST_F(DirectoryTest, RenamesWithoutReplacingWhereTheFileSystemCannot) {
  Make("a", "a");
  Make("b", "b");
  EXPECT_EQ(RunInChild([&] {
              const auto directory = SystemIo().files->OpenDirectory(temp_.path()).value();
              if (!DenySystemCall(SYS_renameat2, EINVAL)) return 99;
              if (directory->RenameNoReplace("a", "b").code() != Code::kAlreadyExists) return 1;
              return directory->RenameNoReplace("a", "c").ok() ? 0 : 2;
            }),
            0);
  EXPECT_THAT(directory_->List().value(), ElementsAre("b", "c"));
  EXPECT_EQ(Text(*directory_, "b"), "b");
  EXPECT_EQ(Text(*directory_, "c"), "a");
}

TEST_F(DirectoryTest, MovesFilesIntoAnotherDirectory) {
  Make("f", "text");
  ASSERT_TRUE(directory_->MakeDirectory("trash").ok());
  const auto trash = directory_->OpenDirectory("trash").value();
  ASSERT_TRUE(directory_->RenameInto("f", *trash, "g").ok());
  EXPECT_FALSE(directory_->Exists("f").value());
  EXPECT_EQ(Text(*trash, "g"), "text");
}

TEST_F(DirectoryTest, KeepsRemovedFilesReadableWhileOpen) {
  Make("f", "text");
  const auto file = directory_->Open("f", OpenMode::kRead).value();
  ASSERT_TRUE(directory_->Remove("f").ok());
  EXPECT_FALSE(directory_->Exists("f").value());
  EXPECT_EQ(ReadWhole(*file, 100).value(), "text");
}

TEST_F(DirectoryTest, StaysTheOneThatWasOpenedWhenItsPathChanges) {
  ASSERT_TRUE(directory_->MakeDirectory("d").ok());
  const auto opened = directory_->OpenDirectory("d").value();
  std::filesystem::rename(temp_.Of("d"), temp_.Of("moved"));
  std::filesystem::create_directory(temp_.Of("d"));
  ASSERT_TRUE(opened->Create("f").has_value());
  EXPECT_TRUE(std::filesystem::exists(temp_.Of("moved/f")));
  EXPECT_FALSE(std::filesystem::exists(temp_.Of("d/f")));
}

TEST_F(DirectoryTest, IsTheSameByAnyPath) {
  ASSERT_TRUE(directory_->MakeDirectory("d").ok());
  const auto id = directory_->OpenDirectory("d").value()->Id().value();
  const auto again = SystemIo().files->OpenDirectory(temp_.Of("./d/")).value();
  EXPECT_EQ(again->Id().value(), id);
  EXPECT_NE(directory_->Id().value(), id);
}

TEST_F(DirectoryTest, Syncs) {
  Make("f");
  EXPECT_TRUE(directory_->Sync().ok());
}

TEST_F(DirectoryTest, NeverSyncsAgainAfterAFailure) {
  const auto procfs = SystemIo().files->OpenDirectory("/proc/self").value();
  EXPECT_THAT(std::string(procfs->Sync().message()), HasSubstr("fsync failed"));
  EXPECT_THAT(std::string(procfs->Sync().message()), HasSubstr("an earlier sync failed"));
}

TEST_F(DirectoryTest, KnowsThatProcfsIsLocal) {
  EXPECT_FALSE(SystemIo().files->OpenDirectory("/proc").value()->OnNetwork().value());
}

}  // namespace
}  // namespace reprise
