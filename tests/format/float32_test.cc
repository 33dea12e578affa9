#include "format/float32.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <optional>
#include <random>

namespace reprise {
namespace {

std::uint64_t BitsOf(double value) { return std::bit_cast<std::uint64_t>(value); }

TEST(Float32, EveryExponentComesBackWithEitherSign) {
  std::mt19937 random(32);
  for (std::uint32_t top = 0; top < 512; ++top) {  // sign and exponent
    const auto any = static_cast<std::uint32_t>(random()) & 0x7F'FFFF;
    for (const std::uint32_t fraction : {0U, 1U, 0x7F'FFFFU, any}) {
      const std::uint32_t bits = top << 23 | fraction;
      const auto value = std::bit_cast<float>(bits);
      const bool kept = value == 0 || std::isnormal(value) || std::isinf(value);
      const auto expected = kept ? std::optional(bits) : std::nullopt;
      ASSERT_EQ(AsFloat32(BitsOf(static_cast<double>(value))), expected) << bits;
      if (kept) {
        ASSERT_EQ(WidenFloat32(bits), BitsOf(static_cast<double>(value))) << bits;
      }
    }
  }
}

TEST(Float32, DoublesBetweenTwoOfThemAreNone) {
  for (const float value : {1.0F, -3.5F, std::numeric_limits<float>::max()}) {
    for (int bit = 0; bit < 29; ++bit) {
      EXPECT_EQ(AsFloat32(BitsOf(value) ^ std::uint64_t{1} << bit), std::nullopt) << bit;
    }
  }
}

TEST(Float32, DoublesBeyondItsRangeAreNone) {
  for (const double value : {0x1p128, -0x1p128, 0x1p-127, 0x1p-149, 0x1p-1022, 0x1p1023,
                             std::numeric_limits<double>::denorm_min(),
                             std::numeric_limits<double>::quiet_NaN()}) {
    EXPECT_EQ(AsFloat32(BitsOf(value)), std::nullopt) << value;
  }
}

}  // namespace
}  // namespace reprise
