// The encoder's side of the maps: finding the parameter. The decoder needs only MapBack.
#include "format/latent_map.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <optional>

#include "format/bit_packing.h"

namespace reprise {
namespace {

// A vector with more misfits than one in eight (and two more, for short ones) is better off as
// ordered bits.
constexpr std::size_t kMisfitShare = 8;
// What one misfit costs: its position and its bits, against log2(10) bits a value per digit.
constexpr double kRawBits = 74;
constexpr double kBitsPerDigit = 3.3219;
// The largest error, in units in the last place, that is worth a correction instead.
constexpr std::int64_t kMaxDecimalError = 64;

constexpr int kMaxShift = 52;

// A part of a vector stands for the rest. Its places are not evenly spaced: among values that rise
// by 0.25 every fourth one is whole, and a sample of those would be of integers.
constexpr std::size_t kSamples = 64;

class Sample {
 public:
  explicit Sample(std::span<const std::uint64_t> bits) : size_(std::min(bits.size(), kSamples)) {
    if (bits.size() <= kSamples) {
      std::copy(bits.begin(), bits.end(), values_.begin());
      return;
    }
    const auto stride = static_cast<std::uint32_t>(bits.size() / kSamples);
    std::uint32_t chance = 1;
    for (std::size_t i = 0; i < kSamples; ++i) {
      chance = chance * 1'664'525 + 1'013'904'223;  // Numerical Recipes' generator
      values_[i] = bits[i * bits.size() / kSamples + (chance >> 16) % stride];
    }
  }

  std::span<const std::uint64_t> values() const { return {values_.data(), size_}; }

 private:
  std::size_t size_;
  std::array<std::uint64_t, kSamples> values_;
};

// How many samples need so many digits after the point, and no fewer.
struct DigitCounts {
  std::array<std::size_t, kMaxDecimalExponent + 1> by_exponent{};
  std::size_t samples = 0;
  std::size_t misfits = 0;

  bool AreTooMany() const { return misfits > samples / kMisfitShare + 2; }
  void Add(std::span<const std::uint64_t> some);
};

// Samples that are looked at together: as many as vector units like, and not so many that noise
// costs much.
constexpr std::size_t kDigitSamples = 16;

// Tries one exponent after the other on those that no smaller one holds.
void DigitCounts::Add(std::span<const std::uint64_t> some) {
  std::array<std::uint64_t, kDigitSamples> left;
  std::array<std::uint64_t, kDigitSamples> latents;
  std::array<std::uint8_t, kDigitSamples> exact;
  std::copy(some.begin(), some.end(), left.begin());
  std::size_t count = some.size();
  for (int exponent = 0; exponent <= kMaxDecimalExponent && count > 0; ++exponent) {
    const std::size_t fits =
        Kernels().to_decimal(left.data(), count, exponent, latents.data(), exact.data());
    if (fits == 0) continue;
    by_exponent[static_cast<std::size_t>(exponent)] += fits;
    std::size_t kept = 0;
    for (std::size_t i = 0; i < count; ++i) {
      left[kept] = left[i];
      kept += exact[i] == 0 ? 1 : 0;
    }
    count = kept;
  }
  misfits += count;
}

// A decimal is neither larger nor, but for zero, smaller than all that the map holds; no NaN is
// one.
bool MayBeDecimal(std::uint64_t bits) {
  constexpr double kLimit = 0x1p51;
  constexpr double kLeast = 1 / 1e22;
  const double magnitude = std::abs(std::bit_cast<double>(bits));
  return magnitude < kLimit && (magnitude >= kLeast || magnitude == 0);
}

// Stops early once there are too many misfits, which bounds the search on noise.
std::optional<DigitCounts> CountDigits(std::span<const std::uint64_t> bits) {
  DigitCounts counts;
  const Sample sample(bits);
  counts.samples = sample.values().size();
  std::array<std::uint64_t, kSamples> left;
  std::size_t count = 0;
  for (const std::uint64_t value : sample.values()) {  // without a branch
    left[count] = value;
    count += MayBeDecimal(value) ? 1 : 0;
  }
  counts.misfits = counts.samples - count;
  for (std::size_t i = 0; i < count && !counts.AreTooMany(); i += kDigitSamples) {
    counts.Add({left.data() + i, std::min(kDigitSamples, count - i)});
  }
  if (counts.AreTooMany()) return std::nullopt;
  return counts;
}

// The exponent with the lowest cost: digits for every value, or raw bits for those with more.
std::optional<int> FindExponent(std::span<const std::uint64_t> bits) {
  const auto counts = CountDigits(bits);
  if (!counts.has_value()) return std::nullopt;
  std::optional<int> best;
  double best_bits = 0;
  std::size_t held = 0;
  for (int exponent = 0; exponent <= kMaxDecimalExponent; ++exponent) {
    held += counts->by_exponent[static_cast<std::size_t>(exponent)];
    if (held == 0) continue;
    const auto misfits = static_cast<double>(counts->samples - held);
    const double total =
        misfits * kRawBits + kBitsPerDigit * exponent * static_cast<double>(counts->samples);
    if (!best.has_value() || total < best_bits) {
      best = exponent;
      best_bits = total;
    }
  }
  return best;
}

// NaN, infinity and what is too large leave something else behind.
bool IsDecimalLatent(std::uint64_t latent) {
  constexpr std::uint64_t kLimit = std::uint64_t{1} << 51;
  return latent + kLimit < 2 * kLimit;
}

// Lists the misfits: as a correction where the nearest decimal is only a few units in the last
// place off (sums of decimals are), else as raw bits.
void ListMisfits(std::span<const std::uint64_t> bits, std::span<const std::uint8_t> exact,
                 Latents* latents) {
  const auto first_fit =
      static_cast<std::size_t>(std::find(exact.begin(), exact.end(), 1) - exact.begin());
  std::uint64_t previous = latents->values[first_fit];
  for (std::size_t i = 0; i < exact.size(); ++i) {
    if (exact[i] == 0) {
      std::uint64_t nearest = latents->values[i];
      MapBack(LatentMap::kDecimal, latents->parameter, {&nearest, 1});
      const auto error = static_cast<std::int64_t>(bits[i] - nearest);
      if (IsDecimalLatent(latents->values[i]) && -kMaxDecimalError <= error &&
          error <= kMaxDecimalError) {
        latents->corrections.Add(i, error);
      } else {
        latents->raw.Add(i, static_cast<std::int64_t>(bits[i]));
        latents->values[i] = previous;
      }
    }
    previous = latents->values[i];
  }
}

bool MapToDecimal(std::span<const std::uint64_t> bits, Latents* latents) {
  const auto exponent = FindExponent(bits);
  if (!exponent.has_value()) return false;
  std::array<std::uint8_t, kVectorRows> exact;
  latents->parameter = *exponent;
  const std::size_t fits = Kernels().to_decimal(bits.data(), bits.size(), *exponent,
                                                latents->values.data(), exact.data());
  if (fits == bits.size()) return true;
  if (bits.size() - fits > bits.size() / 2) return false;
  ListMisfits(bits, {exact.data(), bits.size()}, latents);
  return true;
}

// The distance of `bits` to the nearest number with `shift` trailing zero bits.
std::int64_t RoundingError(std::uint64_t bits, int shift) {
  const std::uint64_t half = std::uint64_t{1} << (shift - 1);
  return static_cast<std::int64_t>((bits + half) & LowBits(shift)) -
         static_cast<std::int64_t>(half);
}

// The trailing zero bits that three of four samples have at least.
int UsualTrailingZeros(std::span<const std::uint64_t> samples) {
  std::array<std::uint8_t, kMaxShift + 1> counts{};
  for (const std::uint64_t sample : samples) {
    const int zeros = sample == 0 ? kMaxShift : std::min(kMaxShift, std::countr_zero(sample));
    ++counts[static_cast<std::size_t>(zeros)];
  }
  std::size_t fewer = 0;
  int zeros = 0;
  while ((fewer += counts[static_cast<std::size_t>(zeros)]) <= samples.size() / 4) ++zeros;
  return zeros;
}

// Values that were float32 once and have been through text of too few digits are no longer exactly
// float32. Dropping the bits that most of them do not use, and correcting the others, still pays.
int ChooseShift(std::span<const std::uint64_t> bits, int exact) {
  const Sample sample(bits);
  const std::size_t count = sample.values().size();
  const int usual = UsualTrailingZeros(sample.values());
  if (usual == 0 || usual <= exact) return exact;
  std::size_t cost = 0;
  for (const std::uint64_t value : sample.values()) {
    const std::int64_t error = RoundingError(value, usual);
    if (error == 0) continue;
    cost += kPatchPositionBits + static_cast<std::size_t>(std::bit_width(ZigZag(error)));
  }
  return cost + count < static_cast<std::size_t>(usual - exact) * count ? usual : exact;
}

// The trailing zero bits that all have.
int CommonTrailingZeros(std::span<const std::uint64_t> bits) {
  std::uint64_t all = 0;
  for (const std::uint64_t value : bits) all |= value;
  return all == 0 ? 0 : std::countr_zero(all);
}

// Drops the low bits that the values do not use, for kOrdered and kFolded.
void MapShifted(std::span<const std::uint64_t> bits, Latents* latents) {
  const auto map = latents->map == LatentMap::kOrdered ? Kernels().to_ordered : Kernels().to_folded;
  const int exact = CommonTrailingZeros(bits);
  const int shift = ChooseShift(bits, exact);
  latents->parameter = shift;
  if (shift == exact) return map(bits.data(), bits.size(), shift, latents->values.data());
  std::array<std::uint64_t, kVectorRows> rounded;
  for (std::size_t i = 0; i < bits.size(); ++i) {
    const std::int64_t error = RoundingError(bits[i], shift);
    rounded[i] = bits[i] - static_cast<std::uint64_t>(error);
    if (error != 0) latents->corrections.Add(i, error);
  }
  map(rounded.data(), bits.size(), shift, latents->values.data());
}

bool HasBothSigns(std::span<const std::uint64_t> bits) {
  std::uint64_t all = ~std::uint64_t{0};
  std::uint64_t any = 0;
  for (const std::uint64_t value : bits) {
    all &= value;
    any |= value;
  }
  return ((any & ~all) >> 63) != 0;
}

}  // namespace

Latents& Latents::operator=(const Latents& other) {
  map = other.map;
  parameter = other.parameter;
  rows = other.rows;
  std::copy_n(other.values.begin(), rows, values.begin());
  corrections = other.corrections;
  raw = other.raw;
  return *this;
}

bool MapForward(LatentMap map, std::span<const std::uint64_t> bits, Latents* latents) {
  latents->map = map;
  latents->parameter = 0;
  latents->rows = bits.size();
  latents->corrections.count = 0;
  latents->raw.count = 0;
  if (map == LatentMap::kDecimal) return MapToDecimal(bits, latents);
  if (map == LatentMap::kFolded && !HasBothSigns(bits)) return false;
  if (map == LatentMap::kInt) {
    std::copy(bits.begin(), bits.end(), latents->values.begin());
  } else {
    MapShifted(bits, latents);
  }
  return true;
}

bool IsLegalParameter(LatentMap map, int parameter) {
  if (map == LatentMap::kInt) return parameter == 0;
  return parameter <= (map == LatentMap::kDecimal ? kMaxDecimalExponent : 63);
}

void MapBack(LatentMap map, int parameter, std::span<std::uint64_t> values) {
  if (map == LatentMap::kOrdered) {
    Kernels().from_ordered(values.data(), values.size(), parameter);
  } else if (map == LatentMap::kDecimal) {
    Kernels().from_decimal(values.data(), values.size(), parameter);
  } else if (map == LatentMap::kFolded) {
    Kernels().from_folded(values.data(), values.size(), parameter);
  }
}

bool AsDecimal(std::uint64_t bits, int exponent, std::int64_t* k) {
  std::uint64_t latent = 0;
  std::uint8_t exact = 0;
  if (Kernels().to_decimal(&bits, 1, exponent, &latent, &exact) == 0) return false;
  *k = static_cast<std::int64_t>(latent);
  return true;
}

}  // namespace reprise
