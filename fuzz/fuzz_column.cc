// Columns made of patterns (made_column.h), encoded and decoded: as a chunk, whole and in parts; as
// a tiny block where they are short; and their cells. Input: a range (two u16), then the column.
#include <numeric>

#include "format/cells.h"
#include "format/tiny_block.h"
#include "fuzz/column_promises.h"
#include "fuzz/made_column.h"

namespace reprise::fuzz {
namespace {

void RequireTinyRoundTrip(const Column& column) {
  std::vector<std::int64_t> steps(column.rows);
  std::iota(steps.begin(), steps.end(), 7);
  std::vector<std::string_view> texts;
  const ColumnView view = ViewOf(column, &texts);
  std::string block;
  EncodeTinyBlock({column.rows, steps, {}, {&view, 1}}, &block);
  Table decoded;
  Require(DecodeTinyBlock(block, column.rows, HasTime::kNo, {&column.type, 1}, &decoded).ok(),
          "a tiny block that was encoded decodes");
  Require(decoded.steps == steps, "the steps of a tiny block come back");
  RequireSlice(column, 0, decoded.columns[0]);
}

void RequireCells(const Column& column) {
  std::vector<Step> steps(column.rows);
  for (std::size_t i = 0; i < steps.size(); ++i) steps[i] = static_cast<Step>(i * i);
  const Cells cells = MeasureCells(column.type, steps, column.bits);
  std::string chunk;
  EncodeSparseCells(cells, &chunk);
  Cells decoded;
  Require(DecodeSparseCells(chunk, column.type, column.rows, &decoded).ok(),
          "cells that were measured decode");
  // Compared as bytes, since a NaN among the values would differ from itself.
  std::string again;
  EncodeSparseCells(decoded, &again);
  Require(chunk == again, "cells come back");
}

void Try(FuzzInput input) {
  FuzzInput range = input;
  input.Take(4);
  const Column column = MakeColumn(&input);
  const std::string chunk = RequireRoundTrip(column);
  RequireRanges(chunk, column, &range);
  if (column.rows == 0) return;
  if (column.rows <= kMaxTinyRows) RequireTinyRoundTrip(column);
  if (IsNumber(column.type)) RequireCells(column);
}

}  // namespace
}  // namespace reprise::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  reprise::fuzz::Try(reprise::fuzz::FuzzInput(data, size));
  return 0;
}
