// Doubles in tiny blocks: one head byte that says how, then the values (format/tiny_block.md).
#ifndef REPRISE_FORMAT_TINY_DOUBLE_H_
#define REPRISE_FORMAT_TINY_DOUBLE_H_

#include <cstdint>
#include <span>
#include <string>

#include "format/bytes.h"
#include "reprise/status.h"

namespace reprise {

// Appends head and values by the smallest of the encodings. At least one value, at most 16.
void AppendTinyDoubles(std::span<const std::uint64_t> bits, std::string* out);

// Reads bits.size() values.
Status ReadTinyDoubles(ByteReader* reader, std::span<std::uint64_t> bits);

// The flag that both numeric heads share: one value stands for all.
inline constexpr std::uint8_t kTinyConstant = 0x80;

}  // namespace reprise

#endif  // REPRISE_FORMAT_TINY_DOUBLE_H_
