#include "format/number_line.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <random>
#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

#include "tests/format/column_support.h"

namespace reprise {
namespace {

// Replaces the list by what is left of it, and gives back its ends.
std::pair<std::uint64_t, std::uint64_t> Subtract(LineRule rule, Bits* list) {
  const auto ends = std::pair(list->front(), list->back());
  SubtractLine(rule, *list);
  return ends;
}

void ExpectRoundTrip(LineRule rule, const Bits& list) {
  Bits left = list;
  const auto [first, last] = Subtract(rule, &left);
  ASSERT_TRUE(AddLine(rule, first, last, left).ok());
  ASSERT_EQ(left, list);
}

void ExpectNothingLeft(LineRule rule, Bits list) {
  Subtract(rule, &list);
  EXPECT_EQ(list, Bits(list.size()));
}

// What numpy.linspace(first, last, count) gives for doubles.
Bits NumpyDoubles(double first, double last, std::size_t count) {
  const double step = (last - first) / static_cast<double>(count - 1);
  Bits bits = MakeDoubles(count, [&](std::size_t i) {
    const volatile double rise = static_cast<double>(i) * step;
    return rise + first;
  });
  bits.back() = std::bit_cast<std::uint64_t>(last);
  return bits;
}

// The same computed in float32, as NumPy 2 does for float32 arrays.
Bits NumpyFloats(float first, float last, std::size_t count) {
  const float step = (last - first) / static_cast<float>(count - 1);
  Bits bits = MakeDoubles(count, [&](std::size_t i) {
    const volatile float rise = static_cast<float>(i) * step;
    return static_cast<double>(rise + first);
  });
  bits.back() = std::bit_cast<std::uint64_t>(static_cast<double>(last));
  return bits;
}

Bits Rounded(Bits bits) {
  for (std::uint64_t& value : bits) {
    const auto narrow = static_cast<float>(std::bit_cast<double>(value));
    value = std::bit_cast<std::uint64_t>(static_cast<double>(narrow));
  }
  return bits;
}

// What torch.linspace gives where vector units hold eight float32 values.
Bits TorchFloats(float first, float last, std::size_t count) {
  const float step = (last - first) / static_cast<float>(count - 1);
  const auto from_nearer_end = [&](std::size_t i) {
    if (i < count / 2) return std::fma(step, static_cast<float>(i), first);
    return std::fma(-step, static_cast<float>(count - 1 - i), last);
  };
  std::vector<float> floats;
  while (floats.size() + 8 <= count) {
    const float base = from_nearer_end(floats.size());
    for (int lane = 0; lane < 8; ++lane) {
      const volatile float rise = static_cast<float>(lane) * step;
      floats.push_back(base + rise);
    }
  }
  while (floats.size() < count) floats.push_back(from_nearer_end(floats.size()));
  return MakeDoubles(count, [&](std::size_t i) { return static_cast<double>(floats[i]); });
}

TEST(NumberLine, LeavesNothingOfTheListsItIsMadeFor) {
  const unsigned seed = std::random_device()();
  SCOPED_TRACE(seed);
  std::mt19937_64 random(seed);
  std::normal_distribution<double> normal;
  for (int i = 0; i < 2000; ++i) {
    const double first = normal(random);
    const double last = first + std::abs(normal(random)) + 1e-3;
    const auto narrow_first = static_cast<float>(first);
    const auto narrow_last = static_cast<float>(last);
    // With 8 times so many, PyTorch's last number is not always the one asked for.
    std::size_t count = i % 2 == 0 ? 65 : 3 + random() % 70;
    if (count % 8 == 0) ++count;
    ExpectNothingLeft(LineRule::kDouble, NumpyDoubles(first, last, count));
    ExpectNothingLeft(LineRule::kRounded, Rounded(NumpyDoubles(narrow_first, narrow_last, count)));
    ExpectNothingLeft(LineRule::kFloat, NumpyFloats(narrow_first, narrow_last, count));
    ExpectNothingLeft(LineRule::kLanes, TorchFloats(narrow_first, narrow_last, count));
  }
}

TEST(NumberLine, LeavesLittleOfAnotherRulesList) {
  Bits list = TorchFloats(-0.25F, 0.201F, 65);
  Subtract(LineRule::kRounded, &list);
  EXPECT_NE(list, Bits(65));
  for (const std::uint64_t left : list) {
    EXPECT_LT(std::abs(static_cast<std::int64_t>(left)), 1000);
  }
}

TEST(NumberLine, KeepsEveryBitOfAnyList) {
  const unsigned seed = std::random_device()();
  SCOPED_TRACE(seed);
  std::mt19937_64 random(seed);
  for (int i = 0; i < 5000; ++i) {
    const Bits any = MakeDoubles(1 + random() % 40, [&](std::size_t) {
      return std::bit_cast<double>(random());  // NaN, infinite and subnormal ones among them
    });
    ExpectRoundTrip(LineRule::kDouble, any);
    const Bits floats = MakeDoubles(1 + random() % 40, [&](std::size_t) {
      return static_cast<double>(std::ldexp(static_cast<float>(random() % 4096) - 2048.0F,
                                            static_cast<int>(random() % 200) - 100));
    });
    ASSERT_TRUE(AreFloat32(floats));
    for (const LineRule rule : kLineRules) ExpectRoundTrip(rule, floats);
  }
}

TEST(NumberLine, KeepsListsAtTheEndsOfTheirRange) {
  const double infinity = std::numeric_limits<double>::infinity();
  const double largest = std::numeric_limits<double>::max();
  for (const auto& [first, last] :
       {std::pair(-largest, largest), std::pair(0.0, infinity), std::pair(-infinity, infinity),
        std::pair(-0.0, 0.0), std::pair(5e-324, 1e-310), std::pair(-1e-310, 1.0)}) {
    ExpectRoundTrip(LineRule::kDouble, MakeDoubles(7, [first = first, last = last](std::size_t i) {
                      return i == 6 ? last : first;
                    }));
  }
  const Bits wide = Rounded(MakeDoubles(65, [](std::size_t i) {
    return (static_cast<double>(i) - 32) * 1e37;  // the last minus the first is no float32
  }));
  for (const LineRule rule : kLineRules) ExpectRoundTrip(rule, wide);
}

// Where arithmetic would depend on the machine: the bits of a NaN, and subnormal numbers.
TEST(NumberLine, IsLevelWhereItCannotBeComputed) {
  const double infinity = std::numeric_limits<double>::infinity();
  for (const auto& [first, last] :
       {std::pair(1.0, infinity), std::pair(1.0, std::numeric_limits<double>::quiet_NaN()),
        std::pair(-std::numeric_limits<double>::max(), std::numeric_limits<double>::max()),
        std::pair(5e-324, 1.0), std::pair(1.0, 5e-324), std::pair(1e-300, 2e-300)}) {
    ExpectNothingLeft(LineRule::kDouble,
                      MakeDoubles(7, [first = first, last = last](std::size_t i) {
                        return i == 6 ? last : first;
                      }));
  }
}

TEST(NumberLine, TakesFloat32ValuesOnly) {
  const auto holds = [](double value) {
    return AreFloat32(Bits{std::bit_cast<std::uint64_t>(value)});
  };
  EXPECT_TRUE(holds(0.5));
  EXPECT_TRUE(holds(-0.0));
  EXPECT_FALSE(holds(0.1));
  EXPECT_FALSE(holds(1e300));
  EXPECT_FALSE(holds(std::numeric_limits<double>::infinity()));
  EXPECT_FALSE(holds(std::numeric_limits<double>::quiet_NaN()));
  EXPECT_FALSE(holds(std::numeric_limits<float>::denorm_min()));
  Bits left(3);
  const auto tenth = std::bit_cast<std::uint64_t>(0.1);
  EXPECT_EQ(AddLine(LineRule::kFloat, 0, tenth, left).code(), Code::kCorrupt);
  EXPECT_EQ(AddLine(LineRule::kLanes, tenth, 0, left).code(), Code::kCorrupt);
  EXPECT_TRUE(AddLine(LineRule::kDouble, 0, tenth, left).ok());
}

#if defined(__x86_64__)
// A training program may have set its processor to flush subnormal numbers, and its reader not.
TEST(NumberLine, IsTheSameWhereSubnormalNumbersAreFlushed) {
  const unsigned seed = std::random_device()();
  SCOPED_TRACE(seed);
  std::mt19937_64 random(seed);
  const unsigned control = _mm_getcsr();
  for (int i = 0; i < 5000; ++i) {
    const int scale = -static_cast<int>(random() % 160);
    const auto end = [&] {
      return std::ldexp(static_cast<float>(random() % 2000) - 1000.0F, scale);
    };
    Bits list = NumpyFloats(end(), end(), 17);
    if (!AreFloat32(list)) continue;
    for (const LineRule rule : kLineRules) {
      Bits flushed = list;
      Bits plain = list;
      _mm_setcsr(control | 0x8040U);
      SubtractLine(rule, flushed);
      _mm_setcsr(control);
      SubtractLine(rule, plain);
      ASSERT_EQ(flushed, plain) << static_cast<int>(rule);
      _mm_setcsr(control | 0x8040U);
      const Status status = AddLine(rule, list.front(), list.back(), flushed);
      _mm_setcsr(control);
      ASSERT_TRUE(status.ok());
      ASSERT_EQ(flushed, list) << static_cast<int>(rule);
    }
  }
}
#endif

}  // namespace
}  // namespace reprise
