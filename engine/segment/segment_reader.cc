#include <algorithm>
#include <utility>

#include "engine/segment/column_vectors.h"
#include "engine/segment/pack_reader.h"
#include "engine/segment/segment_bytes.h"
#include "engine/segment/segment_rows.h"
#include "engine/segment/table_reader.h"
#include "format/segment_join.h"
#include "format/try.h"

namespace reprise {

namespace {

// A segment with its index: tables that are not sparse keep their numbers, columns of sparse ones
// follow, each as a table.
class IndexedSegment final : public SegmentReader {
 public:
  IndexedSegment(SegmentBytes bytes, SegmentIndex index, const SegmentChunk& index_chunk);

  const SegmentRef& ref() const override { return reader_.bytes().ref(); }
  const SegmentFacts& facts() const override { return reader_.index().facts; }
  std::size_t tables() const override { return shapes_.size(); }
  const Shape& shape(std::size_t table) const override { return *shapes_[table]; }
  std::size_t rows(std::size_t table) const override;
  std::vector<std::string> Keys() const override;
  std::vector<ColumnPlace> Find(std::string_view key) const override;
  Status ForEachColumn(
      const std::function<Status(std::string_view, const ColumnPlace&)>& on_column) const override;
  Status ForEachSteps(const std::function<void(std::span<const Step>)>& on_steps) const override;
  Status ReadSteps(std::size_t table, std::vector<Step>* steps) const override;
  Status ReadTimes(std::size_t table, std::vector<TimeMicros>* times) const override;
  Status ReadColumn(const ColumnPlace& place, Column* column) const override;
  Status ReadColumnToo(const ColumnPlace& place, SegmentSize* read, Column* column) const override;
  Status ReadCells(const ColumnPlace& place, Cells* cells) const override;
  std::unique_ptr<const ColumnVectors> Vectors(const ColumnPlace& place) const override;
  Result<std::unique_ptr<const ColumnVectors>> Load(const ColumnPlace& place) const override;
  std::uint64_t CellBytes() const override { return reader_.CellBytes(); }
  Status ReadAll(RowBatch* rows) const override;
  Result<SegmentPart> ReadStored() const override;
  Result<SummaryTable> ReadPrefix() const override { return reader_.ReadPrefix(); }
  Status VerifyBytes() const override;

 private:
  struct SparsePlace {
    std::size_t table = 0;
    std::size_t column = 0;
  };
  struct KeyPlace {
    std::uint32_t key = 0;
    ColumnPlace place;
  };

  ColumnPlace PlaceOf(std::size_t table, std::size_t column, std::size_t* next_sparse) const;
  bool is_sparse(std::size_t table) const { return table >= shapes_.size(); }
  bool is_dense(std::size_t table) const;
  SparsePlace SparseAt(std::size_t table) const;
  void AddPlaces(std::size_t table, std::size_t* next_sparse);
  // Keeps only the rows in which the sparse column has values.
  Status Pick(const SparsePlace& place, std::vector<std::int64_t>* numbers) const;

  const TableReader reader_;
  const SegmentChunk index_chunk_;
  std::vector<ShapePtr> shapes_;  // of the tables that are not sparse
  std::vector<KeyPlace> places_;  // by key
};

IndexedSegment::IndexedSegment(SegmentBytes bytes, SegmentIndex index,
                               const SegmentChunk& index_chunk)
    : reader_(std::move(bytes), std::move(index)), index_chunk_(index_chunk) {
  for (const SegmentTable& table : reader_.index().tables) {
    if (table.form != TableForm::kSparse) shapes_.push_back(ShapeOf(reader_.index(), table));
  }
  std::size_t next_sparse = shapes_.size();
  for (std::size_t i = 0; i < reader_.index().tables.size(); ++i) AddPlaces(i, &next_sparse);
  std::stable_sort(places_.begin(), places_.end(),
                   [](const KeyPlace& a, const KeyPlace& b) { return a.key < b.key; });
}

void IndexedSegment::AddPlaces(std::size_t table, std::size_t* next_sparse) {
  const SegmentTable& stored = reader_.table(table);
  for (std::size_t i = 0; i < stored.columns.size(); ++i) {
    places_.push_back({stored.columns[i].key, PlaceOf(table, i, next_sparse)});
  }
}

SegmentReader::ColumnPlace IndexedSegment::PlaceOf(std::size_t table, std::size_t column,
                                                   std::size_t* next_sparse) const {
  const SegmentTable& stored = reader_.table(table);
  const Type type = stored.columns[column].type;
  if (stored.form != TableForm::kSparse) return {table, column, type};
  return {(*next_sparse)++, 0, type};
}

Status IndexedSegment::ForEachColumn(
    const std::function<Status(std::string_view, const ColumnPlace&)>& on_column) const {
  std::size_t next_sparse = shapes_.size();
  for (std::size_t table = 0; table < reader_.index().tables.size(); ++table) {
    const auto& columns = reader_.table(table).columns;
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const ColumnPlace place = PlaceOf(table, i, &next_sparse);
      REPRISE_TRY(on_column(reader_.index().keys.key(columns[i].key), place));
    }
  }
  return {};
}

IndexedSegment::SparsePlace IndexedSegment::SparseAt(std::size_t table) const {
  SparsePlace place{shapes_.size(), table - shapes_.size()};
  const std::size_t first = reader_.table(place.table).columns.size();
  if (place.column >= first) place = {place.table + 1, place.column - first};
  return place;
}

std::size_t IndexedSegment::rows(std::size_t table) const {
  if (!is_sparse(table)) return reader_.table(table).rows;
  const SparsePlace place = SparseAt(table);
  return reader_.table(place.table).columns[place.column].rows;
}

std::vector<std::string> IndexedSegment::Keys() const {
  std::vector<std::string> keys;
  const KeyTable& table = reader_.index().keys;
  keys.reserve(table.size());
  for (std::size_t i = 0; i < table.size(); ++i) keys.emplace_back(table.key(i));
  return keys;
}

std::vector<SegmentReader::ColumnPlace> IndexedSegment::Find(std::string_view key) const {
  std::vector<ColumnPlace> found;
  const auto id = reader_.index().keys.Find(key);
  if (!id.has_value()) return found;
  auto at = std::lower_bound(places_.begin(), places_.end(), *id,
                             [](const KeyPlace& place, std::uint32_t k) { return place.key < k; });
  for (; at != places_.end() && at->key == *id; ++at) found.push_back(at->place);
  return found;
}

Status IndexedSegment::Pick(const SparsePlace& place, std::vector<std::int64_t>* numbers) const {
  std::vector<std::int64_t> positions;
  REPRISE_TRY(reader_.ReadPositions(place.table, place.column, &positions));
  for (std::size_t i = 0; i < positions.size(); ++i) {
    (*numbers)[i] = (*numbers)[static_cast<std::size_t>(positions[i])];  // never before place i
  }
  numbers->resize(positions.size());
  return {};
}

Status IndexedSegment::ForEachSteps(
    const std::function<void(std::span<const Step>)>& on_steps) const {
  std::vector<Step> steps;
  for (std::size_t i = 0; i < reader_.index().tables.size(); ++i) {
    REPRISE_TRY(reader_.ReadSteps(i, &steps));
    on_steps(steps);
  }
  return {};
}

Status IndexedSegment::ReadSteps(std::size_t table, std::vector<Step>* steps) const {
  if (!is_sparse(table)) return reader_.ReadSteps(table, steps);
  const SparsePlace place = SparseAt(table);
  REPRISE_TRY(reader_.ReadSteps(place.table, steps));
  return Pick(place, steps);
}

Status IndexedSegment::ReadTimes(std::size_t table, std::vector<TimeMicros>* times) const {
  if (!is_sparse(table)) return reader_.ReadTimes(table, times);
  const SparsePlace place = SparseAt(table);
  REPRISE_TRY(reader_.ReadTimes(place.table, times));
  return reader_.table(place.table).has_time ? Pick(place, times) : Status();
}

Status IndexedSegment::ReadColumn(const ColumnPlace& place, Column* column) const {
  if (!is_sparse(place.table)) return reader_.ReadColumn(place.table, place.column, column);
  const SparsePlace sparse = SparseAt(place.table);
  SparseColumn values;
  REPRISE_TRY(reader_.ReadSparse(sparse.table, sparse.column, &values));
  *column = std::move(values.values);
  return {};
}

Status IndexedSegment::ReadColumnToo(const ColumnPlace& place, SegmentSize* read,
                                     Column* column) const {
  REPRISE_TRY(ReadColumn(place, column));
  return reader_.CountText(*column, read);
}

Status IndexedSegment::ReadCells(const ColumnPlace& place, Cells* cells) const {
  if (HasCells(place.type, rows(place.table))) {
    if (!is_sparse(place.table)) return reader_.ReadCells(place.table, place.column, cells);
    const SparsePlace sparse = SparseAt(place.table);
    return reader_.ReadSparseCells(sparse.table, sparse.column, cells);
  }
  std::vector<Step> steps;
  Column column;
  REPRISE_TRY(ReadSteps(place.table, &steps));
  REPRISE_TRY(ReadColumn(place, &column));
  *cells = MeasureCells(place.type, steps, column.bits);
  return {};
}

bool IndexedSegment::is_dense(std::size_t table) const {
  return !is_sparse(table) && !reader_.table(table).is_tiny();
}

std::unique_ptr<const ColumnVectors> IndexedSegment::Vectors(const ColumnPlace& place) const {
  return is_dense(place.table) ? MakeDenseVectors(&reader_, place.table, place.column)
                               : MakeWholeVectors(this, place);
}

Result<std::unique_ptr<const ColumnVectors>> IndexedSegment::Load(const ColumnPlace& place) const {
  return is_dense(place.table) ? LoadDenseVectors(reader_, place.table, place.column)
                               : LoadWholeVectors(*this, place);
}

Status IndexedSegment::ReadAll(RowBatch* rows) const {
  RowBatch read;
  REPRISE_TRY(ReadRows(reader_, &read));
  *rows = std::move(read);
  return {};
}

Result<SegmentPart> IndexedSegment::ReadStored() const {
  const SegmentBytes& bytes = reader_.bytes();
  std::string buffer;
  REPRISE_TRY_ASSIGN(const std::string_view chunks, bytes.Read(0, index_chunk_.offset, &buffer));
  for (const SegmentChunk& chunk : reader_.index().chunks) {
    REPRISE_TRY(bytes.CheckSum(chunk, chunks.substr(chunk.offset, chunk.length)));
  }
  if (buffer.empty()) buffer = chunks;  // it referred to what `bytes` keeps
  return SegmentPart{&reader_.index(), shapes_, std::move(buffer)};
}

// The footer's checksum, read from the file, and what the frame's header says, close the chain:
// every byte is under one of the checksums.
Status IndexedSegment::VerifyBytes() const {
  const SegmentBytes& bytes = reader_.bytes();
  REPRISE_TRY(bytes.VerifyHeader());
  for (const SegmentChunk& chunk : reader_.index().chunks) REPRISE_TRY(bytes.VerifyChunk(chunk));
  REPRISE_TRY(bytes.VerifyChunk(index_chunk_));
  return bytes.VerifyFooter();
}

}  // namespace

Result<std::shared_ptr<const SegmentReader>> SegmentReader::Open(std::shared_ptr<PackFile> pack,
                                                                 const SegmentRef& ref,
                                                                 FrameCheck check) {
  REPRISE_TRY_ASSIGN(SegmentBytes bytes, SegmentBytes::Open(std::move(pack), ref, check));
  REPRISE_TRY_ASSIGN(const SegmentFooter footer, bytes.ReadFooter());
  SegmentChunk index_chunk;
  index_chunk.length = static_cast<std::uint32_t>(footer.index_length());
  index_chunk.offset =
      static_cast<std::uint32_t>(bytes.size() - kSegmentFooterSize - footer.index_length());
  index_chunk.checksum = footer.index_checksum;
  std::string buffer;
  REPRISE_TRY_ASSIGN(const std::string_view encoded, bytes.ReadChecked(index_chunk, &buffer));
  Result<SegmentIndex> index =
      DecodeSegmentIndex(encoded, footer, bytes.known_facts(), bytes.size());
  if (!index.has_value()) return Fail(bytes.Named(index.error()));
  return std::shared_ptr<const SegmentReader>(
      std::make_shared<IndexedSegment>(std::move(bytes), std::move(*index), index_chunk));
}

}  // namespace reprise
