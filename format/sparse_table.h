// Rows of rare shapes as one table, whose columns say which rows they have values in.
#ifndef REPRISE_FORMAT_SPARSE_TABLE_H_
#define REPRISE_FORMAT_SPARSE_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "format/column.h"
#include "format/row_batch.h"
#include "format/segment_index.h"

namespace reprise {

// One value: where it goes, and where it comes from.
struct SparseValue {
  std::uint32_t column = 0;    // of the sparse table
  std::uint32_t position = 0;  // the table's row
  std::uint32_t row = 0;       // of `source`
  const Column* source = nullptr;
};

struct SparseTable {
  SegmentTable table;
  std::vector<Step> steps;
  std::vector<TimeMicros> times;    // empty without times
  std::vector<SparseValue> values;  // by column, then by position; refer to the batch
};

// The id of a key among `keys`, which ascend and have it.
std::uint32_t KeyIdOf(std::span<const std::string_view> keys, std::string_view key);

// The rows of `batch` that are in its tables `sources`, in step order. All of these have a time or
// none has.
SparseTable GatherSparse(const RowBatch& batch, std::span<const std::size_t> sources, bool has_time,
                         std::span<const std::string_view> keys);

// Appends the chunk of one column.
void EncodeSparseValues(std::span<const SparseValue> values, Type type, std::string* out);

}  // namespace reprise

#endif  // REPRISE_FORMAT_SPARSE_TABLE_H_
