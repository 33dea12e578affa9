#include "format/number_column.h"

#include <fmt/format.h>

#include "format/number_dictionary.h"
#include "format/plan_memory.h"
#include "format/vector_chunk.h"

namespace reprise {
namespace {

// A dictionary must save more than this share: its chunk decodes more slowly, and its vectors
// cannot be copied into another chunk.
constexpr std::size_t kLeastSaving = 32;

}  // namespace

void EncodeNumbers(NumberKind kind, std::span<const std::uint64_t> bits, ColumnPlans* known,
                   std::string* out) {
  if (bits.empty()) return;
  const std::size_t at = out->size();
  EncodeVectorChunk(kind, bits, known, out);
  // As long as the same plans suit, there is no dictionary where there was none.
  if (known != nullptr && known->uses > 0 && !known->has_dictionary) return;
  const std::size_t size = out->size() - at;
  const bool smaller = EncodeNumberDictionary(kind, bits, size - size / kLeastSaving, out);
  if (smaller) out->erase(at, size);
  if (known != nullptr) known->has_dictionary = smaller;
}

Status DecodeNumbers(std::string_view chunk, std::size_t rows, std::size_t first,
                     std::span<std::uint64_t> out) {
  if (rows == 0 && chunk.empty()) return {};
  if (rows == 0 || chunk.empty()) {
    return Status::Error(Code::kCorrupt,
                         fmt::format("column chunk is damaged: {} bytes for {} rows; run `reprise "
                                     "verify`",
                                     chunk.size(), rows));
  }
  switch (static_cast<ChunkKind>(chunk[0])) {
    case ChunkKind::kVectors:
      return DecodeVectorChunk(chunk, rows, first, out);
    case ChunkKind::kNumberDictionary:
      return DecodeNumberDictionary(chunk, rows, first, out);
    default:
      return Status::Error(
          Code::kUnsupportedVersion,
          fmt::format("column chunk is not readable: kind {} at byte 0 is not one of numbers; "
                      "upgrade this reader",
                      static_cast<std::uint8_t>(chunk[0])));
  }
}

}  // namespace reprise
