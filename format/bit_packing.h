// Sequential bit packing: n values of `width` bits each, one after the other, least significant
// bit first. For short vectors and patch lists; full vectors use the lanes of codec_kernels.h.
#ifndef REPRISE_FORMAT_BIT_PACKING_H_
#define REPRISE_FORMAT_BIT_PACKING_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace reprise {

// The low `width` bits set; width is 0..64. (The mask says to analysers what is so anyway.)
constexpr std::uint64_t LowBits(int width) {
  return width == 0 ? 0 : ~std::uint64_t{0} >> ((64 - width) & 63);
}

// Bytes that `count` values take. Requires count <= 2^32 and width 0..64.
constexpr std::size_t PackedBytes(std::size_t count, int width) {
  return (count * static_cast<std::size_t>(width) + 7) / 8;
}

// Appends PackedBytes(values.size(), width) bytes; the unused bits of the last one are 0.
// Requires every value to be below 2^width.
void PackBits(std::span<const std::uint64_t> values, int width, std::string* out);

// Reads out.size() values. Requires packed.size() == PackedBytes(out.size(), width); reads nothing
// outside it.
void UnpackBits(std::string_view packed, int width, std::span<std::uint64_t> out);

}  // namespace reprise

#endif  // REPRISE_FORMAT_BIT_PACKING_H_
