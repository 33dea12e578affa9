// The index of a segment: where its columns are, and of what. Read once, when a segment is opened;
// the columns follow when they are asked for. Specified in format/segment.md.
#ifndef REPRISE_FORMAT_SEGMENT_INDEX_H_
#define REPRISE_FORMAT_SEGMENT_INDEX_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "format/cells.h"
#include "format/field_table.h"
#include "format/key_table.h"
#include "format/segment.h"
#include "format/segment_size.h"
#include "format/tiny_block.h"
#include "reprise/status.h"

namespace reprise {

inline constexpr std::string_view kSegmentMagic("\x89RPS", 4);
inline constexpr std::uint16_t kSegmentVersion = 1;
inline constexpr std::uint32_t kSegmentFooterSize = 40;
inline constexpr std::uint32_t kDirectoryEntrySize = 12;

inline constexpr std::size_t kMaxDirectoryBytes = std::size_t{32} << 20;
inline constexpr std::size_t kMaxDenseTables = 64;
// A table of at most so many values, and kMaxTinyRows rows, is one tiny block.
inline constexpr std::size_t kMaxTinyValues = 4096;

inline constexpr std::array<FieldRow, 9> kSegmentFooterFields{{
    {"magic", 0, 4},
    {"version", 4, 2},
    {"reserved", 6, 2},
    {"keys_length", 8, 4},
    {"tables_length", 12, 4},
    {"directory_length", 16, 4},
    {"facts_length", 20, 4},
    {"index_checksum", 24, 8},
    {"checksum", 32, 8},
}};
static_assert(TilesExactly(kSegmentFooterFields, kSegmentFooterSize));

inline constexpr std::array<FieldRow, 2> kDirectoryEntryFields{{
    {"checksum", 0, 8},
    {"length", 8, 4},
}};
static_assert(TilesExactly(kDirectoryEntryFields, kDirectoryEntrySize));

// The last bytes of a segment.
struct SegmentFooter {
  std::uint32_t keys_length = 0;
  std::uint32_t tables_length = 0;
  std::uint32_t directory_length = 0;
  std::uint32_t facts_length = 0;
  std::uint64_t index_checksum = 0;

  // Of key table, shape table, directory and facts together; they end where the footer begins.
  std::uint64_t index_length() const {
    return std::uint64_t{keys_length} + tables_length + directory_length + facts_length;
  }
};

// `offset` is that of the footer in the file.
std::string EncodeSegmentFooter(const SegmentFooter& footer, std::uint64_t file_id,
                                std::uint64_t offset);
// Of the kSegmentFooterSize bytes there. kUnsupportedVersion for a newer segment, else kCorrupt.
Result<SegmentFooter> DecodeSegmentFooter(std::string_view bytes, std::uint64_t file_id,
                                          std::uint64_t offset);

enum class TableForm : std::uint8_t {
  kDense = 0,   // a chunk for each column
  kTiny = 1,    // one chunk (tiny_block.h)
  kSparse = 2,  // as kDense, but a column has values in some of the rows only
};

struct SegmentTable {
  struct Column {
    std::uint32_t key = 0;  // id in the key table
    Type type = Type::kNull;
    std::uint32_t rows = 0;   // with a value; all rows of the table unless it is sparse
    std::uint32_t cells = 0;  // place of its cells in SegmentIndex::chunks, if it has_cells

    bool has_cells() const { return HasCells(type, rows); }
  };

  TableForm form = TableForm::kDense;
  bool has_time = true;
  std::uint32_t rows = 0;
  std::vector<Column> columns;    // by (key, type)
  std::uint32_t first_chunk = 0;  // in SegmentIndex::chunks

  // Numbers the chunks from `first` on; gives the number after them.
  std::size_t PlaceChunks(std::size_t first);
  bool is_tiny() const { return form == TableForm::kTiny; }
  // The places of a table's chunks; the first one is all there is of a tiny table.
  std::size_t steps_chunk() const { return first_chunk; }
  std::size_t times_chunk() const { return first_chunk + std::size_t{1}; }  // requires has_time
  std::size_t column_chunk(std::size_t column) const {
    return first_chunk + std::size_t{1} + (has_time ? 1 : 0) + column;
  }
  // Of a dense table with cells: the steps of all of them.
  std::size_t cell_steps_chunk() const { return column_chunk(columns.size()); }
};

// A run of bytes with a checksum of its own.
struct SegmentChunk {
  std::uint32_t offset = 0;  // from the segment's first byte
  std::uint32_t length = 0;
  std::uint64_t checksum = 0;
};

struct SegmentIndex {
  KeyTable keys;
  std::vector<SegmentTable> tables;  // dense and tiny ones, then at most two sparse ones
  std::vector<SegmentChunk> chunks;  // table after table; at the end the prefix, if there is one
  SegmentFacts facts;

  bool has_prefix() const { return facts.prefix != PrefixKind::kNone; }
};

// Tables as the shape table has them; the places of chunks are not in it.
void EncodeSegmentTables(const std::vector<SegmentTable>& tables, std::string* out);
Result<std::vector<SegmentTable>> DecodeSegmentTables(std::string_view bytes, std::size_t keys);

void EncodeDirectory(const std::vector<SegmentChunk>& chunks, std::string* out);

// values, rows_before, prefix, prefix_base and sealed_at as a FlatBuffer (schema/segment.fbs).
std::string EncodeSegmentFacts(const SegmentFacts& facts);
Status DecodeSegmentFacts(std::string_view bytes, SegmentFacts* facts);

// Decodes `bytes`, the index of a segment of `segment_length` bytes. `known` are the facts that the
// frame's header has: branch, stream, generation, steps, rows. Checksums are the caller's to check.
Result<SegmentIndex> DecodeSegmentIndex(std::string_view bytes, const SegmentFooter& footer,
                                        const SegmentFacts& known, std::uint64_t segment_length);

}  // namespace reprise

#endif  // REPRISE_FORMAT_SEGMENT_INDEX_H_
