// Doubles that are float32 values, as most of what a training program logs.
#ifndef REPRISE_FORMAT_FLOAT32_H_
#define REPRISE_FORMAT_FLOAT32_H_

#include <bit>
#include <cmath>
#include <cstdint>
#include <optional>

namespace reprise {

// The bits of the float32 that the double is, exactly. Left out are NaN, which widening may change,
// and subnormal ones, which a host may have told its processor to take for zero.
inline std::optional<std::uint32_t> AsFloat32(std::uint64_t bits) {
  const auto value = std::bit_cast<double>(bits);
  const bool in_range = std::abs(value) <= 3.4028234663852886e38 || std::isinf(value);
  if (!in_range) return std::nullopt;
  const auto narrow = static_cast<float>(value);
  if (std::bit_cast<std::uint64_t>(static_cast<double>(narrow)) != bits) return std::nullopt;
  const auto narrow_bits = std::bit_cast<std::uint32_t>(narrow);
  const bool subnormal = (narrow_bits & 0x7F80'0000) == 0 && narrow_bits << 1 != 0;
  if (subnormal) return std::nullopt;
  return narrow_bits;
}

// The double that a float32 is.
inline std::uint64_t WidenFloat32(std::uint32_t bits) {
  return std::bit_cast<std::uint64_t>(static_cast<double>(std::bit_cast<float>(bits)));
}

}  // namespace reprise

#endif  // REPRISE_FORMAT_FLOAT32_H_
