#include "engine/segment/vector_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

#include "format/cells.h"
#include "format/checksum.h"
#include "format/chunk_kind.h"
#include "format/column.h"
#include "format/try.h"
#include "format/vector_chunk.h"
#include "format/vector_codec.h"

namespace reprise {

Status VectorFile::Read(std::size_t vector, std::span<std::uint64_t> values) const {
  const std::optional<SegmentChunk> place = Find(vector);
  if (!place) return ReadWhole(vector, values);
  std::string buffer;
  REPRISE_TRY_ASSIGN(const std::string_view bytes, bytes_->ReadChecked(*place, &buffer));
  const Status decoded = DecodeVector(bytes, values);
  if (decoded.ok()) return decoded;
  return bytes_->Named(Status::Error(
      decoded.code(), fmt::format("column chunk is not readable: vector {} at byte {} of the "
                                  "segment {}; run 'reprise verify --deep'",
                                  vector, place->offset, decoded.message())));
}

std::optional<SegmentChunk> VectorFile::Find(std::size_t vector) const {
  const std::lock_guard lock(mutex_);
  if (vectors_.empty()) return std::nullopt;
  return vectors_[vector];
}

Result<std::vector<SegmentChunk>> VectorFile::Locate(std::string_view chunk) const {
  std::vector<VectorPlace> places;
  REPRISE_TRY(LocateVectors(chunk, rows_, &places));
  std::vector<SegmentChunk> vectors;
  vectors.reserve(places.size());
  for (const VectorPlace& place : places) {
    const std::uint32_t offset = chunk_.offset + place.offset;
    const std::uint64_t checksum = Checksum(chunk.substr(place.offset, place.length),
                                            bytes_->file_id(), bytes_->file_offset(offset));
    vectors.push_back({offset, place.length, checksum});
  }
  return vectors;
}

Status VectorFile::ReadWhole(std::size_t vector, std::span<std::uint64_t> values) const {
  std::string buffer;
  REPRISE_TRY_ASSIGN(const std::string_view chunk, bytes_->ReadChecked(chunk_, &buffer));
  Column column;
  REPRISE_TRY(bytes_->Named(
      DecodeColumnRange(chunk, type_, rows_, vector * kCellRows, values.size(), &column)));
  std::copy(column.bits.begin(), column.bits.end(), values.begin());
  if (type_ == Type::kBool || chunk.front() != static_cast<char>(ChunkKind::kVectors)) return {};
  Result<std::vector<SegmentChunk>> vectors = Locate(chunk);
  if (!vectors) return bytes_->Named(vectors.error());
  const std::lock_guard lock(mutex_);
  vectors_ = *std::move(vectors);
  return {};
}

}  // namespace reprise
