// Doubles that are float32 values, as most of what a training program logs.
#ifndef REPRISE_FORMAT_FLOAT32_H_
#define REPRISE_FORMAT_FLOAT32_H_

#include <bit>
#include <cstdint>
#include <optional>

namespace reprise {

// The bits of the float32 that the double is, exactly. Left out are NaN, which widening may change,
// and subnormal ones, which a host may have told its processor to take for zero. Every value that
// is logged comes by here: bits are looked at, nothing is converted.
inline std::optional<std::uint32_t> AsFloat32(std::uint64_t bits) {
  constexpr int kDropped = 52 - 23;  // bits of a double's fraction that a float32's has not
  constexpr std::uint64_t kRebias = 1023 - 127;
  constexpr std::uint64_t kAboveRange = kRebias + 255;
  constexpr std::uint32_t kInfinity = 0x7F80'0000;
  if ((bits & ((std::uint64_t{1} << kDropped) - 1)) != 0) return std::nullopt;
  const auto sign = static_cast<std::uint32_t>(bits >> 32) & 0x8000'0000;
  const std::uint64_t magnitude = bits << 1 >> (kDropped + 1);  // exponent and fraction
  if (magnitude >= (kRebias + 1) << 23 && magnitude < kAboveRange << 23) {
    return sign | static_cast<std::uint32_t>(magnitude - (kRebias << 23));
  }
  if (magnitude == 0) return sign;
  return magnitude == std::uint64_t{0x7FF} << 23 ? std::optional(sign | kInfinity) : std::nullopt;
}

// The double that a float32 is.
inline std::uint64_t WidenFloat32(std::uint32_t bits) {
  return std::bit_cast<std::uint64_t>(static_cast<double>(std::bit_cast<float>(bits)));
}

}  // namespace reprise

#endif  // REPRISE_FORMAT_FLOAT32_H_
