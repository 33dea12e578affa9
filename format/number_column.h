// Chunks of 64-bit values: what column.h uses for bool, int64 and double, and for the lengths and
// ranks of text. Layout: format/column.md.
#ifndef REPRISE_FORMAT_NUMBER_COLUMN_H_
#define REPRISE_FORMAT_NUMBER_COLUMN_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "format/chunk_kind.h"
#include "reprise/status.h"

namespace reprise {

struct ColumnPlans;  // plan_memory.h

// Appends a chunk with all of `bits`: as vectors, or as a dictionary where that is smaller.
// `known` is as in EncodeVectorChunk.
void EncodeNumbers(NumberKind kind, std::span<const std::uint64_t> bits, ColumnPlans* known,
                   std::string* out);
inline void EncodeNumbers(NumberKind kind, std::span<const std::uint64_t> bits, std::string* out) {
  EncodeNumbers(kind, bits, nullptr, out);
}

// Decodes rows first .. first + out.size() - 1 of a chunk of `rows`, touching only their vectors
// and the dictionary. Requires first + out.size() <= rows.
Status DecodeNumbers(std::string_view chunk, std::size_t rows, std::size_t first,
                     std::span<std::uint64_t> out);

}  // namespace reprise

#endif  // REPRISE_FORMAT_NUMBER_COLUMN_H_
