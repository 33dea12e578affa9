#include "format/bit_packing.h"

#include "format/bytes.h"

namespace reprise {
namespace {

// The 64-bit word at `index`, with zeros for what lies beyond the end.
std::uint64_t WordAt(std::string_view bytes, std::size_t index) {
  const std::size_t at = index * 8;
  if (at + 8 <= bytes.size()) return LoadLittle<std::uint64_t>(bytes.data() + at);
  std::uint64_t word = 0;
  if (at < bytes.size()) std::memcpy(&word, bytes.data() + at, bytes.size() - at);
  return word;
}

}  // namespace

void PackBits(std::span<const std::uint64_t> values, int width, std::string* out) {
  if (width == 0) return;
  const std::size_t end = out->size() + PackedBytes(values.size(), width);
  ByteWriter writer(out);
  std::uint64_t word = 0;
  int used = 0;
  for (const std::uint64_t value : values) {
    word |= value << used;
    used += width;
    if (used < 64) continue;
    writer.Fixed(word);
    used -= 64;
    word = used == 0 ? 0 : value >> (width - used);
  }
  if (used > 0) writer.Fixed(word);
  out->resize(end);
}

void UnpackBits(std::string_view packed, int width, std::span<std::uint64_t> out) {
  const std::uint64_t mask = LowBits(width);
  std::size_t bit = 0;
  std::size_t done = 0;
  // While eight bytes from the value's first one are there, they hold all of it.
  for (; width <= 56 && done < out.size() && bit / 8 + 8 <= packed.size(); ++done) {
    out[done] = LoadLittle<std::uint64_t>(packed.data() + bit / 8) >> (bit % 8) & mask;
    bit += static_cast<std::size_t>(width);
  }
  for (std::uint64_t& value : out.subspan(done)) {
    const std::size_t word = bit / 64;
    const int shift = static_cast<int>(bit % 64);
    value = WordAt(packed, word) >> shift;
    // In two shifts, neither by 64.
    if (shift + width > 64) value |= WordAt(packed, word + 1) << 1 << (63 - shift);
    value &= mask;
    bit += static_cast<std::size_t>(width);
  }
}

}  // namespace reprise
