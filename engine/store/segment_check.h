// What a decoded segment must be.
#ifndef REPRISE_ENGINE_STORE_SEGMENT_CHECK_H_
#define REPRISE_ENGINE_STORE_SEGMENT_CHECK_H_

#include <map>
#include <string>
#include <vector>

#include "engine/history/summarize.h"
#include "engine/io/directory.h"
#include "engine/segment/pack_reader.h"
#include "format/row_batch.h"
#include "reprise/status.h"

namespace reprise {

// What a prefix table may build on: the segments of the branch before it.
struct PreviousSegment {
  std::vector<std::string> keys;  // of the one just before
  // First steps of those that have a full table.
  std::vector<Step> full_tables;

  void Follow(const SegmentReader& segment);
};

// Rows as many, and at such steps, as the segment declares. kCorrupt says what differs.
Status CheckRows(const SegmentReader& segment, const RowBatch& rows);

// The prefix summaries and row count against `before`, everything visible before the segment.
Status CheckPrefix(const SegmentReader& segment, const RunningSummary& before,
                   const PreviousSegment& previous);

// The cells of all columns that have them against their values.
Status CheckCells(const SegmentReader& segment);

// Opens, decodes and checks the rows of one segment, and its cells.
Status DecodeSegment(Directory& packs, const SegmentRef& ref);

}  // namespace reprise

#endif  // REPRISE_ENGINE_STORE_SEGMENT_CHECK_H_
