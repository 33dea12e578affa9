#include "format/segment_chunks.h"

#include <fmt/format.h>

#include <limits>

#include "format/bytes.h"
#include "format/try.h"

namespace reprise {

namespace {

Status Damaged(std::string_view what) {
  return Status::Error(
      Code::kCorrupt,
      fmt::format("segment chunk is damaged: {}; run 'reprise verify --deep'", what));
}

// Whether `values` ascend strictly within 0 .. limit. Looks at all of them without a branch, which
// vector units can do.
bool Ascend(std::span<const std::int64_t> values, std::int64_t limit) {
  if (values.empty()) return true;
  bool falls = false;
  for (std::size_t i = 1; i < values.size(); ++i) falls |= values[i] <= values[i - 1];
  return !falls && values.front() >= 0 && values.back() <= limit;
}

struct SparseParts {
  std::string_view positions;
  std::string_view values;
};

Result<SparseParts> SplitSparseChunk(std::string_view chunk) {
  SparseParts parts;
  ByteReader reader(chunk);
  if (!reader.Sized(&parts.positions)) return Fail(Damaged("its row positions are cut short"));
  parts.values = chunk.substr(reader.position());
  return parts;
}

Status DecodePositions(std::string_view bytes, std::size_t rows, std::size_t table_rows,
                       std::vector<std::int64_t>* positions) {
  REPRISE_TRY(DecodeInt64s(bytes, rows, positions));
  if (Ascend(*positions, static_cast<std::int64_t>(table_rows) - 1)) return {};
  return Damaged("its row positions are out of order");
}

}  // namespace

ColumnView ViewOf(const Column& column, std::vector<std::string_view>* texts) {
  ColumnView view;
  view.type = column.type;
  view.rows = column.rows;
  view.bits = column.bits;
  if (!IsText(column.type)) return view;
  texts->clear();
  texts->reserve(column.rows);
  for (std::size_t i = 0; i < column.rows; ++i) texts->push_back(column.text(i));
  view.texts = *texts;
  return view;
}

void EncodeTinyTable(const RowTable& table, std::string* out) {
  std::vector<std::vector<std::string_view>> texts(table.columns.size());
  std::vector<ColumnView> columns;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    columns.push_back(ViewOf(table.columns[i], &texts[i]));
  }
  EncodeTinyBlock({table.rows(), table.steps, table.times, columns}, out);
}

Status DecodeTinyTable(std::string_view chunk, const SegmentTable& table, Table* decoded) {
  std::vector<Type> types;
  for (const SegmentTable::Column& column : table.columns) types.push_back(column.type);
  REPRISE_TRY(DecodeTinyBlock(chunk, table.rows, table.has_time ? HasTime::kYes : HasTime::kNo,
                              types, decoded));
  if (Ascend(decoded->steps, std::numeric_limits<Step>::max())) return {};
  return Damaged("its steps are out of order");
}

Status DecodeStepsChunk(std::string_view chunk, std::size_t rows, std::vector<Step>* steps) {
  REPRISE_TRY(DecodeInt64s(chunk, rows, steps));
  if (Ascend(*steps, std::numeric_limits<Step>::max())) return {};
  return Damaged("its steps are out of order");
}

void EncodeSparseChunk(std::span<const std::int64_t> positions, const ColumnView& values,
                       std::string* out) {
  std::string encoded;
  EncodeInt64s(positions, &encoded);
  ByteWriter(out).Sized(encoded);
  EncodeColumn(values, out);
}

Status DecodeSparseChunk(std::string_view chunk, Type type, std::size_t rows,
                         std::size_t table_rows, SparseColumn* column) {
  REPRISE_TRY_ASSIGN(const SparseParts parts, SplitSparseChunk(chunk));
  REPRISE_TRY(DecodePositions(parts.positions, rows, table_rows, &column->positions));
  return DecodeColumn(parts.values, type, rows, &column->values);
}

Status DecodeSparsePositions(std::string_view chunk, std::size_t rows, std::size_t table_rows,
                             std::vector<std::int64_t>* positions) {
  REPRISE_TRY_ASSIGN(const SparseParts parts, SplitSparseChunk(chunk));
  return DecodePositions(parts.positions, rows, table_rows, positions);
}

}  // namespace reprise
