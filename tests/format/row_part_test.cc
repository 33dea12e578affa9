#include "format/row_part.h"

#include <gtest/gtest.h>

#include <bit>
#include <limits>
#include <random>

#include "format/log_file.h"

namespace reprise {
namespace {

std::string Payload(const RowPartHeader& header, bool has_time, TimeMicros time,
                    TimeMicros group_time, std::span<const ValueView> values) {
  std::string group;
  AppendRowPart(header, has_time, time, group_time, values, &group);
  RecordReader reader(group);
  Record record;
  EXPECT_TRUE(reader.Next(&record));
  EXPECT_EQ(record.kind, RecordKind::kRowPart);
  EXPECT_EQ(record.payload.size() + kRecordHeaderSize, group.size());
  return std::string(record.payload);
}

std::vector<Type> TypesOf(std::span<const ValueView> values) {
  std::vector<Type> types;
  for (const ValueView& value : values) types.push_back(value.type());
  return types;
}

bool Decode(std::string_view payload, bool has_time, std::span<const Type> types) {
  RowPartReader reader(payload);
  RowPartHeader header;
  TimeMicros time = 0;
  std::vector<ValueView> values;
  return reader.ReadHeader(&header) && reader.ReadValues(has_time, 0, types, &time, &values);
}

TEST(RowPart, ComesBackAsItWas) {
  const std::vector<ValueView> values{
      ValueView(), true, std::int64_t{-1}, -0.0, "s", ValueView::Bytes(""), ValueView::Json("[]")};
  constexpr auto kMax = std::numeric_limits<std::int64_t>::max();
  for (const TimeMicros time : {TimeMicros{0}, TimeMicros{5}, kMax, -kMax}) {
    for (const TimeMicros base : {TimeMicros{0}, kMax, -kMax}) {
      const RowPartHeader header{0xFFFFFFFF, 300, true, true, kMax};
      const std::string payload = Payload(header, true, time, base, values);
      RowPartReader reader(payload);
      RowPartHeader read;
      TimeMicros read_time = 0;
      std::vector<ValueView> read_values;
      ASSERT_TRUE(reader.ReadHeader(&read));
      ASSERT_TRUE(reader.ReadValues(true, base, TypesOf(values), &read_time, &read_values));
      EXPECT_EQ(read, header);
      EXPECT_EQ(read_time, time);
      EXPECT_EQ(read_values, values);
    }
  }
}

std::size_t SizeOfTen(double value) {
  const std::vector<ValueView> values(10, value);
  const std::string payload = Payload({3, 9, true, false, 1'000'000}, true, 1'000'000, 0, values);
  return payload.size() + kRecordHeaderSize;
}

TEST(RowPart, TenDoublesTakeNinetySixBytesAtMost) { EXPECT_LE(SizeOfTen(0.1), 96u); }

TEST(RowPart, TenFloat32ValuesTakeFiftyEightBytesAtMost) { EXPECT_LE(SizeOfTen(0.1F), 58u); }

// One float32 value in a row of so many saves less than the mask takes.
TEST(RowPart, IsNotNarrowedWhereTheMaskTakesMore) {
  std::vector<ValueView> values(40, 0.1);
  const std::string wide = Payload({1, 2, true, false, 3}, true, 4, 0, values);
  values[7] = 0.5;
  EXPECT_EQ(Payload({1, 2, true, false, 3}, true, 4, 0, values).size(), wide.size());
}

// Each double where the one before was narrowed and the next is not, at each place of a mask.
TEST(RowPart, DoublesComeBackToTheBit) {
  const std::uint64_t quiet_nan = 0x7FF8'0000'0000'0000;
  const std::uint64_t signaling_nan = 0x7FF0'0000'2000'0000;
  const std::uint64_t float_subnormal = std::bit_cast<std::uint64_t>(1e-40);
  const std::uint64_t least = 1;
  const double infinity = std::numeric_limits<double>::infinity();
  std::vector<ValueView> values;
  for (const double value : {0.5, 0.1, -0.0, 0.0, infinity, -infinity, 3.4028234663852886e38, 1e39,
                             1.1754943508222875e-38, 1e-300, 16777217.0}) {
    values.insert(values.end(), {value, std::int64_t{7}});
  }
  for (const std::uint64_t bits : {quiet_nan, signaling_nan, float_subnormal, least}) {
    values.insert(values.end(), {std::bit_cast<double>(bits), 0.25, "text"});
  }
  for (std::size_t first = 0; first < values.size(); ++first) {
    const auto some = std::span(values).subspan(first);
    const std::string payload = Payload({1, 2, true, false, 3}, true, 4, 0, some);
    RowPartReader reader(payload);
    RowPartHeader header;
    TimeMicros time = 0;
    std::vector<ValueView> read;
    ASSERT_TRUE(reader.ReadHeader(&header));
    ASSERT_TRUE(reader.ReadValues(true, 0, TypesOf(some), &time, &read));
    ASSERT_EQ(read.size(), some.size());
    for (std::size_t i = 0; i < some.size(); ++i) {
      EXPECT_EQ(read[i].bits(), some[i].bits()) << first << " " << i;
      EXPECT_EQ(read[i].text(), some[i].text()) << first << " " << i;
    }
  }
}

TEST(RowPart, AMaskThatDoesNotFitIsRejected) {
  const std::vector<ValueView> values{0.5, 1.5, std::int64_t{3}};
  const std::string payload = Payload({1, 2, true, false, 3}, false, 0, 0, values);
  const std::vector<Type> types = TypesOf(values);
  ASSERT_TRUE(Decode(payload, false, types));
  constexpr std::size_t kMask = 4;  // behind run, shape, flags and step, a byte each
  ASSERT_EQ(payload[kMask], 3);
  std::string damaged = payload;
  damaged[kMask] = 7;  // an int64 is no float32
  EXPECT_FALSE(Decode(damaged.substr(0, damaged.size() - 4), false, types));
  damaged[kMask] = 3 | 8;  // no such column
  EXPECT_FALSE(Decode(damaged, false, types));
}

TEST(RowPart, EveryCutIsRejected) {
  const std::vector<ValueView> values{true, 2.0, 0.1, "text"};
  const std::string payload = Payload({1, 2, true, false, 3}, true, 4, 0, values);
  const std::vector<Type> types = TypesOf(values);
  ASSERT_TRUE(Decode(payload, true, types));
  for (std::size_t size = 0; size < payload.size(); ++size) {
    EXPECT_FALSE(Decode(std::string_view(payload).substr(0, size), true, types)) << size;
  }
  EXPECT_FALSE(Decode(payload + '\0', true, types)) << "bytes behind the last value";
}

TEST(RowPart, UnknownFlagsAndOddBoolsAreRejected) {
  const std::vector<ValueView> values{true};
  const std::string payload = Payload({1, 2, false, false, 3}, false, 0, 0, values);
  const std::vector<Type> types = TypesOf(values);
  ASSERT_TRUE(Decode(payload, false, types));
  std::string damaged = payload;
  damaged[2] = 8;
  EXPECT_FALSE(Decode(damaged, false, types));
  damaged = payload;
  damaged.back() = 2;
  EXPECT_FALSE(Decode(damaged, false, types));
}

TEST(RowPart, RandomBytesNeverReadOutside) {
  const std::uint64_t seed = std::random_device{}();
  SCOPED_TRACE(::testing::Message() << "seed " << seed);
  std::mt19937_64 random(seed);
  const std::vector<Type> types{Type::kString, Type::kInt64, Type::kNull, Type::kBool};
  int decoded = 0;
  for (int i = 0; i < 20'000; ++i) {
    std::string bytes(random() % 24, '\0');
    for (char& c : bytes) c = static_cast<char>(random() % 4 == 0 ? random() : random() % 3);
    const std::unique_ptr<char[]> exact(new char[bytes.size()]);  // so that ASan sees the end
    bytes.copy(exact.get(), bytes.size());
    decoded += Decode({exact.get(), bytes.size()}, true, types) ? 1 : 0;
  }
  EXPECT_GT(decoded, 0);
}

}  // namespace
}  // namespace reprise
