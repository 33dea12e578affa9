// Chunks of kind kVectors: numbers in independent vectors of 1,024 (format/column.md).
#ifndef REPRISE_FORMAT_VECTOR_CHUNK_H_
#define REPRISE_FORMAT_VECTOR_CHUNK_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "format/chunk_kind.h"
#include "reprise/status.h"

namespace reprise {

struct ColumnPlans;  // plan_memory.h

inline bool IsChunkOfVectors(std::string_view chunk) {
  return chunk.starts_with(static_cast<char>(ChunkKind::kVectors));
}

// Appends a chunk with all of `bits`, at least one. `known` has the plans of earlier chunks of the
// column and gets those of this one; it may be null.
void EncodeVectorChunk(NumberKind kind, std::span<const std::uint64_t> bits, ColumnPlans* known,
                       std::string* out);

// Appends a chunk of vectors that are encoded, at least one: all are full, but the last may not be.
void JoinVectors(std::span<const std::string_view> vectors, std::string* out);

// Decodes rows first .. first + out.size() - 1 of a chunk of `rows`, touching only their vectors.
// Requires 1 <= rows and first + out.size() <= rows.
Status DecodeVectorChunk(std::string_view chunk, std::size_t rows, std::size_t first,
                         std::span<std::uint64_t> out);

// Where a vector lies in its chunk. Two may be at one place.
struct VectorPlace {
  std::uint32_t offset = 0;
  std::uint32_t length = 0;
};
// The places of all vectors, for DecodeVector.
Status LocateVectors(std::string_view chunk, std::size_t rows, std::vector<VectorPlace>* places);

}  // namespace reprise

#endif  // REPRISE_FORMAT_VECTOR_CHUNK_H_
