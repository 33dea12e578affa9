// A chunk of cells is a few columns, one for each field, each sized and encoded as any column is:
// neighbouring cells are alike, fields are not. Steps of extremes count from their cell's first
// step, so that they are small numbers.
#include "format/cells.h"

#include <fmt/format.h>

#include <bit>
#include <cmath>
#include <limits>
#include <utility>

#include "format/bytes.h"
#include "format/column.h"
#include "format/measure_numbers.h"
#include "format/number_order.h"
#include "format/try.h"
#include "format/vector_codec.h"

namespace reprise {

namespace {

static_assert(kCellRows == kVectorRows, "a cell is of one vector");

// The low bits of a mean that are not kept: a plot does not see them, and they cost bytes.
constexpr std::uint64_t kDroppedMeanBits = 0x3FF;

constexpr std::uint64_t kNanBits = 0x7FF8'0000'0000'0000;

Status Damaged(std::string_view what) {
  return Status::Error(Code::kCorrupt,
                       fmt::format("cells are damaged: {}; run 'reprise verify --deep'", what));
}

// Towards 0, so that it stays finite. The smallest doubles have no bits to spare.
double ShortMean(double mean) {
  if (!std::isnormal(mean)) return mean;
  return std::bit_cast<double>(std::bit_cast<std::uint64_t>(mean) & ~kDroppedMeanBits);
}

// Writes and reads the fields of a chunk, one after the other.
class FieldWriter {
 public:
  explicit FieldWriter(std::string* out) : writer_(out) {}

  void Add(Type type, std::span<const std::uint64_t> bits) {
    field_.clear();
    EncodeColumn({type, bits.size(), bits, {}}, &field_);
    writer_.Sized(field_);
  }
  void AddInt64s(std::span<const std::int64_t> values) {
    field_.clear();
    EncodeInt64s(values, &field_);
    writer_.Sized(field_);
  }
  // As the distance from the cell's first step.
  void AddSteps(std::span<const Step> steps, std::span<const Step> first) {
    std::vector<std::int64_t> distances(steps.size());
    for (std::size_t i = 0; i < steps.size(); ++i) distances[i] = steps[i] - first[i];
    AddInt64s(distances);
  }

 private:
  ByteWriter writer_;
  std::string field_;
};

class FieldReader {
 public:
  FieldReader(std::string_view chunk, std::size_t cells) : reader_(chunk), cells_(cells) {}

  Status Read(Type type, std::vector<std::uint64_t>* bits) {
    std::string_view field;
    if (!reader_.Sized(&field)) return Damaged("a field is cut short");
    REPRISE_TRY(DecodeColumn(field, type, cells_, &column_));
    std::swap(column_.bits, *bits);
    return {};
  }
  Status ReadInt64s(std::vector<std::int64_t>* values) {
    std::string_view field;
    if (!reader_.Sized(&field)) return Damaged("a field is cut short");
    return DecodeInt64s(field, cells_, values);
  }
  // Steps that lie within their cell.
  Status ReadSteps(const CellSteps& within, std::vector<Step>* steps) {
    REPRISE_TRY(ReadInt64s(steps));
    for (std::size_t i = 0; i < cells_; ++i) {
      Step& step = (*steps)[i];
      if (step < 0 || step > within.last[i] - within.first[i]) {
        return Damaged(fmt::format("the extremes of cell {} lie outside of it", i));
      }
      step += within.first[i];
    }
    return {};
  }
  std::string_view Rest() {
    std::string_view rest;
    reader_.Raw(reader_.remaining(), &rest);
    return rest;
  }
  Status CheckEnd() const {
    return reader_.AtCleanEnd() ? Status() : Damaged("bytes follow the last field");
  }

 private:
  ByteReader reader_;
  const std::size_t cells_;
  Column column_;
};

// Each step is there once, so a cell spans at least as many as it has rows.
Status CheckSteps(const CellSteps& steps, std::size_t rows) {
  Step previous = kNoStep;
  for (std::size_t i = 0; i < steps.first.size(); ++i) {
    const auto cell_rows = static_cast<Step>(std::min(kCellRows, rows - i * kCellRows));
    if (steps.first[i] <= previous || steps.last[i] < steps.first[i] ||
        steps.last[i] - steps.first[i] < cell_rows - 1) {
      return Damaged(
          fmt::format("cell {} cannot have steps {} to {}", i, steps.first[i], steps.last[i]));
    }
    previous = steps.last[i];
  }
  return {};
}

Status ReadCellSteps(std::size_t rows, FieldReader* fields, CellSteps* steps) {
  REPRISE_TRY(fields->ReadInt64s(&steps->first));
  REPRISE_TRY(fields->ReadInt64s(&steps->last));
  for (std::size_t i = 0; i < steps->last.size(); ++i) {
    // Stored as the distance. What overflows here does not ascend.
    if (steps->first[i] < 0 ||
        steps->last[i] > std::numeric_limits<Step>::max() - steps->first[i]) {
      return Damaged(fmt::format("cell {} has steps that there are not", i));
    }
    steps->last[i] += steps->first[i];
  }
  return CheckSteps(*steps, rows);
}

Status CheckCell(const Cells& cells, std::size_t i) {
  const auto rows = static_cast<std::int64_t>(cells.rows_of(i));
  if (cells.nans[i] < 0 || cells.nans[i] > rows) {
    return Damaged(fmt::format("cell {} has {} NaNs in {} rows", i, cells.nans[i], rows));
  }
  const ValueView min = ValueView::Stored(cells.type, cells.min[i], {});
  const ValueView max = ValueView::Stored(cells.type, cells.max[i], {});
  const bool has_numbers = cells.nans[i] < rows;
  if (IsNan(min) == has_numbers || IsNan(max) == has_numbers) {
    return Damaged(fmt::format("the NaNs of cell {} do not agree", i));
  }
  if (has_numbers && CompareNumbers(max, min) < 0) {
    return Damaged(fmt::format("the extremes of cell {} are the wrong way round", i));
  }
  return std::isfinite(cells.means[i]) ? Status() : Damaged("a mean is not finite");
}

}  // namespace

CellSteps MeasureCellSteps(std::span<const Step> steps) {
  CellSteps measured;
  for (std::size_t i = 0; i < steps.size(); i += kCellRows) {
    measured.first.push_back(steps[i]);
    measured.last.push_back(steps[std::min(i + kCellRows, steps.size()) - 1]);
  }
  return measured;
}

Cells MeasureCells(Type type, std::span<const Step> steps, std::span<const std::uint64_t> bits) {
  Cells cells;
  cells.type = type;
  cells.rows = bits.size();
  cells.steps = MeasureCellSteps(steps);
  for (std::size_t i = 0; i < bits.size(); i += kCellRows) {
    const std::size_t rows = std::min(kCellRows, bits.size() - i);
    AppendCell(steps.subspan(i, rows), bits.subspan(i, rows), &cells);
  }
  return cells;
}

void AppendCell(std::span<const Step> steps, std::span<const std::uint64_t> bits, Cells* cells) {
  const NumberMeasures measures = MeasureNumbers(cells->type, bits);
  const bool empty = measures.count == 0;
  cells->first.push_back(bits.front());
  cells->last.push_back(bits.back());
  cells->min.push_back(empty ? kNanBits : bits[measures.min_at]);
  cells->max.push_back(empty ? kNanBits : bits[measures.max_at]);
  cells->min_steps.push_back(steps[measures.min_at]);
  cells->max_steps.push_back(steps[measures.max_at]);
  cells->means.push_back(ShortMean(measures.mean));
  cells->nans.push_back(static_cast<std::int64_t>(measures.nan));
}

void AppendCell(const Cells& from, std::size_t cell, Cells* cells) {
  cells->first.push_back(from.first[cell]);
  cells->last.push_back(from.last[cell]);
  cells->min.push_back(from.min[cell]);
  cells->max.push_back(from.max[cell]);
  cells->min_steps.push_back(from.min_steps[cell]);
  cells->max_steps.push_back(from.max_steps[cell]);
  cells->means.push_back(from.means[cell]);
  cells->nans.push_back(from.nans[cell]);
}

void EncodeCellSteps(const CellSteps& steps, std::string* out) {
  FieldWriter fields(out);
  fields.AddInt64s(steps.first);
  fields.AddSteps(steps.last, steps.first);
}

void EncodeCells(const Cells& cells, std::string* out) {
  FieldWriter fields(out);
  fields.Add(cells.type, cells.first);
  fields.Add(cells.type, cells.last);
  fields.Add(cells.type, cells.min);
  fields.Add(cells.type, cells.max);
  fields.AddSteps(cells.min_steps, cells.steps.first);
  fields.AddSteps(cells.max_steps, cells.steps.first);
  std::vector<std::uint64_t> means;
  for (const double mean : cells.means) means.push_back(std::bit_cast<std::uint64_t>(mean));
  fields.Add(Type::kDouble, means);
  fields.AddInt64s(cells.nans);
}

Status DecodeCellSteps(std::string_view chunk, std::size_t rows, CellSteps* steps) {
  FieldReader fields(chunk, CellCount(rows));
  REPRISE_TRY(ReadCellSteps(rows, &fields, steps));
  return fields.CheckEnd();
}

Status DecodeCells(std::string_view chunk, Type type, std::size_t rows, CellSteps steps,
                   Cells* cells) {
  cells->type = type;
  cells->rows = rows;
  cells->steps = std::move(steps);
  FieldReader fields(chunk, CellCount(rows));
  REPRISE_TRY(fields.Read(type, &cells->first));
  REPRISE_TRY(fields.Read(type, &cells->last));
  REPRISE_TRY(fields.Read(type, &cells->min));
  REPRISE_TRY(fields.Read(type, &cells->max));
  REPRISE_TRY(fields.ReadSteps(cells->steps, &cells->min_steps));
  REPRISE_TRY(fields.ReadSteps(cells->steps, &cells->max_steps));
  std::vector<std::uint64_t> means;
  REPRISE_TRY(fields.Read(Type::kDouble, &means));
  cells->means.clear();
  for (const std::uint64_t mean : means) cells->means.push_back(std::bit_cast<double>(mean));
  REPRISE_TRY(fields.ReadInt64s(&cells->nans));
  REPRISE_TRY(fields.CheckEnd());
  for (std::size_t i = 0; i < cells->size(); ++i) REPRISE_TRY(CheckCell(*cells, i));
  return {};
}

void EncodeSparseCells(const Cells& cells, std::string* out) {
  EncodeCellSteps(cells.steps, out);
  EncodeCells(cells, out);
}

Status DecodeSparseCells(std::string_view chunk, Type type, std::size_t rows, Cells* cells) {
  CellSteps steps;
  FieldReader fields(chunk, CellCount(rows));
  REPRISE_TRY(ReadCellSteps(rows, &fields, &steps));
  return DecodeCells(fields.Rest(), type, rows, std::move(steps), cells);
}

}  // namespace reprise
