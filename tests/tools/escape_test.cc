#include "tools/escape.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace reprise::tools {
namespace {

TEST(Escape, LeavesPlainTextAsItIs) {
  EXPECT_EQ(Escape("train/loss 损失 🚀 é"), "train/loss 损失 🚀 é");
}

TEST(Escape, LetsNoControlCharacterThrough) {
  EXPECT_EQ(Escape("a\x1b[31mred\r\n\t\x7f"), "a\\x1b[31mred\\r\\n\\t\\x7f");
  EXPECT_EQ(Escape(std::string_view("a\0b", 3)), "a\\x00b");
}

TEST(Escape, ShowsSecondControlsAndBidirectionalOverrides) {
  EXPECT_EQ(Escape("\xC2\x9B"), "\\u009b");
  for (const auto& [raw, shown] :
       std::vector<std::pair<std::string, std::string>>{{"\xD8\x9C", "\\u061c"},
                                                        {"\xE2\x80\x8E", "\\u200e"},
                                                        {"\xE2\x80\x8F", "\\u200f"},
                                                        {"\xE2\x80\xAA", "\\u202a"},
                                                        {"\xE2\x80\xAE", "\\u202e"},
                                                        {"\xE2\x81\xA6", "\\u2066"},
                                                        {"\xE2\x81\xA9", "\\u2069"}}) {
    EXPECT_EQ(Escape(raw), shown);
  }
}

TEST(Escape, ShowsBrokenUtf8AsBytes) {
  EXPECT_EQ(Escape("a\xC3"), "a\\xc3");
  EXPECT_EQ(Escape("\xC0\x80"), "\\xc0\\x80");           // overlong
  EXPECT_EQ(Escape("\xED\xA0\x80"), "\\xed\\xa0\\x80");  // a surrogate
  EXPECT_EQ(Escape("\x9B"), "\\x9b");
}

TEST(IsUtf8, TellsBrokenFromWhole) {
  EXPECT_TRUE(IsUtf8("损失"));
  EXPECT_FALSE(IsUtf8("\xE6\x8D"));
  EXPECT_FALSE(IsUtf8("\xF5\x80\x80\x80"));
}

TEST(DisplayWidth, CountsColumnsNotBytes) {
  EXPECT_EQ(DisplayWidth("abc"), 3u);
  EXPECT_EQ(DisplayWidth("损失"), 4u);
  EXPECT_EQ(DisplayWidth("🚀"), 2u);
  EXPECT_EQ(DisplayWidth("e\xCC\x81"), 1u);
}

TEST(CutToWidth, EndsInAnEllipsisOnlyIfCut) {
  EXPECT_EQ(CutToWidth("loss", 4), "loss");
  EXPECT_EQ(CutToWidth("losses", 4), "los…");
  EXPECT_EQ(CutToWidth("损失损失", 4), "损…");
  EXPECT_EQ(CutToWidth("loss", 0), "");
}

}  // namespace
}  // namespace reprise::tools
