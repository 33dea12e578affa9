#include "format/tiny_double.h"

#include <algorithm>
#include <array>
#include <bit>
#include <optional>

#include "format/float32.h"
#include "format/latent_map.h"
#include "format/patch_list.h"
#include "format/try.h"

namespace reprise {
namespace {

// Heads. 0..22 are decimals of that many digits, alone or with kDifferences.
constexpr std::uint8_t kDifferences = 0x40;
constexpr std::uint8_t kTopBytes = 0x20;  // plus 0..8: that many most significant bytes
constexpr std::uint8_t kFloat32 = 0x29;

constexpr std::size_t kMaxValues = 16;

struct Integers {
  std::array<std::int64_t, kMaxValues> values{};
  std::size_t bytes = 0;  // as varints
};

struct TinyPlan {
  std::uint8_t head = 0;
  std::size_t bytes = 0;
  Integers integers;  // of a decimal plan
};

std::int64_t Minus(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) - static_cast<std::uint64_t>(b));
}

TinyPlan TopBytesPlan(std::span<const std::uint64_t> bits) {
  std::uint64_t all = 0;
  for (const std::uint64_t value : bits) all |= value;
  const int kept = all == 0 ? 0 : 8 - std::countr_zero(all) / 8;
  return {static_cast<std::uint8_t>(kTopBytes + kept),
          static_cast<std::size_t>(kept) * bits.size(),
          {}};
}

std::optional<Integers> AsDecimals(std::span<const std::uint64_t> bits, int digits) {
  Integers integers;
  for (std::size_t i = 0; i < bits.size(); ++i) {
    if (!AsDecimal(bits[i], digits, &integers.values[i])) return std::nullopt;
    integers.bytes += VarintBytes(ZigZag(integers.values[i]));
  }
  return integers;
}

Integers Differences(const Integers& integers, std::size_t count) {
  Integers result;
  std::int64_t previous = 0;
  for (std::size_t i = 0; i < count; ++i) {
    result.values[i] = Minus(integers.values[i], previous);
    result.bytes += VarintBytes(ZigZag(result.values[i]));
    previous = integers.values[i];
  }
  return result;
}

std::optional<TinyPlan> DecimalPlan(std::span<const std::uint64_t> bits) {
  for (int digits = 0; digits <= kMaxDecimalExponent; ++digits) {
    const auto integers = AsDecimals(bits, digits);
    if (!integers.has_value()) continue;
    const auto head = static_cast<std::uint8_t>(digits);
    const Integers differences = Differences(*integers, bits.size());
    if (differences.bytes < integers->bytes) {
      return TinyPlan{static_cast<std::uint8_t>(head | kDifferences), differences.bytes,
                      differences};
    }
    return TinyPlan{head, integers->bytes, *integers};
  }
  return std::nullopt;
}

TinyPlan ChoosePlan(std::span<const std::uint64_t> bits) {
  TinyPlan best = TopBytesPlan(bits);
  const bool float32 = std::all_of(
      bits.begin(), bits.end(), [](std::uint64_t value) { return AsFloat32(value).has_value(); });
  if (float32 && 4 * bits.size() < best.bytes) best = {kFloat32, 4 * bits.size(), {}};
  const auto decimal = DecimalPlan(bits);
  return decimal.has_value() && decimal->bytes < best.bytes ? *decimal : best;
}

void AppendValue(const TinyPlan& plan, std::uint64_t bits, std::size_t i, std::string* out) {
  ByteWriter writer(out);
  if (plan.head == kFloat32) return writer.Fixed(AsFloat32(bits).value_or(0));
  if ((plan.head & kTopBytes) == 0) return writer.SignedVarint(plan.integers.values[i]);
  for (int shift = 56; shift > 56 - 8 * (plan.head - kTopBytes); shift -= 8) {
    writer.Fixed(static_cast<std::uint8_t>(bits >> shift));
  }
}

Status Damaged(std::string_view what) { return Status::Error(Code::kCorrupt, std::string(what)); }

Status ReadDecimals(std::uint8_t head, ByteReader* reader, std::span<std::uint64_t> bits) {
  const bool differences = (head & kDifferences) != 0;
  std::uint64_t previous = 0;
  for (std::uint64_t& value : bits) {
    std::int64_t k = 0;
    if (!reader->SignedVarint(&k)) return Damaged("ends inside its decimals");
    value = static_cast<std::uint64_t>(k) + (differences ? previous : 0);
    previous = value;
  }
  MapBack(LatentMap::kDecimal, head & ~kDifferences, bits);
  return {};
}

Status ReadFloat32s(ByteReader* reader, std::span<std::uint64_t> bits) {
  for (std::uint64_t& value : bits) {
    std::uint32_t narrow = 0;
    if (!reader->Fixed(&narrow)) return Damaged("ends inside its float32 values");
    value = WidenFloat32(narrow);
  }
  return {};
}

Status ReadTopBytes(std::size_t kept, ByteReader* reader, std::span<std::uint64_t> bits) {
  for (std::uint64_t& value : bits) {
    std::string_view top;
    if (!reader->Raw(kept, &top)) return Damaged("ends inside its values");
    value = 0;
    for (std::size_t i = 0; i < kept; ++i) {
      value |= static_cast<std::uint64_t>(static_cast<std::uint8_t>(top[i])) << (56 - 8 * i);
    }
  }
  return {};
}

Status ReadValues(std::uint8_t head, ByteReader* reader, std::span<std::uint64_t> bits) {
  if ((head & ~kDifferences) <= kMaxDecimalExponent) return ReadDecimals(head, reader, bits);
  if (head == kFloat32) return ReadFloat32s(reader, bits);
  if (head >= kTopBytes && head <= kTopBytes + 8) {
    return ReadTopBytes(static_cast<std::size_t>(head - kTopBytes), reader, bits);
  }
  return Status::Error(Code::kUnsupportedVersion, "uses an encoding this release does not know");
}

}  // namespace

void AppendTinyDoubles(std::span<const std::uint64_t> bits, std::string* out) {
  const bool constant =
      std::all_of(bits.begin(), bits.end(), [&](std::uint64_t value) { return value == bits[0]; });
  const auto stored = constant ? bits.first(1) : bits;
  const TinyPlan plan = ChoosePlan(stored);
  ByteWriter(out).Fixed(static_cast<std::uint8_t>(plan.head | (constant ? kTinyConstant : 0)));
  for (std::size_t i = 0; i < stored.size(); ++i) AppendValue(plan, stored[i], i, out);
}

Status ReadTinyDoubles(ByteReader* reader, std::span<std::uint64_t> bits) {
  std::uint8_t head = 0;
  if (!reader->Fixed(&head)) return Damaged("is missing");
  const bool constant = (head & kTinyConstant) != 0;
  const auto stored = constant ? bits.first(1) : bits;
  REPRISE_TRY(ReadValues(static_cast<std::uint8_t>(head & ~kTinyConstant), reader, stored));
  if (constant) std::fill(bits.begin(), bits.end(), bits[0]);
  return {};
}

}  // namespace reprise
