#include "format/codec_kernels.h"

#include <gtest/gtest.h>

#include <array>
#include <random>
#include <string>

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

}  // namespace
}  // namespace reprise
