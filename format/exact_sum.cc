#include "format/exact_sum.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>

#include "format/summary_value.h"

namespace reprise {

namespace {

// Bit 0 of limb 0 is the smallest subnormal double; bit 1074 counts ones.
constexpr int kLowestExponent = -1074;
constexpr std::uint32_t kUnitPosition = 1074;
constexpr std::uint32_t kLimbBits = 32;
constexpr std::int64_t kLimbRange = std::int64_t{1} << kLimbBits;
constexpr std::int64_t kDigitMask = kLimbRange - 1;

// One addition changes a limb by less than 2^53 and Carry() leaves less than 2^33, so 1,000 of
// them, twice over in Merge, stay far below 2^63.
constexpr std::uint32_t kMaxPending = 1000;

// The largest double has 2,098 bits in units of 2^-1074; 2^64 of them need 64 more.
constexpr std::size_t kMaxBytes = 272;
// Where the stored bytes of a small whole number begin.
constexpr std::int64_t kUnitByte = kUnitPosition / 8;

using Digits = std::vector<std::uint32_t>;
__extension__ using Uint128 = unsigned __int128;

bool BitAt(const Digits& digits, std::size_t position) {
  return ((digits[position / kLimbBits] >> (position % kLimbBits)) & 1) != 0;
}

// Whether a bit below `position` is set.
bool AnyBitBelow(const Digits& digits, std::size_t position) {
  const std::size_t whole = position / kLimbBits;
  for (std::size_t i = 0; i < whole; ++i) {
    if (digits[i] != 0) return true;
  }
  const std::uint32_t mask = (std::uint32_t{1} << (position % kLimbBits)) - 1;
  return whole < digits.size() && (digits[whole] & mask) != 0;
}

// The bits from `position` up; there must be fewer than 64.
std::uint64_t BitsFrom(const Digits& digits, std::size_t position) {
  std::uint64_t bits = 0;
  for (std::size_t i = digits.size(); i-- > position / kLimbBits;) {
    const std::size_t low = i * kLimbBits;
    bits |= low >= position ? std::uint64_t{digits[i]} << (low - position)
                            : std::uint64_t{digits[i]} >> (position - low);
  }
  return bits;
}

// The number of bits up to the highest set one.
std::size_t BitWidth(const Digits& digits) {
  std::size_t size = digits.size();
  while (size > 0 && digits[size - 1] == 0) --size;
  if (size == 0) return 0;
  return (size - 1) * kLimbBits + static_cast<std::size_t>(std::bit_width(digits[size - 1]));
}

// The double nearest to digits * 2^exponent, ties to even. `more` says that something less than
// one unit of the lowest bit was cut off; it must then lie below every bit of the result.
double RoundToNearest(Digits digits, int exponent, bool more) {
  const std::size_t width = BitWidth(digits);
  digits.resize((width + kLimbBits - 1) / kLimbBits);
  const int kept = std::max(exponent + static_cast<int>(width) - 53, kLowestExponent);
  if (kept <= exponent) {
    return std::ldexp(static_cast<double>(BitsFrom(digits, 0)), exponent);
  }
  const auto cut = static_cast<std::size_t>(kept - exponent);
  if (cut > width) return 0;  // below half of the smallest subnormal
  std::uint64_t mantissa = BitsFrom(digits, cut);
  const bool half = BitAt(digits, cut - 1);
  const bool above_half = more || AnyBitBelow(digits, cut - 1);
  if (half && (above_half || mantissa % 2 == 1)) ++mantissa;
  return std::ldexp(static_cast<double>(mantissa), kept);
}

// Schoolbook division, highest digit first; returns the remainder.
std::uint64_t DivideInPlace(Digits* digits, std::uint64_t divisor) {
  Uint128 remainder = 0;
  for (auto digit = digits->rbegin(); digit != digits->rend(); ++digit) {
    const Uint128 part = (remainder << kLimbBits) | *digit;
    *digit = static_cast<std::uint32_t>(part / divisor);
    remainder = part % divisor;
  }
  return static_cast<std::uint64_t>(remainder);
}

}  // namespace

struct ExactSum::Magnitude {
  bool negative = false;
  std::uint32_t base = 0;
  Digits digits;

  int exponent() const { return kLowestExponent + static_cast<int>(base * kLimbBits); }
  friend bool operator==(const Magnitude&, const Magnitude&) = default;
};

void ExactSum::Add(double value) {
  const auto bits = std::bit_cast<std::uint64_t>(value);
  const auto exponent = static_cast<std::uint32_t>((bits >> 52) & 0x7FF);
  std::uint64_t mantissa = bits & ((std::uint64_t{1} << 52) - 1);
  if (exponent != 0) mantissa |= std::uint64_t{1} << 52;
  AddScaled(mantissa, exponent == 0 ? 0 : exponent - 1, (bits >> 63) != 0);
}

void ExactSum::Add(std::int64_t value) {
  const auto bits = static_cast<std::uint64_t>(value);
  AddScaled(value < 0 ? ~bits + 1 : bits, kUnitPosition, value < 0);
}

void ExactSum::Add(std::span<const std::uint64_t> doubles, const DoubleExtent& extent) {
  if (extent.smallest == kNoMagnitude) return;  // nothing but zeros
  const auto lowest = static_cast<int>(extent.smallest >> 52);
  const auto highest = static_cast<int>(extent.largest >> 52);
  if (lowest == 0 || highest - lowest > kMaxExponentSpan) {
    for (const std::uint64_t bits : doubles) Add(std::bit_cast<double>(bits));
    return;
  }
  for (; !doubles.empty(); doubles = doubles.subspan(std::min(doubles.size(), kVectorRows))) {
    const std::size_t rows = std::min(doubles.size(), kVectorRows);
    const DigitSums sums = Kernels().sum(doubles.data(), rows, lowest);
    auto position = static_cast<std::uint32_t>(lowest - 1);
    for (const std::int64_t digit : sums.digits) {
      AddScaled(static_cast<std::uint64_t>(std::abs(digit)), position, digit < 0);
      position += kLimbBits;
    }
  }
}

// A double has 53 bits and may start at any bit of a limb; an int64 has up to 64 and starts at
// bit 18. Both fit into 32 bits of one limb and 52 of the next.
void ExactSum::AddScaled(std::uint64_t magnitude, std::uint32_t position, bool negative) {
  if (magnitude == 0) return;
  const std::uint32_t limb = position / kLimbBits;
  const std::uint32_t shift = position % kLimbBits;
  if (pending_ >= kMaxPending) Carry();
  // Below base_ the difference wraps around, which the same comparison catches.
  if (std::size_t{limb - base_} + 1 >= limbs_.size()) Cover(limb, limb + 1);
  ++pending_;
  const auto low = static_cast<std::int64_t>(magnitude << shift) & kDigitMask;
  const auto high = static_cast<std::int64_t>(magnitude >> (kLimbBits - shift));
  std::int64_t* place = limbs_.data() + (limb - base_);
  // Negates where `negative`, without a branch: signs of deltas are unpredictable.
  const std::int64_t flip = negative ? -1 : 0;
  place[0] += (low ^ flip) - flip;
  place[1] += (high ^ flip) - flip;
}

void ExactSum::Merge(const ExactSum& other) {
  if (other.limbs_.empty()) return;
  if (pending_ + other.pending_ >= kMaxPending) Carry();
  const auto size = static_cast<std::uint32_t>(other.limbs_.size());
  Cover(other.base_, other.base_ + size - 1);
  for (std::uint32_t i = 0; i < size; ++i) {
    limbs_[other.base_ - base_ + i] += other.limbs_[i];
  }
  pending_ += other.pending_ + 1;
}

// Makes limbs first..last exist.
void ExactSum::Cover(std::uint32_t first, std::uint32_t last) {
  if (limbs_.empty()) base_ = first;
  if (first < base_) {
    limbs_.insert(limbs_.begin(), base_ - first, 0);
    base_ = first;
  }
  if (last - base_ >= limbs_.size()) limbs_.resize(last - base_ + 1, 0);
}

// Moves what exceeds 32 bits of each limb to the next. The top limb keeps its sign: it is carried
// on only when it is large, else a negative sum would gain a limb each time.
void ExactSum::Carry() {
  std::int64_t carry = 0;
  for (std::size_t i = 0; i + 1 < limbs_.size(); ++i) {
    const std::int64_t limb = limbs_[i] + carry;
    limbs_[i] = limb & kDigitMask;
    carry = limb >> kLimbBits;
  }
  if (!limbs_.empty()) {
    const std::int64_t top = limbs_.back() + carry;
    const bool small = -kLimbRange < top && top < kLimbRange;
    limbs_.back() = small ? top : top & kDigitMask;
    if (!small) limbs_.push_back(top >> kLimbBits);
  }
  pending_ = 0;
}

ExactSum::Magnitude ExactSum::ToMagnitude() const {
  Magnitude magnitude{false, base_, Digits(limbs_.size() + 1)};
  Digits& digits = magnitude.digits;
  const auto fill = [&](std::int64_t sign) {
    std::int64_t carry = 0;
    for (std::size_t i = 0; i < limbs_.size(); ++i) {
      const std::int64_t limb = sign * limbs_[i] + carry;
      digits[i] = static_cast<std::uint32_t>(limb & kDigitMask);
      carry = limb >> kLimbBits;
    }
    digits.back() = static_cast<std::uint32_t>(carry);
    return carry;
  };
  magnitude.negative = fill(1) < 0;
  if (magnitude.negative) fill(-1);

  while (!digits.empty() && digits.back() == 0) digits.pop_back();
  const auto first = std::find_if(digits.begin(), digits.end(), [](auto d) { return d != 0; });
  magnitude.base = digits.empty() ? 0 : base_ + static_cast<std::uint32_t>(first - digits.begin());
  digits.erase(digits.begin(), first);
  return magnitude;
}

bool ExactSum::is_zero() const { return ToMagnitude().digits.empty(); }

double ExactSum::Round() const {
  const Magnitude sum = ToMagnitude();
  const double size = RoundToNearest(sum.digits, sum.exponent(), false);
  return sum.negative ? -size : size;
}

// Enough zero digits go below the sum that the quotient's rounding bits are digits of it too.
double ExactSum::RoundQuotient(std::uint64_t divisor) const {
  Magnitude sum = ToMagnitude();
  constexpr std::size_t kExtraDigits = 5;  // 64 bits of divisor, 53 of result, and some to round
  sum.digits.insert(sum.digits.begin(), kExtraDigits, 0);
  const std::uint64_t remainder = DivideInPlace(&sum.digits, divisor);
  const int exponent = sum.exponent() - static_cast<int>(kExtraDigits * kLimbBits);
  const double size = RoundToNearest(sum.digits, exponent, remainder != 0);
  return sum.negative ? -size : size;
}

void ExactSum::Encode(ByteWriter* writer) const {
  const Magnitude sum = ToMagnitude();
  std::string bytes;
  ByteWriter digits(&bytes);
  for (const std::uint32_t digit : sum.digits) digits.Fixed(digit);
  std::size_t first = 0;
  std::size_t end = bytes.size();
  while (end > 0 && bytes[end - 1] == 0) --end;
  while (first < end && bytes[first] == 0) ++first;

  writer->Varint((end - first) * 2 + (sum.negative ? 1 : 0));
  if (end == 0) return;
  writer->SignedVarint(static_cast<std::int64_t>(std::size_t{sum.base} * 4 + first) - kUnitByte);
  writer->Raw(std::string_view(bytes).substr(first, end - first));
}

bool ExactSum::Decode(ByteReader* reader) {
  std::uint64_t head = 0;
  if (!ReadShortestVarint(reader, kMaxBytes * 2 + 1, &head) || head == 1) return false;
  if (head == 0) {
    *this = ExactSum();
    return true;
  }
  const auto size = static_cast<std::size_t>(head / 2);
  std::int64_t place = 0;
  std::string_view bytes;
  if (!ReadShortestSignedVarint(reader, &place) || !reader->Raw(size, &bytes)) return false;
  if (place < -kUnitByte || place > static_cast<std::int64_t>(kMaxBytes - size) - kUnitByte) {
    return false;
  }
  if (bytes.front() == 0 || bytes.back() == 0) return false;

  const auto first = static_cast<std::uint32_t>(place + kUnitByte);
  ExactSum sum;
  sum.Cover(first / 4, (first + static_cast<std::uint32_t>(size) - 1) / 4);
  for (std::uint32_t i = 0; i < size; ++i) {
    const std::int64_t byte = static_cast<std::uint8_t>(bytes[i]);
    const std::int64_t part = byte << (8 * ((first + i) % 4));
    sum.limbs_[(first + i) / 4 - sum.base_] += head % 2 == 0 ? part : -part;
  }
  *this = std::move(sum);
  return true;
}

bool operator==(const ExactSum& a, const ExactSum& b) { return a.ToMagnitude() == b.ToMagnitude(); }

}  // namespace reprise
