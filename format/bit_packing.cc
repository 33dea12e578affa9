#include "format/bit_packing.h"

#include <algorithm>
#include <array>

#include "format/bytes.h"

namespace reprise {
namespace {

constexpr std::size_t kWordBytes = sizeof(std::uint64_t);

std::uint64_t WordAt(const char* bytes) { return LoadLittle<std::uint64_t>(bytes); }

// `width` bits from bit number `bit`, of bytes that go on for a word and a byte more.
std::uint64_t BitsAt(const char* bytes, std::size_t bit, int width) {
  const char* at = bytes + bit / 8;
  const int shift = static_cast<int>(bit % 8);
  const std::uint64_t low = WordAt(at) >> shift;
  if (shift + width <= 64) return low;
  return low | static_cast<std::uint64_t>(static_cast<unsigned char>(at[kWordBytes]))
                   << (64 - shift);
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
  const auto step = static_cast<std::size_t>(width);
  std::size_t bit = 0;
  std::size_t done = 0;
  for (; done < out.size() && bit / 8 + kWordBytes < packed.size(); ++done, bit += step) {
    out[done] = BitsAt(packed.data(), bit, width) & mask;
  }
  // The last bytes with zeros behind them, so that a word may be read at each of them.
  std::array<char, 2 * (kWordBytes + 1)> end{};
  const std::size_t begin = std::min(bit / 8, packed.size());
  packed.substr(begin).copy(end.data(), kWordBytes);
  for (; done < out.size(); ++done, bit += step) {
    out[done] = BitsAt(end.data(), bit - begin * 8, width) & mask;
  }
}

}  // namespace reprise
