// Latent maps: reversible maps from the 64 bits of values to integers that difference and pack
// well. Which one a vector uses is stored with it (format/column.md).
#ifndef REPRISE_FORMAT_LATENT_MAP_H_
#define REPRISE_FORMAT_LATENT_MAP_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "format/codec_kernels.h"
#include "format/patch_list.h"

namespace reprise {

// Stored on disk: the numbers never change. 4..7 are free for later maps.
enum class LatentMap : std::uint8_t {
  kInt = 0,      // the bits as they are; no parameter
  kOrdered = 1,  // bits of doubles in the order of the doubles; parameter: dropped low bits, 0..63
  kDecimal = 2,  // k with value == k / 10^e; parameter: e, 0..22
  kFolded = 3,   // magnitude, then sign: doubles around zero; parameter as of kOrdered
};
inline constexpr int kLatentMapCount = 4;

// One vector mapped to integers. A map need not hold every value of it exactly. Copies only the
// values in use.
struct Latents {
  Latents() = default;
  Latents(const Latents& other) { *this = other; }
  Latents& operator=(const Latents& other);

  LatentMap map = LatentMap::kInt;
  int parameter = 0;
  std::size_t rows = 0;
  std::array<std::uint64_t, kVectorRows> values;
  PatchList corrections;  // to add to the bits that the map gives back
  PatchList raw;          // bits the map gets wrong altogether; their latent repeats a neighbour's
};

// Maps at most kVectorRows values. False if the map does not suit them: kDecimal where they are no
// decimals, kFolded where they have one sign.
bool MapForward(LatentMap map, std::span<const std::uint64_t> bits, Latents* latents);

// Whether `parameter` is one that the map may be stored with.
bool IsLegalParameter(LatentMap map, int parameter);

// Latents to bits, in place. Requires IsLegalParameter. Corrections and raw bits are the caller's
// to apply.
void MapBack(LatentMap map, int parameter, std::span<std::uint64_t> values);

// Whether `bits` is k / 10^exponent for an integer |k| < 2^51, and which.
bool AsDecimal(std::uint64_t bits, int exponent, std::int64_t* k);

}  // namespace reprise

#endif  // REPRISE_FORMAT_LATENT_MAP_H_
