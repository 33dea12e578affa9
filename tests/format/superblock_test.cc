#include "format/superblock.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "format/bytes.h"
#include "format/checksum.h"
#include "tests/support/golden.h"

namespace reprise {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

Superblock GoldenSuperblock() {
  Superblock superblock;
  superblock.uuid = {0x0123456789ABCDEF, 0xFEDCBA9876543210};
  superblock.created = 1'700'000'000'123'456;
  return superblock;
}

// A superblock whose checksum fits but whose other bytes were changed by `change`.
template <typename Change>
Result<Superblock> DecodeResealed(Change change) {
  std::string bytes = EncodeSuperblock(GoldenSuperblock());
  change(bytes.data());
  const auto file_id = LoadLittle<std::uint64_t>(bytes.data() + 16);
  StoreLittle(bytes.data() + 120, Checksum(std::string_view(bytes).substr(0, 120), file_id, 0));
  return DecodeSuperblock(bytes);
}

TEST(Superblock, ComesBackAsItWasWritten) {
  Superblock superblock = GoldenSuperblock();
  superblock.compat = 0x8000000000000001;
  EXPECT_EQ(DecodeSuperblock(EncodeSuperblock(superblock)), superblock);
}

TEST(Superblock, WriterWritesTheGoldenBytes) {
  EXPECT_TRUE(testing::MatchesGolden("superblock.bin", EncodeSuperblock(GoldenSuperblock())));
}

TEST(Superblock, ReaderReadsTheGoldenBytes) {
  EXPECT_EQ(DecodeSuperblock(testing::ReadGolden("superblock.bin")), GoldenSuperblock());
}

TEST(Superblock, RejectsEveryFlippedBit) {
  const std::string good = EncodeSuperblock(GoldenSuperblock());
  for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
    std::string bad = good;
    bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << (bit % 8)));
    const auto decoded = DecodeSuperblock(bad);
    ASSERT_FALSE(decoded.has_value()) << "bit " << bit;
    EXPECT_EQ(decoded.error().code(), Code::kCorrupt) << "bit " << bit;
  }
}

TEST(Superblock, RejectsEveryOtherLength) {
  const std::string longer = EncodeSuperblock(GoldenSuperblock()) + std::string(128, '\0');
  for (std::size_t size = 0; size <= longer.size(); ++size) {
    if (size == kSuperblockSize) continue;
    EXPECT_FALSE(DecodeSuperblock(std::string_view(longer).substr(0, size))) << size << " bytes";
  }
}

TEST(Superblock, SaysWhatWasStoredAndComputed) {
  std::string bytes = EncodeSuperblock(GoldenSuperblock());
  bytes[60] = static_cast<char>(bytes[60] ^ 1);
  const auto decoded = DecodeSuperblock(bytes);
  ASSERT_FALSE(decoded.has_value());
  EXPECT_THAT(std::string(decoded.error().message()),
              AllOf(HasSubstr("at byte 120"), HasSubstr("stored "), HasSubstr("computed ")));
}

TEST(Superblock, RefusesANewerReadVersion) {
  const auto decoded = DecodeResealed([](char* p) { StoreLittle<std::uint16_t>(p + 8, 2); });
  ASSERT_FALSE(decoded.has_value());
  EXPECT_EQ(decoded.error().code(), Code::kUnsupportedVersion);
}

TEST(Superblock, RefusesAnUnknownIncompatibleFeature) {
  const auto decoded = DecodeResealed([](char* p) { StoreLittle<std::uint64_t>(p + 48, 4); });
  ASSERT_FALSE(decoded.has_value());
  EXPECT_EQ(decoded.error().code(), Code::kUnsupportedVersion);
  EXPECT_THAT(std::string(decoded.error().message()), HasSubstr("0x4"));
}

TEST(Superblock, CallsANewerStoreNewerEvenIfItUsesReservedBytes) {
  const auto decoded = DecodeResealed([](char* p) {
    StoreLittle<std::uint16_t>(p + 8, 2);
    StoreLittle<std::uint16_t>(p + 10, 2);
    p[70] = 1;
  });
  ASSERT_FALSE(decoded.has_value());
  EXPECT_EQ(decoded.error().code(), Code::kUnsupportedVersion);
}

TEST(Superblock, IsReadOnlyWithANewerWriteVersion) {
  const auto decoded = DecodeResealed([](char* p) { StoreLittle<std::uint16_t>(p + 10, 2); });
  ASSERT_TRUE(decoded.has_value());
  EXPECT_FALSE(decoded->is_writable());
}

TEST(Superblock, IsReadOnlyWithAnUnknownReadOnlyFeature) {
  const auto decoded = DecodeResealed([](char* p) { StoreLittle<std::uint64_t>(p + 40, 1); });
  ASSERT_TRUE(decoded.has_value());
  EXPECT_FALSE(decoded->is_writable());
  EXPECT_TRUE(GoldenSuperblock().is_writable());
}

TEST(Superblock, RejectsReservedBytesInUse) {
  for (const std::size_t offset : {12u, 15u, 64u, 119u}) {
    const auto decoded = DecodeResealed([&](char* p) { p[offset] = 1; });
    ASSERT_FALSE(decoded.has_value()) << "byte " << offset;
    EXPECT_EQ(decoded.error().code(), Code::kCorrupt);
  }
}

TEST(Superblock, RejectsVersionsThatMakeNoSense) {
  EXPECT_FALSE(DecodeResealed([](char* p) { StoreLittle<std::uint16_t>(p + 8, 0); }));
  EXPECT_FALSE(DecodeResealed([](char* p) { StoreLittle<std::uint16_t>(p + 10, 0); }));
}

}  // namespace
}  // namespace reprise
