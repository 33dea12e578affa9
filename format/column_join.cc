#include "format/column_join.h"

#include "format/row_batch.h"
#include "format/segment_chunks.h"
#include "format/try.h"

namespace reprise {

namespace {

std::string_view At(std::string_view chunk, const VectorPlace& place) {
  return chunk.substr(place.offset, place.length);
}

}  // namespace

void ColumnJoiner::Begin(Type type) {
  rows_ = 0;
  kept_.clear();
  keeps_any_ = false;
  values_.type = type;
  values_.rows = 0;
  values_.bits.clear();
  values_.slots.clear();
  values_.blob.clear();
}

Result<std::size_t> ColumnJoiner::AddChunk(std::string_view chunk, std::size_t rows,
                                           KeepVectors keep) {
  const bool keeps = keep == KeepVectors::kYes && rows_ % kVectorRows == 0;
  const std::size_t vectors = keeps ? rows / kVectorRows : 0;
  if (vectors > 0) {
    REPRISE_TRY(LocateVectors(chunk, rows, &places_));
    kept_.resize(rows_ / kVectorRows);
    for (std::size_t i = 0; i < vectors; ++i) kept_.push_back(At(chunk, places_[i]));
    keeps_any_ = true;
  }
  const std::size_t first = vectors * kVectorRows;
  rows_ += first;
  if (first == rows) return vectors;
  REPRISE_TRY(DecodeColumnRange(chunk, values_.type, rows, first, rows - first, &decoded_));
  REPRISE_TRY(AddValues(decoded_));
  return vectors;
}

void ColumnJoiner::AddNumbers(std::span<const std::uint64_t> bits) {
  values_.bits.insert(values_.bits.end(), bits.begin(), bits.end());
  values_.rows += bits.size();
  rows_ += bits.size();
}

Status ColumnJoiner::AddValues(const Column& values) {
  if (IsText(values.type)) {
    std::size_t bytes = 0;
    for (const Column::TextSlot& slot : values.slots) bytes += sizeof(slot) + slot.size;
    if (bytes > text_bytes_left_) {
      return Status::Error(
          Code::kInvalidArgument,
          "segments are too large to be joined: they have too much text; leave them "
          "as they are");
    }
    text_bytes_left_ -= bytes;
  }
  AppendValues(values, &values_);
  rows_ += values.rows;
  return {};
}

Result<bool> ColumnJoiner::Encode(std::string* out) {
  if (!keeps_any_) {
    EncodeColumn(ViewOf(values_, &texts_), out);
    return true;
  }
  between_.clear();
  places_.clear();
  EncodeColumn(ViewOf(values_, &texts_), &between_);
  if (values_.rows > 0) {
    if (!IsChunkOfVectors(between_)) return false;
    REPRISE_TRY(LocateVectors(between_, values_.rows, &places_));
  }
  std::vector<std::string_view> vectors;
  auto next = places_.begin();
  for (const std::string_view kept : kept_) {
    vectors.push_back(kept.empty() ? At(between_, *next++) : kept);
  }
  for (; next != places_.end(); ++next) vectors.push_back(At(between_, *next));
  JoinVectors(vectors, out);
  return true;
}

Cells ColumnJoiner::JoinCells(const Cells& kept, std::span<const Step> steps) const {
  Cells cells;
  cells.type = values_.type;
  cells.rows = steps.size();
  cells.steps = MeasureCellSteps(steps);
  std::span<const std::uint64_t> bits = values_.bits;
  std::size_t next_kept = 0;
  for (std::size_t i = 0; i < cells.steps.first.size(); ++i) {
    if (i < kept_.size() && !kept_[i].empty()) {
      AppendCell(kept, next_kept++, &cells);
      continue;
    }
    const std::size_t rows = cells.rows_of(i);
    AppendCell(steps.subspan(i * kCellRows, rows), bits.first(rows), &cells);
    bits = bits.subspan(rows);
  }
  return cells;
}

}  // namespace reprise
