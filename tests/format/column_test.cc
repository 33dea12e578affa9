#include "format/column.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

#include "tests/format/column_support.h"

namespace reprise {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr std::int64_t kLowest = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kHighest = std::numeric_limits<std::int64_t>::max();

Bits MakeInts(std::size_t rows, const std::function<std::int64_t(std::size_t)>& value) {
  Bits bits(rows);
  for (std::size_t i = 0; i < rows; ++i) bits[i] = static_cast<std::uint64_t>(value(i));
  return bits;
}

// A loss curve with noise, as training logs it.
double Loss(std::size_t i, std::mt19937_64* random) {
  return 2.0 + 8.0 * std::exp(-static_cast<double>(i) / 3000.0) +
         std::normal_distribution<double>(0, 0.05)(*random);
}

TEST(Column, KeepsEveryRowCountAroundVectorEdges) {
  std::mt19937_64 random(1);
  const Bits loss = MakeDoubles(2100, [&](std::size_t i) {
    return static_cast<double>(static_cast<float>(Loss(i, &random)));
  });
  for (std::size_t rows = 0; rows <= 2100; rows += (rows < 1100 || rows > 2040) ? 1 : 37) {
    ExpectRoundTrip(NumberView(
        Type::kDouble, Bits(loss.begin(), loss.begin() + static_cast<std::ptrdiff_t>(rows))));
    if (HasFailure()) FAIL() << "with " << rows << " rows";
  }
}

TEST(Column, KeepsSpecialDoublesBitForBit) {
  const Bits special = {
      std::bit_cast<std::uint64_t>(0.0),
      std::bit_cast<std::uint64_t>(-0.0),
      std::bit_cast<std::uint64_t>(kInfinity),
      std::bit_cast<std::uint64_t>(-kInfinity),
      0x7FF8000000000000,  // the usual NaN
      0xFFF8000000000000,
      0x7FF8000000000001,  // a NaN with a payload
      0x7FF0000000000001,  // a signalling one
      0xFFFFFFFFFFFFFFFF,
      0x0000000000000001,  // the smallest subnormal
      0x800FFFFFFFFFFFFF,
      std::bit_cast<std::uint64_t>(static_cast<double>(1e-45F)),  // a float32 subnormal
      std::bit_cast<std::uint64_t>(std::numeric_limits<double>::max()),
      std::bit_cast<std::uint64_t>(std::numeric_limits<double>::min()),
      std::bit_cast<std::uint64_t>(0.1),
      std::bit_cast<std::uint64_t>(-123.456),
  };
  for (const std::uint64_t bits : special) {
    for (const std::size_t rows : Sizes{1, 2, 3, 1024, 1500}) {
      ExpectRoundTrip(NumberView(Type::kDouble, Bits(rows, bits)));
    }
  }
  ExpectRoundTrip(NumberView(Type::kDouble, special));
  std::mt19937_64 random(2);
  Bits mixed(5000);
  for (auto& bits : mixed) bits = special[random() % special.size()];
  ExpectRoundTrip(NumberView(Type::kDouble, mixed));
}

// Specials strewn into decimals must not disturb their neighbours.
TEST(Column, KeepsNonFiniteValuesAmongDecimals) {
  Bits bits =
      MakeDoubles(3000, [](std::size_t i) { return static_cast<double>(i % 977) / 1000.0; });
  const std::string clean = ExpectRoundTrip(NumberView(Type::kDouble, bits));
  for (std::size_t i = 0; i < bits.size(); i += 170) {
    bits[i] = i % 340 == 0 ? 0x7FF8000000000000 : std::bit_cast<std::uint64_t>(-kInfinity);
  }
  const std::string mixed = ExpectRoundTrip(NumberView(Type::kDouble, bits));
  EXPECT_LT(mixed.size(), clean.size() + std::size_t{18} * 24);
}

// What is dropped of the low bits, and where magnitudes begin to need their highest bit.
TEST(Column, KeepsSignsBesideMagnitudesOfEveryWidth) {
  std::mt19937_64 random(5);
  for (int dropped = 0; dropped < 64; ++dropped) {
    for (const std::uint64_t exponent : {0U, 1U, 1022U, 1023U, 1024U, 1025U, 2046U, 2047U}) {
      Bits bits(1024 + 100);
      for (std::uint64_t& value : bits) {
        const std::uint64_t magnitude = (exponent - random() % 2) % 2048 << 52 | random() >> 12;
        value = ((random() & 1) << 63 | magnitude) >> dropped << dropped;
      }
      ExpectRoundTrip(NumberView(Type::kDouble, bits));
    }
  }
}

TEST(Column, KeepsInt64Extremes) {
  const Bits extremes = MakeInts(3000, [](std::size_t i) {
    return i % 3 == 0 ? kLowest : i % 3 == 1 ? kHighest : static_cast<std::int64_t>(i) - 1500;
  });
  ExpectRoundTrip(NumberView(Type::kInt64, extremes));
  ExpectRoundTrip(NumberView(Type::kInt64, MakeInts(1, [](std::size_t) { return kLowest; })));
  ExpectRoundTrip(NumberView(
      Type::kInt64, MakeInts(1024, [](std::size_t i) { return i < 1023 ? kLowest : kHighest; })));
}

// Patterns that broke prototypes, and shapes at the edges of the frame search.
TEST(Column, KeepsAdversarialShapes) {
  std::mt19937_64 random(3);
  const std::vector<std::function<std::int64_t(std::size_t)>> shapes = {
      [](std::size_t i) { return i % 2 == 0 ? kHighest : kLowest; },
      [](std::size_t i) { return static_cast<std::int64_t>(i) << 53; },
      [](std::size_t i) { return i == 500 ? kHighest : 0; },
      [](std::size_t i) { return i == 500 ? kLowest : 7; },
      [](std::size_t i) { return i < 512 ? -1 : 1; },
      [](std::size_t i) { return static_cast<std::int64_t>(i * i * i); },
      [&](std::size_t i) { return std::int64_t{1} << (i % 64 == 63 ? random() % 63 : i % 63); },
      [&](std::size_t) { return static_cast<std::int64_t>(random()); },
      [&](std::size_t) { return static_cast<std::int64_t>(random() >> (random() % 64)); },
      [&](std::size_t) { return static_cast<std::int64_t>(random() << (random() % 64)); },
      [&](std::size_t) { return static_cast<std::int64_t>(random() & 0xFFF0000000000000); },
      [&](std::size_t) { return -static_cast<std::int64_t>((random() % 1000) << 29); },
  };
  for (std::size_t shape = 0; shape < shapes.size(); ++shape) {
    for (const std::size_t rows : Sizes{1, 2, 3, 4, 5, 63, 1023, 1024, 1025, 4097}) {
      const Bits bits = MakeInts(rows, shapes[shape]);
      for (const Type type : {Type::kInt64, Type::kDouble}) {
        ExpectRoundTrip(NumberView(type, bits));
        if (HasFailure()) FAIL() << "shape " << shape << ", " << rows << " rows";
      }
    }
  }
}

TEST(Column, KeepsEveryBitWidthInFullAndShortVectors) {
  std::mt19937_64 random(4);
  for (int width = 1; width <= 64; ++width) {
    for (const std::size_t rows : Sizes{100, 1024}) {
      const Bits bits = MakeInts(
          rows, [&](std::size_t) { return static_cast<std::int64_t>(random() >> (64 - width)); });
      ExpectRoundTrip(NumberView(Type::kInt64, bits));
      if (HasFailure()) FAIL() << "width " << width << ", " << rows << " rows";
    }
  }
}

TEST(Column, KeepsDecimalsOfEveryLength) {
  std::mt19937_64 random(5);
  for (int digits = 0; digits <= 22; ++digits) {
    const Bits bits = MakeDoubles(1500, [&](std::size_t) {
      return static_cast<double>(static_cast<std::int64_t>(random() % 2000001) - 1000000) /
             std::pow(10.0, digits);
    });
    ExpectRoundTrip(NumberView(Type::kDouble, bits));
  }
}

TEST(Column, KeepsBoolsAndNulls) {
  std::mt19937_64 random(6);
  for (const std::size_t rows : Sizes{0, 1, 2, 1023, 1024, 5000}) {
    const std::string chunk = ExpectRoundTrip(NumberView(
        Type::kBool, MakeInts(rows, [&](std::size_t) { return static_cast<int>(random() % 2); })));
    EXPECT_LE(chunk.size(), rows / 8 + rows / 100 + 16);
    const std::string nulls =
        ExpectRoundTrip({.type = Type::kNull, .rows = rows, .bits = {}, .texts = {}});
    EXPECT_TRUE(nulls.empty());
  }
}

TEST(Column, GivesTheSameBytesForTheSameValues) {
  std::mt19937_64 random(7);
  const Bits bits = MakeDoubles(10000, [&](std::size_t i) { return Loss(i, &random); });
  EXPECT_EQ(Encode(NumberView(Type::kDouble, bits)), Encode(NumberView(Type::kDouble, bits)));
}

TEST(Column, DecodesAnyRangeAsASliceOfTheWhole) {
  std::mt19937_64 random(8);
  const Bits bits = MakeDoubles(5000, [&](std::size_t i) { return Loss(i, &random); });
  const std::string chunk = Encode(NumberView(Type::kDouble, bits));
  for (int round = 0; round < 300; ++round) {
    const std::size_t first = random() % (bits.size() + 1);
    const std::size_t count = random() % (bits.size() - first + 1);
    Column part;
    ASSERT_TRUE(DecodeColumnRange(chunk, Type::kDouble, bits.size(), first, count, &part).ok());
    ASSERT_EQ(part.rows, count);
    const auto begin = bits.begin() + static_cast<std::ptrdiff_t>(first);
    EXPECT_TRUE(std::equal(part.bits.begin(), part.bits.end(), begin)) << first << ", " << count;
  }
}

TEST(Column, RefusesARangeItDoesNotHave) {
  const std::string chunk = Encode(NumberView(Type::kInt64, Bits(10, 1)));
  Column column;
  EXPECT_EQ(DecodeColumnRange(chunk, Type::kInt64, 10, 5, 6, &column).code(),
            Code::kInvalidArgument);
  EXPECT_EQ(DecodeColumnRange(chunk, Type::kInt64, 10, 11, 0, &column).code(),
            Code::kInvalidArgument);
  EXPECT_EQ(DecodeColumn(chunk, Type::kInt64, kMaxColumnRows + 1, &column).code(), Code::kCorrupt);
}

TEST(Column, DecodesInt64sWithoutAColumn) {
  std::vector<std::int64_t> steps(3000);
  for (std::size_t i = 0; i < steps.size(); ++i) steps[i] = static_cast<std::int64_t>(i * 10) - 99;
  std::string chunk;
  EncodeInt64s(steps, &chunk);
  std::vector<std::int64_t> decoded;
  ASSERT_TRUE(DecodeInt64s(chunk, steps.size(), &decoded).ok());
  EXPECT_EQ(decoded, steps);
  std::vector<std::int64_t> part(7);
  ASSERT_TRUE(DecodeInt64Range(chunk, steps.size(), 1020, part).ok());
  EXPECT_TRUE(std::equal(part.begin(), part.end(), steps.begin() + 1020));
}

}  // namespace
}  // namespace reprise
