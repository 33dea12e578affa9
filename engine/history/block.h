// A history as a list of blocks: each a segment or a piece's live rows, with the steps of it that
// are visible. All reading goes through them, so sealed and live rows look alike.
#ifndef REPRISE_ENGINE_HISTORY_BLOCK_H_
#define REPRISE_ENGINE_HISTORY_BLOCK_H_

#include <functional>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/history/snapshot.h"
#include "format/row_batch.h"
#include "reprise/history.h"
#include "reprise/value.h"

namespace reprise {

struct Block {
  BranchId branch;
  StepRange steps;                      // visible ones
  const SegmentRef* segment = nullptr;  // else `tail`
  std::shared_ptr<const RowBatch> tail;
};

// Neighbouring rows of a table or column.
struct RowRange {
  std::size_t first = 0;
  std::size_t end = 0;  // behind the last one

  std::size_t count() const { return end - first; }
};

// Those of `rows`, which rise, that lie in `steps`.
RowRange RowsWithin(std::span<const Step> rows, const StepRange& steps);

// The blocks that overlap `steps`, in step order; with `own`, only those of the last piece.
// Valid while the snapshot lives.
std::vector<Block> BlocksOf(const Snapshot& snapshot, const StepRange& steps, bool own = false);

// A block's rows with the columns of `keys` (all if null): rows without any of them left out.
// Rows outside block.steps are still in it.
Result<std::shared_ptr<const RowBatch>> LoadBlock(const SegmentCache& segments, const Block& block,
                                                  const std::set<std::string, std::less<>>* keys);

// Calls `on_value` with each visible value of `key`, in step order.
using OnValue = std::function<Status(Step step, const ValueView& value)>;
Status ForEachValue(const SegmentCache& segments, const Block& block, std::string_view key,
                    const OnValue& on_value);

// How many rows of the block have `key`, visible or not. Reads no rows.
Result<std::size_t> RowsWithKey(const SegmentCache& segments, const Block& block,
                                std::string_view key);

// Appends the visible numbers of `key` and their steps, column by column where one table has them
// all. Sets `*found` if the key has a visible value of any type, and leaves it else.
Status AppendNumbers(const SegmentCache& segments, const Block& block, std::string_view key,
                     NumericSeries* series, bool* found);

// Adds the block's keys to `keys`, seen at a visible step or not.
Status CollectKeys(const SegmentCache& segments, const Block& block,
                   std::set<std::string, std::less<>>* keys);

// How many visible rows the block has.
Result<std::uint64_t> CountRows(const SegmentCache& segments, const Block& block);

// The step of the last visible row; kNoStep if there is none.
Result<Step> LastRowStep(const SegmentCache& segments, const Block& block);

// The value of one row's column.
inline ValueView ValueAt(const RowTable& table, std::size_t column, std::size_t row) {
  return table.columns[column].value(row);
}

}  // namespace reprise

#endif  // REPRISE_ENGINE_HISTORY_BLOCK_H_
