// Tables of one shape become one. First the steps of all are read and checked, as they would be
// if the segments were read as rows; then each column is made from the chunks of its parts.
#include "format/segment_join.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include "format/column_join.h"
#include "format/segment_builder.h"
#include "format/segment_chunks.h"
#include "format/try.h"

namespace reprise {

namespace {

struct ByContent {
  bool operator()(const ShapePtr& a, const ShapePtr& b) const { return *a < *b; }
};

// A table of a part.
struct Piece {
  const SegmentPart* part = nullptr;
  const SegmentTable* table = nullptr;
  std::vector<Step> steps;
  std::optional<Table> tiny;  // decoded, if it is

  // The one of the part's chunks that has this number.
  std::string_view Chunk(std::size_t number) const {
    const SegmentChunk& chunk = part->index->chunks[number];
    return std::string_view(part->chunks).substr(chunk.offset, chunk.length);
  }
};

// A table of the new segment.
struct Join {
  ShapePtr shape;
  std::vector<Piece> pieces;
  std::vector<Step> steps;  // of all of them

  std::size_t rows() const { return steps.size(); }
};

Status Damaged(std::string_view what) {
  return Status::Error(Code::kCorrupt,
                       fmt::format("segment is damaged: {}; run 'reprise verify --deep'", what));
}

// Nulls count as numbers do, as in a RowBatch.
std::size_t NumberBytes(std::span<const SegmentPart> parts) {
  std::size_t numbers = 0;
  for (const SegmentPart& part : parts) {
    for (const SegmentTable& table : part.index->tables) {
      numbers += table.rows * (table.has_time ? std::size_t{2} : std::size_t{1});
      for (const SegmentTable::Column& column : table.columns) {
        if (!IsText(column.type)) numbers += column.rows;
      }
    }
  }
  return numbers * sizeof(std::uint64_t);
}

std::vector<std::string_view> SortedKeys(const std::vector<Join>& joins) {
  std::vector<std::string_view> keys;
  for (const Join& join : joins) {
    for (const ShapeColumn& column : join.shape->columns) keys.emplace_back(column.key);
  }
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  return keys;
}

// Signed and unsigned integers of one size may alias.
std::span<const std::uint64_t> BitsOf(const std::vector<std::int64_t>& numbers) {
  return {reinterpret_cast<const std::uint64_t*>(numbers.data()), numbers.size()};
}

Status ReadSteps(Piece* piece) {
  const std::string_view chunk = piece->Chunk(piece->table->steps_chunk());
  if (!piece->table->is_tiny()) return DecodeStepsChunk(chunk, piece->table->rows, &piece->steps);
  REPRISE_TRY(DecodeTinyTable(chunk, *piece->table, &piece->tiny.emplace()));
  piece->steps = piece->tiny->steps;
  return {};
}

// The steps of a part's tables, which rise in each of them: all are different, and the ends are
// those that its frame states.
Status CheckSteps(const std::vector<Piece>& pieces, const SegmentFacts& facts) {
  std::vector<Step> steps;
  for (const Piece& piece : pieces) {
    const auto middle = static_cast<std::ptrdiff_t>(steps.size());
    steps.insert(steps.end(), piece.steps.begin(), piece.steps.end());
    std::inplace_merge(steps.begin(), steps.begin() + middle, steps.end());
  }
  const auto twice = std::adjacent_find(steps.begin(), steps.end());
  if (twice != steps.end()) return Damaged(fmt::format("it has step {} twice", *twice));
  if (steps.front() == facts.first_step && steps.back() == facts.last_step) return {};
  return Damaged(fmt::format("it has steps {} to {}, stated are {} to {}", steps.front(),
                             steps.back(), facts.first_step, facts.last_step));
}

Result<std::vector<Piece>> ReadPieces(const SegmentPart& part) {
  std::vector<Piece> pieces;
  for (const SegmentTable& table : part.index->tables) {
    pieces.push_back({&part, &table, {}, {}});
    REPRISE_TRY(ReadSteps(&pieces.back()));
  }
  REPRISE_TRY(CheckSteps(pieces, part.index->facts));
  return pieces;
}

// The new tables, in the order in which their shapes come up.
Result<std::vector<Join>> GroupTables(std::span<const SegmentPart> parts) {
  std::map<ShapePtr, std::size_t, ByContent> places;
  std::vector<Join> joins;
  for (const SegmentPart& part : parts) {
    REPRISE_TRY_ASSIGN(std::vector<Piece> pieces, ReadPieces(part));
    for (std::size_t i = 0; i < pieces.size(); ++i) {
      const auto [at, is_new] = places.try_emplace(part.shapes[i], joins.size());
      if (is_new) joins.push_back({part.shapes[i], {}, {}});
      Join& join = joins[at->second];
      join.steps.insert(join.steps.end(), pieces[i].steps.begin(), pieces[i].steps.end());
      join.pieces.push_back(std::move(pieces[i]));
    }
  }
  return joins;
}

// Makes the tables of the new segment, one after the other.
class TableJoiner {
 public:
  TableJoiner(std::size_t most_text_bytes, SegmentBuilder* segment)
      : column_(most_text_bytes), segment_(segment) {}

  Status Add(const Join& join);

 private:
  // Columns are counted with the steps as the first one and the times, if there are any, behind.
  std::size_t lead() const { return join_->shape->has_time ? 2 : 1; }
  Type TypeOf(std::size_t column) const {
    return column < lead() ? Type::kInt64 : join_->shape->columns[column - lead()].type;
  }
  bool has_cells(std::size_t column) const {
    return column >= lead() && HasCells(TypeOf(column), join_->rows());
  }

  Status AddAsRows();
  Status AddColumns();
  KeepVectors MayKeep(std::size_t column) const;
  // Begins the column and gives it the rows of all pieces.
  Status Gather(std::size_t column, KeepVectors keep);
  Status AddPiece(const Piece& piece, std::size_t column, KeepVectors keep);
  Status AddTinyPiece(const Table& tiny, std::size_t column);
  Status KeepCells(const Piece& piece, std::size_t column, std::size_t count);
  Status AddChunk(std::size_t column);

  const Join* join_ = nullptr;  // at hand
  ColumnJoiner column_;
  Cells kept_cells_;                // of the column at hand
  std::vector<std::string> cells_;  // chunks of the table at hand
  SegmentBuilder* const segment_;
};

Status TableJoiner::Add(const Join& join) {
  join_ = &join;
  if (join.rows() <= kMaxTinyRows) return AddAsRows();
  return AddColumns();
}

// So few rows may be a tiny block.
Status TableJoiner::AddAsRows() {
  RowTable rows;
  rows.shape = join_->shape;
  rows.steps = join_->steps;
  if (rows.shape->has_time) {
    REPRISE_TRY(Gather(1, KeepVectors::kNo));
    for (const std::uint64_t bits : column_.values().bits) {
      rows.times.push_back(static_cast<TimeMicros>(bits));
    }
  }
  for (std::size_t i = 0; i < rows.shape->columns.size(); ++i) {
    REPRISE_TRY(Gather(lead() + i, KeepVectors::kNo));
    rows.columns.push_back(column_.values());
  }
  segment_->AddRows(rows, nullptr);
  return {};
}

Status TableJoiner::AddColumns() {
  cells_.clear();
  const std::size_t columns = lead() + join_->shape->columns.size();
  for (std::size_t i = 0; i < columns; ++i) REPRISE_TRY(AddChunk(i));
  if (!cells_.empty()) {
    EncodeCellSteps(MeasureCellSteps(join_->steps), segment_->bytes());
    segment_->EndChunk();
  }
  for (const std::string& cells : cells_) {
    segment_->bytes()->append(cells);
    segment_->EndChunk();
  }
  segment_->AddTable(segment_->DenseTable(*join_->shape, join_->rows()));
  return {};
}

Status TableJoiner::AddChunk(std::size_t column) {
  REPRISE_TRY(Gather(column, MayKeep(column)));
  REPRISE_TRY_ASSIGN(const bool encoded, column_.Encode(segment_->bytes()));
  if (!encoded) {
    REPRISE_TRY(Gather(column, KeepVectors::kNo));
    REPRISE_TRY(column_.Encode(segment_->bytes()));
  }
  segment_->EndChunk();
  if (!has_cells(column)) return {};
  EncodeCells(column_.JoinCells(kept_cells_, join_->steps), &cells_.emplace_back());
  return {};
}

// Not where a part has found a dictionary to be smaller: so it may be for all of them.
KeepVectors TableJoiner::MayKeep(std::size_t column) const {
  if (!IsNumber(TypeOf(column))) return KeepVectors::kNo;
  const bool may = std::all_of(join_->pieces.begin(), join_->pieces.end(), [&](const Piece& piece) {
    return piece.tiny || IsChunkOfVectors(piece.Chunk(piece.table->first_chunk + column));
  });
  return may ? KeepVectors::kYes : KeepVectors::kNo;
}

Status TableJoiner::Gather(std::size_t column, KeepVectors keep) {
  column_.Begin(TypeOf(column));
  kept_cells_ = Cells();
  for (const Piece& piece : join_->pieces) {
    if (piece.tiny) {
      REPRISE_TRY(AddTinyPiece(*piece.tiny, column));
    } else {
      REPRISE_TRY(AddPiece(piece, column, keep));
    }
  }
  return {};
}

Status TableJoiner::AddTinyPiece(const Table& tiny, std::size_t column) {
  if (column >= lead()) return column_.AddValues(tiny.columns[column - lead()]);
  column_.AddNumbers(BitsOf(column == 0 ? tiny.steps : tiny.times));
  return {};
}

Status TableJoiner::AddPiece(const Piece& piece, std::size_t column, KeepVectors keep) {
  const std::string_view chunk = piece.Chunk(piece.table->first_chunk + column);
  REPRISE_TRY_ASSIGN(const std::size_t kept, column_.AddChunk(chunk, piece.table->rows, keep));
  return kept > 0 && has_cells(column) ? KeepCells(piece, column, kept) : Status();
}

// Those of the piece's first `count` vectors. Fewer rows than have cells are measured.
Status TableJoiner::KeepCells(const Piece& piece, std::size_t column, std::size_t count) {
  const SegmentTable::Column& about = piece.table->columns[column - lead()];
  Cells cells;
  if (about.has_cells()) {
    REPRISE_TRY(DecodeCells(piece.Chunk(about.cells), about.type, about.rows,
                            MeasureCellSteps(piece.steps), &cells));
  } else {
    Column values;
    const std::size_t first = piece.table->first_chunk + column;
    REPRISE_TRY(DecodeColumn(piece.Chunk(first), about.type, about.rows, &values));
    cells = MeasureCells(about.type, piece.steps, values.bits);
  }
  for (std::size_t i = 0; i < count; ++i) AppendCell(cells, i, &kept_cells_);
  return {};
}

void AddPrefix(const SegmentPart& first, SegmentBuilder* segment) {
  if (!first.index->has_prefix()) return;
  const SegmentChunk& prefix = first.index->chunks.back();
  segment->bytes()->append(first.chunks, prefix.offset, prefix.length);
  segment->EndChunk();
}

}  // namespace

bool CanJoin(std::span<const SegmentPart> parts) {
  std::set<ShapePtr, ByContent> shapes;
  for (const SegmentPart& part : parts) {
    if (part.index->tables.size() > part.shapes.size()) return false;
    shapes.insert(part.shapes.begin(), part.shapes.end());
  }
  return shapes.size() <= kMaxDenseTables;
}

Result<std::string> JoinSegments(const JoinInput& input, std::uint64_t file_id,
                                 std::uint64_t offset) {
  const std::size_t numbers = NumberBytes(input.parts);
  if (numbers > input.most_bytes) {
    return Fail(Code::kInvalidArgument,
                fmt::format("segments are too large to be joined: their numbers take {} bytes in "
                            "memory (at most {}); leave them as they are",
                            numbers, input.most_bytes));
  }
  REPRISE_TRY_ASSIGN(const std::vector<Join> joins, GroupTables(input.parts));
  SegmentBuilder segment(SortedKeys(joins), file_id, offset);
  TableJoiner tables(input.most_bytes - numbers, &segment);
  for (const Join& join : joins) REPRISE_TRY(tables.Add(join));
  AddPrefix(input.parts.front(), &segment);
  return segment.Finish(input.facts);
}

}  // namespace reprise
