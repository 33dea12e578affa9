// The loops behind CodecKernels, compiled once per instruction set: the including file defines
// REPRISE_KERNEL_TARGET (a namespace) and REPRISE_KERNEL_NAME (text) and is built with the flags
// for it and with -ffp-contract=off.
//
// Nothing here may call an inline function of another header: the linker keeps one copy of such a
// function, and it could be the one built for the newest instruction set. Hence the few helpers
// below, which the unnamed namespace keeps apart.
#ifndef REPRISE_FORMAT_CODEC_KERNELS_IMPL_H_
#define REPRISE_FORMAT_CODEC_KERNELS_IMPL_H_

#include <cstddef>
#include <cstdint>
#include <cstring>

// Static functions, so every table has its own; chosen for the instruction set by the header.
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "format/codec_kernels.h"

// NOLINTBEGIN(misc-definitions-in-headers): each including file is a namespace of its own
namespace reprise::REPRISE_KERNEL_TARGET {
namespace {

using U64 = std::uint64_t;
using S64 = std::int64_t;

constexpr U64 kSignlessMask = 0x7FFF'FFFF'FFFF'FFFF;

// 1.5 * 2^52: added to an integer-valued double below 2^51 in magnitude, it leaves that integer in
// the low bits, and the other way round. Vector units that lack a 64-bit conversion have this.
constexpr double kMagic = 6755399441055744.0;
constexpr U64 kMagicBits = 0x4338'0000'0000'0000;
constexpr double kDecimalLimit = 2251799813685248.0;  // 2^51

constexpr double kPowersOfTen[kMaxDecimalExponent + 1] = {
    1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
    1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

double ToDouble(U64 bits) { return __builtin_bit_cast(double, bits); }
U64 ToBits(double value) { return __builtin_bit_cast(U64, value); }

template <typename Word>
Word LoadWord(const char* in, std::size_t index) {
  Word word;
  std::memcpy(&word, in + index * sizeof(Word), sizeof(Word));
  return word;
}

// The layout has 32 lanes of 32 values or 16 of 64: value i is in lane i % lanes, word j
// of a lane is at j * lanes + lane, and a lane is packed least significant bit first. All lanes
// shift by the same amount, so the inner loop is one vector instruction after the other.
template <typename Word>
struct Layout {
  static constexpr int kBits = static_cast<int>(sizeof(Word) * 8);
  static constexpr std::size_t kLanes = kVectorRows / static_cast<std::size_t>(kBits);
};

template <typename Word>
void PackWords(const U64* values, int width, char* out) {
  constexpr std::size_t kLanes = Layout<Word>::kLanes;
  Word words[kVectorRows] = {};
  for (int row = 0; row < Layout<Word>::kBits; ++row) {
    const int shift = row * width % Layout<Word>::kBits;
    Word* word = words + static_cast<std::size_t>(row * width / Layout<Word>::kBits) * kLanes;
    const U64* in = values + static_cast<std::size_t>(row) * kLanes;
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      word[lane] |= static_cast<Word>(static_cast<Word>(in[lane]) << shift);
    }
    if (shift + width <= Layout<Word>::kBits) continue;
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      word[kLanes + lane] =
          static_cast<Word>(static_cast<Word>(in[lane]) >> (Layout<Word>::kBits - shift));
    }
  }
  std::memcpy(out, words, LaneBytes(width));
}

template <typename Word>
void UnpackWords(const char* in, int width, U64 base, U64* out) {
  constexpr std::size_t kLanes = Layout<Word>::kLanes;
  const Word mask = static_cast<Word>(~Word{0}) >> (Layout<Word>::kBits - width);
  for (int row = 0; row < Layout<Word>::kBits; ++row, out += kLanes) {
    const int shift = row * width % Layout<Word>::kBits;
    const char* low =
        in + static_cast<std::size_t>(row * width / Layout<Word>::kBits) * kLanes * sizeof(Word);
    if (shift + width <= Layout<Word>::kBits) {
      for (std::size_t lane = 0; lane < kLanes; ++lane) {
        out[lane] = base + ((LoadWord<Word>(low, lane) >> shift) & mask);
      }
      continue;
    }
    const char* high = low + kLanes * sizeof(Word);
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      const Word word = (LoadWord<Word>(low, lane) >> shift) |
                        (LoadWord<Word>(high, lane) << (Layout<Word>::kBits - shift));
      out[lane] = base + (word & mask);
    }
  }
}

void PackLanes(const U64* values, int width, char* out) {
  if (width == 0) return;
  if (width <= 32) return PackWords<std::uint32_t>(values, width, out);
  PackWords<std::uint64_t>(values, width, out);
}

void UnpackLanes(const char* in, int width, U64 base, U64* out) {
  if (width == 0) {
    for (std::size_t i = 0; i < kVectorRows; ++i) out[i] = base;
    return;
  }
  if (width <= 32) return UnpackWords<std::uint32_t>(in, width, base, out);
  UnpackWords<std::uint64_t>(in, width, base, out);
}

void Difference(const U64* __restrict in, std::size_t first, std::size_t rows,
                U64* __restrict out) {
  for (std::size_t i = 0; i <= first; ++i) out[i] = in[i];
  for (std::size_t i = first + 1; i < rows; ++i) out[i] = in[i] - in[i - 1];
}

// Each sum needs the one before, and an addition has to wait for it. So four values are added up
// among themselves first, and one addition in four waits.
void Accumulate(U64* values, std::size_t first, std::size_t rows) {
  U64 sum = values[first];
  std::size_t i = first + 1;
  for (; i + 4 <= rows; i += 4) {
    const U64 one = values[i];
    const U64 two = one + values[i + 1];
    const U64 three = two + values[i + 2];
    const U64 four = two + (values[i + 2] + values[i + 3]);
    values[i] = sum + one;
    values[i + 1] = sum + two;
    values[i + 2] = sum + three;
    sum += four;
    values[i + 3] = sum;
  }
  for (; i < rows; ++i) {
    sum += values[i];
    values[i] = sum;
  }
}

// Negative doubles run backwards: flipping all bits but the sign turns them round. Once `shift` low
// bits are gone, the sign fills as many more at the top, and they stay too: the number just below
// zero must become -1. The shift comes before the flip: after it, the low bits of a negative number
// are no longer zero.
void ToOrdered(const U64* __restrict bits, std::size_t rows, int shift, U64* __restrict out) {
  const U64 mask = kSignlessMask >> shift;
  for (std::size_t i = 0; i < rows; ++i) {
    const U64 kept = static_cast<U64>(static_cast<S64>(bits[i]) >> shift);
    out[i] = kept ^ (static_cast<U64>(static_cast<S64>(bits[i]) >> 63) & mask);
  }
}

void FromOrdered(U64* values, std::size_t rows, int shift) {
  const U64 mask = kSignlessMask >> shift;
  for (std::size_t i = 0; i < rows; ++i) {
    const U64 sign = static_cast<U64>(static_cast<S64>(values[i]) >> 63);
    values[i] = (values[i] ^ (sign & mask)) << shift;
  }
}

// Only a magnitude with all of its 63 bits can reach the sign bit when it is doubled.
U64 FoldedBias(int shift) { return shift == 0 ? ~kSignlessMask : 0; }

void ToFolded(const U64* __restrict bits, std::size_t rows, int shift, U64* __restrict out) {
  const U64 bias = FoldedBias(shift);
  for (std::size_t i = 0; i < rows; ++i) {
    out[i] = ((((bits[i] & kSignlessMask) >> shift) << 1) | (bits[i] >> 63)) - bias;
  }
}

void FromFolded(U64* values, std::size_t rows, int shift) {
  const U64 bias = FoldedBias(shift);
  for (std::size_t i = 0; i < rows; ++i) {
    const U64 folded = values[i] + bias;
    values[i] = ((folded >> 1) << shift) | (folded << 63);
  }
}

std::size_t ToDecimal(const U64* __restrict bits, std::size_t rows, int exponent,
                      U64* __restrict out, std::uint8_t* __restrict exact) {
  const double power = kPowersOfTen[exponent];
  std::size_t count = 0;
  for (std::size_t i = 0; i < rows; ++i) {
    const double scaled = ToDouble(bits[i]) * power;
    const double shifted = scaled + kMagic;
    const U64 back = ToBits((shifted - kMagic) / power);
    const bool fits = (scaled < kDecimalLimit) & (scaled > -kDecimalLimit) & (back == bits[i]);
    out[i] = ToBits(shifted) - kMagicBits;
    exact[i] = fits ? 1 : 0;
    count += exact[i];
  }
  return count;
}

void FromDecimal(U64* values, std::size_t rows, int exponent) {
  const double power = kPowersOfTen[exponent];
  for (std::size_t i = 0; i < rows; ++i) {
    values[i] = ToBits((ToDouble(values[i] + kMagicBits) - kMagic) / power);
  }
}

void FillEvenly(U64 first, U64 difference, std::size_t rows, U64* __restrict out) {
  // Not first + i * difference: vector units multiply 64 bits slowly.
  for (std::size_t i = 0; i < rows; ++i, first += difference) out[i] = first;
}

// A whole pass without a branch, so that many are compared at once.
bool Rises(const S64* values, std::size_t rows) {
  U64 falls = 0;
  for (std::size_t i = 1; i < rows; ++i) falls |= values[i - 1] < values[i] ? 0 : 1;
  return falls == 0;
}

IntegerExtent Extent(const U64* values, std::size_t rows) {
  S64 least = static_cast<S64>(values[0]);
  S64 greatest = least;
  for (std::size_t i = 1; i < rows; ++i) {
    const S64 value = static_cast<S64>(values[i]);
    least = value < least ? value : least;
    greatest = value > greatest ? value : greatest;
  }
  return {least, greatest};
}

std::uint8_t BitWidth(U64 value) {
  return static_cast<std::uint8_t>(value == 0 ? 0 : 64 - __builtin_clzll(value));
}

constexpr std::size_t kWidthBlock = 32;

struct WidthBlock {
  std::uint8_t from_least[kWidthBlock];
  std::uint8_t from_greatest[kWidthBlock];
  std::uint8_t around[kWidthBlock];
};

void FindWidths(const U64* __restrict values, std::size_t rows, const IntegerExtent& extent,
                U64 middle, WidthBlock* __restrict block) {
  const U64 least = static_cast<U64>(extent.least);
  const U64 greatest = static_cast<U64>(extent.greatest);
  for (std::size_t i = 0; i < rows; ++i) {
    const U64 distance = values[i] - middle;
    const U64 sign = static_cast<U64>(static_cast<S64>(distance) >> 63);
    block->from_least[i] = BitWidth(values[i] - least);
    block->from_greatest[i] = BitWidth(greatest - values[i]);
    block->around[i] = BitWidth((distance << 1) ^ sign);
  }
}

void CountBlock(const WidthBlock& block, std::size_t i, WidthCounts* counts) {
  ++counts->from_least[block.from_least[i]];
  ++counts->from_greatest[block.from_greatest[i]];
  ++counts->around[block.around[i]];
}

// In pieces of the size of registers: a compiler may take all at once to be a case for an
// instruction that fills memory, which needs longer to begin than this takes.
void Clear(WidthCounts* counts) {
  constexpr std::size_t kPiece = 48;
  static_assert(sizeof(WidthCounts) % kPiece == 0);
  char* const bytes = reinterpret_cast<char*>(counts);
  for (std::size_t i = 0; i < sizeof(WidthCounts); i += kPiece) std::memset(bytes + i, 0, kPiece);
}

// A few values: to clear and to add up a second table would take longer than it spares.
void CountFewWidths(const U64* values, std::size_t rows, const IntegerExtent& extent, U64 middle,
                    WidthCounts* counts) {
  Clear(counts);
  WidthBlock block;
  FindWidths(values, rows, extent, middle, &block);
  for (std::size_t i = 0; i < rows; ++i) CountBlock(block, i, counts);
}

// Two tables for every place, so that equal neighbours do not wait for each other's increment.
void CountWidths(const U64* values, std::size_t rows, const IntegerExtent& extent, U64 middle,
                 WidthCounts* counts) {
  if (rows <= kWidthBlock) return CountFewWidths(values, rows, extent, middle, counts);
  WidthCounts odd;
  Clear(&odd);
  Clear(counts);
  WidthBlock block;
  for (std::size_t at = 0; at < rows; at += kWidthBlock) {
    const std::size_t count = rows - at < kWidthBlock ? rows - at : kWidthBlock;
    FindWidths(values + at, count, extent, middle, &block);
    for (std::size_t i = 0; i + 1 < count; i += 2) {
      CountBlock(block, i, counts);
      CountBlock(block, i + 1, &odd);
    }
    if (count % 2 == 1) CountBlock(block, count - 1, counts);
  }
  for (std::size_t i = 0; i < WidthCounts::kSize; ++i) {
    counts->from_least[i] = static_cast<std::uint16_t>(counts->from_least[i] + odd.from_least[i]);
    counts->from_greatest[i] =
        static_cast<std::uint16_t>(counts->from_greatest[i] + odd.from_greatest[i]);
    counts->around[i] = static_cast<std::uint16_t>(counts->around[i] + odd.around[i]);
  }
}

DoubleExtent Measure(const U64* bits, std::size_t rows) {
  S64 least = static_cast<S64>(kSignlessMask);
  S64 greatest = ~least;
  S64 smallest = least;
  S64 largest = 0;
  for (std::size_t i = 0; i < rows; ++i) {
    const S64 magnitude = static_cast<S64>(bits[i] & kSignlessMask);
    const S64 sign = static_cast<S64>(bits[i]) >> 63;
    const S64 some = (-magnitude) >> 63;  // all bits set unless it is zero; no branch
    const S64 ordered = (magnitude ^ sign) & some;
    const S64 nonzero = magnitude | (~some & static_cast<S64>(kSignlessMask));
    least = ordered < least ? ordered : least;
    greatest = ordered > greatest ? ordered : greatest;
    smallest = nonzero < smallest ? nonzero : smallest;
    largest = magnitude > largest ? magnitude : largest;
  }
  return {least, greatest, static_cast<U64>(smallest), static_cast<U64>(largest)};
}

// Each value is a mantissa of 53 bits, shifted by up to 42: three digits of 32 bits, with the
// value's sign. 1,024 of them stay far below 2^63.
DigitSums Sum(const U64* bits, std::size_t rows, int exponent) {
  constexpr U64 kMantissa = 0x000F'FFFF'FFFF'FFFF;
  constexpr U64 kDigit = 0xFFFF'FFFF;
  const U64 unit = static_cast<U64>(exponent);
  U64 sums[3] = {0, 0, 0};
  for (std::size_t i = 0; i < rows; ++i) {
    const U64 stored = (bits[i] >> 52) & 0x7FF;
    const bool zero = stored == 0;
    const U64 mantissa = zero ? 0 : (bits[i] & kMantissa) | (kMantissa + 1);
    const U64 shift = zero ? 0 : stored - unit;
    const U64 low = mantissa << shift;
    const U64 high = (mantissa >> 1) >> (63 - shift);
    const U64 sign = static_cast<U64>(static_cast<S64>(bits[i]) >> 63);
    sums[0] += ((low & kDigit) ^ sign) - sign;
    sums[1] += ((low >> 32) ^ sign) - sign;
    sums[2] += (high ^ sign) - sign;
  }
  return {{static_cast<S64>(sums[0]), static_cast<S64>(sums[1]), static_cast<S64>(sums[2])}};
}

U64 Xxh3(const char* bytes, std::size_t size, U64 seed) {
  return XXH3_64bits_withSeed(bytes, size, seed);
}

}  // namespace

extern const CodecKernels kKernels;
const CodecKernels kKernels = {
    REPRISE_KERNEL_NAME,
    PackLanes,
    UnpackLanes,
    Difference,
    Accumulate,
    ToOrdered,
    FromOrdered,
    ToFolded,
    FromFolded,
    ToDecimal,
    FromDecimal,
    FillEvenly,
    Rises,
    Extent,
    CountWidths,
    Measure,
    Sum,
    Xxh3,
};

}  // namespace reprise::REPRISE_KERNEL_TARGET
// NOLINTEND(misc-definitions-in-headers)

#endif  // REPRISE_FORMAT_CODEC_KERNELS_IMPL_H_
