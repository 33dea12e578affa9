#include "format/codec_kernels.h"

#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "format/bytes.h"

namespace reprise {
namespace {

using Vector = std::array<std::uint64_t, kVectorRows>;

Vector RandomVector(int width, std::mt19937_64* random) {
  Vector values;
  for (auto& value : values) value = width == 0 ? 0 : (*random)() >> (64 - width);
  return values;
}

TEST(CodecKernels, UnpackWhatTheyPackAtEveryWidth) {
  std::mt19937_64 random(1);
  for (const CodecKernels* kernels : AllKernels()) {
    for (int width = 0; width <= 64; ++width) {
      const Vector values = RandomVector(width, &random);
      std::string packed(LaneBytes(width), '\0');
      kernels->pack_lanes(values.data(), width, packed.data());
      Vector unpacked;
      kernels->unpack_lanes(packed.data(), width, 1000, unpacked.data());
      for (std::size_t i = 0; i < kVectorRows; ++i) {
        ASSERT_EQ(unpacked[i], values[i] + 1000) << kernels->target << ", width " << width;
      }
    }
  }
}

// How many of the values need each number of bits.
template <typename Distance>
std::vector<std::uint16_t> CountedWidths(const Vector& values, std::size_t rows,
                                         const Distance& distance) {
  std::vector<std::uint16_t> counts(WidthCounts::kSize);
  for (std::size_t i = 0; i < rows; ++i) {
    ++counts[static_cast<std::size_t>(std::bit_width(distance(values[i])))];
  }
  return counts;
}

TEST(CodecKernels, FillEvenlyAndSeeWhatRises) {
  std::mt19937_64 random(7);
  for (const CodecKernels* kernels : AllKernels()) {
    for (const std::size_t rows : {1U, 2U, 7U, 8U, 63U, 1000U, 1024U}) {
      SCOPED_TRACE(::testing::Message() << kernels->target << ", " << rows << " rows");
      const std::uint64_t first = random() >> 8;
      const std::uint64_t difference = 1 + random() % 1'000'000;
      std::vector<std::uint64_t> values(rows);
      kernels->fill_evenly(first, difference, rows, values.data());
      for (std::size_t i = 0; i < rows; ++i) ASSERT_EQ(values[i], first + i * difference);
      std::vector<std::int64_t> steps(values.begin(), values.end());
      EXPECT_TRUE(kernels->rises(steps.data(), rows));
      const std::size_t at = random() % rows;
      if (at == 0) continue;
      steps[at] = steps[at - 1];
      EXPECT_FALSE(kernels->rises(steps.data(), rows)) << at;
      steps[at] = std::numeric_limits<std::int64_t>::min();
      EXPECT_FALSE(kernels->rises(steps.data(), rows)) << at;
    }
  }
}

TEST(CodecKernels, HashAllAlike) {
  std::mt19937_64 random(8);
  std::string bytes(20'000, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random());
  const CodecKernels* const plainest = AllKernels()[0];
  for (const CodecKernels* kernels : AllKernels()) {
    for (const std::size_t size :
         {0U, 1U, 16U, 17U, 128U, 129U, 240U, 241U, 1024U, 1025U, 20'000U}) {
      const std::uint64_t seed = random();
      EXPECT_EQ(kernels->xxh3(bytes.data(), size, seed), plainest->xxh3(bytes.data(), size, seed))
          << kernels->target << ", " << size << " bytes";
    }
    // The algorithm's own test vector: no bytes, no seed.
    EXPECT_EQ(kernels->xxh3(bytes.data(), 0, 0), 0x2D06'8005'38D3'94C2ULL) << kernels->target;
  }
}

TEST(CodecKernels, CountTheBitsOfDistancesFromThreePlaces) {
  std::mt19937_64 random(6);
  for (const CodecKernels* kernels : AllKernels()) {
    for (int round = 0; round < 200; ++round) {
      const std::size_t rows = round == 0 ? 1 : 1 + random() % kVectorRows;
      Vector values = RandomVector(round % 65, &random);
      values[0] = round % 3 == 0 ? 0 : values[0];
      const IntegerExtent extent = kernels->extent(values.data(), rows);
      const auto least = static_cast<std::uint64_t>(extent.least);
      const auto greatest = static_cast<std::uint64_t>(extent.greatest);
      for (std::size_t i = 0; i < rows; ++i) {
        ASSERT_LE(extent.least, static_cast<std::int64_t>(values[i])) << kernels->target;
        ASSERT_GE(extent.greatest, static_cast<std::int64_t>(values[i])) << kernels->target;
      }
      const std::uint64_t middle = values[random() % rows];
      WidthCounts counts;
      kernels->count_widths(values.data(), rows, extent, middle, &counts);
      const auto expect = [&](const std::uint16_t* counted, const auto& distance) {
        EXPECT_EQ(std::vector(counted, counted + WidthCounts::kSize),
                  CountedWidths(values, rows, distance))
            << kernels->target << ", " << rows << " rows";
      };
      expect(counts.from_least, [least](std::uint64_t v) { return v - least; });
      expect(counts.from_greatest, [greatest](std::uint64_t v) { return greatest - v; });
      expect(counts.around,
             [middle](std::uint64_t v) { return ZigZag(static_cast<std::int64_t>(v - middle)); });
    }
  }
}

// One table must never be told from another by its results.
TEST(CodecKernels, GiveTheSameBitsOnEveryTarget) {
  std::mt19937_64 random(2);
  const CodecKernels& base = *AllKernels()[0];
  for (const CodecKernels* kernels : AllKernels()) {
    for (int round = 0; round < 200; ++round) {
      const int width = round % 65;
      const std::size_t rows = 1 + random() % kVectorRows;
      const Vector values = RandomVector(width, &random);
      std::string packed[2] = {std::string(LaneBytes(width), '\0'),
                               std::string(LaneBytes(width), '\0')};
      base.pack_lanes(values.data(), width, packed[0].data());
      kernels->pack_lanes(values.data(), width, packed[1].data());
      ASSERT_EQ(packed[0], packed[1]);

      Vector a{};
      Vector b{};
      base.to_ordered(values.data(), rows, round % 64, a.data());
      kernels->to_ordered(values.data(), rows, round % 64, b.data());
      ASSERT_EQ(a, b) << kernels->target;
      base.from_ordered(a.data(), rows, round % 64);
      kernels->from_ordered(b.data(), rows, round % 64);
      ASSERT_EQ(a, b) << kernels->target;
      base.to_folded(values.data(), rows, round % 64, a.data());
      kernels->to_folded(values.data(), rows, round % 64, b.data());
      ASSERT_EQ(a, b) << kernels->target;
      base.from_folded(a.data(), rows, round % 64);
      kernels->from_folded(b.data(), rows, round % 64);
      ASSERT_EQ(a, b) << kernels->target;
      base.difference(values.data(), 0, rows, a.data());
      kernels->difference(values.data(), 0, rows, b.data());
      ASSERT_EQ(a, b) << kernels->target;
      base.accumulate(a.data(), 0, rows);
      kernels->accumulate(b.data(), 0, rows);
      ASSERT_EQ(a, b) << kernels->target;
    }
  }
}

TEST(CodecKernels, FindTheSameDecimalsOnEveryTarget) {
  std::mt19937_64 random(3);
  const CodecKernels& base = *AllKernels()[0];
  for (const CodecKernels* kernels : AllKernels()) {
    for (int exponent = 0; exponent <= kMaxDecimalExponent; ++exponent) {
      Vector latents;
      for (auto& latent : latents) {
        latent =
            static_cast<std::uint64_t>(static_cast<std::int64_t>(random()) >> (13 + random() % 50));
      }
      Vector a = latents;
      Vector b = latents;
      base.from_decimal(a.data(), kVectorRows, exponent);
      kernels->from_decimal(b.data(), kVectorRows, exponent);
      ASSERT_EQ(a, b) << kernels->target;
      a[7] = 0x7FF8000000000000;
      a[9] = 0x8000000000000000;
      a[11] = random();
      Vector found[2];
      std::array<std::uint8_t, kVectorRows> exact[2];
      ASSERT_EQ(
          base.to_decimal(a.data(), kVectorRows, exponent, found[0].data(), exact[0].data()),
          kernels->to_decimal(a.data(), kVectorRows, exponent, found[1].data(), exact[1].data()));
      ASSERT_EQ(exact[0], exact[1]) << kernels->target;
      for (std::size_t i = 0; i < kVectorRows; ++i) {
        if (exact[0][i] == 0) continue;
        ASSERT_EQ(found[0][i], found[1][i]) << kernels->target;
      }
      EXPECT_EQ(exact[0][7], 0);
      EXPECT_EQ(exact[0][9], 0);
    }
  }
}

// Doubles of all signs whose exponents lie at most kMaxExponentSpan above `exponent`, zeros among
// them.
Vector DoublesFrom(int exponent, std::mt19937_64* random) {
  Vector bits;
  for (auto& value : bits) {
    const auto above = static_cast<std::uint64_t>(exponent) + (*random)() % (kMaxExponentSpan + 1);
    value = (*random)() % 16 == 0 ? 0 : (above << 52) | ((*random)() >> 12);
    value |= (*random)() << 63;
  }
  return bits;
}

TEST(CodecKernels, SumDoublesExactlyOnEveryTarget) {
  std::mt19937_64 random(4);
  for (const int exponent : {1, 2, 500, 1023, 2004}) {
    const Vector bits = DoublesFrom(exponent, &random);
    for (const std::size_t rows : {std::size_t{1}, std::size_t{7}, kVectorRows}) {
      __extension__ using Wide = __int128;
      Wide expected = 0;
      for (std::size_t i = 0; i < rows; ++i) {
        const std::uint64_t stored = (bits[i] >> 52) & 0x7FF;
        if (stored == 0) continue;
        const auto mantissa = static_cast<Wide>((bits[i] & 0xFFFFFFFFFFFFF) | (1ULL << 52));
        const Wide value = mantissa << (stored - static_cast<std::uint64_t>(exponent));
        expected += bits[i] >> 63 == 0 ? value : -value;
      }
      for (const CodecKernels* kernels : AllKernels()) {
        const DigitSums sums = kernels->sum(bits.data(), rows, exponent);
        const Wide unit = Wide{1} << 32;
        const Wide total = sums.digits[0] + sums.digits[1] * unit + sums.digits[2] * unit * unit;
        EXPECT_TRUE(total == expected) << kernels->target << ", exponent " << exponent;
      }
    }
  }
}

TEST(CodecKernels, MeasureDoublesAlikeOnEveryTarget) {
  constexpr std::uint64_t kSign = std::uint64_t{1} << 63;
  constexpr std::uint64_t kOne = 0x3FF0000000000000;
  Vector bits{};
  bits[1] = kSign;
  for (const CodecKernels* kernels : AllKernels()) {
    const DoubleExtent zeros = kernels->measure(bits.data(), 2);
    EXPECT_EQ(zeros.least, 0) << kernels->target;
    EXPECT_EQ(zeros.greatest, 0);
    EXPECT_EQ(zeros.smallest, kNoMagnitude);
    EXPECT_EQ(zeros.largest, 0U);
  }
  bits[300] = kOne;
  bits[301] = kOne | kSign;
  bits[1000] = 1;  // the smallest subnormal
  for (const CodecKernels* kernels : AllKernels()) {
    const DoubleExtent extent = kernels->measure(bits.data(), kVectorRows);
    EXPECT_EQ(extent.least, static_cast<std::int64_t>(~kOne)) << kernels->target;
    EXPECT_EQ(extent.greatest, static_cast<std::int64_t>(kOne));
    EXPECT_EQ(extent.smallest, 1U);
    EXPECT_EQ(extent.largest, kOne);
  }
}

}  // namespace
}  // namespace reprise
