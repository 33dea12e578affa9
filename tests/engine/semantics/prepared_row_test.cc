// Rows whose keys were checked beforehand are rows like all others.
#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

#include "tests/support/run_fixture.h"

namespace reprise {
namespace {

using PreparedRows = RunFixture;

TEST_F(PreparedRows, AreLoggedInTheOrderOfTheKeysGiven) {
  RunWriter run = Start("a");
  const PreparedRow row = run.Prepare({"z", "a", "m"}).value();
  EXPECT_EQ(row.size(), 3u);
  EXPECT_EQ(run.Log(row, std::vector<double>{1, 2, 3}), 0);
  EXPECT_EQ(run.Log(row, std::vector<double>{4, 5, 6}), 1);
  EXPECT_EQ(RowsOf("a"), (Lines{"0 a=2.0 m=3.0 z=1.0", "1 a=5.0 m=6.0 z=4.0"}));
}

TEST_F(PreparedRows, ShareShapesAndOpenRowsWithOthers) {
  RunWriter run = Start("a");
  const PreparedRow row = run.Prepare({"y", "x"}).value();
  ASSERT_TRUE(run.Log({{"x", 0.5}, {"w", 7}}, {.step = 3}));
  EXPECT_EQ(run.Log(row, std::vector<double>{1, 2}), 3);
  EXPECT_EQ(run.Log({{"x", 8.0}, {"y", 9.0}}), 4);
  EXPECT_EQ(run.Log(row, std::vector<double>{1, 2}, {.step = 9}), 9);
  EXPECT_EQ(RowsOf("a"), (Lines{"3 w=7 x=2.0 y=1.0", "4 x=8.0 y=9.0", "9 x=2.0 y=1.0 (open)"}));
}

TEST_F(PreparedRows, MayHaveNoTime) {
  RunWriter run = Start("a");
  const PreparedRow row = run.Prepare({"x"}).value();
  ASSERT_TRUE(run.Log(row, std::vector<double>{1}, {.time = kNoTime}));
  ASSERT_TRUE(run.Log(row, std::vector<double>{2}, {.time = 17}));
  ASSERT_TRUE(run.Finish().ok());
  RowCursor rows = store().OpenHistory(At("a"))->Rows({}).value();
  ASSERT_TRUE(rows.Next().value());
  EXPECT_EQ(rows.row().time, kNoTime);
  ASSERT_TRUE(rows.Next().value());
  EXPECT_EQ(rows.row().time, 17);
}

TEST_F(PreparedRows, ServeEveryRunOfTheirStore) {
  RunWriter a = Start("a");
  RunWriter b = Start("b");
  const PreparedRow row = a.Prepare({"x"}).value();
  ASSERT_TRUE(a.Finish().ok());
  EXPECT_EQ(b.Log(row, std::vector<double>{1}), 0);
  ASSERT_TRUE(b.Rewind(kNoStep).ok());
  EXPECT_EQ(b.Log(row, std::vector<double>{2}), 0);
  EXPECT_EQ(RowsOf("b"), (Lines{"0 x=2.0"}));
}

TEST_F(PreparedRows, OfAnotherStoreAreRefused) {
  RunWriter run = Start("a");
  const PreparedRow row = run.Prepare({"x"}).value();
  ASSERT_TRUE(run.Finish().ok());
  Reopen();
  RunWriter other = Start("b");
  EXPECT_EQ(CodeOf(other.Log(row, std::vector<double>{1})), Code::kInvalidArgument);
  EXPECT_EQ(other.next_step(), 0);
}

TEST_F(PreparedRows, TakeOneValueForEachKey) {
  RunWriter run = Start("a");
  const PreparedRow row = run.Prepare({"x", "y"}).value();
  EXPECT_EQ(CodeOf(run.Log(row, std::vector<double>{1})), Code::kInvalidArgument);
  EXPECT_EQ(CodeOf(run.Log(row, std::vector<double>{1, 2, 3})), Code::kInvalidArgument);
  EXPECT_EQ(run.next_step(), 0);
}

TEST_F(PreparedRows, CheckTheirKeys) {
  RunWriter run = Start("a");
  for (const std::vector<std::string_view>& keys : {std::vector<std::string_view>{""},
                                                    {"x", "x"},
                                                    {"a\nb"},
                                                    {"\xFF"},
                                                    {"_step"},
                                                    {"_timestamp"}}) {
    EXPECT_EQ(CodeOf(run.Prepare(keys)), Code::kInvalidArgument);
  }
  const std::string long_key(1025, 'k');
  EXPECT_EQ(CodeOf(run.Prepare({long_key})), Code::kInvalidArgument);
  EXPECT_EQ(run.Log(run.Prepare({}).value(), {}), 0) << "a row without keys is a row";
  ASSERT_TRUE(run.Finish().ok());
  EXPECT_EQ(CodeOf(run.Prepare({"x"})), Code::kClosed);
}

}  // namespace
}  // namespace reprise
