#include "format/distinct_text.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <string>

#include "format/checksum.h"
#include "tests/format/column_support.h"

namespace reprise {
namespace {

// Of few letters, zeros among them, so that texts repeat and begin alike.
std::vector<std::string> RandomTexts(std::size_t rows, std::size_t longest, std::size_t shared,
                                     std::mt19937_64* random) {
  std::vector<std::string> texts(rows);
  for (std::string& text : texts) {
    text.assign(shared, 'a');
    const std::size_t size = (*random)() % (longest + 1);
    for (std::size_t i = 0; i < size; ++i) text += "\0a\xFF"[(*random)() % 3];
  }
  return texts;
}

// Texts whose hashes begin with ten zeros.
std::vector<std::string> CollidingTexts(std::size_t count) {
  std::vector<std::string> texts;
  for (std::uint64_t i = 100'000'000; texts.size() < count; ++i) {
    const std::string text = "collide" + std::to_string(i);
    if (Hash(text) >> 54 == 0) texts.push_back(text);
  }
  return texts;
}

TEST(DistinctTexts, AreThoseOfAMapInOrderOfAppearance) {
  std::mt19937_64 random(1);
  for (const std::size_t rows : Sizes{1, 2, 30, 1000}) {
    for (const std::size_t longest : Sizes{0, 1, 3, 7, 8, 9, 30}) {
      const auto owned = RandomTexts(rows, longest, 0, &random);
      const Texts texts(owned.begin(), owned.end());
      const auto distinct = FindDistinctTexts(texts);
      ASSERT_TRUE(distinct.has_value());
      std::map<std::string_view, std::uint64_t> known;
      for (std::size_t i = 0; i < rows; ++i) {
        const std::uint64_t rank = known.try_emplace(texts[i], known.size()).first->second;
        ASSERT_EQ(distinct->ranks[i], rank) << i << " of " << rows << ", longest " << longest;
        ASSERT_EQ(distinct->texts[rank], texts[i]);
      }
      EXPECT_EQ(distinct->texts.size(), known.size());
    }
  }
}

TEST(DistinctTexts, SortByTheirBytes) {
  std::mt19937_64 random(2);
  for (const std::size_t rows : Sizes{1, 2, 30, 127, 128, 3000}) {
    for (const std::size_t longest : Sizes{1, 8, 9, 40}) {
      for (const std::size_t shared : Sizes{0, 5, 8, 100}) {
        const auto owned = RandomTexts(rows, longest, shared, &random);
        const Texts texts(owned.begin(), owned.end());
        auto distinct = FindDistinctTexts(texts);
        ASSERT_TRUE(distinct.has_value());
        Texts expected = distinct->texts;
        std::sort(expected.begin(), expected.end());
        SortTexts(&*distinct);
        ASSERT_EQ(distinct->texts, expected) << rows << " rows, " << shared << " + " << longest;
        for (std::size_t i = 0; i < rows; ++i) {
          ASSERT_EQ(distinct->texts[distinct->ranks[i]], texts[i]);
        }
      }
    }
  }
}

TEST(DistinctTexts, AreGivenUpWhereTheyCollide) {
  const auto owned = CollidingTexts(300);
  const Texts texts(owned.begin(), owned.end());
  EXPECT_FALSE(FindDistinctTexts(texts).has_value());
  ExpectRoundTrip(TextView(Type::kString, texts));
}

TEST(DistinctTexts, ShareWhatIsEqualAtTheirBegin) {
  std::mt19937_64 random(3);
  for (int round = 0; round < 2000; ++round) {
    const auto two = RandomTexts(2, 20, random() % 10, &random);
    std::size_t shared = 0;
    while (shared < std::min(two[0].size(), two[1].size()) && two[0][shared] == two[1][shared]) {
      ++shared;
    }
    ASSERT_EQ(SharedPrefix(two[0], two[1]), shared);
  }
}

}  // namespace
}  // namespace reprise
