#include "format/tiny_block.h"

#include <fmt/format.h>

#include <algorithm>

#include "format/bytes.h"
#include "format/patch_list.h"
#include "format/tiny_double.h"
#include "format/try.h"

namespace reprise {
namespace {

// Heads of int64 columns, alone or with kTinyConstant.
constexpr std::uint8_t kPlainInts = 0;
constexpr std::uint8_t kDifferencedInts = 1;

// A text length is stored plus one; 0 repeats the text before.
constexpr std::uint64_t kSameText = 0;

std::int64_t Minus(std::uint64_t a, std::uint64_t b) { return static_cast<std::int64_t>(a - b); }

// The first number, then what each adds to the one before.
void AppendDifferences(std::span<const std::int64_t> numbers, std::string* out) {
  ByteWriter writer(out);
  std::uint64_t previous = 0;
  for (const std::int64_t number : numbers) {
    writer.SignedVarint(Minus(static_cast<std::uint64_t>(number), previous));
    previous = static_cast<std::uint64_t>(number);
  }
}

void AppendInts(std::span<const std::uint64_t> bits, std::string* out) {
  ByteWriter writer(out);
  std::size_t plain = 0;
  std::size_t differenced = 0;
  std::uint64_t previous = 0;
  for (const std::uint64_t value : bits) {
    plain += VarintBytes(ZigZag(static_cast<std::int64_t>(value)));
    differenced += VarintBytes(ZigZag(Minus(value, previous)));
    previous = value;
  }
  const bool constant =
      std::all_of(bits.begin(), bits.end(), [&](std::uint64_t value) { return value == bits[0]; });
  const bool differences = !constant && differenced < plain;
  writer.Fixed(constant ? kTinyConstant : differences ? kDifferencedInts : kPlainInts);
  previous = 0;
  for (const std::uint64_t value : constant ? bits.first(1) : bits) {
    writer.SignedVarint(Minus(value, previous));
    if (differences) previous = value;
  }
}

void AppendBools(std::span<const std::uint64_t> bits, std::string* out) {
  std::uint64_t packed = 0;
  for (std::size_t i = 0; i < bits.size(); ++i) packed |= bits[i] << i;
  for (std::size_t i = 0; i < bits.size(); i += 8) out->push_back(static_cast<char>(packed >> i));
}

void AppendTexts(std::span<const std::string_view> texts, std::string* out) {
  ByteWriter writer(out);
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (i > 0 && texts[i] == texts[i - 1]) {
      writer.Varint(kSameText);
      continue;
    }
    writer.Varint(texts[i].size() + 1);
    writer.Raw(texts[i]);
  }
}

void AppendTinyColumn(const ColumnView& column, std::string* out) {
  if (IsText(column.type)) return AppendTexts(column.texts, out);
  if (column.type == Type::kDouble) return AppendTinyDoubles(column.bits, out);
  if (column.type == Type::kInt64) return AppendInts(column.bits, out);
  if (column.type == Type::kBool) AppendBools(column.bits, out);
}

Status Damaged(std::string_view what) { return Status::Error(Code::kCorrupt, std::string(what)); }

Status ReadDifferences(std::size_t rows, ByteReader* reader, std::vector<std::int64_t>* numbers) {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < rows; ++i) {
    std::int64_t difference = 0;
    if (!reader->SignedVarint(&difference)) return Damaged("ends inside its steps or times");
    sum += static_cast<std::uint64_t>(difference);
    numbers->push_back(static_cast<std::int64_t>(sum));
  }
  return {};
}

Status ReadInts(ByteReader* reader, std::span<std::uint64_t> bits) {
  std::uint8_t head = 0;
  if (!reader->Fixed(&head)) return Damaged("is missing");
  const bool constant = head == kTinyConstant;
  if (!constant && head > kDifferencedInts) {
    return Status::Error(Code::kUnsupportedVersion, "uses an encoding this release does not know");
  }
  std::uint64_t previous = 0;
  for (std::uint64_t& value : constant ? bits.first(1) : bits) {
    std::int64_t number = 0;
    if (!reader->SignedVarint(&number)) return Damaged("ends inside its integers");
    value = static_cast<std::uint64_t>(number) + previous;
    if (head == kDifferencedInts) previous = value;
  }
  if (constant) std::fill(bits.begin(), bits.end(), bits[0]);
  return {};
}

Status ReadBools(ByteReader* reader, std::span<std::uint64_t> bits) {
  std::string_view raw;
  if (!reader->Raw((bits.size() + 7) / 8, &raw)) return Damaged("ends inside its bools");
  std::uint64_t packed = 0;
  std::copy(raw.begin(), raw.end(), reinterpret_cast<char*>(&packed));
  if (packed >> bits.size() != 0) return Damaged("has bools beyond its last row");
  for (std::size_t i = 0; i < bits.size(); ++i) bits[i] = packed >> i & 1;
  return {};
}

Status ReadTexts(ByteReader* reader, Column* column) {
  for (std::size_t i = 0; i < column->rows; ++i) {
    std::uint64_t size = 0;
    if (!reader->BoundedVarint(reader->remaining(), &size)) return Damaged("ends inside its text");
    if (size == kSameText) {
      if (i == 0) return Damaged("repeats a text before its first");
      column->slots.push_back(column->slots.back());
      continue;
    }
    std::string_view text;
    if (!reader->Raw(static_cast<std::size_t>(size - 1), &text) || text.size() > kMaxTextBytes) {
      return Damaged("has a text of an impossible size");
    }
    column->slots.push_back(
        {static_cast<std::uint32_t>(column->blob.size()), static_cast<std::uint32_t>(text.size())});
    column->blob.append(text);
  }
  return {};
}

Status ReadTinyColumn(ByteReader* reader, Column* column) {
  if (IsText(column->type)) return ReadTexts(reader, column);
  if (column->type == Type::kNull) return {};
  column->bits.resize(column->rows);
  if (column->type == Type::kBool) return ReadBools(reader, column->bits);
  if (column->type == Type::kInt64) return ReadInts(reader, column->bits);
  return ReadTinyDoubles(reader, column->bits);
}

Status ReadTable(ByteReader* reader, HasTime has_time, std::span<const Type> types, Table* table) {
  REPRISE_TRY(ReadDifferences(table->rows, reader, &table->steps));
  if (has_time == HasTime::kYes) REPRISE_TRY(ReadDifferences(table->rows, reader, &table->times));
  for (const Type type : types) {
    Column& column = table->columns.emplace_back();
    column.type = type;
    column.rows = table->rows;
    REPRISE_TRY(ReadTinyColumn(reader, &column));
  }
  return reader->AtCleanEnd() ? Status() : Damaged("is longer than its values");
}

}  // namespace

void EncodeTinyBlock(const TableView& table, std::string* out) {
  AppendDifferences(table.steps, out);
  AppendDifferences(table.times, out);
  for (const ColumnView& column : table.columns) AppendTinyColumn(column, out);
}

Status DecodeTinyBlock(std::string_view block, std::size_t rows, HasTime has_time,
                       std::span<const Type> types, Table* out) {
  *out = {};
  if (rows == 0 || rows > kMaxTinyRows) {
    return Status::Error(Code::kCorrupt,
                         fmt::format("tiny block is damaged: {} rows stated, 1 to {} are allowed; "
                                     "run `reprise verify --deep`",
                                     rows, kMaxTinyRows));
  }
  out->rows = rows;
  ByteReader reader(block);
  const Status status = ReadTable(&reader, has_time, types, out);
  if (status.ok()) return {};
  return Status::Error(
      status.code(),
      fmt::format("tiny block is not readable: column {} of {}, before byte {} of {}, {}; run "
                  "`reprise verify --deep`",
                  out->columns.size(), types.size(), reader.position(), block.size(),
                  status.message()));
}

}  // namespace reprise
