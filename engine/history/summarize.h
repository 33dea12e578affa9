// Summaries of a history: what the segments already know, and a scan of at most one of them.
#ifndef REPRISE_ENGINE_HISTORY_SUMMARIZE_H_
#define REPRISE_ENGINE_HISTORY_SUMMARIZE_H_

#include <cstdint>

#include "engine/history/snapshot.h"
#include "format/row_batch.h"
#include "format/summary_table.h"

namespace reprise {

// The aggregates of the visible rows through some step, and how many rows those are.
struct RunningSummary {
  SummaryTable table;
  std::uint64_t rows = 0;
};

// Of all visible rows with step <= `through`: the prefix table of the last segment that begins
// there, a scan of that segment, and live rows.
Result<RunningSummary> SummarizeThrough(const SegmentCache& segments, Step through);

// Adds the rows of a batch that lie in `steps`, all above those counted before.
void AddRows(const RowBatch& rows, const StepRange& steps, RunningSummary* summary);

}  // namespace reprise

#endif  // REPRISE_ENGINE_HISTORY_SUMMARIZE_H_
