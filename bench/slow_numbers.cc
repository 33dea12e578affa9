#include "bench/slow_numbers.h"

#include <bit>
#include <cmath>
#include <limits>
#include <random>

namespace reprise::bench {
namespace {

// The inverse of the multiplier by which the dictionary hashes: such products hash to their low
// bits, so that all of them begin at one slot.
constexpr std::uint64_t kInverse = 0xF1DE'83E1'9937'733D;

std::mt19937_64& Random() {
  static std::mt19937_64 random(1);
  return random;
}
std::uint64_t Below(std::uint64_t limit) { return Random()() % limit; }

std::uint64_t Bits(double value) { return std::bit_cast<std::uint64_t>(value); }

// Evenly from 0 to 1, all 53 bits.
double Draw() { return static_cast<double>(Random()() >> 11U) * 0x1p-53; }
double DrawFloat() { return static_cast<double>(static_cast<float>(Draw() + 0.5)); }
double DrawDecimal(std::uint64_t power) {
  return static_cast<double>(Below(10 * power)) / static_cast<double>(power);
}

void AddNoise(std::vector<NumberRule>* rules) {
  const auto add = [rules](const char* name, Type type, auto at) {
    rules->push_back({name, type, at});
  };
  add("random bits", Type::kDouble, [](std::size_t, std::size_t) { return Random()(); });
  add("random integers", Type::kInt64, [](std::size_t, std::size_t) { return Random()(); });
  add("doubles of 17 digits", Type::kDouble, [](std::size_t, std::size_t) { return Bits(Draw()); });
  add("float32 noise", Type::kDouble, [](std::size_t, std::size_t) { return Bits(DrawFloat()); });
  add("NaNs with payloads", Type::kDouble,
      [](std::size_t, std::size_t) { return 0x7FF0'0000'0000'0001 | (Random()() >> 12U); });
  add("subnormal numbers", Type::kDouble,
      [](std::size_t, std::size_t) { return Random()() >> 13U; });
  add("signs and magnitudes that alternate", Type::kDouble, [](std::size_t i, std::size_t) {
    const double large = std::ldexp(Draw() + 0.5, i % 4 < 2 ? 600 : -600);
    return Bits(i % 2 == 0 ? large : -large);
  });
  add("integers near 2^63", Type::kInt64, [](std::size_t i, std::size_t) {
    const std::uint64_t most = std::uint64_t{1} << 63U;
    return i % 2 == 0 ? most - 1 - Below(1000) : most + Below(1000);
  });
}

// What fits a map or a frame, but for a few values.
void AddMisfits(std::vector<NumberRule>* rules) {
  const auto add = [rules](const char* name, Type type, auto at) {
    rules->push_back({name, type, at});
  };
  add("almost float32: one in eight is none", Type::kDouble,
      [](std::size_t i, std::size_t) { return Bits(i % 8 == 7 ? Draw() + 0.5 : DrawFloat()); });
  add("float32 through 16 digits of text", Type::kDouble, [](std::size_t i, std::size_t) {
    return Bits(DrawFloat()) + (i % 3 == 0 ? Below(3) - 1 : 0);
  });
  add("decimals, one in eight is none", Type::kDouble,
      [](std::size_t i, std::size_t) { return Bits(i % 8 == 7 ? Draw() : DrawDecimal(1000)); });
  add("sums of decimals", Type::kDouble,
      [sum = 0.0](std::size_t, std::size_t) mutable { return Bits(sum += DrawDecimal(1000)); });
  add("decimals of 22 places", Type::kDouble,
      [](std::size_t, std::size_t) { return Bits(static_cast<double>(Below(1'000'000)) / 1e22); });
  add("decimals of 0 to 22 places", Type::kDouble, [](std::size_t, std::size_t) {
    const double tens = std::pow(10.0, static_cast<double>(Below(23)));
    return Bits(static_cast<double>(Below(1000)) / tens);
  });
  add("infinities and NaN among decimals", Type::kDouble, [](std::size_t i, std::size_t) {
    if (i % 16 == 3) return Bits(std::numeric_limits<double>::quiet_NaN());
    if (i % 16 == 9) return Bits(-std::numeric_limits<double>::infinity());
    return Bits(i % 16 == 12 ? -0.0 : DrawDecimal(10));
  });
  add("one outlier in 32", Type::kInt64,
      [](std::size_t i, std::size_t) { return i % 32 == 17 ? Random()() : Below(16); });
  add("patches of every width", Type::kInt64,
      [](std::size_t, std::size_t) { return Random()() >> Below(64); });
  add("a cubic with noise", Type::kInt64,
      [](std::size_t i, std::size_t) { return static_cast<std::uint64_t>(i) * i * i + Below(8); });
}

void AddRepeats(std::vector<NumberRule>* rules) {
  const auto add = [rules](const char* name, Type type, auto at) {
    rules->push_back({name, type, at});
  };
  add("constant but for the last", Type::kDouble,
      [](std::size_t i, std::size_t values) { return Bits(i + 1 == values ? 0.1 : 0.25); });
  add("each number twice", Type::kDouble, [](std::size_t i, std::size_t values) {
    return (i % ((values + 1) / 2) + 1) * 0x9E37'79B9'7F4A'7C15;
  });
  add("one number more than a dictionary takes", Type::kDouble,
      [](std::size_t i, std::size_t values) {
        const std::size_t most = std::min<std::size_t>(values / 2, 4096) + 1;
        return (i + most < values ? i % 2 : i) * 0x9E37'79B9'7F4A'7C15;
      });
  add("4,000 numbers that collide", Type::kInt64,
      [](std::size_t, std::size_t) { return Below(4000) * kInverse; });
  add("97 doubles in any order", Type::kDouble,
      [](std::size_t, std::size_t) { return Bits(std::sqrt(static_cast<double>(Below(97) + 2))); });
}

}  // namespace

std::vector<NumberRule> SlowNumbers() {
  std::vector<NumberRule> rules;
  AddNoise(&rules);
  AddMisfits(&rules);
  AddRepeats(&rules);
  return rules;
}

}  // namespace reprise::bench
