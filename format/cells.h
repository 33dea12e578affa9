// Cells: what a plot needs of 1,024 values, so that it need not read them. Every numeric column of
// more than 3,072 values has them in its segment. Specified in format/segment.md.
#ifndef REPRISE_FORMAT_CELLS_H_
#define REPRISE_FORMAT_CELLS_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "reprise/status.h"
#include "reprise/value.h"

namespace reprise {

// A cell is of one vector of the column codec, so that the vector is all there is to read where a
// cell is too coarse.
inline constexpr std::size_t kCellRows = 1024;
// Shorter columns have no cells: their vectors are as quick to read.
inline constexpr std::size_t kMostRowsWithoutCells = 3 * kCellRows;

constexpr bool HasCells(Type type, std::size_t rows) {
  return IsNumber(type) && rows > kMostRowsWithoutCells;
}
constexpr std::size_t CellCount(std::size_t rows) { return (rows + kCellRows - 1) / kCellRows; }

// The steps of the first and the last row of each vector. Ascend.
struct CellSteps {
  std::vector<Step> first;
  std::vector<Step> last;

  friend bool operator==(const CellSteps&, const CellSteps&) = default;
};

// The cells of one column, field by field, since they are read and searched so.
struct Cells {
  Type type = Type::kNull;
  std::size_t rows = 0;  // of the column
  CellSteps steps;
  // Values as they are stored. Of equal extremes the first one; NaN where all of a cell is NaN.
  std::vector<std::uint64_t> first;
  std::vector<std::uint64_t> last;
  std::vector<std::uint64_t> min;
  std::vector<std::uint64_t> max;
  std::vector<Step> min_steps;
  std::vector<Step> max_steps;
  // Of the numbers that are not NaN, within 2^-41 of the mean of their magnitudes. 0 where there
  // are none, or an infinity is among them.
  std::vector<double> means;
  std::vector<std::int64_t> nans;

  std::size_t size() const { return first.size(); }
  std::size_t rows_of(std::size_t cell) const {
    return std::min(kCellRows, rows - cell * kCellRows);
  }
  std::size_t count(std::size_t cell) const {
    return rows_of(cell) - static_cast<std::size_t>(nans[cell]);
  }
  friend bool operator==(const Cells&, const Cells&) = default;
};

CellSteps MeasureCellSteps(std::span<const Step> steps);
// The cells of a column: `type` is that of a number, `steps` and `bits` have the same size.
Cells MeasureCells(Type type, std::span<const Step> steps, std::span<const std::uint64_t> bits);

// Append a cell to those of a column, whose steps and rows are left as they are: that of at most
// 1,024 values, and one of another column's.
void AppendCell(std::span<const Step> steps, std::span<const std::uint64_t> bits, Cells* cells);
void AppendCell(const Cells& from, std::size_t cell, Cells* cells);

// Append chunks. Those of a column leave its steps out.
void EncodeCellSteps(const CellSteps& steps, std::string* out);
void EncodeCells(const Cells& cells, std::string* out);

// Of a column or table of `rows` rows. kCorrupt for what no rows have, as far as the cells alone
// can tell: steps that do not ascend or are too few for the rows, extremes outside of their cell or
// the wrong way round, NaNs where there are numbers. So what is decoded is safe to calculate with.
Status DecodeCellSteps(std::string_view chunk, std::size_t rows, CellSteps* steps);
// `steps` are those of the column's rows.
Status DecodeCells(std::string_view chunk, Type type, std::size_t rows, CellSteps steps,
                   Cells* cells);

// The two together, as a column of a sparse table has them.
void EncodeSparseCells(const Cells& cells, std::string* out);
Status DecodeSparseCells(std::string_view chunk, Type type, std::size_t rows, Cells* cells);

}  // namespace reprise

#endif  // REPRISE_FORMAT_CELLS_H_
