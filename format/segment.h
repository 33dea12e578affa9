// A segment: the rows of one branch over a range of steps, column by column. Immutable.
//
// Layout (segment.md): column chunks, prefix summaries, key table, shape table, directory, facts (a
// FlatBuffer), footer. Up to 64 shapes are dense tables; rows of rarer shapes share sparse tables,
// one for rows with a time and one for rows without, whose columns carry row positions. Small
// tables of at most 16 rows are one row-major block each.
#ifndef REPRISE_FORMAT_SEGMENT_H_
#define REPRISE_FORMAT_SEGMENT_H_

#include <cstdint>
#include <string>

#include "format/ids.h"
#include "format/row_batch.h"
#include "format/summary_table.h"
#include "reprise/status.h"

namespace reprise {

class PlanMemory;  // plan_memory.h

// How much the prefix summaries of a segment say by themselves.
enum class PrefixKind : std::uint8_t {
  kNone = 0,   // no visible row comes before this segment
  kFull = 1,   // every key seen before it
  kDelta = 2,  // the keys of the segment before it in its branch; older ones: see prefix_base
};

struct SegmentFacts {
  BranchId branch;
  Stream stream = Stream::kHistory;
  Generation generation = 0;
  Step first_step = 0;
  Step last_step = 0;
  std::uint64_t rows = 0;
  std::uint64_t values = 0;
  // Visible rows before first_step, inherited ones included.
  std::uint64_t rows_before = 0;
  PrefixKind prefix = PrefixKind::kNone;
  // kDelta: first step of the segment of this branch with the last full table.
  Step prefix_base = 0;
  TimeMicros sealed_at = 0;
};

// What is sealed. `rows` is not empty and lies above the branch's sealed rows. facts.rows, values,
// first_step and last_step are taken from `rows`.
struct SegmentInput {
  SegmentFacts facts;
  const RowBatch* rows = nullptr;
  const SummaryTable* prefix = nullptr;  // null for kNone
  PlanMemory* plans = nullptr;           // of the run's earlier segments, if there is one
};

// The bytes of a segment that will begin at `offset` of the file `file_id` (of the frame's payload,
// where a pack is concerned). The same input and place give the same bytes; `plans` are input, and
// change. kInvalidArgument if the rows are too many or too large for one segment (segment.md,
// limits): seal fewer at once.
Result<std::string> EncodeSegment(const SegmentInput& input, std::uint64_t file_id,
                                  std::uint64_t offset);

}  // namespace reprise

#endif  // REPRISE_FORMAT_SEGMENT_H_
