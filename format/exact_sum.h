// Sums without rounding error, so that a sum depends on its values alone and not on their order.
#ifndef REPRISE_FORMAT_EXACT_SUM_H_
#define REPRISE_FORMAT_EXACT_SUM_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "format/bytes.h"
#include "format/codec_kernels.h"

namespace reprise {

// The exact sum of any number of int64 and finite double values; zero to begin with.
//
// A small superaccumulator (Neal, "Fast exact summation using small and large superaccumulators",
// 2015): the sum is a whole multiple of 2^-1074, held in limbs that stand 32 bits apart and have
// 64, so that carries wait in the upper half and adding a value touches two limbs. Only the limbs
// that the values reach are kept: a metric needs 3 to 6 of the 68.
//
// Every order and every grouping of the same values gives the same sum, hence the same rounded
// doubles and the same bytes. It holds as far as 2^64 values.
//
// Thread safety: const access from any thread.
class ExactSum {
 public:
  // `value` must be finite.
  void Add(double value);
  void Add(std::int64_t value);
  // Any finite doubles, by their bits; most columns take a fifth of the time of single values.
  // `extent` is theirs.
  void Add(std::span<const std::uint64_t> doubles, const DoubleExtent& extent);
  void Merge(const ExactSum& other);

  bool is_zero() const;
  // The double nearest to the sum, ties to even; an infinity beyond the largest double. An exact
  // zero is +0.
  double Round() const;
  // The double nearest to sum / divisor, rounded once: finite also where Round() is not.
  // `divisor` must not be 0.
  double RoundQuotient(std::uint64_t divisor) const;

  // Canonical: equal sums give equal bytes. Layout in summary.md.
  void Encode(ByteWriter* writer) const;
  // False, with the sum unchanged, for anything that Encode does not write.
  bool Decode(ByteReader* reader);

  // Equal sums, however they came about.
  friend bool operator==(const ExactSum& a, const ExactSum& b);

 private:
  // The sum as sign and 32-bit digits, with no zero digit at either end: the canonical form.
  struct Magnitude;

  void AddScaled(std::uint64_t magnitude, std::uint32_t position, bool negative);
  void Cover(std::uint32_t first, std::uint32_t last);
  void Carry();
  Magnitude ToMagnitude() const;

  std::vector<std::int64_t> limbs_;  // limb i counts units of 2^(32 * (base_ + i) - 1074)
  std::uint32_t base_ = 0;
  std::uint32_t pending_ = 0;  // additions since the last Carry(), which bound every limb
};

}  // namespace reprise

#endif  // REPRISE_FORMAT_EXACT_SUM_H_
