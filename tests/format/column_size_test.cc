// How small the columns of real runs must be.
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "tests/format/column_support.h"

namespace reprise {
namespace {

constexpr std::size_t kRows = 65536;

double BytesPerValue(const Bits& bits) {
  return static_cast<double>(ExpectRoundTrip(NumberView(Type::kDouble, bits)).size()) /
         static_cast<double>(bits.size());
}

double NoisyLoss(std::size_t i, std::mt19937_64* random) {
  return 2.0 + 8.0 * std::exp(-static_cast<double>(i) / 5000.0) +
         std::normal_distribution<double>(0, 0.1)(*random);
}

TEST(ColumnSize, ConstantTakesAFewBytesPerSegment) {
  const Bits constant = MakeDoubles(kRows, [](std::size_t) { return 3.14159265358979; });
  EXPECT_LE(ExpectRoundTrip(NumberView(Type::kDouble, constant)).size(), 400u);
}

TEST(ColumnSize, CounterTakesAFewBytesPerVector) {
  Bits counter(kRows);
  for (std::size_t i = 0; i < kRows; ++i) counter[i] = 1000000 + i * 50;
  EXPECT_LE(ExpectRoundTrip(NumberView(Type::kInt64, counter)).size(), 64u * 12);
  const Bits doubles =
      MakeDoubles(kRows, [](std::size_t i) { return 1000000.0 + static_cast<double>(i) * 50; });
  EXPECT_LE(ExpectRoundTrip(NumberView(Type::kDouble, doubles)).size(), 64u * 16);
}

// Epochs that rise by a fraction: every so many of them is a whole number, which must not be taken
// for all.
TEST(ColumnSize, RampOfFractionsTakesAFewBytesPerVector) {
  for (const double step : {0.5, 0.25, 0.125, 1.0 / 64, 0.1, 0.05, 0.01}) {
    const Bits bits = MakeDoubles(8192, [step](std::size_t i) {
      return std::round(static_cast<double>(i) * step * 64e5) / 64e5;
    });
    EXPECT_LE(ExpectRoundTrip(NumberView(Type::kDouble, bits)).size(), 8 * 12 + 40) << step;
  }
}

TEST(ColumnSize, LossOfFourDecimalsTakesTwoBytes) {
  std::mt19937_64 random(1);
  EXPECT_LE(
      BytesPerValue(MakeDoubles(
          kRows, [&](std::size_t i) { return std::round(NoisyLoss(i, &random) * 1e4) / 1e4; })),
      2.2);
}

TEST(ColumnSize, Float32LossDropsTheBitsItDoesNotUse) {
  std::mt19937_64 random(2);
  EXPECT_LE(BytesPerValue(MakeDoubles(kRows,
                                      [&](std::size_t i) {
                                        return static_cast<double>(
                                            static_cast<float>(NoisyLoss(i, &random)));
                                      })),
            3.6);
}

// Of either sign, spread over some octaves: 23 bits of fraction, some of exponent, one of sign.
TEST(ColumnSize, ValuesThatScatterAroundZeroLieTogether) {
  std::mt19937_64 random(3);
  std::normal_distribution<double> normal;
  const Bits floats = MakeDoubles(kRows, [&](std::size_t) {
    return static_cast<double>(static_cast<float>(0.01 * normal(random)));
  });
  EXPECT_LE(BytesPerValue(floats), 3.45);
  const Bits doubles = MakeDoubles(kRows, [&](std::size_t) { return 30 * normal(random); });
  EXPECT_LE(BytesPerValue(doubles), 7.05);
}

TEST(ColumnSize, NoiseIsNeverMuchLargerThanRaw) {
  std::mt19937_64 random(3);
  Bits noise(kRows);
  for (auto& bits : noise) bits = random();
  EXPECT_LE(BytesPerValue(noise), 8.03);
}

TEST(ColumnSize, StepFunctionTakesAPatchPerStep) {
  const Bits steps = MakeDoubles(kRows, [](std::size_t i) {
    const std::size_t drops = i / 5000;
    return 0.1 / static_cast<double>(1 + drops);
  });
  EXPECT_LE(ExpectRoundTrip(NumberView(Type::kDouble, steps)).size(), 64u * 24);
}

TEST(ColumnSize, AFewOutliersDoNotWidenTheRest) {
  std::mt19937_64 random(4);
  Bits bits(kRows);
  for (std::size_t i = 0; i < kRows; ++i) bits[i] = random() % 256;
  for (std::size_t i = 0; i < kRows; i += 333) bits[i] = random() >> 8;
  EXPECT_LE(ExpectRoundTrip(NumberView(Type::kInt64, bits)).size(), kRows + kRows / 333 * 14);
}

TEST(ColumnSize, ShortColumnsHaveShortHeaders) {
  EXPECT_LE(ExpectRoundTrip(NumberView(Type::kInt64, Bits(20, 5))).size(), 4u);
  const Bits lr = MakeDoubles(20, [](std::size_t) { return 0.001; });
  EXPECT_LE(ExpectRoundTrip(NumberView(Type::kDouble, lr)).size(), 5u);
}

TEST(ColumnSize, RepeatedTextTakesItsRank) {
  const std::vector<std::string> phases = {"train", "validation", "test", "train/warmup"};
  Texts texts(kRows);
  for (std::size_t i = 0; i < kRows; ++i) texts[i] = phases[i * i / 7 % phases.size()];
  EXPECT_LE(ExpectRoundTrip(TextView(Type::kString, texts)).size(), kRows / 4 + 700);
}

}  // namespace
}  // namespace reprise
