#include "format/vector_codec.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "format/frame_of_reference.h"
#include "format/number_dictionary.h"
#include "tests/format/column_support.h"

namespace reprise {
namespace {

// Walks of a random length, whose steps have a random size.
Bits RandomWalk(std::mt19937_64* random) {
  Bits bits(1 + (*random)() % kVectorRows);
  const std::uint64_t unit = (*random)() >> ((*random)() % 64);
  std::uint64_t at = (*random)() >> ((*random)() % 64);
  for (std::uint64_t& value : bits) value = at += (*random)() % 5 * unit - 2 * unit;
  return bits;
}

std::size_t EncodedSize(const Bits& bits, const VectorPlans& plans) {
  std::string encoded;
  EncodeVector(bits, plans, &encoded);
  return encoded.size();
}

TEST(VectorPlans, AreMeasuredAlikeByThemselvesAndForTheLeast) {
  std::mt19937_64 random(1);
  for (int round = 0; round < 300; ++round) {
    const Bits bits = RandomWalk(&random);
    const VectorPlans plans = VectorPlans::AllFor(round % 2 == 0);
    const auto bytes = MeasurePlans(bits, plans);
    EXPECT_EQ(MeasureCheapest(bits, plans),
              *std::min_element(bytes.begin(), bytes.begin() + std::ssize(plans)));
  }
}

// No search: but none of the plans would have taken less.
TEST(VectorPlans, OfEvenIntegersIsOneDifference) {
  std::mt19937_64 random(2);
  for (int round = 0; round < 500; ++round) {
    Bits bits(1 + random() % (round % 2 == 0 ? 12 : kVectorRows));
    const std::uint64_t step = random() >> (random() % 64);
    std::uint64_t at = random() >> (random() % 64);
    for (std::uint64_t& value : bits) value = at += step;
    const VectorPlans plans = VectorPlans::AllFor(false);
    std::size_t least = EncodedSize(bits, {});
    for (const VectorPlan& plan : plans) {
      VectorPlans one;
      one.Add(plan);
      least = std::min(least, EncodedSize(bits, one));
    }
    EXPECT_EQ(EncodedSize(bits, plans), least)
        << bits.size() << " values from " << bits[0] << " by " << step;
  }
}

// What a vector of these steps gives when it is read as steps.
Result<std::vector<Step>> Stored(const std::vector<Step>& steps) {
  const std::vector<std::uint64_t> bits(steps.begin(), steps.end());
  std::string encoded;
  EncodeVector(bits, VectorPlans::AllFor(/*doubles=*/false), &encoded);
  std::vector<Step> read(steps.size());
  const Status decoded = DecodeSteps(encoded, read);
  if (!decoded.ok()) return Fail(decoded);
  return read;
}

TEST(DecodeSteps, GivesThoseThatRise) {
  constexpr Step kMost = std::numeric_limits<Step>::max();
  for (const std::vector<Step>& steps : {std::vector<Step>{0},
                                         {0, 1, 2, 3, 4, 5, 6, 7, 8},
                                         {3, 10, 17, 24, 31, 38, 45, 52},
                                         {0, kMost},
                                         {1, 2, 4, 8, 16, 32, 64, 65, 66},
                                         {kMost - 2, kMost - 1, kMost}}) {
    const auto read = Stored(steps);
    ASSERT_TRUE(read) << read.error().ToString();
    EXPECT_EQ(*read, steps);
  }
}

TEST(DecodeSteps, RefusesThoseThatDoNotAndSaysWhich) {
  constexpr Step kMost = std::numeric_limits<Step>::max();
  // Equal, falling evenly, one that falls, and evenly up to the greatest and over it.
  for (const std::vector<Step>& steps :
       {std::vector<Step>{7, 7, 7, 7},
        {9, 8, 7, 6, 5, 4, 3, 2, 1},
        {1, 2, 3, 9, 8, 10, 11, 12},
        {kMost - 4, kMost - 2, kMost, kMost - kMost - kMost, 2 - kMost, 4 - kMost, 6 - kMost},
        {0, kMost / 2 + 1, -kMost - 1, -kMost / 2, 0, kMost / 2 + 1}}) {
    const auto read = Stored(steps);
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().code(), Code::kCorrupt);
    EXPECT_NE(read.error().message().find("follows"), std::string::npos);
  }
}

// The width is found without pricing all of them.
TEST(FrameOfReference, TakesNoMoreThanAnyWidthFromTheLeastValue) {
  std::mt19937_64 random(3);
  for (int round = 0; round < 300; ++round) {
    Bits bits(2 + random() % 500);
    const int width = static_cast<int>(random() % 40);
    for (std::uint64_t& value : bits) {
      value = random() % (std::uint64_t{1} << width);
      if (random() % 30 == 0) value <<= 20;
    }
    const std::uint64_t least = *std::min_element(bits.begin(), bits.end());
    std::size_t best = ~std::size_t{0};
    for (int narrow = 0; narrow <= 64; ++narrow) {
      PatchRange patches;
      for (const std::uint64_t value : bits) {
        const std::uint64_t high = narrow == 64 ? 0 : (value - least) >> narrow;
        if (high != 0) patches.Add(static_cast<std::int64_t>(high));
      }
      best = std::min(best, (bits.size() * static_cast<std::size_t>(narrow) + 7) / 8 +
                                PatchBytes(patches.shape()));
    }
    // About: patches are priced before they are measured, and the base may take ten bytes.
    EXPECT_LE(ChooseFrame(bits).bytes, best + best / 20 + 10) << bits.size() << " of " << width;
  }
}

TEST(NumberDictionary, HoldsNoIntegersThatAreDense) {
  Bits dense(1000);
  for (std::size_t i = 0; i < dense.size(); ++i) dense[i] = i * 7 % 10;
  std::string chunk;
  EXPECT_FALSE(EncodeNumberDictionary(NumberKind::kIntegers, dense, 100'000, &chunk));
  Bits sparse = dense;
  for (std::uint64_t& value : sparse) value *= 1'000'003;
  EXPECT_TRUE(EncodeNumberDictionary(NumberKind::kIntegers, sparse, 100'000, &chunk));
}

}  // namespace
}  // namespace reprise
