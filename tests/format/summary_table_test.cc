#include "format/summary_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "format/segment.h"

namespace reprise {
namespace {

std::string Encoded(const SummaryTable& table) {
  std::string bytes;
  ByteWriter writer(&bytes);
  table.Encode(&writer);
  return bytes;
}

Status Decoded(std::string_view bytes, SummaryTable* table) {
  ByteReader reader(bytes);
  return table->Decode(&reader);
}

std::string RandomKey(std::mt19937_64& random) {
  static const std::vector<std::string> stems = {"train/", "train/loss", "val/", "v", "\xC3\xA9/"};
  return stems[random() % stems.size()] + std::to_string(random() % 30);
}

void AddRows(std::mt19937_64& random, Step first, Step end,
             const std::vector<SummaryTable*>& tables) {
  for (Step step = first; step < end; ++step) {
    const std::string key = RandomKey(random);
    const double value = static_cast<double>(random() % 1000) / 10;
    for (SummaryTable* table : tables) table->Add(key, step, value);
  }
}

TEST(SummaryTable, DecodesWhatItEncoded) {
  const std::uint64_t seed = std::random_device()();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  std::mt19937_64 random(seed);
  for (int round = 0; round < 100; ++round) {
    SummaryTable table;
    AddRows(random, 0, static_cast<Step>(random() % 300), {&table});
    const std::string bytes = Encoded(table) + "rest";
    ByteReader reader(bytes);
    SummaryTable decoded;
    ASSERT_TRUE(decoded.Decode(&reader).ok());
    ASSERT_EQ(reader.remaining(), 4u);
    ASSERT_EQ(decoded, table);
  }
}

TEST(SummaryTable, MergesLaterRowsIntoTheSameBytes) {
  const std::uint64_t seed = std::random_device()();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  std::mt19937_64 random(seed);
  SummaryTable whole;
  SummaryTable merged;
  for (Step first = 0; first < 2000; first += 100) {
    SummaryTable part;
    AddRows(random, first, first + 100, {&whole, &part});
    merged.Merge(part);
  }
  EXPECT_EQ(merged, whole);
  EXPECT_EQ(Encoded(merged), Encoded(whole));
}

TEST(SummaryTable, FindsItsKeys) {
  SummaryTable table;
  table.Add("loss", 3, 0.5);
  ASSERT_NE(table.Find("loss"), nullptr);
  EXPECT_EQ(table.Find("loss")->last_step(), 3);
  EXPECT_EQ(table.Find("los"), nullptr);
  table.Merge("acc", Aggregate());
  EXPECT_EQ(table.size(), 1u);
}

TEST(SummaryTable, PutReplacesAndRemoves) {
  SummaryTable table;
  table.Add("loss", 3, 0.5);
  Aggregate other;
  other.Add(7, 0.25);
  table.Put("loss", other);
  EXPECT_EQ(*table.Find("loss"), other);
  table.Put("loss", Aggregate());
  table.Put("acc", Aggregate());
  EXPECT_TRUE(table.empty());
}

TEST(SummaryTable, StoresSharedPrefixesOnce) {
  SummaryTable table;
  const std::string stem(900, 'k');
  for (int i = 100; i < 200; ++i) table.Add(stem + std::to_string(i), 0, true);
  EXPECT_LT(Encoded(table).size(), 900u + 100u * 20u);
}

TEST(SummaryTable, ReadsNothingThatItDoesNotWrite) {
  std::mt19937_64 random(3);
  SummaryTable table;
  AddRows(random, 0, 12, {&table});
  const std::string bytes = Encoded(table);
  SummaryTable decoded;
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const Status status = Decoded(std::string_view(bytes).substr(0, size), &decoded);
    ASSERT_EQ(status.code(), Code::kCorrupt);
    ASSERT_TRUE(decoded.empty());
  }
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::string altered = bytes;
    altered[bit / 8] = static_cast<char>(altered[bit / 8] ^ (1 << (bit % 8)));
    ByteReader reader(altered);
    if (!decoded.Decode(&reader).ok()) continue;
    ASSERT_EQ(Encoded(decoded), altered.substr(0, reader.position()));
  }
}

TEST(SummaryTable, RefusesKeysOutOfOrderAndSharedLessThanTheyCould) {
  using std::string_literals::operator""s;
  const std::string null_at_0("\x00\x00\x00\x00\x00", 5);
  const auto code = [&](const std::string& first, const std::string& second) {
    SummaryTable table;
    return Decoded("\x02" + first + null_at_0 + second + null_at_0, &table).code();
  };
  EXPECT_EQ(code("\0\2ab"s, "\1\1c"s), Code::kOk);
  EXPECT_EQ(code("\0\2ab"s, "\2\1c"s), Code::kOk);
  EXPECT_EQ(code("\0\2ab"s, "\1\1a"s), Code::kCorrupt);   // below
  EXPECT_EQ(code("\0\2ab"s, "\1\1b"s), Code::kCorrupt);   // the same again
  EXPECT_EQ(code("\0\2ab"s, "\0\2ac"s), Code::kCorrupt);  // shares one byte unsaid
  EXPECT_EQ(code("\0\2ab"s, "\3\1c"s), Code::kCorrupt);   // shares more than there is
  EXPECT_EQ(code("\0\2ab"s, "\2\0"s), Code::kCorrupt);    // nothing new
  EXPECT_EQ(code("\0\0"s, "\0\1a"s), Code::kCorrupt);     // an empty key
}

TEST(SummaryTable, BoundsKeysAndCountsBeforeItAllocates) {
  SummaryTable table;
  const std::string many("\xFF\xFF\xFF\xFF\x0F\x00\x01\x61", 8);
  EXPECT_EQ(Decoded(many, &table).code(), Code::kCorrupt);

  SummaryTable long_key;
  long_key.Add(std::string(1024, 'k'), 0, 1);
  EXPECT_TRUE(Decoded(Encoded(long_key), &table).ok());
  SummaryTable too_long;
  too_long.Add(std::string(1025, 'k'), 0, 1);
  EXPECT_EQ(Decoded(Encoded(too_long), &table).code(), Code::kCorrupt);
}

TEST(SummaryTable, KeysMayExpandUpToALimit) {
  constexpr int kMostKeys = 16 << 10;
  static_assert(kMostKeys * 1024 == MaxSummaryKeyBytes(0));
  const std::string stem(1019, 'k');
  SummaryTable table;
  for (int i = 0; i < kMostKeys; ++i) table.Add(stem + std::to_string(10'000 + i), 0, 1);
  const std::string most = Encoded(table);
  EXPECT_LT(most.size(), 300'000u);
  SummaryTable decoded;
  EXPECT_TRUE(Decoded(most, &decoded).ok());

  table.Add("z", 0, 1);
  const Status refused = Decoded(Encoded(table), &decoded);
  EXPECT_EQ(refused.code(), Code::kCorrupt);
  EXPECT_THAT(refused.message(), ::testing::HasSubstr("too long keys: at byte"));
  EXPECT_EQ(decoded.size(), kMostKeys) << "it is left as it was";
}

TEST(SummaryTable, KeysMayExpandFurtherInLargerTables) {
  constexpr std::size_t kMiB = std::size_t{1} << 20;
  EXPECT_EQ(MaxSummaryKeyBytes(kMiB / 2), 16 * kMiB);
  EXPECT_EQ(MaxSummaryKeyBytes(kMiB), 32 * kMiB);
  EXPECT_EQ(MaxSummaryKeyBytes(64 * kMiB), 128 * kMiB);
  EXPECT_EQ(MaxSummaryKeyBytes(~std::size_t{0}), 128 * kMiB);
}

TEST(SummaryTable, SaysWhereItIsDamaged) {
  SummaryTable table;
  table.Add("a", 0, 1);
  table.Add("b", 0, 1);
  std::string bytes = Encoded(table);
  const std::size_t second = 1 + (bytes.size() - 1) / 2;
  bytes[second] = 9;
  EXPECT_THAT(std::string(Decoded(bytes, &table).message()),
              testing::HasSubstr("at byte " + std::to_string(second) + " (entry 1 of 2)"));
  EXPECT_EQ(table.size(), 2u);
}

// Entries of 8 bytes, each of which decodes: what takes some 300 bytes of memory each.
std::string SmallEntries(std::uint32_t count) {
  std::string bytes;
  ByteWriter writer(&bytes);
  writer.Varint(count);
  std::string before;
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::string key{static_cast<char>(i >> 16), static_cast<char>(i >> 8),
                          static_cast<char>(i)};
    const auto differ = std::mismatch(before.begin(), before.end(), key.begin(), key.end());
    const std::size_t shared = static_cast<std::size_t>(differ.second - key.begin());
    writer.Varint(shared);
    writer.Sized(std::string_view(key).substr(shared));
    writer.Raw(std::string_view("\0\0\0\0\0", 5));  // a null in one row
    before = key;
  }
  return bytes;
}

TEST(SummaryTableLimits, MoreEntriesThanASegmentHasKeysAreRefused) {
  const std::string few = SmallEntries(1000);
  ByteReader reader(few);
  SummaryTable table;
  EXPECT_TRUE(table.Decode(&reader).ok());
  EXPECT_EQ(table.size(), 1000U);
  const std::string many = SmallEntries(kMaxSummaryEntries + 1);
  ByteReader too_many(many);
  EXPECT_EQ(table.Decode(&too_many).code(), Code::kCorrupt);
  EXPECT_EQ(table.size(), 1000U);
}

TEST(SummaryTableLimits, ASegmentWithMoreIsNotWritten) {
  Aggregate one;
  one.Add(0, 1.0);
  SummaryTable prefix;
  for (std::size_t i = 0; i <= kMaxSummaryEntries; ++i) prefix.Put(std::to_string(i), one);
  RowBatch rows;
  rows.Append(std::make_shared<const Shape>(), 1, 1, {});
  SegmentInput input;
  input.rows = &rows;
  input.facts.prefix = PrefixKind::kFull;
  input.prefix = &prefix;
  EXPECT_EQ(EncodeSegment(input, 1, 0).error().code(), Code::kInvalidArgument);
}

}  // namespace
}  // namespace reprise
