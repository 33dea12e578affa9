#include "engine/history/row_cursor.h"

#include <utility>

#include "format/try.h"

namespace reprise {

RowCursor::Impl::Impl(std::shared_ptr<const SegmentCache> segments, const RowQuery& query)
    : segments_(std::move(segments)),
      keys_(query.keys.begin(), query.keys.end()),
      join_(query.join),
      last_(query.last),
      blocks_(BlocksOf(segments_->snapshot(), query.steps, query.own)) {}

Result<bool> RowCursor::Impl::Next() {
  if (last_) REPRISE_TRY(SkipToLast(*std::exchange(last_, std::nullopt)));
  while (block_ < blocks_.size()) {
    if (!rows_) REPRISE_TRY(Load(block_));
    for (const auto& order = rows_->order(); next_ < order.size(); ++next_) {
      if (!Matches(blocks_[block_], *rows_, order[next_])) continue;
      if (skip_ > 0) {
        --skip_;
        continue;
      }
      Fill(*rows_, order[next_++]);
      return true;
    }
    rows_ = nullptr;
    ++block_;
  }
  return false;
}

Status RowCursor::Impl::SkipToLast(std::uint64_t count) {
  std::uint64_t found = 0;
  std::size_t first = blocks_.size();
  while (first > 0 && found < count) {
    REPRISE_TRY_ASSIGN(const std::uint64_t matches, CountMatches(blocks_[--first]));
    found += matches;
  }
  if (count == 0) first = blocks_.size();
  block_ = first;
  skip_ = found > count ? found - count : 0;
  return {};
}

Result<std::uint64_t> RowCursor::Impl::CountMatches(const Block& block) {
  if (keys_.empty()) return CountRows(*segments_, block);
  REPRISE_TRY_ASSIGN(const auto rows, LoadBlock(*segments_, block, &keys_));
  std::uint64_t matches = 0;
  for (const RowBatch::Position& at : rows->order()) matches += Matches(block, *rows, at) ? 1 : 0;
  return matches;
}

Status RowCursor::Impl::Load(std::size_t block) {
  REPRISE_TRY_ASSIGN(rows_,
                     LoadBlock(*segments_, blocks_[block], keys_.empty() ? nullptr : &keys_));
  next_ = 0;
  return {};
}

bool RowCursor::Impl::Matches(const Block& block, const RowBatch& rows,
                              const RowBatch::Position& at) const {
  const RowTable& table = rows.tables()[at.table];
  if (!block.steps.contains(table.steps[at.row])) return false;
  // The projection left out rows without any of the keys; a shape names no key twice.
  return join_ == Join::kOuter || table.shape->columns.size() == keys_.size() || keys_.empty();
}

void RowCursor::Impl::Fill(const RowBatch& rows, const RowBatch::Position& at) {
  const RowTable& table = rows.tables()[at.table];
  row_.step = table.steps[at.row];
  row_.time = table.times.empty() ? kNoTime : table.times[at.row];
  row_.open = segments_->snapshot().open_step == row_.step;
  const auto& columns = table.shape->columns;
  row_.fields.resize(columns.size());
  for (std::size_t c = 0; c < columns.size(); ++c) {
    row_.fields[c].first = columns[c].key;
    row_.fields[c].second = Value(ValueAt(table, c, at.row));
  }
}

RowCursor::RowCursor(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
RowCursor::RowCursor(RowCursor&&) noexcept = default;
RowCursor& RowCursor::operator=(RowCursor&&) noexcept = default;
RowCursor::~RowCursor() = default;

Result<bool> RowCursor::Next() { return impl_->Next(); }
const Row& RowCursor::row() const { return impl_->row(); }

}  // namespace reprise
