// Encodes segments: which table takes which form, then chunk after chunk, then the index.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <numeric>

#include "format/bytes.h"
#include "format/checksum.h"
#include "format/pack.h"
#include "format/plan_memory.h"
#include "format/segment_chunks.h"
#include "format/segment_index.h"
#include "format/sparse_table.h"
#include "format/try.h"

namespace reprise {

namespace {

Status TooLarge(std::string_view what, std::size_t size, std::size_t limit) {
  return Status::Error(Code::kInvalidArgument,
                       fmt::format("rows are too large for one segment: {} (at most {}, these have "
                                   "{}); seal fewer rows at once",
                                   what, limit, size));
}

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

Status CheckKeys(const std::vector<std::string_view>& keys) {
  if (keys.size() > kMaxSegmentKeys) return TooLarge("keys", keys.size(), kMaxSegmentKeys);
  std::size_t bytes = 0;
  for (const std::string_view key : keys) bytes += key.size();
  if (bytes > kMaxKeyTableBytes) return TooLarge("bytes of keys", bytes, kMaxKeyTableBytes);
  return {};
}

// A segment has no more text than one column may have, so no column of it has.
Status CheckTexts(const std::vector<RowTable>& tables) {
  std::size_t bytes = 0;
  for (const RowTable& table : tables) {
    for (const Column& column : table.columns) bytes += column.blob.size();
  }
  if (bytes <= kMaxColumnTextBytes) return {};
  return TooLarge("bytes of text", bytes, kMaxColumnTextBytes);
}

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

class SegmentEncoder {
 public:
  SegmentEncoder(const SegmentInput& input, std::uint64_t file_id, std::uint64_t offset)
      : input_(input), rows_(*input.rows), file_id_(file_id), offset_(offset) {}

  Result<std::string> Encode();

 private:
  // Ends the chunk that began at `begin`.
  void EndChunk(std::size_t begin);
  void AddInt64Chunk(std::span<const std::int64_t> values, ColumnPlans* known);

  void AddTable(const RowTable& table);
  void AddDenseChunks(const RowTable& table);
  void AddDenseCells(const RowTable& table);
  void AddSparseTable(const std::vector<std::size_t>& sources, bool has_time);
  void AddSparseCells(const SparseTable& sparse);
  Status AddTables();
  Status AddPrefix();
  Status AddIndex();

  const SegmentInput& input_;
  const RowBatch& rows_;
  const std::uint64_t file_id_;
  const std::uint64_t offset_;

  std::vector<std::string_view> keys_;
  std::vector<SegmentTable> tables_;
  std::vector<SegmentChunk> chunks_;
  std::string bytes_;
  std::vector<std::string_view> texts_;  // of the column at hand
};

void SegmentEncoder::EndChunk(std::size_t begin) {
  const std::string_view chunk = std::string_view(bytes_).substr(begin);
  chunks_.push_back({static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(chunk.size()),
                     Checksum(chunk, file_id_, offset_ + begin)});
}

void SegmentEncoder::AddInt64Chunk(std::span<const std::int64_t> values, ColumnPlans* known) {
  const std::size_t begin = bytes_.size();
  EncodeInt64s(values, known, &bytes_);
  EndChunk(begin);
}

void SegmentEncoder::AddTable(const RowTable& table) {
  SegmentTable& made = tables_.emplace_back();
  made.has_time = table.shape->has_time;
  made.rows = static_cast<std::uint32_t>(table.rows());
  for (const ShapeColumn& column : table.shape->columns) {
    made.columns.push_back({KeyIdOf(keys_, column.key), column.type, made.rows});
  }
  if (!IsTiny(table)) return AddDenseChunks(table);
  made.form = TableForm::kTiny;
  const std::size_t begin = bytes_.size();
  EncodeTinyTable(table, &bytes_);
  EndChunk(begin);
}

void SegmentEncoder::AddDenseChunks(const RowTable& table) {
  PlanMemory* const plans = table.rows() < kVectorRows ? nullptr : input_.plans;
  AddInt64Chunk(table.steps, plans == nullptr ? nullptr : plans->steps());
  if (table.shape->has_time) {
    AddInt64Chunk(table.times, plans == nullptr ? nullptr : plans->times());
  }
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    const ShapeColumn& about = table.shape->columns[i];
    const std::size_t begin = bytes_.size();
    EncodeColumn(ViewOf(table.columns[i], &texts_),
                 plans == nullptr ? nullptr : plans->Of(about.key, about.type), &bytes_);
    EndChunk(begin);
  }
  AddDenseCells(table);
}

// The steps of the cells once, since they are the same for all columns.
void SegmentEncoder::AddDenseCells(const RowTable& table) {
  bool has_steps = false;
  for (const Column& column : table.columns) {
    if (!HasCells(column.type, column.rows)) continue;
    std::size_t begin = bytes_.size();
    if (!has_steps) {
      EncodeCellSteps(MeasureCellSteps(table.steps), &bytes_);
      EndChunk(begin);
      begin = bytes_.size();
    }
    has_steps = true;
    EncodeCells(MeasureCells(column.type, table.steps, column.bits), &bytes_);
    EndChunk(begin);
  }
}

void SegmentEncoder::AddSparseTable(const std::vector<std::size_t>& sources, bool has_time) {
  if (sources.empty()) return;
  const SparseTable sparse = GatherSparse(rows_, sources, has_time, keys_);
  AddInt64Chunk(sparse.steps, nullptr);
  if (has_time) AddInt64Chunk(sparse.times, nullptr);
  std::span<const SparseValue> left = sparse.values;
  for (const SegmentTable::Column& column : sparse.table.columns) {
    const std::size_t begin = bytes_.size();
    EncodeSparseValues(left.first(column.rows), column.type, &bytes_);
    EndChunk(begin);
    left = left.subspan(column.rows);
  }
  AddSparseCells(sparse);
  tables_.push_back(sparse.table);
}

void SegmentEncoder::AddSparseCells(const SparseTable& sparse) {
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
    const std::size_t begin = bytes_.size();
    EncodeSparseCells(MeasureCells(column.type, steps, bits), &bytes_);
    EndChunk(begin);
  }
}

Status SegmentEncoder::AddTables() {
  REPRISE_TRY(CheckTexts(rows_.tables()));
  const Plan plan = PlanTables(rows_.tables());
  for (const std::size_t table : plan.dense) AddTable(rows_.tables()[table]);
  AddSparseTable(plan.sparse[0], true);
  AddSparseTable(plan.sparse[1], false);
  std::size_t columns = 0;
  for (const SegmentTable& table : tables_) columns += table.columns.size();
  if (columns > kMaxSegmentColumns) return TooLarge("columns", columns, kMaxSegmentColumns);
  return {};
}

Status SegmentEncoder::AddPrefix() {
  if ((input_.facts.prefix == PrefixKind::kNone) != (input_.prefix == nullptr)) {
    return Status::Error(Code::kInternal,
                         "segment input states a prefix without a table, or the reverse; report "
                         "this as a bug");
  }
  if (input_.prefix == nullptr) return {};
  const std::size_t begin = bytes_.size();
  ByteWriter writer(&bytes_);
  input_.prefix->Encode(&writer);
  const std::size_t limit = MaxSummaryKeyBytes(bytes_.size() - begin);
  const std::size_t key_bytes = input_.prefix->KeyBytes();
  if (key_bytes > limit) {
    return Status::Error(Code::kInvalidArgument,
                         fmt::format("keys are too long for the summaries of one segment: {} bytes "
                                     "in all (at most {}); log shorter keys",
                                     key_bytes, limit));
  }
  EndChunk(begin);
  return {};
}

Status SegmentEncoder::AddIndex() {
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
  SegmentFacts facts = input_.facts;
  facts.values = rows_.values();
  bytes_.append(EncodeSegmentFacts(facts));
  footer.facts_length = section_length();
  footer.index_checksum =
      Checksum(std::string_view(bytes_).substr(begin), file_id_, offset_ + begin);
  bytes_.append(EncodeSegmentFooter(footer, file_id_, offset_ + bytes_.size()));
  if (bytes_.size() > kMaxPayloadBytes) return TooLarge("bytes", bytes_.size(), kMaxPayloadBytes);
  return {};
}

Result<std::string> SegmentEncoder::Encode() {
  if (rows_.rows() > kMaxSegmentRows) return Fail(TooLarge("rows", rows_.rows(), kMaxSegmentRows));
  keys_ = SortedKeys(rows_.tables());
  REPRISE_TRY(CheckKeys(keys_));
  REPRISE_TRY(AddTables());
  REPRISE_TRY(AddPrefix());
  REPRISE_TRY(AddIndex());
  return std::move(bytes_);
}

}  // namespace

Result<std::string> EncodeSegment(const SegmentInput& input, std::uint64_t file_id,
                                  std::uint64_t offset) {
  return SegmentEncoder(input, file_id, offset).Encode();
}

}  // namespace reprise
