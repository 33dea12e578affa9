// Any bytes as a column of a sparse table. Input: type u8, rows u16, rows of the table u16, chunk.
//
// What decodes has its values at rows of the table, in order, and can be encoded.
#include <limits>

#include "format/segment_chunks.h"
#include "fuzz/column_promises.h"
#include "fuzz/fuzz_input.h"

namespace reprise::fuzz {
namespace {

void RequirePlaces(const std::vector<std::int64_t>& positions, std::size_t table_rows) {
  std::int64_t previous = -1;
  for (const std::int64_t position : positions) {
    Require(previous < position, "positions ascend");
    previous = position;
  }
  Require(previous < static_cast<std::int64_t>(table_rows), "positions are rows");
}

void RequireRoundTrip(const SparseColumn& column, std::size_t table_rows) {
  std::vector<std::string_view> texts;
  std::string chunk;
  EncodeSparseChunk(column.positions, ViewOf(column.values, &texts), &chunk);
  SparseColumn decoded;
  Require(
      DecodeSparseChunk(chunk, column.values.type, column.values.rows, table_rows, &decoded).ok(),
      "what was encoded decodes");
  Require(decoded.positions == column.positions, "positions come back");
  RequireSlice(column.values, 0, decoded.values);
}

void Try(FuzzInput input) {
  const auto type = static_cast<Type>(input.UpTo(kTypeCount - 1));
  const std::size_t rows = input.Number<std::uint16_t>();
  const std::size_t table_rows = input.Number<std::uint16_t>();
  const std::string_view chunk = input.Rest();
  std::vector<std::int64_t> positions;
  const bool has_positions = DecodeSparsePositions(chunk, rows, table_rows, &positions).ok();
  SparseColumn column;
  if (!DecodeSparseChunk(chunk, type, rows, table_rows, &column).ok()) return;
  Require(has_positions && positions == column.positions,
          "positions alone are those of the column");
  Require(positions.size() == rows && column.values.rows == rows, "a value at each position");
  RequirePlaces(positions, table_rows);
  RequireRoundTrip(column, table_rows);
}

}  // namespace
}  // namespace reprise::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  reprise::fuzz::Try(reprise::fuzz::FuzzInput(data, size));
  return 0;
}
