#include "format/pack.h"

#include <gtest/gtest.h>

#include "format/bytes.h"
#include "format/checksum.h"

namespace reprise {
namespace {

constexpr std::uint64_t kFileId = 0x1122334455667788;

PackHeader SomePack() {
  PackHeader header;
  header.file_id = kFileId;
  header.store_uuid = "0123456789abcdef";
  header.pack = 0xABCDEF;
  header.created = 1'700'000'000'000'000;
  return header;
}

FrameHeader SomeSegment() {
  FrameHeader header;
  header.branch = {{1, 2}, 3};
  header.stream = Stream::kSystem;
  header.generation = 4;
  header.first = 10;
  header.last = 19;
  header.rows = 10;
  header.payload_length = 1000;
  return header;
}

FrameHeader SomeEvents() {
  FrameHeader header;
  header.kind = FrameKind::kEvents;
  header.rows = 2;
  header.payload_length = 30;
  header.payload_checksum = 99;
  return header;
}

FrameHeader SomeContinues() {
  FrameHeader header;
  header.kind = FrameKind::kContinues;
  header.first = 100;
  header.last = 4096;
  return header;
}

// Puts a right checksum behind changed bytes.
std::string Sealed(std::string bytes, std::uint64_t offset) {
  const std::size_t size = bytes.size() - 8;
  StoreLittle(bytes.data() + size,
              Checksum(std::string_view(bytes).substr(0, size), kFileId, offset));
  return bytes;
}

TEST(PackHeader, ComesBackAsWritten) {
  const std::string bytes = EncodePackHeader(SomePack());
  EXPECT_EQ(bytes.size(), kPackHeaderSize);
  EXPECT_EQ(DecodePackHeader(bytes).value(), SomePack());
  EXPECT_EQ(DecodePackHeader(bytes + "frames").value(), SomePack());
}

TEST(PackHeader, RefusesEveryFlippedByteAndEveryCut) {
  const std::string good = EncodePackHeader(SomePack());
  for (std::size_t at = 0; at < good.size(); ++at) {
    std::string bytes = good;
    bytes[at] ^= 0x10;
    EXPECT_EQ(DecodePackHeader(bytes).error().code(), Code::kCorrupt) << at;
    EXPECT_EQ(DecodePackHeader(good.substr(0, at)).error().code(), Code::kCorrupt) << at;
  }
}

TEST(PackHeader, TellsNewerFromDamaged) {
  std::string newer = EncodePackHeader(SomePack());
  newer[8] = 2;
  newer[10] = 2;
  EXPECT_EQ(DecodePackHeader(Sealed(newer, 0)).error().code(), Code::kUnsupportedVersion);
  newer[8] = 1;
  EXPECT_FALSE(DecodePackHeader(Sealed(newer, 0))->is_writable());
  newer[8] = 0;
  EXPECT_EQ(DecodePackHeader(Sealed(newer, 0)).error().code(), Code::kCorrupt);
}

TEST(FrameHeader, ComesBackAsWritten) {
  for (const FrameHeader& header : {SomeSegment(), SomeEvents(), SomeContinues()}) {
    const std::string bytes = EncodeFrameHeader(header, kFileId, 4096);
    EXPECT_EQ(bytes.size(), kFrameHeaderSize);
    EXPECT_EQ(DecodeFrameHeader(bytes, kFileId, 4096).value(), header);
  }
}

TEST(FrameHeader, RefusesEveryFlippedByteAndEveryOtherPlace) {
  const std::string good = EncodeFrameHeader(SomeSegment(), kFileId, 4096);
  for (std::size_t at = 0; at < good.size(); ++at) {
    std::string bytes = good;
    bytes[at] ^= 0x10;
    EXPECT_EQ(DecodeFrameHeader(bytes, kFileId, 4096).error().code(), Code::kCorrupt) << at;
  }
  EXPECT_FALSE(DecodeFrameHeader(good, kFileId, 8192).has_value());
  EXPECT_FALSE(DecodeFrameHeader(good, kFileId + 1, 4096).has_value());
  EXPECT_FALSE(DecodeFrameHeader(std::string(76, '\0'), kFileId, 4096).has_value());
}

TEST(FrameHeader, RefusesWhatNoWriterWrites) {
  std::vector<FrameHeader> bad(8, SomeSegment());
  bad[0].rows = 0;
  bad[1].rows = 11;  // more than steps 10 to 19 have
  bad[2].last = 9;
  bad[3].first = -1;
  bad[4].payload_checksum = 1;
  bad[5].payload_length = kMaxPayloadBytes + 1;
  bad[6] = SomeContinues();
  bad[6].last = 8192;
  bad[7] = SomeEvents();
  bad[7].branch.ordinal = 1;
  for (const FrameHeader& header : bad) {
    const std::string bytes = EncodeFrameHeader(header, kFileId, 4096);
    EXPECT_EQ(DecodeFrameHeader(bytes, kFileId, 4096).error().code(), Code::kCorrupt)
        << &header - bad.data();
  }
}

TEST(FrameHeader, ReportsAnUnknownKindAsNewer) {
  std::string bytes = EncodeFrameHeader(SomeSegment(), kFileId, 4096);
  bytes[4] = 9;
  EXPECT_EQ(DecodeFrameHeader(Sealed(bytes, 4096), kFileId, 4096).error().code(),
            Code::kUnsupportedVersion);
}

}  // namespace
}  // namespace reprise
