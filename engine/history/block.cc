#include "engine/history/block.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "engine/history/append_numbers.h"
#include "format/try.h"

namespace reprise {

namespace {

StepRange Overlap(const StepRange& a, const StepRange& b) {
  return {std::max(a.first, b.first), std::min(a.last, b.last)};
}

void AddBlock(const SnapshotPiece& piece, const StepRange& steps, const SegmentRef* segment,
              std::shared_ptr<const RowBatch> tail, std::vector<Block>* blocks) {
  if (steps.empty()) return;
  blocks->push_back({piece.branch, steps, segment, std::move(tail)});
}

void AddPiece(const SnapshotPiece& piece, const StepRange& asked, std::vector<Block>* blocks) {
  const StepRange visible = Overlap(piece.steps, asked);
  for (const SegmentRef& segment : piece.segments) {
    AddBlock(piece, Overlap(visible, {segment.first, segment.last}), &segment, nullptr, blocks);
  }
  if (!piece.tail) return;
  const StepRange rows{piece.tail->first_step(), piece.tail->last_step()};
  AddBlock(piece, Overlap(visible, rows), nullptr, piece.tail, blocks);
}

// One key's column somewhere in a block, with the steps of its rows.
struct KeyColumn {
  const std::vector<Step>* steps = nullptr;
  const Column* column = nullptr;
};

// Walks the columns of one key together, in step order.
Status Merge(const std::vector<KeyColumn>& columns, const StepRange& steps,
             const OnValue& on_value) {
  std::vector<std::size_t> next(columns.size());
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const std::vector<Step>& s = *columns[i].steps;
    next[i] =
        static_cast<std::size_t>(std::lower_bound(s.begin(), s.end(), steps.first) - s.begin());
  }
  for (;;) {
    std::size_t lowest = columns.size();
    Step step = 0;
    for (std::size_t i = 0; i < columns.size(); ++i) {
      if (next[i] == columns[i].steps->size()) continue;
      const Step candidate = (*columns[i].steps)[next[i]];
      if (lowest != columns.size() && candidate >= step) continue;
      lowest = i;
      step = candidate;
    }
    if (lowest == columns.size() || step > steps.last) return {};
    REPRISE_TRY(on_value(step, columns[lowest].column->value(next[lowest])));
    ++next[lowest];
  }
}

void AppendColumn(const KeyColumn& from, const RowRange& rows, NumericSeries* series) {
  const auto step = from.steps->begin();
  series->steps.insert(series->steps.end(), step + static_cast<std::ptrdiff_t>(rows.first),
                       step + static_cast<std::ptrdiff_t>(rows.end));
  const auto bits = from.column->bits.begin() + static_cast<std::ptrdiff_t>(rows.first);
  const std::size_t count = rows.count();
  series->values.resize(series->values.size() + count);
  const auto to = series->values.end() - static_cast<std::ptrdiff_t>(count);
  const bool doubles = from.column->type == Type::kDouble;
  std::transform(bits, bits + static_cast<std::ptrdiff_t>(count), to, [doubles](std::uint64_t b) {
    return doubles ? std::bit_cast<double>(b) : static_cast<double>(static_cast<std::int64_t>(b));
  });
}

// A key that has one column, as nearly all have, needs no merging of rows.
Status AppendFrom(const std::vector<KeyColumn>& columns, const StepRange& steps,
                  NumericSeries* series, bool* found) {
  if (columns.size() != 1) {
    return Merge(columns, steps, [&](Step step, const ValueView& value) {
      *found = true;
      if (!IsNumber(value.type())) return Status();
      series->steps.push_back(step);
      series->values.push_back(value.as_number());
      return Status();
    });
  }
  const RowRange rows = RowsWithin(*columns[0].steps, steps);
  if (rows.count() == 0) return {};
  *found = true;
  if (IsNumber(columns[0].column->type)) AppendColumn(columns[0], rows, series);
  return {};
}

std::vector<KeyColumn> FindInBatch(const RowBatch& rows, std::string_view key) {
  std::vector<KeyColumn> found;
  for (const RowTable& table : rows.tables()) {
    const auto& columns = table.shape->columns;
    const auto at = std::lower_bound(
        columns.begin(), columns.end(), key,
        [](const ShapeColumn& column, std::string_view k) { return column.key < k; });
    if (at == columns.end() || at->key != key) continue;
    const auto index = static_cast<std::size_t>(at - columns.begin());
    found.push_back({&table.steps, &table.columns[index]});
  }
  return found;
}

// The columns of one key in a block: borrowed from its tail, or read from its segment.
class KeyColumns {
 public:
  Status Read(const SegmentCache& segments, const Block& block, std::string_view key) {
    if (block.segment == nullptr) {
      columns_ = FindInBatch(*block.tail, key);
      return {};
    }
    REPRISE_TRY_ASSIGN(const auto reader, segments.Get(*block.segment));
    const auto places = reader->Find(key);
    steps_.resize(places.size());
    values_.resize(places.size());
    SegmentSize read;
    for (std::size_t i = 0; i < places.size(); ++i) {
      REPRISE_TRY(reader->ReadSteps(places[i].table, &steps_[i]));
      REPRISE_TRY(reader->ReadColumnToo(places[i], &read, &values_[i]));
      columns_.push_back({&steps_[i], &values_[i]});
    }
    return {};
  }

  const std::vector<KeyColumn>& columns() const { return columns_; }

 private:
  std::vector<std::vector<Step>> steps_;
  std::vector<Column> values_;
  std::vector<KeyColumn> columns_;
};

// The same rows with fewer columns.
class Projection {
 public:
  explicit Projection(const std::set<std::string, std::less<>>& keys) : keys_(keys) {}

  std::shared_ptr<const RowBatch> Apply(const RowBatch& rows) {
    for (const RowTable& table : rows.tables()) AddTable(*table.shape);
    auto projected = std::make_shared<RowBatch>();
    std::vector<ValueView> values;
    for (const RowBatch::Position& at : rows.order()) {
      const Kept& kept = kept_[at.table];
      if (kept.columns.empty()) continue;
      const RowTable& table = rows.tables()[at.table];
      values.clear();
      for (const std::size_t c : kept.columns) values.push_back(ValueAt(table, c, at.row));
      const TimeMicros time = table.times.empty() ? kNoTime : table.times[at.row];
      projected->Append(kept.shape, table.steps[at.row], time, values);
    }
    return projected;
  }

 private:
  struct Kept {
    ShapePtr shape;
    std::vector<std::size_t> columns;
  };

  void AddTable(const Shape& shape) {
    Kept kept;
    auto smaller = std::make_shared<Shape>();
    smaller->has_time = shape.has_time;
    for (std::size_t c = 0; c < shape.columns.size(); ++c) {
      if (!keys_.contains(shape.columns[c].key)) continue;
      smaller->columns.push_back(shape.columns[c]);
      kept.columns.push_back(c);
    }
    kept.shape = std::move(smaller);
    kept_.push_back(std::move(kept));
  }

  const std::set<std::string, std::less<>>& keys_;
  std::vector<Kept> kept_;
};

}  // namespace

RowRange RowsWithin(std::span<const Step> rows, const StepRange& steps) {
  const auto first = std::lower_bound(rows.begin(), rows.end(), steps.first);
  const auto end = std::upper_bound(first, rows.end(), steps.last);
  return {static_cast<std::size_t>(first - rows.begin()),
          static_cast<std::size_t>(end - rows.begin())};
}

std::vector<Block> BlocksOf(const Snapshot& snapshot, const StepRange& steps, bool own) {
  std::vector<Block> blocks;
  for (const SnapshotPiece& piece : snapshot.pieces) {
    if (own && piece.branch != snapshot.branch.node.id) continue;
    AddPiece(piece, steps, &blocks);
  }
  return blocks;
}

Result<std::shared_ptr<const RowBatch>> LoadBlock(const SegmentCache& segments, const Block& block,
                                                  const std::set<std::string, std::less<>>* keys) {
  std::shared_ptr<const RowBatch> rows = block.tail;
  if (block.segment != nullptr) {
    REPRISE_TRY_ASSIGN(const auto reader, segments.Get(*block.segment));
    auto read = std::make_shared<RowBatch>();
    REPRISE_TRY(reader->ReadAll(read.get()));
    rows = std::move(read);
  }
  if (keys != nullptr) rows = Projection(*keys).Apply(*rows);
  return rows;
}

Status ForEachValue(const SegmentCache& segments, const Block& block, std::string_view key,
                    const OnValue& on_value) {
  KeyColumns read;
  REPRISE_TRY(read.Read(segments, block, key));
  return Merge(read.columns(), block.steps, on_value);
}

Result<std::size_t> RowsWithKey(const SegmentCache& segments, const Block& block,
                                std::string_view key) {
  std::size_t rows = 0;
  if (block.segment == nullptr) {
    for (const KeyColumn& column : FindInBatch(*block.tail, key)) rows += column.steps->size();
    return rows;
  }
  REPRISE_TRY_ASSIGN(const auto reader, segments.Get(*block.segment));
  for (const auto& place : reader->Find(key)) rows += reader->rows(place.table);
  return rows;
}

Status AppendNumbers(const SegmentCache& segments, const Block& block, std::string_view key,
                     NumericSeries* series, bool* found) {
  if (block.segment != nullptr) {
    REPRISE_TRY_ASSIGN(const auto reader, segments.Get(*block.segment));
    const auto places = reader->Find(key);
    if (places.size() == 1 && IsNumber(places[0].type)) {
      const std::size_t before = series->steps.size();
      REPRISE_TRY(AppendNumbersOf(*reader, places[0], block.steps, series));
      *found |= series->steps.size() > before;
      return {};
    }
  }
  KeyColumns read;
  REPRISE_TRY(read.Read(segments, block, key));
  return AppendFrom(read.columns(), block.steps, series, found);
}

Status CollectKeys(const SegmentCache& segments, const Block& block,
                   std::set<std::string, std::less<>>* keys) {
  if (block.segment != nullptr) {
    REPRISE_TRY_ASSIGN(const auto reader, segments.Get(*block.segment));
    for (std::string& key : reader->Keys()) keys->insert(std::move(key));
    return {};
  }
  for (const RowTable& table : block.tail->tables()) {
    for (const ShapeColumn& column : table.shape->columns) keys->insert(column.key);
  }
  return {};
}

namespace {

// The steps of all rows of a block, table by table; those of each rise.
Status ForEachStepColumn(const SegmentCache& segments, const Block& block,
                         const std::function<void(std::span<const Step>)>& on_steps) {
  if (block.segment == nullptr) {
    for (const RowTable& table : block.tail->tables()) on_steps(table.steps);
    return {};
  }
  REPRISE_TRY_ASSIGN(const auto reader, segments.Get(*block.segment));
  return reader->ForEachSteps(on_steps);
}

bool IsWholeSegment(const Block& block) {
  return block.segment != nullptr && block.steps.first <= block.segment->first &&
         block.steps.last >= block.segment->last;
}

}  // namespace

Result<std::uint64_t> CountRows(const SegmentCache& segments, const Block& block) {
  if (IsWholeSegment(block)) return block.segment->rows;
  std::uint64_t rows = 0;
  REPRISE_TRY(ForEachStepColumn(segments, block, [&](std::span<const Step> steps) {
    rows += RowsWithin(steps, block.steps).count();
  }));
  return rows;
}

Result<Step> LastRowStep(const SegmentCache& segments, const Block& block) {
  if (IsWholeSegment(block)) return block.segment->last;
  Step last = kNoStep;
  REPRISE_TRY(ForEachStepColumn(segments, block, [&](std::span<const Step> steps) {
    const RowRange rows = RowsWithin(steps, block.steps);
    if (rows.count() > 0) last = std::max(last, steps[rows.end - 1]);
  }));
  return last;
}

}  // namespace reprise
