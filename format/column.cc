#include "format/column.h"

#include <fmt/format.h>

#include <algorithm>

#include "format/number_column.h"
#include "format/text_column.h"
#include "format/try.h"

namespace reprise {
namespace {

Status Damaged(std::string_view what) {
  return Status::Error(
      Code::kCorrupt,
      fmt::format("column chunk is damaged: {}; run `reprise verify --deep`", what));
}

Status CheckRange(std::size_t rows, std::size_t first, std::size_t count) {
  if (rows > kMaxColumnRows) {
    return Damaged(fmt::format("{} rows stated, at most {} are allowed", rows, kMaxColumnRows));
  }
  if (first > rows || count > rows - first) {
    return Status::Error(Code::kInvalidArgument,
                         fmt::format("rows are not in the column: {} rows from row {} ({} rows); "
                                     "ask for rows it has",
                                     count, first, rows));
  }
  return {};
}

void Reset(Type type, std::size_t rows, Column* out) {
  out->type = type;
  out->rows = rows;
  if (IsText(type) || type == Type::kNull) out->bits.clear();
  out->slots.clear();
  out->blob.clear();
}

Status CheckBools(std::span<const std::uint64_t> bits) {
  const bool legal =
      std::all_of(bits.begin(), bits.end(), [](std::uint64_t bit) { return bit <= 1; });
  return legal ? Status() : Damaged("a bool is neither 0 nor 1");
}

}  // namespace

void EncodeColumn(const ColumnView& values, ColumnPlans* known, std::string* out) {
  if (values.type == Type::kNull) return;
  if (IsText(values.type)) return EncodeTexts(values.texts, out);
  EncodeNumbers(values.type == Type::kDouble ? NumberKind::kDoubles : NumberKind::kIntegers,
                values.bits, known, out);
}

Status DecodeColumn(std::string_view chunk, Type type, std::size_t rows, Column* out) {
  return DecodeColumnRange(chunk, type, rows, 0, rows, out);
}

Status DecodeColumnRange(std::string_view chunk, Type type, std::size_t rows, std::size_t first,
                         std::size_t count, Column* out) {
  REPRISE_TRY(CheckRange(rows, first, count));
  Reset(type, count, out);
  if (type == Type::kNull) {
    return chunk.empty() ? Status() : Damaged("a column of nulls has bytes");
  }
  if (IsText(type)) return DecodeTexts(chunk, rows, first, count, out);
  out->bits.resize(count);
  REPRISE_TRY(DecodeNumbers(chunk, rows, first, out->bits));
  return type == Type::kBool ? CheckBools(out->bits) : Status();
}

void EncodeInt64s(std::span<const std::int64_t> values, ColumnPlans* known, std::string* out) {
  // Signed and unsigned integers of one size may alias.
  EncodeNumbers(NumberKind::kIntegers,
                {reinterpret_cast<const std::uint64_t*>(values.data()), values.size()}, known, out);
}

Status DecodeInt64s(std::string_view chunk, std::size_t rows, std::vector<std::int64_t>* out) {
  REPRISE_TRY(CheckRange(rows, 0, rows));
  out->resize(rows);
  return DecodeInt64Range(chunk, rows, 0, *out);
}

Status DecodeInt64Range(std::string_view chunk, std::size_t rows, std::size_t first,
                        std::span<std::int64_t> out) {
  REPRISE_TRY(CheckRange(rows, first, out.size()));
  return DecodeNumbers(chunk, rows, first,
                       {reinterpret_cast<std::uint64_t*>(out.data()), out.size()});
}

}  // namespace reprise
