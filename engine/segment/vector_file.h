// Single vectors of a column chunk, without reading the rest of it each time.
#ifndef REPRISE_ENGINE_SEGMENT_VECTOR_FILE_H_
#define REPRISE_ENGINE_SEGMENT_VECTOR_FILE_H_

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "engine/segment/segment_bytes.h"
#include "format/segment_index.h"
#include "reprise/status.h"
#include "reprise/value.h"

namespace reprise {

// A chunk has one checksum, so the first read reads and checks all of it. That notes where each
// vector lies and a checksum of its own, which later reads of single vectors are checked by: no
// byte is served that was not checked when it was read.
//
// Only chunks of vectors (ChunkKind::kVectors) gain by it; dictionaries and bools are small, and
// are read whole each time. Thread safety: const calls from any thread.
class VectorFile {
 public:
  // `bytes` must outlive it. Of a chunk of `rows` numbers.
  VectorFile(const SegmentBytes* bytes, const SegmentChunk& chunk, Type type, std::size_t rows)
      : bytes_(bytes), chunk_(chunk), type_(type), rows_(rows) {}

  // Decodes the vector number `vector`, which has values.size() rows.
  Status Read(std::size_t vector, std::span<std::uint64_t> values) const;

 private:
  Result<std::vector<SegmentChunk>> Locate(std::string_view chunk) const;
  Status ReadWhole(std::size_t vector, std::span<std::uint64_t> values) const;
  // The vector as a chunk of its own, if it is known where it lies.
  std::optional<SegmentChunk> Find(std::size_t vector) const;

  const SegmentBytes* const bytes_;
  const SegmentChunk chunk_;
  const Type type_;
  const std::size_t rows_;

  mutable std::mutex mutex_;
  mutable std::vector<SegmentChunk> vectors_;  // empty until the chunk was read and checked
};

}  // namespace reprise

#endif  // REPRISE_ENGINE_SEGMENT_VECTOR_FILE_H_
