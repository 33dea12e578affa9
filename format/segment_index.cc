#include "format/segment_index.h"

#include <fmt/format.h>

#include "format/bytes.h"
#include "format/checksum.h"
#include "format/pack.h"
#include "format/segment_size.h"
#include "format/try.h"

namespace reprise {

namespace {

constexpr std::uint32_t kFooterChecksumOffset = 32;

Status Damaged(std::string_view what, std::size_t at, std::string_view facts) {
  return Status::Error(Code::kCorrupt,
                       fmt::format("{}: at byte {} ({}); run 'reprise verify'", what, at, facts));
}

Status CheckFooterEnvelope(std::string_view bytes, std::uint64_t file_id, std::uint64_t offset) {
  if (bytes.size() != kSegmentFooterSize || !bytes.starts_with(kSegmentMagic)) {
    return Damaged("segment footer magic mismatch", 0,
                   fmt::format("{} bytes, expected {}", bytes.size(), kSegmentFooterSize));
  }
  const auto stored = LoadLittle<std::uint64_t>(bytes.data() + kFooterChecksumOffset);
  const std::uint64_t computed = Checksum(bytes.substr(0, kFooterChecksumOffset), file_id, offset);
  if (stored == computed) return {};
  return Damaged("segment footer checksum mismatch", kFooterChecksumOffset,
                 fmt::format("stored {:016x}, computed {:016x}", stored, computed));
}

std::size_t PlaceChunks(std::vector<SegmentTable>* tables) {
  std::size_t chunks = 0;
  for (SegmentTable& table : *tables) chunks = table.PlaceChunks(chunks);
  return chunks;
}

// Chunks lie one after the other from the segment's first byte to the index.
Result<std::vector<SegmentChunk>> DecodeDirectory(std::string_view bytes, std::size_t count,
                                                  std::uint64_t chunk_bytes) {
  if (bytes.size() != count * kDirectoryEntrySize) {
    return Fail(Damaged("segment directory has the wrong size", 0,
                        fmt::format("{} bytes for {} chunks", bytes.size(), count)));
  }
  std::vector<SegmentChunk> chunks(count);
  std::uint64_t offset = 0;
  ByteReader reader(bytes);
  for (SegmentChunk& chunk : chunks) {
    chunk.offset = static_cast<std::uint32_t>(offset);
    reader.Fixed(&chunk.checksum);
    reader.Fixed(&chunk.length);
    offset += chunk.length;
    if (offset > chunk_bytes) break;
  }
  if (offset == chunk_bytes) return chunks;
  return Fail(Damaged("segment directory does not fill the segment", reader.position(),
                      fmt::format("{} bytes of chunks, expected {}", offset, chunk_bytes)));
}

Status CheckFacts(const SegmentIndex& index) {
  std::uint64_t rows = 0;
  SegmentSize size;
  for (const SegmentTable& table : index.tables) {
    rows += table.rows;
    for (const SegmentTable::Column& column : table.columns) {
      size.AddColumn(index.keys.key(column.key));
      size.values += column.rows;
    }
  }
  if (rows == index.facts.rows && size.values == index.facts.values) return size.Check();
  return Damaged("segment facts disagree with its tables", 0,
                 fmt::format("{} rows and {} values, tables have {} and {}", index.facts.rows,
                             index.facts.values, rows, size.values));
}

}  // namespace

std::size_t SegmentTable::PlaceChunks(std::size_t first) {
  first_chunk = static_cast<std::uint32_t>(first);
  if (is_tiny()) return first + 1;
  std::size_t next = column_chunk(columns.size());
  bool has_cells = false;
  for (const Column& column : columns) has_cells = has_cells || column.has_cells();
  if (has_cells && form == TableForm::kDense) ++next;
  for (Column& column : columns) {
    if (column.has_cells()) column.cells = static_cast<std::uint32_t>(next++);
  }
  return next;
}

std::string EncodeSegmentFooter(const SegmentFooter& footer, std::uint64_t file_id,
                                std::uint64_t offset) {
  std::string bytes;
  bytes.reserve(kSegmentFooterSize);
  ByteWriter writer(&bytes);
  writer.Raw(kSegmentMagic);
  writer.Fixed(kSegmentVersion);
  writer.Fixed<std::uint16_t>(0);
  writer.Fixed(footer.keys_length);
  writer.Fixed(footer.tables_length);
  writer.Fixed(footer.directory_length);
  writer.Fixed(footer.facts_length);
  writer.Fixed(footer.index_checksum);
  writer.Fixed(Checksum(bytes, file_id, offset));
  return bytes;
}

Result<SegmentFooter> DecodeSegmentFooter(std::string_view bytes, std::uint64_t file_id,
                                          std::uint64_t offset) {
  REPRISE_TRY(CheckFooterEnvelope(bytes, file_id, offset));
  SegmentFooter footer;
  std::uint16_t version = 0;
  std::uint16_t reserved = 0;
  ByteReader reader(bytes);
  reader.Skip(kSegmentMagic.size());
  reader.Fixed(&version);
  reader.Fixed(&reserved);
  reader.Fixed(&footer.keys_length);
  reader.Fixed(&footer.tables_length);
  reader.Fixed(&footer.directory_length);
  reader.Fixed(&footer.facts_length);
  reader.Fixed(&footer.index_checksum);
  if (version > kSegmentVersion) {
    return Fail(Code::kUnsupportedVersion,
                fmt::format("segment has version {}, this library reads up to {}; upgrade reprise",
                            version, kSegmentVersion));
  }
  if (version == 0 || reserved != 0 || footer.directory_length > kMaxDirectoryBytes) {
    return Fail(Damaged(
        "segment footer makes no sense", 4,
        fmt::format("version {}, directory of {} bytes", version, footer.directory_length)));
  }
  return footer;
}

void EncodeDirectory(const std::vector<SegmentChunk>& chunks, std::string* out) {
  ByteWriter writer(out);
  for (const SegmentChunk& chunk : chunks) {
    writer.Fixed(chunk.checksum);
    writer.Fixed(chunk.length);
  }
}

Result<SegmentIndex> DecodeSegmentIndex(std::string_view bytes, const SegmentFooter& footer,
                                        const SegmentFacts& known, std::uint64_t segment_length) {
  const std::uint64_t tail = footer.index_length() + kSegmentFooterSize;
  if (bytes.size() != footer.index_length() || tail > segment_length) {
    return Fail(Damaged("segment index has the wrong size", 0,
                        fmt::format("{} bytes, expected {}", bytes.size(), footer.index_length())));
  }
  SegmentIndex index;
  index.facts = known;
  ByteReader reader(bytes);
  std::string_view keys, tables, directory, facts;
  reader.Raw(footer.keys_length, &keys);
  reader.Raw(footer.tables_length, &tables);
  reader.Raw(footer.directory_length, &directory);
  reader.Raw(footer.facts_length, &facts);
  REPRISE_TRY(DecodeSegmentFacts(facts, &index.facts));
  REPRISE_TRY_ASSIGN(index.keys, KeyTable::Decode(keys));
  REPRISE_TRY_ASSIGN(index.tables, DecodeSegmentTables(tables, index.keys.size()));
  const std::size_t chunks = PlaceChunks(&index.tables) + (index.has_prefix() ? 1 : 0);
  REPRISE_TRY_ASSIGN(index.chunks, DecodeDirectory(directory, chunks, segment_length - tail));
  REPRISE_TRY(CheckFacts(index));
  return index;
}

}  // namespace reprise
