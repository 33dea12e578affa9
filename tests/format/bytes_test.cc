#include "format/bytes.h"

#include <gtest/gtest.h>

#include <limits>

namespace reprise {
namespace {

TEST(ByteReader, GivesBackWhatWasWritten) {
  std::string bytes;
  ByteWriter writer(&bytes);
  writer.Fixed<std::uint32_t>(7);
  writer.Varint(std::numeric_limits<std::uint64_t>::max());
  writer.SignedVarint(std::numeric_limits<std::int64_t>::min());
  writer.Sized("text");

  ByteReader reader(bytes);
  std::uint32_t fixed = 0;
  std::uint64_t varint = 0;
  std::int64_t signed_varint = 0;
  std::string_view text;
  EXPECT_TRUE(reader.Fixed(&fixed) && reader.Varint(&varint) &&
              reader.SignedVarint(&signed_varint) && reader.Sized(&text));
  EXPECT_EQ(fixed, 7u);
  EXPECT_EQ(varint, std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(signed_varint, std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(text, "text");
  EXPECT_TRUE(reader.AtCleanEnd());
}

TEST(ByteWriter, PutsALengthBeforeWhatWasAppended) {
  for (const std::size_t size : {0U, 1U, 127U, 128U, 20'000U}) {
    const std::string text(size, 'x');
    std::string expected = "front";
    ByteWriter(&expected).Sized(text);
    std::string bytes = "front";
    const std::size_t at = bytes.size();
    bytes += text;
    ByteWriter(&bytes).SizeSince(at);
    EXPECT_EQ(bytes, expected) << size;
  }
}

TEST(ByteReader, RejectsALengthBeyondTheEnd) {
  ByteReader reader(
      std::string_view("\x05"
                       "abc",
                       4));
  std::string_view text;
  EXPECT_FALSE(reader.Sized(&text));
  EXPECT_TRUE(reader.failed());
}

TEST(ByteReader, RejectsAVarintOfMoreThan64Bits) {
  const std::string bytes(9, '\xFF');
  std::uint64_t value = 0;
  const std::string too_big_bytes = bytes + '\x02';
  ByteReader too_big(too_big_bytes);
  EXPECT_FALSE(too_big.Varint(&value));
  const std::string endless_bytes = bytes + '\xFF';
  ByteReader endless(endless_bytes);
  EXPECT_FALSE(endless.Varint(&value));
}

TEST(ByteReader, StaysFailedAfterAnOverrun) {
  ByteReader reader("ab");
  std::uint32_t four = 0;
  std::uint16_t two = 0;
  EXPECT_FALSE(reader.Fixed(&four));
  EXPECT_FALSE(reader.Fixed(&two));
}

}  // namespace
}  // namespace reprise
