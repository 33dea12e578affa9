// How RowCursor walks a history's blocks. See history.h for what it gives.
#ifndef REPRISE_ENGINE_HISTORY_ROW_CURSOR_H_
#define REPRISE_ENGINE_HISTORY_ROW_CURSOR_H_

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/history/block.h"
#include "reprise/history.h"

namespace reprise {

// Holds one block's rows in memory at a time.
class RowCursor::Impl {
 public:
  Impl(std::shared_ptr<const SegmentCache> segments, const RowQuery& query);

  Result<bool> Next();
  const Row& row() const { return row_; }

 private:
  // Finds where the last N rows begin; they are counted from the end.
  Status SkipToLast(std::uint64_t count);
  Result<std::uint64_t> CountMatches(const Block& block);
  Status Load(std::size_t block);
  bool Matches(const Block& block, const RowBatch& rows, const RowBatch::Position& at) const;
  void Fill(const RowBatch& rows, const RowBatch::Position& at);

  std::shared_ptr<const SegmentCache> segments_;
  std::set<std::string, std::less<>> keys_;
  Join join_;
  std::optional<std::uint64_t> last_;
  std::vector<Block> blocks_;
  std::size_t block_ = 0;  // the one that `rows_` holds, once it is loaded
  std::shared_ptr<const RowBatch> rows_;
  std::size_t next_ = 0;    // in rows_->order()
  std::uint64_t skip_ = 0;  // matches to pass over first
  Row row_;
};

}  // namespace reprise

#endif  // REPRISE_ENGINE_HISTORY_ROW_CURSOR_H_
