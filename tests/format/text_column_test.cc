#include "format/text_column.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <random>

#include "tests/format/column_support.h"

namespace reprise {
namespace {

std::vector<std::string> RandomTexts(std::size_t rows, std::size_t longest, std::size_t letters,
                                     std::mt19937_64* random) {
  std::vector<std::string> texts(rows);
  for (std::string& text : texts) {
    text.resize((*random)() % (longest + 1));
    for (char& letter : text) letter = static_cast<char>((*random)() % letters);
  }
  return texts;
}

TEST(TextColumn, KeepsEveryByteOfEveryType) {
  std::mt19937_64 random(1);
  for (const Type type : {Type::kString, Type::kBytes, Type::kJson}) {
    for (const std::size_t rows : Sizes{1, 2, 17, 1024, 3000}) {
      for (const std::size_t letters : Sizes{1, 3, 256}) {
        for (const std::size_t longest : Sizes{0, 1, 5, 300}) {
          const auto owned = RandomTexts(rows, longest, letters, &random);
          ExpectRoundTrip(TextView(type, Texts(owned.begin(), owned.end())));
        }
      }
    }
  }
}

TEST(TextColumn, KeepsLongTexts) {
  const std::string large(kMaxTextBytes, 'x');
  const std::string other(kMaxTextBytes, 'y');
  ExpectRoundTrip(TextView(Type::kBytes, {large, "", large, other, "small"}));
}

TEST(TextColumn, FrontCodesPathsThatShareTheirBeginning) {
  std::vector<std::string> paths;
  std::size_t bytes = 0;
  for (int i = 0; i < 2000; ++i) {
    paths.push_back(fmt::format("media/images/validation_{:06}.png", i * 100));
    bytes += paths.back().size();
  }
  const std::string chunk = ExpectRoundTrip(TextView(Type::kString, {paths.begin(), paths.end()}));
  EXPECT_LT(chunk.size(), bytes / 4);
}

TEST(TextColumn, DecodesAnyRangeAsASliceOfTheWhole) {
  std::mt19937_64 random(2);
  for (const std::size_t letters : Sizes{2, 256}) {
    const auto owned = RandomTexts(3000, letters == 2 ? 4 : 40, letters, &random);
    const Texts texts(owned.begin(), owned.end());
    const std::string chunk = Encode(TextView(Type::kString, texts));
    for (int round = 0; round < 100; ++round) {
      const std::size_t first = random() % (texts.size() + 1);
      const std::size_t count = random() % (texts.size() - first + 1);
      Column part;
      ASSERT_TRUE(DecodeColumnRange(chunk, Type::kString, texts.size(), first, count, &part).ok());
      ASSERT_EQ(part.rows, count);
      for (std::size_t i = 0; i < count; ++i) ASSERT_EQ(part.text(i), texts[first + i]);
    }
  }
}

// The same few bytes could otherwise ask for gigabytes.
TEST(TextColumn, RefusesADictionaryThatExpandsBeyondTheLimit) {
  std::vector<std::string> owned;
  const std::string stem(60000, 's');
  for (int i = 0; i < 2000; ++i) owned.push_back(fmt::format("{}{:05}", stem, i));
  Texts twice;
  for (const std::string& text : owned) {
    twice.push_back(text);
    twice.push_back(text);
  }
  const std::string chunk = Encode(TextView(Type::kString, twice));
  ASSERT_LT(chunk.size(), 100000u);
  Column column;
  EXPECT_EQ(DecodeColumn(chunk, Type::kString, twice.size(), &column).code(), Code::kCorrupt);
}

}  // namespace
}  // namespace reprise
