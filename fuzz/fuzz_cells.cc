// Any bytes as the cells of a column. Input: type u8, rows u16, then the chunk of a sparse column,
// which has the steps in front of the cells.
//
// What decodes is safe to calculate with, as cells.h says, and can be encoded.
#include <cmath>

#include "format/cells.h"
#include "format/number_order.h"
#include "fuzz/fuzz_input.h"

namespace reprise::fuzz {
namespace {

constexpr std::array<Type, 3> kNumbers{Type::kBool, Type::kInt64, Type::kDouble};

void RequireSteps(const CellSteps& steps, std::size_t rows) {
  Require(steps.first.size() == CellCount(rows) && steps.last.size() == CellCount(rows),
          "steps for each cell");
  Step previous = kNoStep;
  for (std::size_t i = 0; i < steps.first.size(); ++i) {
    Require(previous < steps.first[i] && steps.first[i] <= steps.last[i], "steps of cells ascend");
    previous = steps.last[i];
  }
}

void RequireCell(const Cells& cells, std::size_t i) {
  const auto within = [&](Step step) {
    return cells.steps.first[i] <= step && step <= cells.steps.last[i];
  };
  Require(within(cells.min_steps[i]) && within(cells.max_steps[i]),
          "extremes lie within their cell");
  Require(cells.count(i) <= cells.rows_of(i), "a cell has no more numbers than rows");
  Require(std::isfinite(cells.means[i]), "a mean is finite");
  if (cells.count(i) == 0) return;
  const ValueView min = ValueView::Stored(cells.type, cells.min[i], {});
  const ValueView max = ValueView::Stored(cells.type, cells.max[i], {});
  Require(CompareNumbers(min, max) <= 0, "the least is not above the greatest");
}

void RequireRoundTrip(const Cells& cells) {
  std::string chunk;
  EncodeSparseCells(cells, &chunk);
  Cells decoded;
  Require(DecodeSparseCells(chunk, cells.type, cells.rows, &decoded).ok(),
          "what was encoded decodes");
  std::string again;
  EncodeSparseCells(decoded, &again);
  Require(chunk == again, "cells come back");
}

void Try(FuzzInput input) {
  const Type type = kNumbers[input.UpTo(kNumbers.size() - 1)];
  const std::size_t rows = 1 + input.Number<std::uint16_t>();
  const std::string_view chunk = input.Rest();
  CellSteps steps;
  if (DecodeCellSteps(chunk, rows, &steps).ok()) RequireSteps(steps, rows);
  Cells cells;
  if (!DecodeSparseCells(chunk, type, rows, &cells).ok()) return;
  RequireSteps(cells.steps, rows);
  Require(cells.size() == CellCount(rows), "a cell for each vector");
  for (std::size_t i = 0; i < cells.size(); ++i) RequireCell(cells, i);
  RequireRoundTrip(cells);
}

}  // namespace
}  // namespace reprise::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  reprise::fuzz::Try(reprise::fuzz::FuzzInput(data, size));
  return 0;
}
