#include "engine/store/layout.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "tests/support/file_bytes.h"
#include "tests/support/temp_dir.h"

namespace reprise {
namespace {

TEST(Layout, OpensWhatItMade) {
  const TempDir temp;
  const std::string path = temp.Of("deep/store");
  const StoreLayout made = MakeLayout(SystemIo(), path).value();
  const StoreLayout opened = OpenLayout(SystemIo(), path, false).value();
  EXPECT_EQ(made.uuid.size(), 16U);
  EXPECT_EQ(opened.uuid, made.uuid);
  EXPECT_FALSE(opened.read_only);
  EXPECT_TRUE(OpenLayout(SystemIo(), path, true).value().read_only);
}

TEST(Layout, RefusesToMakeAStoreTwice) {
  const TempDir temp;
  ASSERT_TRUE(MakeLayout(SystemIo(), temp.path()).has_value());
  EXPECT_EQ(MakeLayout(SystemIo(), temp.path()).error().code(), Code::kAlreadyExists);
}

TEST(Layout, FindsNoStoreWhereThereIsNoSuperblock) {
  const TempDir temp;
  EXPECT_EQ(OpenLayout(SystemIo(), temp.path(), false).error().code(), Code::kNotFound);
  EXPECT_EQ(OpenLayout(SystemIo(), temp.Of("absent"), false).error().code(), Code::kNotFound);
}

TEST(Layout, SaysWhatIsThereInPlaceOfADirectory) {
  const TempDir temp;
  WriteFile(temp.Of("file"), "");
  EXPECT_EQ(OpenLayout(SystemIo(), temp.Of("file"), false).error().code(), Code::kIoError);
  const std::string absent = OpenLayout(SystemIo(), temp.Of("absent"), false).error().ToString();
  EXPECT_NE(absent.find("no store"), std::string::npos) << absent;
}

TEST(Layout, FinishesAHalfMadeStore) {
  const TempDir temp;
  std::filesystem::create_directory(temp.Of("log"));
  EXPECT_EQ(OpenLayout(SystemIo(), temp.path(), false).error().code(), Code::kNotFound);
  EXPECT_TRUE(MakeLayout(SystemIo(), temp.path()).has_value());
  EXPECT_TRUE(OpenLayout(SystemIo(), temp.path(), false).has_value());
}

TEST(Layout, MakesNoStoreOverOneThatLostItsSuperblock) {
  const TempDir temp;
  ASSERT_TRUE(MakeLayout(SystemIo(), temp.path()).has_value());
  std::filesystem::remove(temp.Of("STORE"));
  EXPECT_EQ(OpenLayout(SystemIo(), temp.path(), false).error().code(), Code::kNotFound);
  WriteFile(temp.Of("packs/00000000000000aa.pack"), "");
  EXPECT_EQ(OpenLayout(SystemIo(), temp.path(), false).error().code(), Code::kCorrupt);
}

TEST(Layout, SaysWhichDirectoryIsMissing) {
  const TempDir temp;
  ASSERT_TRUE(MakeLayout(SystemIo(), temp.path()).has_value());
  std::filesystem::remove(temp.Of("packs"));
  const auto opened = OpenLayout(SystemIo(), temp.path(), false);
  ASSERT_FALSE(opened.has_value());
  EXPECT_EQ(opened.error().code(), Code::kCorrupt);
  EXPECT_NE(opened.error().message().find("packs"), std::string::npos);
}

}  // namespace
}  // namespace reprise
