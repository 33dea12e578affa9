#include "tests/faults/bounds/made_segment.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <numeric>
#include <string_view>

#include "engine/segment/pack_writer.h"
#include "format/bytes.h"
#include "format/checksum.h"
#include "format/chunk_kind.h"
#include "format/column.h"
#include "format/pack.h"
#include "format/segment_chunks.h"
#include "format/text_template.h"

namespace reprise {

namespace {

constexpr std::uint64_t kFileId = 0x0FED'CBA9'8765'4321;
constexpr std::uint64_t kPayloadOffset = kPackHeaderSize + kFrameHeaderSize;

std::vector<std::int64_t> Rising(std::int64_t first, std::size_t count) {
  std::vector<std::int64_t> numbers(count);
  std::iota(numbers.begin(), numbers.end(), first);
  return numbers;
}

std::string Encoded(const std::vector<std::int64_t>& numbers) {
  std::string chunk;
  EncodeInt64s(numbers, &chunk);
  return chunk;
}

}  // namespace

void MadeSegment::BeginTable(TableForm form, std::uint32_t rows) {
  EndTable();
  SegmentTable& table = tables_.emplace_back();
  table.form = form;
  table.has_time = false;
  table.rows = rows;
  chunks_.push_back(Encoded(Rising(next_step_, rows)));
  next_step_ += rows;
}

void MadeSegment::AddColumn(std::uint32_t key, Type type, std::uint32_t rows, std::string chunk) {
  const SegmentTable::Column column{key, type, rows};
  tables_.back().columns.push_back(column);
  chunks_.push_back(std::move(chunk));
  if (column.has_cells()) cells_.emplace_back();
}

// Nobody reads the cells.
void MadeSegment::EndTable() {
  if (!cells_.empty() && tables_.back().form == TableForm::kDense) chunks_.emplace_back();
  chunks_.insert(chunks_.end(), cells_.begin(), cells_.end());
  cells_.clear();
}

std::string MadeSegment::Payload(SegmentFacts facts) {
  EndTable();
  std::string bytes;
  std::vector<SegmentChunk> directory;
  for (const std::string& chunk : chunks_) {
    directory.push_back({static_cast<std::uint32_t>(bytes.size()),
                         static_cast<std::uint32_t>(chunk.size()),
                         Checksum(chunk, kFileId, kPayloadOffset + bytes.size())});
    bytes += chunk;
  }
  for (const SegmentTable& table : tables_) {
    for (const SegmentTable::Column& column : table.columns) facts.values += column.rows;
  }
  const std::size_t begin = bytes.size();
  const auto add = [&](const std::string& section) {
    bytes += section;
    return static_cast<std::uint32_t>(section.size());
  };
  std::string keys;
  std::string tables;
  std::string entries;
  KeyTable::Encode(std::vector<std::string_view>(keys_.begin(), keys_.end()), &keys);
  EncodeSegmentTables(tables_, &tables);
  EncodeDirectory(directory, &entries);
  SegmentFooter footer;
  footer.keys_length = add(keys);
  footer.tables_length = add(tables);
  footer.directory_length = add(entries);
  footer.facts_length = add(EncodeSegmentFacts(facts));
  footer.index_checksum =
      Checksum(std::string_view(bytes).substr(begin), kFileId, kPayloadOffset + begin);
  return bytes + EncodeSegmentFooter(footer, kFileId, kPayloadOffset + bytes.size());
}

SegmentRef MadeSegment::WriteTo(const StoreLayout& store, std::uint64_t pack, SegmentFacts facts) {
  const std::string payload = Payload(facts);
  PackHeader pack_header;
  pack_header.file_id = kFileId;
  pack_header.store_uuid = store.uuid;
  pack_header.pack = pack;
  FrameHeader header;
  header.branch = facts.branch;
  header.generation = facts.generation;
  header.first = 0;
  header.last = next_step_ - 1;
  header.rows = static_cast<std::uint32_t>(next_step_);
  header.payload_length = static_cast<std::uint32_t>(payload.size());
  const std::string bytes =
      EncodePackHeader(pack_header) + EncodeFrameHeader(header, kFileId, kPackHeaderSize) + payload;
  const auto file = store.packs->Create(PackFileName(pack));
  EXPECT_TRUE(file.has_value() && (*file)->WriteAt(0, bytes).ok());

  SegmentRef ref;
  ref.branch = header.branch;
  ref.generation = header.generation;
  ref.first = header.first;
  ref.last = header.last;
  ref.rows = header.rows;
  ref.pack = pack;
  ref.offset = kPackHeaderSize;
  ref.length = kFrameHeaderSize + payload.size();
  return ref;
}

std::vector<std::string> LongKeys(std::size_t count, std::size_t size) {
  std::vector<std::string> keys;
  for (std::size_t i = 0; i < count; ++i) {
    keys.push_back(fmt::format("{:x>{}}{:06}", "", size - 6, i));
  }
  return keys;
}

std::string EqualNumbers(std::size_t rows) {
  std::string chunk;
  EncodeColumn({Type::kDouble, rows, std::vector<std::uint64_t>(rows), {}}, &chunk);
  return chunk;
}

std::string EqualTexts(std::size_t rows, std::size_t size) {
  const std::string text(size, 't');
  const std::vector<std::string_view> texts(rows, text);
  std::string chunk;
  EncodeColumn({Type::kString, rows, {}, texts}, &chunk);
  EXPECT_EQ(chunk[0], static_cast<char>(ChunkKind::kTextDictionary));
  return chunk;
}

std::string PrintedTexts(std::size_t rows, std::size_t size) {
  constexpr std::string_view number = "12345678";
  std::string text(number);
  while (text.size() + number.size() + 1 <= size) text.append(",").append(number);
  const std::vector<std::string_view> texts(rows, text);
  std::string chunk;
  EXPECT_TRUE(EncodeTemplates(texts, rows * text.size(), &chunk));
  return chunk;
}

std::string NullsBehind(std::size_t skipped, std::size_t table_rows) {
  const std::size_t rows = table_rows - skipped;
  std::string chunk;
  EncodeSparseChunk(Rising(static_cast<std::int64_t>(skipped), rows), {Type::kNull, rows, {}, {}},
                    &chunk);
  return chunk;
}

}  // namespace reprise
