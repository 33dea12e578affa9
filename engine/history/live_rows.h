// Rows that are not sealed yet, read from the log of the session that holds the run.
#ifndef REPRISE_ENGINE_HISTORY_LIVE_ROWS_H_
#define REPRISE_ENGINE_HISTORY_LIVE_ROWS_H_

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "engine/history/snapshot.h"
#include "format/catalog_records.h"
#include "format/row_batch.h"

namespace reprise {

// Which rows of one session's log belong to a run's history.
struct LiveSource {
  SessionId session = 0;
  Generation generation = 0;
  Sequence through = kOpenFence;  // groups above it are not history
};

// Live rows by branch ordinal, in step order.
struct LiveRows {
  struct Branch {
    std::shared_ptr<RowBatch> rows;  // the open row last, if there is one
    std::optional<Step> open_step;
  };
  std::map<std::uint32_t, Branch> branches;
};

// Where the live rows of a run are: those of a fenced holder that are not sealed yet, and the
// holder's. Empty where nobody holds the run.
std::vector<LiveSource> LiveSources(const LeaseRecord& lease);

// Reads the live rows of `uid` above `sealed_upto(ordinal)` of each branch. kNotFound: a log file
// went away in between; begin again.
Result<LiveRows> ReadLiveRows(const SnapshotSource& source, const RunUid& uid,
                              const std::vector<LiveSource>& sources,
                              const std::function<Result<Step>(std::uint32_t)>& sealed_upto);

}  // namespace reprise

#endif  // REPRISE_ENGINE_HISTORY_LIVE_ROWS_H_
