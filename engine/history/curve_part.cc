#include "engine/history/curve_part.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <utility>

#include "format/try.h"

namespace reprise {

namespace {

// What a cell takes in memory, and what a part does besides.
constexpr std::size_t kCellBytes = 10 * sizeof(std::uint64_t);
constexpr std::size_t kPartBytes = 1024;

// Each step of the cell has a row.
bool IsRegular(const Cells& cells, std::size_t cell) {
  const Step span = cells.steps.last[cell] - cells.steps.first[cell];
  return span == static_cast<Step>(cells.rows_of(cell)) - 1;
}

Status StepsDiffer(const Cells& cells, std::size_t cell) {
  return Status::Error(Code::kCorrupt,
                       fmt::format("the steps of a column are not those of its cells: from step {} "
                                   "to {}; run 'reprise verify --deep'",
                                   cells.steps.first[cell], cells.steps.last[cell]));
}

Result<std::vector<CurvePart>> PartsOfSegment(const SegmentCache& segments, const SegmentRef& ref,
                                              std::string_view key) {
  std::vector<CurvePart> parts;
  REPRISE_TRY_ASSIGN(const auto reader, segments.Get(ref));
  for (const SegmentReader::ColumnPlace& place : reader->Find(key)) {
    if (!IsNumber(place.type)) continue;
    REPRISE_TRY_ASSIGN(CurvePart part, CurvePart::OfSegment(reader, place));
    parts.push_back(std::move(part));
  }
  return parts;
}

std::vector<CurvePart> PartsOfRows(const RowBatch& rows, std::string_view key) {
  std::vector<CurvePart> parts;
  for (const RowTable& table : rows.tables()) {
    const auto& columns = table.shape->columns;
    const auto at = std::lower_bound(
        columns.begin(), columns.end(), key,
        [](const ShapeColumn& column, std::string_view k) { return column.key < k; });
    if (at == columns.end() || at->key != key || !IsNumber(at->type)) continue;
    parts.push_back(CurvePart::OfRows(table, static_cast<std::size_t>(at - columns.begin())));
  }
  return parts;
}

}  // namespace

CurvePart::CurvePart(Cells cells) : cells_(std::move(cells)) {
  total_.AddCells(cells_, 0, cells_.size());
}

Result<CurvePart> CurvePart::OfSegment(std::shared_ptr<const SegmentReader> segment,
                                       const SegmentReader::ColumnPlace& place) {
  Cells cells;
  REPRISE_TRY(segment->ReadCells(place, &cells));
  CurvePart part(std::move(cells));
  part.vectors_ = segment->Vectors(place);
  part.segment_ = std::move(segment);
  return part;
}

CurvePart CurvePart::OfRows(const RowTable& table, std::size_t column) {
  const Column& values = table.columns[column];
  CurvePart part(MeasureCells(values.type, table.steps, values.bits));
  part.steps_ = table.steps;
  part.bits_ = values.bits;
  return part;
}

std::size_t CurvePart::bytes() const { return kPartBytes + cells_.size() * kCellBytes; }

Status CurvePart::ReadSteps(std::size_t cell, std::span<Step> steps) const {
  if (IsRegular(cells_, cell)) {
    std::iota(steps.begin(), steps.end(), cells_.steps.first[cell]);
    return {};
  }
  REPRISE_TRY(vectors_->ReadSteps(cell, steps));
  const bool same =
      steps.front() == cells_.steps.first[cell] && steps.back() == cells_.steps.last[cell];
  return same ? Status() : StepsDiffer(cells_, cell);
}

Result<CurveVector> CurvePart::Read(std::size_t cell, CurveBuffer* buffer) const {
  const std::size_t rows = cells_.rows_of(cell);
  const std::size_t first = cell * kCellRows;
  if (vectors_ == nullptr) {
    return CurveVector{steps_.subspan(first, rows), bits_.subspan(first, rows)};
  }
  const std::span<Step> steps(buffer->steps.data(), rows);
  const std::span<std::uint64_t> bits(buffer->bits.data(), rows);
  REPRISE_TRY(ReadSteps(cell, steps));
  REPRISE_TRY(vectors_->ReadValues(cell, bits));
  return CurveVector{steps, bits};
}

Result<std::vector<CurvePart>> LoadParts(const SegmentCache& segments, const Block& block,
                                         std::string_view key) {
  if (block.segment != nullptr) return PartsOfSegment(segments, *block.segment, key);
  return PartsOfRows(*block.tail, key);
}

}  // namespace reprise
