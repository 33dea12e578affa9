#include "format/exact_sum.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <random>
#include <string>
#include <vector>

namespace reprise {
namespace {

__extension__ using Uint128 = unsigned __int128;
using Doubles = std::numeric_limits<double>;

// The reference: a plain unsigned whole number of 2,560 bits, in units of 2^-1074.
class Wide {
 public:
  static Wide Product(std::uint64_t factor, std::uint32_t position) {
    Wide wide;
    const Uint128 shifted = static_cast<Uint128>(factor) << (position % 64);
    wide.words_[position / 64] = static_cast<std::uint64_t>(shifted);
    wide.words_[position / 64 + 1] = static_cast<std::uint64_t>(shifted >> 64);
    return wide;
  }
  // |value| from its bits; those of infinity stand for 2^1024.
  static Wide FromBits(std::uint64_t bits) {
    const auto exponent = static_cast<std::uint32_t>((bits >> 52) & 0x7FF);
    const std::uint64_t fraction = bits & ((std::uint64_t{1} << 52) - 1);
    if (exponent == 0) return Product(fraction, 0);
    return Product(fraction | (std::uint64_t{1} << 52), exponent - 1);
  }
  Wide operator+(const Wide& other) const {
    Wide sum;
    Uint128 carry = 0;
    for (std::size_t i = 0; i < kWords; ++i) {
      carry += static_cast<Uint128>(words_[i]) + other.words_[i];
      sum.words_[i] = static_cast<std::uint64_t>(carry);
      carry >>= 64;
    }
    return sum;
  }
  // Requires other <= *this.
  Wide operator-(const Wide& other) const {
    Wide result;
    std::uint64_t borrow = 0;
    for (std::size_t i = 0; i < kWords; ++i) {
      const Uint128 take = static_cast<Uint128>(other.words_[i]) + borrow;
      result.words_[i] = words_[i] - static_cast<std::uint64_t>(take);
      borrow = take > words_[i] ? 1 : 0;
    }
    return result;
  }
  Wide operator*(std::uint64_t factor) const {
    Wide product;
    Uint128 carry = 0;
    for (std::size_t i = 0; i < kWords; ++i) {
      carry += static_cast<Uint128>(words_[i]) * factor;
      product.words_[i] = static_cast<std::uint64_t>(carry);
      carry >>= 64;
    }
    return product;
  }
  bool operator<(const Wide& other) const {
    return std::lexicographical_compare(words_.rbegin(), words_.rend(), other.words_.rbegin(),
                                        other.words_.rend());
  }
  bool operator==(const Wide&) const = default;

 private:
  static constexpr std::size_t kWords = 40;
  std::array<std::uint64_t, kWords> words_{};
};

// The reference sum: positive and negative values apart, rounded by bisection over all doubles.
class SlowSum {
 public:
  void Add(double value) {
    Wide& side = std::signbit(value) ? negative_ : positive_;
    side = side + Wide::FromBits(std::bit_cast<std::uint64_t>(value));
  }
  void Add(std::int64_t value) {
    Wide& side = value < 0 ? negative_ : positive_;
    const auto bits = static_cast<std::uint64_t>(value);
    side = side + Wide::Product(value < 0 ? 0 - bits : bits, 1074);
  }
  double RoundQuotient(std::uint64_t divisor) const {
    if (positive_ == negative_) return 0;
    if (positive_ < negative_) return -Nearest(negative_ - positive_, divisor);
    return Nearest(positive_ - negative_, divisor);
  }

 private:
  static double Nearest(const Wide& sum, std::uint64_t divisor) {
    std::uint64_t below = 0;
    std::uint64_t above = std::bit_cast<std::uint64_t>(Doubles::infinity());
    if (!(sum < Wide::FromBits(above) * divisor)) return Doubles::infinity();
    while (above - below > 1) {
      const std::uint64_t middle = below + (above - below) / 2;
      (sum < Wide::FromBits(middle) * divisor ? above : below) = middle;
    }
    const Wide halfway = (Wide::FromBits(below) + Wide::FromBits(above)) * divisor;
    const Wide twice = sum * 2;
    const bool up = halfway < twice || (halfway == twice && below % 2 == 1);
    return std::bit_cast<double>(up ? above : below);
  }

  Wide positive_;
  Wide negative_;
};

std::uint64_t Bits(double value) { return std::bit_cast<std::uint64_t>(value); }

std::string Encoded(const ExactSum& sum) {
  std::string bytes;
  ByteWriter writer(&bytes);
  sum.Encode(&writer);
  return bytes;
}

ExactSum SumOf(const std::vector<double>& values) {
  ExactSum sum;
  for (const double value : values) sum.Add(value);
  return sum;
}

double RandomDouble(std::mt19937_64& random) {
  const std::uint64_t sign = random() << 63;
  const std::uint64_t fraction = random() >> 12;
  switch (random() % 5) {
    case 0:  // anywhere
      return std::bit_cast<double>(sign | (random() % 0x7FF) << 52 | fraction);
    case 1:  // subnormal
      return std::bit_cast<double>(sign | fraction);
    case 2:  // the largest
      return std::bit_cast<double>(sign | std::uint64_t{0x7FE} << 52 | fraction);
    case 3:  // a sparse one, which makes ties
      return std::ldexp(random() % 2 == 0 ? 1.0 : -3.0, static_cast<int>(random() % 120) - 60);
    default:  // a loss
      return static_cast<double>(static_cast<float>(fraction) * 1e-15F);
  }
}

TEST(ExactSum, AgreesWithWideIntegers) {
  const std::uint64_t seed = std::random_device()();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  std::mt19937_64 random(seed);
  for (int round = 0; round < 300; ++round) {
    ExactSum sum;
    SlowSum slow;
    for (std::uint64_t left = random() % 60; left > 0; --left) {
      if (random() % 4 == 0) {
        const auto value = static_cast<std::int64_t>(random() >> (random() % 64));
        sum.Add(value);
        slow.Add(value);
      } else {
        const double value = RandomDouble(random);
        sum.Add(value);
        slow.Add(value);
      }
      const std::uint64_t divisor = (random() >> (random() % 64)) | 1;
      ASSERT_EQ(Bits(sum.Round()), Bits(slow.RoundQuotient(1)));
      ASSERT_EQ(Bits(sum.RoundQuotient(divisor)), Bits(slow.RoundQuotient(divisor))) << divisor;
    }
  }
}

TEST(ExactSum, IsTheSameInEveryOrderAndGrouping) {
  const std::uint64_t seed = std::random_device()();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  std::mt19937_64 random(seed);
  for (int round = 0; round < 50; ++round) {
    std::vector<double> values(random() % 5000);
    for (double& value : values) value = RandomDouble(random);
    const ExactSum straight = SumOf(values);

    std::shuffle(values.begin(), values.end(), random);
    std::vector<ExactSum> parts(1 + random() % 20);
    for (const double value : values) parts[random() % parts.size()].Add(value);
    while (parts.size() > 1) {
      std::swap(parts.back(), parts[random() % parts.size()]);
      const ExactSum part = parts.back();
      parts.pop_back();
      parts[random() % parts.size()].Merge(part);
    }
    ASSERT_EQ(parts[0], straight);
    ASSERT_EQ(Encoded(parts[0]), Encoded(straight));
    ASSERT_EQ(Bits(parts[0].Round()), Bits(straight.Round()));
  }
}

TEST(ExactSum, SurvivesMoreAdditionsThanALimbCanDefer) {
  for (const double value : {Doubles::max(), -Doubles::max(), Doubles::denorm_min(), -0.1}) {
    ExactSum sum;
    SlowSum slow;
    for (int i = 0; i < 20000; ++i) {
      sum.Add(value);
      slow.Add(value);
    }
    EXPECT_EQ(Bits(sum.Round()), Bits(slow.RoundQuotient(1)));
    EXPECT_EQ(Bits(sum.RoundQuotient(20000)), Bits(value));
    EXPECT_LT(Encoded(sum).size(), 16u);
  }
}

TEST(ExactSum, MergesWithItself) {
  ExactSum sum = SumOf({0.1, 1e290, -7});
  ExactSum doubled;
  for (int i = 0; i < 40; ++i) sum.Merge(sum);
  for (const double value : {0.1, 1e290, -7.0}) doubled.Add(std::ldexp(value, 40));
  EXPECT_EQ(sum, doubled);
}

TEST(ExactSum, CancelsCompletely) {
  const ExactSum sum = SumOf({1e308, 1e308, 1e-308, 5, -1e308, -5, -1e308, -1e-308});
  EXPECT_TRUE(sum.is_zero());
  EXPECT_EQ(sum, ExactSum());
  EXPECT_EQ(Bits(sum.Round()), Bits(0.0));
  EXPECT_EQ(Encoded(sum), std::string(1, '\0'));
}

TEST(ExactSum, KeepsWhatNaiveSummationLoses) {
  EXPECT_EQ(SumOf({1, 1e100, 1, -1e100}).Round(), 2);
  EXPECT_EQ(SumOf(std::vector<double>(10, 0.1)).Round(), 1);
}

TEST(ExactSum, RoundsHalfwayCasesToEven) {
  const double two53 = 9007199254740992.0;
  EXPECT_EQ(SumOf({two53, 1}).Round(), two53);
  EXPECT_EQ(SumOf({two53, 2, 1}).Round(), two53 + 4);
  EXPECT_EQ(SumOf({two53, 1, Doubles::denorm_min()}).Round(), two53 + 2);
  EXPECT_EQ(SumOf({two53, 1, -Doubles::denorm_min()}).Round(), two53);
  EXPECT_EQ(SumOf({-two53, -1, -Doubles::denorm_min()}).Round(), -two53 - 2);
}

TEST(ExactSum, RoundsAtBothEndsOfTheRange) {
  const double tiny = Doubles::denorm_min();
  EXPECT_EQ(SumOf({tiny, Doubles::min()}).Round(), Doubles::min() + tiny);
  EXPECT_EQ(Bits(SumOf({tiny}).RoundQuotient(2)), Bits(0.0));
  EXPECT_EQ(SumOf({tiny, tiny, tiny}).RoundQuotient(2), 2 * tiny);
  EXPECT_EQ(Bits(SumOf({-tiny}).RoundQuotient(3)), Bits(-0.0));

  const double half_unit = std::ldexp(1.0, 970);
  EXPECT_EQ(SumOf({Doubles::max(), half_unit}).Round(), Doubles::infinity());
  EXPECT_EQ(SumOf({Doubles::max(), half_unit, -tiny}).Round(), Doubles::max());
  EXPECT_EQ(SumOf({-Doubles::max(), -half_unit}).Round(), -Doubles::infinity());
}

TEST(ExactSum, GivesAFiniteQuotientWhereTheSumOverflows) {
  const ExactSum sum = SumOf({Doubles::max(), Doubles::max(), 1e308});
  EXPECT_EQ(sum.Round(), Doubles::infinity());
  EXPECT_EQ(SumOf({Doubles::max(), Doubles::max()}).RoundQuotient(2), Doubles::max());
  EXPECT_TRUE(std::isfinite(sum.RoundQuotient(3)));
}

TEST(ExactSum, HoldsEveryInt64Exactly) {
  const std::int64_t least = std::numeric_limits<std::int64_t>::min();
  const std::int64_t most = std::numeric_limits<std::int64_t>::max();
  ExactSum sum;
  sum.Add(least);
  EXPECT_EQ(sum.Round(), -9223372036854775808.0);
  sum.Add(most);
  EXPECT_EQ(sum.Round(), -1);
  for (int i = 0; i < 3000; ++i) sum.Add(most);
  for (int i = 0; i < 3000; ++i) sum.Add(least);
  EXPECT_EQ(sum.Round(), -3001);
}

TEST(ExactSum, DecodesWhatItEncoded) {
  std::mt19937_64 random(1);
  for (int round = 0; round < 2000; ++round) {
    ExactSum sum;
    for (std::uint64_t left = random() % 5; left > 0; --left) sum.Add(RandomDouble(random));
    const std::string bytes = Encoded(sum);
    ByteReader reader(bytes);
    ExactSum decoded;
    ASSERT_TRUE(decoded.Decode(&reader) && reader.AtCleanEnd());
    ASSERT_EQ(decoded, sum);
    sum.Add(1.5);
    decoded.Add(1.5);
    ASSERT_EQ(Encoded(decoded), Encoded(sum));
  }
}

TEST(ExactSum, IsSmallWhenStored) {
  EXPECT_EQ(Encoded(SumOf({1, 2, 3})).size(), 3u);
  ExactSum losses;
  for (int i = 1; i < 100000; ++i) losses.Add(static_cast<double>(2.5F / static_cast<float>(i)));
  EXPECT_LE(Encoded(losses).size(), 12u);
}

TEST(ExactSum, RefusesBytesItDoesNotWrite) {
  const auto decodes = [](std::string_view bytes) {
    ByteReader reader(bytes);
    ExactSum sum;
    return sum.Decode(&reader);
  };
  using std::string_view_literals::operator""sv;
  EXPECT_TRUE(decodes("\x02\x00\x04"sv));               // 2^0
  EXPECT_FALSE(decodes("\x01\x00\x04"sv));              // -0
  EXPECT_FALSE(decodes("\x82\x00\x00\x04"sv));          // a longer varint than needed
  EXPECT_FALSE(decodes("\x02\x80\x00\x04"sv));          // the same for the place
  EXPECT_FALSE(decodes("\x04\x00\x00\x04"sv));          // zero byte below
  EXPECT_FALSE(decodes("\x04\x00\x04\x00"sv));          // zero byte above
  EXPECT_FALSE(decodes("\x04\x00\x04"sv));              // cut off
  EXPECT_FALSE(decodes("\x02"sv));                      // cut off
  EXPECT_FALSE(decodes("\x02\x8D\x02\x04"sv));          // byte -1
  EXPECT_TRUE(decodes("\x02\x92\x02\x04"sv));           // byte 271
  EXPECT_FALSE(decodes("\x02\x94\x02\x04"sv));          // byte 272
  EXPECT_FALSE(decodes("\xFF\xFF\xFF\xFF\x0F\x00"sv));  // more bytes than any sum has
}

}  // namespace
}  // namespace reprise
