#include "format/number_order.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <vector>

namespace reprise {
namespace {

constexpr std::int64_t kTwo53 = std::int64_t{1} << 53;
constexpr double kTwo53Double = 9007199254740992.0;
constexpr std::int64_t kLeast = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

// Each line is equivalent in itself and below the next.
const std::vector<std::vector<ValueView>> kRising = {
    {-kInfinity},
    {-1e19},
    {-9223372036854775808.0, kLeast},
    {kLeast + 1},
    {-kTwo53 - 1},
    {-kTwo53, -kTwo53Double},
    {-1.5},
    {-1, -1.0},
    {-0.5},
    {-std::numeric_limits<double>::denorm_min()},
    {false, 0, 0.0, -0.0},
    {std::numeric_limits<double>::denorm_min()},
    {true, 1, 1.0},
    {1.5},
    {kTwo53 - 1, kTwo53Double - 1},
    {kTwo53, kTwo53Double},
    {kTwo53 + 1},
    {kTwo53 + 2, kTwo53Double + 2},
    {9223372036854774784.0},
    {kMost - 1},
    {kMost},
    {9223372036854775808.0},
    {kInfinity},
};

TEST(NumberOrder, ComparesAcrossTypesWithoutRounding) {
  for (std::size_t i = 0; i < kRising.size(); ++i) {
    for (std::size_t j = 0; j < kRising.size(); ++j) {
      for (const ValueView& a : kRising[i]) {
        for (const ValueView& b : kRising[j]) {
          EXPECT_EQ(CompareNumbers(a, b), std::weak_ordering(i <=> j)) << i << " and " << j;
        }
      }
    }
  }
}

TEST(NumberOrder, AgreesWithExtendedPrecision) {
  if (std::numeric_limits<long double>::digits < 64) GTEST_SKIP() << "no exact reference here";
  const std::uint64_t seed = std::random_device()();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  std::mt19937_64 random(seed);
  for (int i = 0; i < 200000; ++i) {
    const auto whole = static_cast<std::int64_t>(random()) >> (random() % 64);
    const double near = static_cast<double>(whole) + static_cast<double>(random() % 9) / 4 - 1;
    const auto a = static_cast<long double>(whole);
    const auto b = static_cast<long double>(near);
    ASSERT_EQ(CompareNumbers(whole, near) < 0, a < b) << whole << " " << near;
    ASSERT_EQ(CompareNumbers(near, whole) < 0, b < a) << whole << " " << near;
  }
}

TEST(NumberOrder, KnowsNan) {
  EXPECT_TRUE(IsNan(std::nan("")));
  EXPECT_FALSE(IsNan(kInfinity));
  EXPECT_FALSE(IsNan("nan"));
  EXPECT_FALSE(IsNan(kMost));
}

}  // namespace
}  // namespace reprise
