// The examples of format/column.md and format/tiny_block.md, and bytes that no build may change.
#include <gtest/gtest.h>

#include <cstdlib>
#include <random>

#include "format/checksum.h"
#include "format/text_template.h"
#include "format/tiny_block.h"
#include "tests/format/column_support.h"

namespace reprise {
namespace {

std::string Hex(std::string_view bytes) {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  std::string text;
  for (const char byte : bytes) {
    if (!text.empty()) text += ' ';
    text += kDigits[static_cast<std::uint8_t>(byte) >> 4];
    text += kDigits[static_cast<std::uint8_t>(byte) & 15];
  }
  return text;
}

TEST(ColumnSpecification, HasTheBytesOfItsExample) {
  Bits bits = MakeDoubles(6, [](std::size_t i) { return static_cast<double>(i + 1) / 10; });
  bits[5] = 0x7FF8000000000000;
  EXPECT_EQ(Hex(ExpectRoundTrip(NumberView(Type::kDouble, bits))),
            "00 8A 01 01 02 00 01 00 80 80 80 80 80 80 80 F8 FF 01 0F 05 00");
}

TEST(TextTemplateSpecification, HasTheBytesOfItsExample) {
  const Texts texts = {"3: 0.0, 0.3333333333333333, 0.6666666666666666, 1.0",
                       "5: 0.0, 0.6666666666666666, 1.3333333333333333, 2.0"};
  std::string chunk;
  ASSERT_TRUE(EncodeTemplates(texts, kMaxTextBytes, &chunk));
  EXPECT_EQ(Hex(chunk),
            "04 02 "
            "0F 02 05 00 00 03 08 20 F8 3A 20 F9 F8 3A 20 F9 "
            "00 02 05 00 00 01 02 02 05 00 00 02 06 08 "
            "15 08 05 00 00 03 08 20 05 00 01 00 34 00 06 00 02 01 00 02 02 04 00 00 00 00");
  Column column;
  ASSERT_TRUE(DecodeColumn(chunk, Type::kString, 2, &column).ok());
  for (std::size_t i = 0; i < 2; ++i) EXPECT_EQ(column.text(i), texts[i]);
}

TEST(TinyBlockSpecification, HasTheBytesOfItsExample) {
  const std::vector<std::int64_t> steps = {0, 10};
  const Bits sevens = {7, 7};
  const Bits halves = {std::bit_cast<std::uint64_t>(0.5), std::bit_cast<std::uint64_t>(0.25)};
  const Texts texts = {"a", "a"};
  const std::vector<ColumnView> columns = {NumberView(Type::kInt64, sevens),
                                           NumberView(Type::kDouble, halves),
                                           TextView(Type::kString, texts)};
  std::string block;
  EncodeTinyBlock({.rows = 2, .steps = steps, .times = {}, .columns = columns}, &block);
  EXPECT_EQ(Hex(block), "00 14 80 0E 02 64 32 02 61 00");
}

// Two builds that disagree here write different stores from the same run. A better encoder may
// change these numbers, once and for every build.
TEST(ColumnSpecification, GivesTheSameBytesInEveryBuild) {
  std::mt19937_64 random(1);
  std::string chunks;
  const auto add = [&](Type type, const Bits& bits) {
    chunks += ExpectRoundTrip(NumberView(type, bits));
  };
  add(Type::kDouble, MakeDoubles(9000, [&](std::size_t i) {
        return 10.0 / (1.0 + static_cast<double>(i)) + static_cast<double>(random() % 1000) / 7;
      }));
  add(Type::kDouble, MakeDoubles(9000, [&](std::size_t) {
        return static_cast<double>(static_cast<float>(random() % 100000) / 333.0F);
      }));
  add(Type::kDouble, MakeDoubles(9000, [&](std::size_t) {
        return (random() % 50 == 0 ? 0.1 + 0.2 : static_cast<double>(random() % 9000) / 1000);
      }));
  add(Type::kDouble, MakeDoubles(9000, [&](std::size_t) {
        const auto sixth = static_cast<std::int64_t>(random() % 70'000) - 35'000;
        return static_cast<double>(sixth * std::abs(sixth)) / 6e6;
      }));
  Bits integers(9000);
  for (std::size_t i = 0; i < integers.size(); ++i) integers[i] = i * 1000 + random() % 100;
  add(Type::kInt64, integers);
  for (auto& integer : integers) integer = (integer % 37) << 50;
  add(Type::kInt64, integers);
  EXPECT_EQ(Hash(chunks), 14159772177413862339u) << chunks.size();
}

}  // namespace
}  // namespace reprise
