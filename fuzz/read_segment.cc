#include "fuzz/read_segment.h"

#include <algorithm>
#include <utility>

#include "format/cells.h"
#include "format/checksum.h"
#include "format/segment_chunks.h"
#include "fuzz/fuzz_input.h"

namespace reprise::fuzz {
namespace {

std::string Encoded(const Cells& cells) {
  std::string bytes;
  EncodeSparseCells(cells, &bytes);
  return bytes;
}

}  // namespace

ReadSegment::ReadSegment(std::string_view bytes, const SegmentFacts& known, std::uint64_t file_id,
                         std::uint64_t offset)
    : bytes_(bytes), file_id_(file_id), offset_(offset) {
  Require(bytes.size() >= kSegmentFooterSize, "a segment has a footer");
  const std::size_t footer_at = bytes.size() - kSegmentFooterSize;
  const auto footer = DecodeSegmentFooter(bytes.substr(footer_at), file_id, offset + footer_at);
  Require(footer.has_value(), "the footer decodes");
  footer_ = *footer;
  const std::string_view index = IndexBytes();
  const std::size_t index_at = footer_at - index.size();
  Require(Checksum(index, file_id, offset + index_at) == footer_.index_checksum,
          "the index has its checksum");
  auto decoded = DecodeSegmentIndex(index, footer_, known, bytes.size());
  Require(decoded.has_value(), "the index decodes");
  index_ = std::move(*decoded);
}

std::string_view ReadSegment::IndexBytes() const {
  const std::size_t footer_at = bytes_.size() - kSegmentFooterSize;
  Require(footer_.index_length() <= footer_at, "the index lies within the segment");
  return bytes_.substr(footer_at - footer_.index_length(), footer_.index_length());
}

std::string_view ReadSegment::Chunk(std::size_t chunk) const {
  const SegmentChunk& place = index_.chunks[chunk];
  const std::string_view bytes = bytes_.substr(place.offset, place.length);
  Require(Checksum(bytes, file_id_, offset_ + place.offset) == place.checksum,
          "a chunk has its checksum");
  return bytes;
}

std::string_view ReadSegment::Prefix() const {
  return index_.has_prefix() ? Chunk(index_.chunks.size() - 1) : std::string_view();
}

ReadRows ReadSegment::Rows() const {
  ReadRows rows;
  for (const SegmentTable& table : index_.tables) {
    table.is_tiny() ? AddTiny(table, &rows) : AddDense(table, &rows);
  }
  for (auto& [step, row] : rows) {
    std::sort(row.fields.begin(), row.fields.end(),
              [](const auto& a, const auto& b) { return a.first < b.first; });
  }
  return rows;
}

void ReadSegment::AddField(const SegmentTable::Column& column, Step step, ValueView value,
                           ReadRows* rows) const {
  rows->at(step).fields.emplace_back(index_.keys.key(column.key), value);
}

void ReadSegment::AddTiny(const SegmentTable& table, ReadRows* rows) const {
  Table tiny;
  Require(DecodeTinyTable(Chunk(table.first_chunk), table, &tiny).ok(), "a tiny table decodes");
  for (std::size_t i = 0; i < tiny.rows; ++i) {
    const TimeMicros time = table.has_time ? tiny.times[i] : kNoTime;
    Require(rows->try_emplace(tiny.steps[i], ReadRow{time, {}}).second, "each step is there once");
    for (std::size_t c = 0; c < table.columns.size(); ++c) {
      AddField(table.columns[c], tiny.steps[i], tiny.columns[c].value(i), rows);
    }
  }
}

void ReadSegment::AddDense(const SegmentTable& table, ReadRows* rows) const {
  std::vector<Step> steps;
  Require(DecodeStepsChunk(Chunk(table.steps_chunk()), table.rows, &steps).ok(), "steps decode");
  std::vector<TimeMicros> times(table.rows, kNoTime);
  if (table.has_time) {
    Require(DecodeInt64s(Chunk(table.times_chunk()), table.rows, &times).ok(), "times decode");
  }
  for (std::size_t i = 0; i < table.rows; ++i) {
    Require(rows->try_emplace(steps[i], ReadRow{times[i], {}}).second, "each step is there once");
  }
  if (table.form == TableForm::kSparse) return AddSparse(table, steps, rows);
  for (std::size_t c = 0; c < table.columns.size(); ++c) {
    const SegmentTable::Column& column = table.columns[c];
    Column values;
    Require(DecodeColumn(Chunk(table.column_chunk(c)), column.type, table.rows, &values).ok(),
            "a column decodes");
    for (std::size_t i = 0; i < table.rows; ++i) AddField(column, steps[i], values.value(i), rows);
    CheckCells(table, column, steps, values.bits);
  }
}

void ReadSegment::AddSparse(const SegmentTable& table, std::span<const Step> steps,
                            ReadRows* rows) const {
  for (std::size_t c = 0; c < table.columns.size(); ++c) {
    const SegmentTable::Column& column = table.columns[c];
    SparseColumn sparse;
    Require(DecodeSparseChunk(Chunk(table.column_chunk(c)), column.type, column.rows, table.rows,
                              &sparse)
                .ok(),
            "a sparse column decodes");
    std::vector<Step> own;
    for (const std::int64_t at : sparse.positions) {
      own.push_back(steps[static_cast<std::size_t>(at)]);
    }
    for (std::size_t i = 0; i < own.size(); ++i) {
      AddField(column, own[i], sparse.values.value(i), rows);
    }
    CheckCells(table, column, own, sparse.values.bits);
  }
}

void ReadSegment::CheckCells(const SegmentTable& table, const SegmentTable::Column& column,
                             std::span<const Step> steps,
                             std::span<const std::uint64_t> bits) const {
  if (!column.has_cells()) return;
  Cells cells;
  CellSteps cell_steps;
  const std::string_view chunk = Chunk(column.cells);
  if (table.form == TableForm::kSparse) {
    Require(DecodeSparseCells(chunk, column.type, column.rows, &cells).ok(), "cells decode");
  } else {
    Require(DecodeCellSteps(Chunk(table.cell_steps_chunk()), table.rows, &cell_steps).ok(),
            "the steps of cells decode");
    Require(DecodeCells(chunk, column.type, table.rows, cell_steps, &cells).ok(), "cells decode");
  }
  Require(Encoded(cells) == Encoded(MeasureCells(column.type, steps, bits)),
          "cells are those of the values");
}

}  // namespace reprise::fuzz
