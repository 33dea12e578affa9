#include "format/segment_builder.h"

#include <fmt/format.h>

#include <utility>

#include "format/checksum.h"
#include "format/pack.h"
#include "format/plan_memory.h"
#include "format/segment_chunks.h"
#include "format/sparse_table.h"
#include "format/try.h"

namespace reprise {

namespace {

// A tiny block has texts as they are, a column chunk may have far less of them. Its place in the
// directory and its head are small beside so much text.
constexpr std::size_t kMaxTinyTextBytes = 256;  // a column, on average

bool IsTiny(const RowTable& table) {
  const std::size_t columns = table.columns.size();
  std::size_t text = 0;
  for (const Column& column : table.columns) text += column.blob.size();
  return table.rows() <= kMaxTinyRows && table.rows() * columns <= kMaxTinyValues &&
         text <= columns * kMaxTinyTextBytes;
}

SegmentSize SizeOf(const std::vector<SegmentTable>& tables,
                   std::span<const std::string_view> keys) {
  SegmentSize size;
  for (const SegmentTable& table : tables) {
    for (const SegmentTable::Column& column : table.columns) {
      size.AddColumn(keys[column.key]);
      size.values += column.rows;
    }
  }
  return size;
}

}  // namespace

Status TooLargeForSegment(std::string_view what, std::size_t size, std::size_t limit) {
  return Status::Error(Code::kInvalidArgument,
                       fmt::format("rows are too large for one segment: {} (at most {}, these have "
                                   "{}); seal fewer rows at once",
                                   what, limit, size));
}

Status TooLargeForSegment(const SegmentSize& size) {
  const auto found = size.excess();
  return found ? TooLargeForSegment(found->what, found->size, found->limit) : Status();
}

void SegmentBuilder::EndChunk() {
  const std::string_view chunk = std::string_view(bytes_).substr(chunk_begin_);
  chunks_.push_back({static_cast<std::uint32_t>(chunk_begin_),
                     static_cast<std::uint32_t>(chunk.size()),
                     Checksum(chunk, file_id_, offset_ + chunk_begin_)});
  chunk_begin_ = bytes_.size();
}

void SegmentBuilder::AddInt64Chunk(std::span<const std::int64_t> values, ColumnPlans* known) {
  EncodeInt64s(values, known, &bytes_);
  EndChunk();
}

SegmentTable SegmentBuilder::DenseTable(const Shape& shape, std::size_t rows) const {
  SegmentTable table;
  table.has_time = shape.has_time;
  table.rows = static_cast<std::uint32_t>(rows);
  for (const ShapeColumn& column : shape.columns) {
    table.columns.push_back({KeyIdOf(keys_, column.key), column.type, table.rows});
  }
  return table;
}

void SegmentBuilder::AddRows(const RowTable& rows, PlanMemory* plans) {
  SegmentTable table = DenseTable(*rows.shape, rows.rows());
  if (IsTiny(rows)) {
    table.form = TableForm::kTiny;
    EncodeTinyTable(rows, &bytes_);
    EndChunk();
  } else {
    AddDenseChunks(rows, plans);
  }
  AddTable(std::move(table));
}

void SegmentBuilder::AddDenseChunks(const RowTable& table, PlanMemory* plans) {
  if (table.rows() < kVectorRows) plans = nullptr;
  AddInt64Chunk(table.steps, plans == nullptr ? nullptr : plans->steps());
  if (table.shape->has_time) {
    AddInt64Chunk(table.times, plans == nullptr ? nullptr : plans->times());
  }
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    const ShapeColumn& about = table.shape->columns[i];
    EncodeColumn(ViewOf(table.columns[i], &texts_),
                 plans == nullptr ? nullptr : plans->Of(about.key, about.type), &bytes_);
    EndChunk();
  }
  AddDenseCells(table);
}

// The steps of the cells once, since they are the same for all columns.
void SegmentBuilder::AddDenseCells(const RowTable& table) {
  bool has_steps = false;
  for (const Column& column : table.columns) {
    if (!HasCells(column.type, column.rows)) continue;
    if (!has_steps) {
      EncodeCellSteps(MeasureCellSteps(table.steps), &bytes_);
      EndChunk();
    }
    has_steps = true;
    EncodeCells(MeasureCells(column.type, table.steps, column.bits), &bytes_);
    EndChunk();
  }
}

void SegmentBuilder::AddIndex(const SegmentFacts& facts) {
  const std::size_t begin = bytes_.size();
  SegmentFooter footer;
  std::size_t end = begin;
  const auto section_length = [&] {
    const std::size_t length = bytes_.size() - end;
    end = bytes_.size();
    return static_cast<std::uint32_t>(length);
  };
  KeyTable::Encode(keys_, &bytes_);
  footer.keys_length = section_length();
  EncodeSegmentTables(tables_, &bytes_);
  footer.tables_length = section_length();
  EncodeDirectory(chunks_, &bytes_);
  footer.directory_length = section_length();
  bytes_.append(EncodeSegmentFacts(facts));
  footer.facts_length = section_length();
  footer.index_checksum =
      Checksum(std::string_view(bytes_).substr(begin), file_id_, offset_ + begin);
  bytes_.append(EncodeSegmentFooter(footer, file_id_, offset_ + bytes_.size()));
}

Result<std::string> SegmentBuilder::Finish(SegmentFacts facts) {
  const SegmentSize size = SizeOf(tables_, keys_);
  REPRISE_TRY(TooLargeForSegment(size));
  facts.values = size.values;
  AddIndex(facts);
  if (bytes_.size() > kMaxPayloadBytes) {
    return Fail(TooLargeForSegment("bytes", bytes_.size(), kMaxPayloadBytes));
  }
  return std::move(bytes_);
}

}  // namespace reprise
