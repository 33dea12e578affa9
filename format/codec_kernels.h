// The inner loops of the column codec and of summaries, over vectors of up to 1,024 values of 64
// bits.
//
// One source (codec_kernels_impl.h) is compiled for several instruction sets; Kernels() picks the
// best table the machine can run, once. Every table gives the same bits: the loops use integer
// operations and single IEEE operations that no compiler may contract.
//
// Thread safety: everything here is free of state.
#ifndef REPRISE_FORMAT_CODEC_KERNELS_H_
#define REPRISE_FORMAT_CODEC_KERNELS_H_

#include <cstddef>
#include <cstdint>
#include <span>

namespace reprise {

// Values in a full vector: the unit that is encoded and decoded on its own.
inline constexpr std::size_t kVectorRows = 1024;

// Bytes of a full vector packed at `width` bits a value.
constexpr std::size_t LaneBytes(int width) { return static_cast<std::size_t>(width) * 128; }

// 10^0 .. 10^22 are exact doubles; a larger power is not.
inline constexpr int kMaxDecimalExponent = 22;

// What doubles extend over. Zeros of both signs count as one.
struct DoubleExtent {
  std::int64_t least = 0;  // in the order of to_ordered with shift 0
  std::int64_t greatest = 0;
  std::uint64_t smallest = 0;  // bits of the smallest magnitude that is not 0; kNoMagnitude if none
  std::uint64_t largest = 0;   // bits of the largest magnitude: above infinity's for a NaN
};
inline constexpr std::uint64_t kNoMagnitude = 0x7FFF'FFFF'FFFF'FFFF;

// A sum of doubles: digits[i] counts 2^(32 * i) units.
struct DigitSums {
  std::int64_t digits[3] = {0, 0, 0};
};
// How far apart the exponents of doubles may lie that are summed so.
inline constexpr int kMaxExponentSpan = 42;

// The least and the greatest of integers.
struct IntegerExtent {
  std::int64_t least = 0;
  std::int64_t greatest = 0;
};

// How many of some integers need 0 to 64 bits, measured from one of three places.
struct WidthCounts {
  static constexpr std::size_t kSize = 72;  // whole registers
  std::uint16_t from_least[kSize];
  std::uint16_t from_greatest[kSize];
  std::uint16_t around[kSize];  // twice the distance, and the sign
};

struct CodecKernels {
  // The instruction set, for reports: "x86-64-v3".
  const char* target;

  // Packs 1,024 values, each below 2^width, into LaneBytes(width) bytes. Width is 0..64.
  void (*pack_lanes)(const std::uint64_t* values, int width, char* out);
  // The inverse, with `base` added (modulo 2^64) to every value.
  void (*unpack_lanes)(const char* in, int width, std::uint64_t base, std::uint64_t* out);

  // out[i] = in[i] - in[i - 1] for first < i < rows; out[0..first] = in[0..first].
  void (*difference)(const std::uint64_t* in, std::size_t first, std::size_t rows,
                     std::uint64_t* out);
  // The inverse, in place.
  void (*accumulate)(std::uint64_t* values, std::size_t first, std::size_t rows);

  // Bits of doubles to signed integers in the order of the doubles, after `shift` low bits are
  // dropped (0..63). The inverse works in place.
  void (*to_ordered)(const std::uint64_t* bits, std::size_t rows, int shift, std::uint64_t* out);
  void (*from_ordered)(std::uint64_t* values, std::size_t rows, int shift);

  // Bits of doubles to twice the magnitude, after `shift` low bits are dropped, plus the sign bit;
  // without a shift minus 2^63, so that it rises with the magnitude as a signed integer. The
  // inverse works in place.
  void (*to_folded)(const std::uint64_t* bits, std::size_t rows, int shift, std::uint64_t* out);
  void (*from_folded)(std::uint64_t* values, std::size_t rows, int shift);

  // Bits of doubles to k with double(k) / 10^exponent == value, bit for bit, and |k| < 2^51.
  // exact[i] is 0 where there is no such k; out[i] means nothing there. Returns how many are exact.
  std::size_t (*to_decimal)(const std::uint64_t* bits, std::size_t rows, int exponent,
                            std::uint64_t* out, std::uint8_t* exact);
  // k to the bits of double(k) / 10^exponent, in place.
  void (*from_decimal)(std::uint64_t* values, std::size_t rows, int exponent);

  // out[i] = first + i * difference (modulo 2^64).
  void (*fill_evenly)(std::uint64_t first, std::uint64_t difference, std::size_t rows,
                      std::uint64_t* out);
  // Whether each of 1 to 1,024 signed integers is above the one before.
  bool (*rises)(const std::int64_t* values, std::size_t rows);

  // Of 1 to 1,024 signed integers.
  IntegerExtent (*extent)(const std::uint64_t* values, std::size_t rows);
  // The distances of up to 1,024 values from the least and the greatest of them and from one in the
  // middle.
  void (*count_widths)(const std::uint64_t* values, std::size_t rows, const IntegerExtent& extent,
                       std::uint64_t middle, WidthCounts* counts);

  // Of the bits of 1 to 1,024 doubles.
  DoubleExtent (*measure)(const std::uint64_t* bits, std::size_t rows);
  // The exact sum of up to 1,024 doubles, in units of 2^(exponent - 1075): all are 0 or have stored
  // exponents from `exponent`, which is not 0, to kMaxExponentSpan more.
  DigitSums (*sum)(const std::uint64_t* bits, std::size_t rows, int exponent);

  // XXH3-64 of any number of bytes.
  std::uint64_t (*xxh3)(const char* bytes, std::size_t size, std::uint64_t seed);
};

// The table in use.
const CodecKernels& Kernels();

// Every table this machine can run, the plainest first: for tests that compare them.
std::span<const CodecKernels* const> AllKernels();

}  // namespace reprise

#endif  // REPRISE_FORMAT_CODEC_KERNELS_H_
