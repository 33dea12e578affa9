#include "tools/import/wandb_framing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <random>
#include <sstream>
#include <vector>

namespace reprise::tools {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr std::size_t kBlock = 32768;
const std::string kFileHeader("\x3A\x57\x26\x42\xE1\xBE\x00", 7);

std::string Chunk(char type, const std::string& payload) {
  const std::string body = type + payload;
  const auto crc = static_cast<std::uint32_t>(
      crc32_z(0, reinterpret_cast<const Bytef*>(body.data()), body.size()));
  std::string chunk;
  for (int shift = 0; shift < 32; shift += 8) chunk += static_cast<char>(crc >> shift & 0xFFu);
  chunk += static_cast<char>(payload.size() & 0xFFu);
  chunk += static_cast<char>(payload.size() >> 8);
  return chunk + body;
}

// Frames records as the writers of these logs do.
std::string Frame(const std::vector<std::string>& records) {
  std::string file = kFileHeader;
  for (const std::string& record : records) {
    std::size_t at = 0;
    bool first = true;
    do {
      std::size_t room = kBlock - file.size() % kBlock;
      if (room < 7) {
        file.append(room, '\0');
        room = kBlock;
      }
      const std::size_t size = std::min(room - 7, record.size() - at);
      const bool last = at + size == record.size();
      const char type = first ? (last ? '\1' : '\2') : (last ? '\4' : '\3');
      file += Chunk(type, record.substr(at, size));
      at += size;
      first = false;
    } while (at < record.size());
  }
  return file;
}

struct Outcome {
  Status header;
  std::vector<std::string> records;
  std::vector<FramingDamage> damage;
};

Outcome Read(const std::string& file) {
  Outcome outcome;
  std::istringstream in(file);
  WandbFraming framing(&in, [&](const FramingDamage& d) { outcome.damage.push_back(d); });
  outcome.header = framing.ReadHeader();
  if (!outcome.header.ok()) return outcome;
  while (const auto record = framing.Next()) outcome.records.emplace_back(record->bytes);
  return outcome;
}

TEST(WandbFraming, EmptyRecordHasThePublishedBytes) {
  EXPECT_EQ(Chunk(1, ""), std::string("\x1B\xDF\x05\xA5\x00\x00\x01", 7));
}

TEST(WandbFraming, ARecordWithoutEndIsLostUpToTheNextOne) {
  const Outcome outcome = Read(kFileHeader + Chunk(2, "first half") + Chunk(1, "another"));
  EXPECT_THAT(outcome.records, ElementsAre("another"));
  ASSERT_EQ(outcome.damage.size(), 1U);
  EXPECT_EQ(outcome.damage[0].offset, 7U);
  EXPECT_EQ(outcome.damage[0].lost, Chunk(2, "first half").size());
}

TEST(WandbFraming, JoinsRecordsAcrossBlocks) {
  const std::vector<std::string> records = {"a", std::string(100000, 'b'), "",
                                            std::string(32768, 'c')};
  const Outcome outcome = Read(Frame(records));
  EXPECT_EQ(outcome.records, records);
  EXPECT_THAT(outcome.damage, IsEmpty());
}

TEST(WandbFraming, GoesOnInTheNextBlockAfterABadChunk) {
  std::vector<std::string> records = {"23456789"};
  records[0] = "ab";  // 9 bytes with its header
  records.resize(4679);
  records.push_back("next block");
  std::string file = Frame(records);
  file[16] = static_cast<char>(file[16] ^ 1);
  const Outcome outcome = Read(file);
  EXPECT_THAT(outcome.records, ElementsAre("ab", "next block"));
  ASSERT_EQ(outcome.damage.size(), 1u);
  EXPECT_EQ(outcome.damage[0].offset, 16u);
  EXPECT_EQ(outcome.damage[0].lost, kBlock - 16);
  EXPECT_THAT(outcome.damage[0].what, HasSubstr("checksum"));
}

TEST(WandbFraming, SkipsTheRestOfARecordWhoseStartIsDamaged) {
  std::string file = Frame({std::string(3 * kBlock, 'a'), "after"});
  file[100] = 'x';
  const Outcome outcome = Read(file);
  EXPECT_THAT(outcome.records, ElementsAre("after"));
  EXPECT_EQ(outcome.damage.size(), 1u);
}

TEST(WandbFraming, NamesTheByteWhereAFileIsTorn) {
  const std::string file = Frame({"whole", "torn record"});
  for (std::size_t size = 7 + 12 + 1; size < file.size(); ++size) {
    const Outcome outcome = Read(file.substr(0, size));
    EXPECT_THAT(outcome.records, ElementsAre("whole"));
    ASSERT_EQ(outcome.damage.size(), 1u) << size;
    EXPECT_EQ(outcome.damage[0].offset, 19u);
    EXPECT_EQ(outcome.damage[0].lost, size - 19);
  }
}

TEST(WandbFraming, ReportsARecordWithoutItsEnd) {
  const std::string file = Frame({"whole", std::string(50000, 'a')}).substr(0, kBlock);
  const Outcome outcome = Read(file);
  EXPECT_THAT(outcome.records, ElementsAre("whole"));
  ASSERT_EQ(outcome.damage.size(), 1u);
  EXPECT_EQ(outcome.damage[0].offset, 19u);
  EXPECT_THAT(outcome.damage[0].what, HasSubstr("ends inside a record"));
}

TEST(WandbFraming, TakesAnEmptyFileAndABareHeader) {
  const Outcome empty = Read("");
  EXPECT_TRUE(empty.header.ok());
  EXPECT_EQ(empty.damage.size(), 1u);
  const Outcome bare = Read(kFileHeader);
  EXPECT_TRUE(bare.header.ok());
  EXPECT_THAT(bare.damage, IsEmpty());
  EXPECT_THAT(bare.records, IsEmpty());
}

TEST(WandbFraming, RefusesOtherFilesAndLaterVersions) {
  EXPECT_EQ(Read("PK\x03\x04 zip").header.code(), Code::kInvalidArgument);
  std::string later = kFileHeader;
  later[6] = 2;
  EXPECT_EQ(Read(later).header.code(), Code::kUnsupportedVersion);
}

TEST(WandbFraming, SkipsZeroesAndReportsThem) {
  std::string file = Frame({"one"});
  file.resize(kBlock, '\0');
  file += Chunk(1, "two");
  const Outcome outcome = Read(file);
  EXPECT_THAT(outcome.records, ElementsAre("one", "two"));
  ASSERT_EQ(outcome.damage.size(), 1u);
  EXPECT_EQ(outcome.damage[0].offset, 17u);
}

TEST(WandbFraming, EnduresAnyBytes) {
  const std::uint64_t seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  const std::string whole = Frame({"a", std::string(70000, 'b'), "c", "d", ""});
  for (int round = 0; round < 300; ++round) {
    std::string file = whole.substr(0, 7 + random() % whole.size());
    for (int flips = 0; flips < 5; ++flips) {
      if (file.size() > 7) file[7 + random() % (file.size() - 7)] = static_cast<char>(random());
    }
    const Outcome outcome = Read(file);
    EXPECT_LE(outcome.records.size(), 5u);
  }
}

}  // namespace
}  // namespace reprise::tools
