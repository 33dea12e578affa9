// What can still be read of a dead session's log: rows that are whole, and between which of them
// something is missing.
#ifndef REPRISE_ENGINE_STORE_LOG_SALVAGE_H_
#define REPRISE_ENGINE_STORE_LOG_SALVAGE_H_

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/history/live_rows.h"
#include "engine/log/log_reader.h"
#include "format/row_batch.h"
#include "reprise/status.h"

namespace reprise {

// Of one branch, its rows that are not sealed yet.
struct SalvagedLine {
  RowBatch rows;
  // Between these steps rows may be missing; the last may reach to kOpenGap.
  std::vector<StepRange> gaps;
};

struct SalvagedLog {
  std::vector<LogFileReport> files;
  std::map<BranchId, SalvagedLine> lines;
  std::vector<std::string> changes;  // as they were logged
  bool damaged = false;

  Sequence last_sequence() const;
};

// Whose rows count: of a run those of one lease.
using SourcesByRun = std::map<RunUid, LiveSource>;

// Reads the log whole. A row is kept if all of its parts are known to be there: what follows damage
// begins with the first row that cannot have lost its beginning. `sealed_upto` is asked once for
// each branch that has rows; nullopt: there is no such branch.
Result<SalvagedLog> SalvageLog(
    Directory& logs, SessionId session, std::string_view boot_id, const SourcesByRun& sources,
    const std::function<std::optional<Step>(const BranchId&)>& sealed_upto);

}  // namespace reprise

#endif  // REPRISE_ENGINE_STORE_LOG_SALVAGE_H_
