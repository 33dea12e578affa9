#include "format/log_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "format/bytes.h"
#include "format/checksum.h"
#include "format/row_part.h"
#include "tests/support/golden.h"

namespace reprise {
namespace {

using ::testing::HasSubstr;

LogHeader SomeHeader() {
  LogHeader header;
  header.file_id = 0x1122334455667788;
  header.store_uuid = "0123456789abcdef";
  header.session = 77;
  header.file = 3;
  header.first_sequence = 12;
  header.boot_id = "fedcba9876543210";
  header.created = 1'700'000'000'000'000;
  header.continues = true;
  return header;
}

// `bytes` with another value in it and a checksum that fits.
template <typename T>
std::string Forged(std::string bytes, std::size_t offset, T value) {
  StoreLittle(bytes.data() + offset, value);
  const auto file_id = LoadLittle<std::uint64_t>(bytes.data() + 16);
  StoreLittle(bytes.data() + 88, Checksum(std::string_view(bytes).substr(0, 88), file_id, 0));
  return bytes;
}

TEST(LogHeader, ComesBackAsItWas) {
  const std::string bytes = EncodeLogHeader(SomeHeader());
  ASSERT_EQ(bytes.size(), kLogHeaderSize);
  EXPECT_EQ(DecodeLogHeader(bytes).value(), SomeHeader());
  EXPECT_EQ(DecodeLogHeader(bytes + "groups").value(), SomeHeader());
}

TEST(LogHeader, EveryFlippedBitIsDamage) {
  const std::string bytes = EncodeLogHeader(SomeHeader());
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::string damaged = bytes;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
    const auto header = DecodeLogHeader(damaged);
    ASSERT_FALSE(header.has_value()) << bit;
    EXPECT_EQ(header.error().code(), Code::kCorrupt);
    EXPECT_THAT(std::string(header.error().message()), HasSubstr("at byte"));
  }
}

TEST(LogHeader, EveryCutIsDamage) {
  const std::string bytes = EncodeLogHeader(SomeHeader());
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_EQ(DecodeLogHeader(bytes.substr(0, size)).error().code(), Code::kCorrupt);
  }
}

TEST(LogHeader, NewerFilesAreNotCalledDamaged) {
  const std::string bytes = EncodeLogHeader(SomeHeader());
  EXPECT_EQ(DecodeLogHeader(Forged<std::uint16_t>(bytes, 8, 2)).error().code(),
            Code::kUnsupportedVersion);
  EXPECT_EQ(DecodeLogHeader(Forged<std::uint32_t>(bytes, 12, 2)).error().code(),
            Code::kUnsupportedVersion);
  EXPECT_TRUE(DecodeLogHeader(Forged<std::uint16_t>(bytes, 10, 9)).has_value())
      << "written by a newer release in a way that this one can read";
}

TEST(LogHeader, NumbersThatMakeNoSenseAreDamage) {
  const std::string bytes = EncodeLogHeader(SomeHeader());
  for (const std::string& forged :
       {Forged<std::uint16_t>(bytes, 8, 0), Forged<std::uint64_t>(bytes, 48, 0),
        Forged<std::uint64_t>(bytes, 80, 0), Forged<std::uint64_t>(bytes, 80, 1ULL << 32)}) {
    EXPECT_EQ(DecodeLogHeader(forged).error().code(), Code::kCorrupt);
  }
}

class LogGroupBytes : public ::testing::Test {
 protected:
  LogGroupBytes() : group_(kGroupHeaderSize, '\0') {
    AppendChange("a change", &group_);
    GroupHeader header;
    header.record_count = 1;
    header.sequence = 5;
    header.time = -6;
    header.durable_upto = 4;
    WriteGroupHeader(place_, header, &group_);
  }
  bool Verifies(const GroupPlace& place, std::string_view group) {
    return ReadGroupHeader(place, group, &header_, &damage_) &&
           VerifyGroupPayload(place, header_, group.substr(kGroupHeaderSize), &damage_);
  }

  const GroupPlace place_{42, 1000};
  std::string group_;
  GroupHeader header_;
  std::string damage_;
};

TEST_F(LogGroupBytes, VerifyWhereTheyWereWritten) {
  ASSERT_TRUE(Verifies(place_, group_)) << damage_;
  EXPECT_EQ(header_.sequence, 5u);
  EXPECT_EQ(header_.time, -6);
  EXPECT_EQ(header_.durable_upto, 4u);
  EXPECT_EQ(header_.record_count, 1u);
  EXPECT_FALSE(Verifies({42, 1001}, group_));
  EXPECT_FALSE(Verifies({43, 1000}, group_));
}

TEST_F(LogGroupBytes, EveryFlippedBitAndEveryCutIsDamage) {
  for (std::size_t bit = 0; bit < group_.size() * 8; ++bit) {
    std::string damaged = group_;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_FALSE(Verifies(place_, damaged)) << bit;
  }
  for (std::size_t size = 0; size < group_.size(); ++size) {
    damage_.clear();
    EXPECT_FALSE(Verifies(place_, std::string_view(group_).substr(0, size))) << size;
    EXPECT_THAT(damage_, HasSubstr("at byte 1000"));
  }
}

TEST_F(LogGroupBytes, HugePayloadsAreNotBelieved) {
  StoreLittle(group_.data() + 8, kMaxGroupPayload + 1);
  const std::string_view guarded = std::string_view(group_).substr(8, kGroupHeaderSize - 8);
  StoreLittle(group_.data() + 4, ShortChecksum(guarded, place_.file_id, place_.offset));
  EXPECT_FALSE(ReadGroupHeader(place_, group_, &header_, &damage_));
  EXPECT_THAT(damage_, HasSubstr("makes no sense"));
}

TEST(LogRecords, ComeBackAsTheyWere) {
  const RunDefinition run{9, {{1, 2}, 3}, 1ULL << 40};
  const ShapeDefinition shape{300, false, {{1, Type::kNull}, {70'000, Type::kJson}}};
  std::string payload;
  AppendRunDefinition(run, &payload);
  AppendKeyDefinition({70'000, "train/loss"}, &payload);
  AppendShapeDefinition(shape, &payload);
  AppendClosed(1234, &payload);

  RecordReader reader(payload);
  Record record;
  RunDefinition read_run;
  ASSERT_TRUE(reader.Next(&record) && DecodeRunDefinition(record.payload, &read_run));
  EXPECT_EQ(read_run, run);
  KeyDefinition read_key;
  ASSERT_TRUE(reader.Next(&record) && DecodeKeyDefinition(record.payload, &read_key));
  EXPECT_EQ(read_key, (KeyDefinition{70'000, "train/loss"}));
  ShapeDefinition read_shape;
  ASSERT_TRUE(reader.Next(&record) && DecodeShapeDefinition(record.payload, &read_shape));
  EXPECT_EQ(read_shape, shape);
  Sequence last = 0;
  ASSERT_TRUE(reader.Next(&record) && DecodeClosed(record.payload, &last));
  EXPECT_EQ(last, 1234u);
  EXPECT_FALSE(reader.Next(&record));
  EXPECT_FALSE(reader.malformed());
}

TEST(LogRecords, CutsAndTailsAreRejected) {
  std::string payload;
  AppendShapeDefinition({3, true, {{1, Type::kInt64}, {2, Type::kBool}}}, &payload);
  const std::string_view definition = std::string_view(payload).substr(kRecordHeaderSize);
  ShapeDefinition shape;
  for (std::size_t size = 0; size < definition.size(); ++size) {
    EXPECT_FALSE(DecodeShapeDefinition(definition.substr(0, size), &shape));
  }
  EXPECT_FALSE(DecodeShapeDefinition(std::string(definition) + '\0', &shape));
  for (std::size_t size = 1; size < payload.size(); ++size) {
    RecordReader reader(std::string_view(payload).substr(0, size));
    Record record;
    EXPECT_FALSE(reader.Next(&record));
    EXPECT_TRUE(reader.malformed());
  }
}

TEST(LogRecords, ACountBeyondThePayloadAllocatesNothing) {
  const std::string definition("\x03\x01\xFF\xFF\xFF\xFF\x0F", 7);
  ShapeDefinition shape;
  EXPECT_FALSE(DecodeShapeDefinition(definition, &shape));
  EXPECT_EQ(shape.columns.capacity(), 0u);
}

// A file with a record of each kind and a value of each type.
std::string GoldenLog() {
  LogHeader facts = SomeHeader();
  facts.first_sequence = 1;
  facts.continues = false;
  std::string file = EncodeLogHeader(facts);
  const auto add_group = [&](GroupHeader header, std::string payload) {
    std::string group = std::string(kGroupHeaderSize, '\0') + std::move(payload);
    WriteGroupHeader({facts.file_id, file.size()}, header, &group);
    file += group;
  };
  constexpr TimeMicros kTime = 1'700'000'000'123'456;
  std::string rows;
  AppendRunDefinition({0, {{0x0123456789ABCDEF, 0xFEDCBA9876543210}, 2}, 5}, &rows);
  AppendKeyDefinition({0, "acc"}, &rows);
  AppendKeyDefinition({1, "loss"}, &rows);
  AppendKeyDefinition({2, "rate"}, &rows);
  AppendShapeDefinition({0, true, {{0, Type::kInt64}, {1, Type::kDouble}, {2, Type::kDouble}}},
                        &rows);
  const std::vector<ValueView> numbers{std::int64_t{-2}, 0.5, 0.1};
  AppendRowPart({0, 0, true, false, 1000}, true, kTime + 250, kTime, numbers, &rows);
  AppendKeyDefinition({3, "ok"}, &rows);
  AppendKeyDefinition({4, "raw"}, &rows);
  AppendKeyDefinition({5, "table"}, &rows);
  AppendKeyDefinition({6, "text"}, &rows);
  AppendShapeDefinition({1,
                         false,
                         {{0, Type::kNull},
                          {3, Type::kBool},
                          {4, Type::kBytes},
                          {5, Type::kJson},
                          {6, Type::kString}}},
                        &rows);
  const std::vector<ValueView> texts{ValueView(), true, ValueView::Bytes("\x01\xFF"),
                                     ValueView::Json("[1,2]"), "words"};
  AppendRowPart({0, 1, false, true, 1001}, false, kNoTime, kTime, texts, &rows);
  add_group({0, 12, 1, kTime, 0, 0}, rows);
  std::string change;
  AppendChange("bytes of a change", &change);
  add_group({0, 1, 2, kTime + 1000, 1, 0}, change);
  std::string closed;
  AppendClosed(2, &closed);
  add_group({0, 1, 3, kTime + 2000, 2, 0}, closed);
  return file;
}

TEST(LogFile, WriterWritesTheGoldenBytes) {
  EXPECT_TRUE(testing::MatchesGolden("session.log", GoldenLog()));
}

}  // namespace
}  // namespace reprise
