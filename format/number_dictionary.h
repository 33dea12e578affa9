// Chunks of kind kNumberDictionary: few distinct numbers, and which one each row has
// (format/column.md).
#ifndef REPRISE_FORMAT_NUMBER_DICTIONARY_H_
#define REPRISE_FORMAT_NUMBER_DICTIONARY_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "format/chunk_kind.h"
#include "reprise/status.h"

namespace reprise {

// A dictionary has 2 entries up to this many.
inline constexpr std::size_t kMaxDictionaryNumbers = 4096;

// Appends a chunk with all of `bits` if it takes fewer than `limit` bytes; else appends nothing and
// gives false. Gives up early where there are too many distinct numbers.
bool EncodeNumberDictionary(NumberKind kind, std::span<const std::uint64_t> bits, std::size_t limit,
                            std::string* out);

// As DecodeVectorChunk.
Status DecodeNumberDictionary(std::string_view chunk, std::size_t rows, std::size_t first,
                              std::span<std::uint64_t> out);

}  // namespace reprise

#endif  // REPRISE_FORMAT_NUMBER_DICTIONARY_H_
