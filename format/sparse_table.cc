#include "format/sparse_table.h"

#include <algorithm>
#include <utility>

#include "format/segment_chunks.h"

namespace reprise {

namespace {

using Place = std::pair<std::uint32_t, Type>;

std::vector<Place> PlacesOf(const Shape& shape, std::span<const std::string_view> keys) {
  std::vector<Place> places;
  places.reserve(shape.columns.size());
  for (const ShapeColumn& column : shape.columns) {
    places.emplace_back(KeyIdOf(keys, column.key), column.type);
  }
  return places;
}

// For each table of a batch, which column of the sparse table each of its columns becomes.
using ColumnMap = std::vector<std::vector<std::uint32_t>>;

// Fills in the columns of `table`, as yet without rows.
ColumnMap MapColumns(const RowBatch& batch, std::span<const std::size_t> sources,
                     std::span<const std::string_view> keys, SegmentTable* table) {
  ColumnMap map(batch.tables().size());
  std::vector<Place> all;
  for (const std::size_t source : sources) {
    const std::vector<Place> places = PlacesOf(*batch.tables()[source].shape, keys);
    all.insert(all.end(), places.begin(), places.end());
  }
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  for (const std::size_t source : sources) {
    for (const Place& place : PlacesOf(*batch.tables()[source].shape, keys)) {
      const auto at = std::lower_bound(all.begin(), all.end(), place);
      map[source].push_back(static_cast<std::uint32_t>(at - all.begin()));
    }
  }
  for (const auto& [key, type] : all) table->columns.push_back({key, type, 0});
  return map;
}

// Appends the row at `at` of the batch to the sparse table.
void AddRow(const RowTable& source, std::uint32_t row, const std::vector<std::uint32_t>& columns,
            SparseTable* sparse) {
  const auto position = static_cast<std::uint32_t>(sparse->steps.size());
  sparse->steps.push_back(source.steps[row]);
  if (sparse->table.has_time) sparse->times.push_back(source.times[row]);
  for (std::size_t c = 0; c < columns.size(); ++c) {
    sparse->values.push_back({columns[c], position, row, &source.columns[c]});
    ++sparse->table.columns[columns[c]].rows;
  }
}

}  // namespace

std::uint32_t KeyIdOf(std::span<const std::string_view> keys, std::string_view key) {
  const auto at = std::lower_bound(keys.begin(), keys.end(), key);
  return static_cast<std::uint32_t>(at - keys.begin());
}

SparseTable GatherSparse(const RowBatch& batch, std::span<const std::size_t> sources, bool has_time,
                         std::span<const std::string_view> keys) {
  SparseTable sparse;
  sparse.table.form = TableForm::kSparse;
  sparse.table.has_time = has_time;
  const ColumnMap map = MapColumns(batch, sources, keys, &sparse.table);
  std::vector<bool> is_source(batch.tables().size());
  for (const std::size_t source : sources) is_source[source] = true;
  for (const RowBatch::Position& at : batch.order()) {
    if (is_source[at.table]) AddRow(batch.tables()[at.table], at.row, map[at.table], &sparse);
  }
  sparse.table.rows = static_cast<std::uint32_t>(sparse.steps.size());
  std::stable_sort(sparse.values.begin(), sparse.values.end(),
                   [](const SparseValue& a, const SparseValue& b) { return a.column < b.column; });
  return sparse;
}

void EncodeSparseValues(std::span<const SparseValue> values, Type type, std::string* out) {
  std::vector<std::int64_t> positions;
  std::vector<std::uint64_t> bits;
  std::vector<std::string_view> texts;
  for (const SparseValue& value : values) {
    const ValueView view = value.source->value(value.row);
    positions.push_back(value.position);
    if (IsText(type)) {
      texts.push_back(view.text());
    } else if (type != Type::kNull) {
      bits.push_back(view.bits());
    }
  }
  EncodeSparseChunk(positions, {type, values.size(), bits, texts}, out);
}

}  // namespace reprise
