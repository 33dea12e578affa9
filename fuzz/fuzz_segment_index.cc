// Any bytes as the index of a segment, with the footer that leads to it. Input: the lengths of
// keys, tables, directory and facts (u16 each), the bytes of all chunks (u32), rows (u32), the
// index.
//
// Checksums would keep a fuzzer out, so the footer is made of the input, and passes through its own
// decoder.
#include "format/pack.h"
#include "format/segment_index.h"
#include "fuzz/fuzz_input.h"

namespace reprise::fuzz {
namespace {

constexpr std::uint64_t kFileId = 3;

SegmentFooter MakeFooter(FuzzInput* input) {
  SegmentFooter footer;
  footer.keys_length = input->Number<std::uint16_t>();
  footer.tables_length = input->Number<std::uint16_t>();
  footer.directory_length = input->Number<std::uint16_t>();
  footer.facts_length = input->Number<std::uint16_t>();
  const auto decoded = DecodeSegmentFooter(EncodeSegmentFooter(footer, kFileId, 7), kFileId, 7);
  Require(decoded.has_value() && decoded->index_length() == footer.index_length(),
          "a footer that was encoded decodes");
  return footer;
}

void RequireKeys(const KeyTable& keys) {
  std::vector<std::string_view> all;
  for (std::size_t id = 0; id < keys.size(); ++id) {
    all.push_back(keys.key(id));
    Require(id == 0 || all[id - 1] < all[id], "keys ascend");
    Require(keys.Find(all[id]) == id, "each key is found");
  }
  std::string bytes;
  KeyTable::Encode(all, &bytes);
  const auto again = KeyTable::Decode(bytes);
  Require(again.has_value() && again->size() == keys.size(), "keys come back");
}

void RequireChunks(const SegmentIndex& index, std::uint64_t chunk_bytes) {
  std::uint64_t end = 0;
  for (const SegmentChunk& chunk : index.chunks) {
    Require(chunk.offset == end, "chunks lie one after the other");
    end += chunk.length;
  }
  Require(end == chunk_bytes, "chunks fill the segment");
}

void RequireTable(const SegmentIndex& index, const SegmentTable& table) {
  const std::size_t chunks = index.chunks.size() - (index.has_prefix() ? 1 : 0);
  Require(table.rows >= 1 && table.rows <= kMaxSegmentRows, "a table has rows");
  Require(table.steps_chunk() < chunks, "its steps are there");
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    const SegmentTable::Column& column = table.columns[i];
    Require(column.key < index.keys.size() && column.rows <= table.rows, "a column is known");
    if (table.is_tiny()) continue;
    Require(table.column_chunk(i) < chunks, "a column is there");
    Require(!column.has_cells() || column.cells < chunks, "its cells are there");
  }
}

void RequireSize(const SegmentIndex& index) {
  SegmentSize size;
  for (const SegmentTable& table : index.tables) {
    for (const SegmentTable::Column& column : table.columns) {
      size.AddColumn(index.keys.key(column.key));
      size.values += column.rows;
    }
  }
  Require(!size.excess().has_value(), "a segment stands for no more than it may");
}

void RequireTablesComeBack(const SegmentIndex& index) {
  std::string bytes;
  EncodeSegmentTables(index.tables, &bytes);
  const auto again = DecodeSegmentTables(bytes, index.keys.size());
  Require(again.has_value(), "tables that were encoded decode");
  std::string same;
  EncodeSegmentTables(*again, &same);
  Require(bytes == same, "tables come back");
}

void Try(FuzzInput input) {
  const SegmentFooter footer = MakeFooter(&input);
  const std::uint64_t chunk_bytes = input.Number<std::uint32_t>() % kMaxPayloadBytes;
  SegmentFacts known;
  known.rows = input.Number<std::uint32_t>();
  const auto index = DecodeSegmentIndex(input.Rest(), footer, known,
                                        chunk_bytes + footer.index_length() + kSegmentFooterSize);
  if (!index.has_value()) return;
  RequireKeys(index->keys);
  RequireChunks(*index, chunk_bytes);
  for (const SegmentTable& table : index->tables) RequireTable(*index, table);
  RequireSize(*index);
  RequireTablesComeBack(*index);
}

}  // namespace
}  // namespace reprise::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  reprise::fuzz::Try(reprise::fuzz::FuzzInput(data, size));
  return 0;
}
