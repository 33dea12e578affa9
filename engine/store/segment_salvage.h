// What can still be read of a damaged segment.
#ifndef REPRISE_ENGINE_STORE_SEGMENT_SALVAGE_H_
#define REPRISE_ENGINE_STORE_SEGMENT_SALVAGE_H_

#include <cstdint>
#include <memory>
#include <set>
#include <string>

#include "engine/io/directory.h"
#include "format/change.h"
#include "format/row_batch.h"
#include "reprise/status.h"

namespace reprise {

// Rows whose steps verify, each with the values and the time that verify.
struct SalvagedRows {
  RowBatch rows;
  std::uint64_t lost_rows = 0;      // of those that the segment had
  std::set<std::string> lost_keys;  // that lost values of rows which remain; "_timestamp": times

  bool whole() const { return lost_rows == 0 && lost_keys.empty(); }
};

// All of it, column by column; one segment is in memory. Fails only where something other than
// damage is in the way: the medium refuses, or a newer release wrote it.
Result<SalvagedRows> SalvageSegment(Directory& packs, const SegmentRef& ref);

}  // namespace reprise

#endif  // REPRISE_ENGINE_STORE_SEGMENT_SALVAGE_H_
