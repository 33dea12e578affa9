// The shape table of a segment's index.
#include <fmt/format.h>

#include <algorithm>

#include "format/bytes.h"
#include "format/pack.h"
#include "format/segment_index.h"
#include "format/try.h"

namespace reprise {

namespace {

constexpr std::size_t kMaxTables = kMaxDenseTables + 1;  // 63 dense and two sparse ones

Status DamagedTables(std::size_t at, std::string_view facts) {
  return Status::Error(Code::kCorrupt,
                       fmt::format("segment shape table is damaged: at byte {} ({}); run 'reprise "
                                   "verify'",
                                   at, facts));
}

std::uint64_t TableHead(const SegmentTable& table) {
  return (static_cast<std::uint64_t>(table.form) << 1) | (table.has_time ? 1 : 0);
}

void EncodeTable(const SegmentTable& table, ByteWriter* writer) {
  writer->Varint(TableHead(table));
  writer->Varint(table.rows);
  writer->Varint(table.columns.size());
  std::uint32_t previous = 0;
  for (const SegmentTable::Column& column : table.columns) {
    writer->Varint((std::uint64_t{column.key - previous} << 3) |
                   static_cast<std::uint64_t>(column.type));
    if (table.form == TableForm::kSparse) writer->Varint(column.rows);
    previous = column.key;
  }
}

// Whether `next` may stand behind `previous`: by key, and in sparse tables by type within a key.
bool InOrder(TableForm form, const SegmentTable::Column& previous,
             const SegmentTable::Column& next) {
  if (previous.key != next.key) return previous.key < next.key;
  return form == TableForm::kSparse && previous.type < next.type;
}

Status DecodeColumnEntry(ByteReader* reader, std::size_t keys, SegmentTable* table) {
  const std::size_t at = reader->position();
  std::uint64_t packed = 0;
  std::uint64_t rows = table->rows;
  if (!reader->BoundedVarint((std::uint64_t{keys} << 3) | 7, &packed)) {
    return DamagedTables(at, "a key is unknown");
  }
  if (table->form == TableForm::kSparse && (!reader->BoundedVarint(rows, &rows) || rows == 0)) {
    return DamagedTables(at, "a column has a wrong number of rows");
  }
  const std::uint64_t key =
      (table->columns.empty() ? 0 : table->columns.back().key) + (packed >> 3);
  if (key >= keys || (packed & 7) >= kTypeCount) {
    return DamagedTables(at, "a key or type is unknown");
  }
  const SegmentTable::Column column{static_cast<std::uint32_t>(key), static_cast<Type>(packed & 7),
                                    static_cast<std::uint32_t>(rows)};
  if (!table->columns.empty() && !InOrder(table->form, table->columns.back(), column)) {
    return DamagedTables(at, "columns are out of order");
  }
  table->columns.push_back(column);
  return {};
}

Status CheckTableForm(const SegmentTable& table, std::uint64_t columns) {
  if (table.form != TableForm::kTiny) return {};
  if (table.rows <= kMaxTinyRows && table.rows * columns <= kMaxTinyValues) return {};
  return DamagedTables(0, "a tiny table is too large");
}

// `columns_left` is how many columns the segment may still have.
Status DecodeTable(ByteReader* reader, std::size_t keys, std::size_t* columns_left,
                   SegmentTable* table) {
  const std::size_t at = reader->position();
  std::uint64_t head = 0;
  std::uint64_t rows = 0;
  std::uint64_t columns = 0;
  if (!reader->BoundedVarint(5, &head) || !reader->BoundedVarint(kMaxSegmentRows, &rows) ||
      !reader->BoundedVarint(std::min(*columns_left, reader->remaining()), &columns) || rows == 0) {
    return DamagedTables(at, "a table's head makes no sense");
  }
  *columns_left -= columns;
  table->form = static_cast<TableForm>(head >> 1);
  table->has_time = (head & 1) != 0;
  table->rows = static_cast<std::uint32_t>(rows);
  REPRISE_TRY(CheckTableForm(*table, columns));
  table->columns.reserve(columns);
  for (std::uint64_t i = 0; i < columns; ++i) {
    REPRISE_TRY(DecodeColumnEntry(reader, keys, table));
  }
  return {};
}

// Sparse tables are last, and at most one with times and one without, in this order.
Status CheckTableOrder(const std::vector<SegmentTable>& tables) {
  for (std::size_t i = 1; i < tables.size(); ++i) {
    const SegmentTable& previous = tables[i - 1];
    const SegmentTable& table = tables[i];
    if (previous.form != TableForm::kSparse) continue;
    if (table.form != TableForm::kSparse || !previous.has_time || table.has_time) {
      return DamagedTables(0, "sparse tables are out of order");
    }
  }
  return {};
}

}  // namespace

void EncodeSegmentTables(const std::vector<SegmentTable>& tables, std::string* out) {
  ByteWriter writer(out);
  writer.Varint(tables.size());
  for (const SegmentTable& table : tables) EncodeTable(table, &writer);
}

Result<std::vector<SegmentTable>> DecodeSegmentTables(std::string_view bytes, std::size_t keys) {
  ByteReader reader(bytes);
  std::uint64_t count = 0;
  if (!reader.BoundedVarint(kMaxTables, &count) || count == 0) {
    return Fail(DamagedTables(0, "it states a wrong number of tables"));
  }
  std::vector<SegmentTable> tables(count);
  std::size_t columns_left = kMaxSegmentColumns;
  for (SegmentTable& table : tables) {
    REPRISE_TRY(DecodeTable(&reader, keys, &columns_left, &table));
  }
  if (!reader.AtCleanEnd()) {
    return Fail(DamagedTables(reader.position(), "bytes follow the last table"));
  }
  REPRISE_TRY(CheckTableOrder(tables));
  return tables;
}

}  // namespace reprise
