// Encodes rows as a segment: which table takes which form, then one after the other.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <numeric>

#include "format/bytes.h"
#include "format/pack.h"
#include "format/segment_builder.h"
#include "format/sparse_table.h"
#include "format/try.h"

namespace reprise {

namespace {

// Places of tables in the batch, by the form that they get.
struct Plan {
  std::vector<std::size_t> dense;                  // tiny ones included
  std::array<std::vector<std::size_t>, 2> sparse;  // with time, without
};

Plan PlanTables(const std::vector<RowTable>& tables) {
  Plan plan;
  plan.dense.resize(tables.size());
  std::iota(plan.dense.begin(), plan.dense.end(), std::size_t{0});
  if (tables.size() <= kMaxDenseTables) return plan;
  std::stable_sort(plan.dense.begin(), plan.dense.end(), [&](std::size_t a, std::size_t b) {
    return tables[a].rows() > tables[b].rows();
  });
  const auto rare = plan.dense.begin() + (kMaxDenseTables - 1);
  std::sort(plan.dense.begin(), rare);
  std::for_each(rare, plan.dense.end(), [&](std::size_t i) {
    plan.sparse[tables[i].shape->has_time ? 0 : 1].push_back(i);
  });
  plan.dense.erase(rare, plan.dense.end());
  return plan;
}

std::vector<std::string_view> SortedKeys(const std::vector<RowTable>& tables) {
  std::vector<std::string_view> keys;
  for (const RowTable& table : tables) {
    for (const ShapeColumn& column : table.shape->columns) keys.emplace_back(column.key);
  }
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  return keys;
}

// Of all shapes, those that share a sparse table too. A segment has no more text than one column
// may have, so no column of it has.
Status CheckSize(const RowBatch& rows) {
  SegmentSize size;
  size.values = rows.values();
  for (const RowTable& table : rows.tables()) {
    size.AddShape(*table.shape);
    for (const Column& column : table.columns) size.AddText(column);
  }
  return TooLargeForSegment(size);
}

void AddSparseCells(const SparseTable& sparse, SegmentBuilder* segment) {
  std::span<const SparseValue> left = sparse.values;
  for (const SegmentTable::Column& column : sparse.table.columns) {
    const auto values = left.first(column.rows);
    left = left.subspan(column.rows);
    if (!column.has_cells()) continue;
    std::vector<Step> steps;
    std::vector<std::uint64_t> bits;
    for (const SparseValue& value : values) {
      steps.push_back(sparse.steps[value.position]);
      bits.push_back(value.source->bits[value.row]);
    }
    EncodeSparseCells(MeasureCells(column.type, steps, bits), segment->bytes());
    segment->EndChunk();
  }
}

void AddSparseTable(const SparseTable& sparse, SegmentBuilder* segment) {
  segment->AddInt64Chunk(sparse.steps, nullptr);
  if (sparse.table.has_time) segment->AddInt64Chunk(sparse.times, nullptr);
  std::span<const SparseValue> left = sparse.values;
  for (const SegmentTable::Column& column : sparse.table.columns) {
    EncodeSparseValues(left.first(column.rows), column.type, segment->bytes());
    segment->EndChunk();
    left = left.subspan(column.rows);
  }
  AddSparseCells(sparse, segment);
  segment->AddTable(sparse.table);
}

void AddTables(const SegmentInput& input, SegmentBuilder* segment) {
  const RowBatch& rows = *input.rows;
  const Plan plan = PlanTables(rows.tables());
  for (const std::size_t table : plan.dense) segment->AddRows(rows.tables()[table], input.plans);
  for (const bool has_time : {true, false}) {
    const std::vector<std::size_t>& sources = plan.sparse[has_time ? 0 : 1];
    if (sources.empty()) continue;
    AddSparseTable(GatherSparse(rows, sources, has_time, segment->keys()), segment);
  }
}

Status AddPrefix(const SegmentInput& input, SegmentBuilder* segment) {
  if ((input.facts.prefix == PrefixKind::kNone) != (input.prefix == nullptr)) {
    return Status::Error(Code::kInternal,
                         "segment input states a prefix without a table, or the reverse; report "
                         "this as a bug");
  }
  if (input.prefix == nullptr) return {};
  if (input.prefix->size() > kMaxSummaryEntries) {
    return Status::Error(Code::kInvalidArgument,
                         fmt::format("there are too many keys for the summaries of one segment: {} "
                                     "(at most {}); log fewer keys",
                                     input.prefix->size(), kMaxSummaryEntries));
  }
  const std::size_t begin = segment->bytes()->size();
  ByteWriter writer(segment->bytes());
  input.prefix->Encode(&writer);
  const std::size_t limit = MaxSummaryKeyBytes(segment->bytes()->size() - begin);
  const std::size_t key_bytes = input.prefix->KeyBytes();
  if (key_bytes > limit) {
    return Status::Error(Code::kInvalidArgument,
                         fmt::format("keys are too long for the summaries of one segment: {} bytes "
                                     "in all (at most {}); log shorter keys",
                                     key_bytes, limit));
  }
  segment->EndChunk();
  return {};
}

}  // namespace

Result<std::string> EncodeSegment(const SegmentInput& input, std::uint64_t file_id,
                                  std::uint64_t offset) {
  const RowBatch& rows = *input.rows;
  if (rows.rows() > kMaxSegmentRows) {
    return Fail(TooLargeForSegment("rows", rows.rows(), kMaxSegmentRows));
  }
  REPRISE_TRY(CheckSize(rows));
  SegmentBuilder segment(SortedKeys(rows.tables()), file_id, offset);
  AddTables(input, &segment);
  REPRISE_TRY(AddPrefix(input, &segment));
  return segment.Finish(input.facts);
}

}  // namespace reprise
