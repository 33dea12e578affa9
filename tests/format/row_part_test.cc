#include "format/row_part.h"

#include <gtest/gtest.h>

#include <limits>
#include <random>

#include "format/log_file.h"

namespace reprise {
namespace {

std::string Payload(const RowPartHeader& header, bool has_time, TimeMicros time,
                    TimeMicros group_time, std::span<const ValueView> values) {
  std::string group;
  AppendRowPart(header, has_time, time, group_time, values, &group);
  EXPECT_LE(group.size(), RowPartBound(values));
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

TEST(RowPart, TenDoublesTakeNinetySixBytesAtMost) {
  const std::vector<ValueView> values(10, 1.5);
  const std::string payload = Payload({3, 9, true, false, 1'000'000}, true, 1'000'000, 0, values);
  EXPECT_LE(payload.size() + kRecordHeaderSize, 96u);
}

TEST(RowPart, EveryCutIsRejected) {
  const std::vector<ValueView> values{true, 2.0, "text"};
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
  damaged[2] = 4;
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
