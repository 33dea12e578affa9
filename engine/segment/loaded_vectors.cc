// MakeLoadedVectors: a column in memory, decoded a vector at a time where it is kept as vectors.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "engine/segment/column_vectors.h"
#include "format/cells.h"
#include "format/chunk_kind.h"
#include "format/column.h"
#include "format/try.h"
#include "format/vector_chunk.h"
#include "format/vector_codec.h"

namespace reprise {

namespace {

// One chunk of numbers, read and checked.
class LoadedChunk {
 public:
  static Result<LoadedChunk> Load(const SegmentBytes& bytes, const SegmentChunk& chunk, Type type,
                                  std::size_t rows);

  // Decodes the vector number `vector`, which has values.size() rows.
  Status Read(std::size_t vector, std::span<std::uint64_t> values) const;
  Status ReadSteps(std::size_t vector, std::span<Step> steps) const;

 private:
  std::string_view EncodedAt(std::size_t vector) const {
    return std::string_view(encoded_).substr(places_[vector].offset, places_[vector].length);
  }

  std::string encoded_;
  std::vector<VectorPlace> places_;    // empty where it is no chunk of vectors:
  std::vector<std::uint64_t> values_;  // then it is decoded
};

Result<LoadedChunk> LoadedChunk::Load(const SegmentBytes& bytes, const SegmentChunk& chunk,
                                      Type type, std::size_t rows) {
  LoadedChunk loaded;
  REPRISE_TRY_ASSIGN(const std::string_view read, bytes.ReadChecked(chunk, &loaded.encoded_));
  // Bools have to be checked, which decoding a column does.
  if (type != Type::kBool && read.starts_with(static_cast<char>(ChunkKind::kVectors))) {
    if (loaded.encoded_.empty()) loaded.encoded_ = read;  // it referred to what `bytes` keeps
    REPRISE_TRY(bytes.Named(LocateVectors(loaded.encoded_, rows, &loaded.places_)));
    return loaded;
  }
  Column column;
  REPRISE_TRY(bytes.Named(DecodeColumn(read, type, rows, &column)));
  loaded.values_ = std::move(column.bits);
  return loaded;
}

Status LoadedChunk::Read(std::size_t vector, std::span<std::uint64_t> values) const {
  if (!places_.empty()) return DecodeVector(EncodedAt(vector), values);
  std::copy_n(values_.begin() + static_cast<std::ptrdiff_t>(vector * kVectorRows), values.size(),
              values.begin());
  return {};
}

Status LoadedChunk::ReadSteps(std::size_t vector, std::span<Step> steps) const {
  if (!places_.empty()) return DecodeSteps(EncodedAt(vector), steps);
  // Signed and unsigned integers of one size may alias.
  REPRISE_TRY(Read(vector, {reinterpret_cast<std::uint64_t*>(steps.data()), steps.size()}));
  return CheckSteps(steps);
}

class DenseColumn final : public ColumnVectors {
 public:
  DenseColumn(const SegmentBytes* bytes, LoadedChunk steps, LoadedChunk values)
      : bytes_(bytes), steps_(std::move(steps)), values_(std::move(values)) {}

  Status ReadSteps(std::size_t vector, std::span<Step> steps) const override {
    return Named(vector, steps_.ReadSteps(vector, steps));
  }
  Status ReadValues(std::size_t vector, std::span<std::uint64_t> bits) const override {
    return Named(vector, values_.Read(vector, bits));
  }

 private:
  Status Named(std::size_t vector, const Status& status) const {
    return bytes_->Named(UnreadableVector(vector, status));
  }

  const SegmentBytes* const bytes_;
  const LoadedChunk steps_;
  const LoadedChunk values_;
};

class WholeColumn final : public ColumnVectors {
 public:
  WholeColumn(std::vector<Step> steps, std::vector<std::uint64_t> bits)
      : steps_(std::move(steps)), bits_(std::move(bits)) {}

  Status ReadSteps(std::size_t vector, std::span<Step> steps) const override {
    std::copy_n(steps_.begin() + Begin(vector), steps.size(), steps.begin());
    return UnreadableVector(vector, CheckSteps(steps));
  }
  Status ReadValues(std::size_t vector, std::span<std::uint64_t> bits) const override {
    std::copy_n(bits_.begin() + Begin(vector), bits.size(), bits.begin());
    return {};
  }

 private:
  static std::ptrdiff_t Begin(std::size_t vector) {
    return static_cast<std::ptrdiff_t>(vector * kVectorRows);
  }

  const std::vector<Step> steps_;
  const std::vector<std::uint64_t> bits_;
};

}  // namespace

Result<std::unique_ptr<const ColumnVectors>> LoadDenseVectors(const TableReader& reader,
                                                              std::size_t table,
                                                              std::size_t column) {
  const SegmentTable& stored = reader.table(table);
  const std::vector<SegmentChunk>& chunks = reader.index().chunks;
  REPRISE_TRY_ASSIGN(
      LoadedChunk steps,
      LoadedChunk::Load(reader.bytes(), chunks[stored.steps_chunk()], Type::kInt64, stored.rows));
  REPRISE_TRY_ASSIGN(LoadedChunk values,
                     LoadedChunk::Load(reader.bytes(), chunks[stored.column_chunk(column)],
                                       stored.columns[column].type, stored.rows));
  return std::make_unique<const DenseColumn>(&reader.bytes(), std::move(steps), std::move(values));
}

Result<std::unique_ptr<const ColumnVectors>> LoadWholeVectors(
    const SegmentReader& segment, const SegmentReader::ColumnPlace& place) {
  std::vector<Step> steps;
  Column column;
  REPRISE_TRY(segment.ReadSteps(place.table, &steps));
  REPRISE_TRY(segment.ReadColumn(place, &column));
  return std::make_unique<const WholeColumn>(std::move(steps), std::move(column.bits));
}

}  // namespace reprise
