// What the parts of repair share. A plan is made by looking only; with a writer of packs, new
// segments are appended on the way, which nothing names yet.
#ifndef REPRISE_ENGINE_STORE_REPAIR_PLAN_H_
#define REPRISE_ENGINE_STORE_REPAIR_PLAN_H_

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/segment/pack_writer.h"
#include "engine/store/change_fold.h"
#include "engine/store/verify_context.h"
#include "format/row_batch.h"
#include "reprise/repair.h"

namespace reprise {

// A change that is not numbered yet.
using PlannedChange = std::pair<RunUid, ChangeBody>;

// Rows that only a log has: they are sealed by the repair.
struct UnsealedRows {
  Generation generation = 0;
  RowBatch rows;
};

struct RepairPlan {
  std::vector<RepairItem> items;
  // In this order. A crash may cut them short: whatever makes a loss known comes last of what it
  // needs, so that the next repair still finds it.
  std::vector<PlannedChange> rewrites;  // segments with new summaries
  std::vector<PlannedChange> gaps;
  std::vector<PlannedChange> ends;  // rows of logs become segments, leases end
  std::vector<std::string> kept;    // changes of logs that go, as they are
  std::vector<SessionId> settled;   // dead sessions whose logs go
  std::vector<std::string> packs;   // files that cannot be opened and hold nothing any more
  bool compare_all = false;         // summaries of all branches may count rows that are lost
  ChangeNumber last = 0;            // of all changes that there are or were

  // By branch, in step order; and where rows of those logs are lost.
  std::map<BranchId, std::vector<UnsealedRows>> unsealed;
  std::map<BranchId, std::vector<StepRange>> log_gaps;

  bool changes_anything() const { return !items.empty(); }
};

struct RepairContext {
  VerifyContext found;          // by the parts of verify that read no rows
  PackWriter* packs = nullptr;  // null: nothing is written
  RepairPlan plan;
};

// Whether what cannot be read for this reason is neither damaged nor missing: it must not be taken
// for lost.
bool MayBeWhole(const Status& status);
// As gather.h has it, but fails where a file that may be whole cannot be read.
Result<GatheredChanges> CollectReadableChanges(const VerifyContext& found);

// Numbers of changes that are missing or make no sense, and the segments that only they named.
Status PlanChanges(RepairContext* context);
// Logs of dead sessions. All of them are settled if anything else has to be mended.
Status PlanLogs(RepairContext* context);
// Segments that are damaged, those whose summaries count lost rows, and rows of logs.
Status PlanBranches(RepairContext* context);

// The public Repair in a world of the caller's choice (see OpenContext).
Result<RepairReport> Repair(const Io& io, const std::string& store_path,
                            const RepairOptions& options);

// The gap that takes all rows of a segment.
GapRecorded GapOf(GapReason reason, const SegmentRef& ref);
// What is done about a segment; why, and what is lost, is the caller's to say.
RepairItem ItemOf(std::string_view what, const SegmentRef& ref, const ChangeFold& fold);

// "1 row", "5 rows", "rows", for what is lost.
std::string LostRowsText(std::uint64_t rows);

}  // namespace reprise

#endif  // REPRISE_ENGINE_STORE_REPAIR_PLAN_H_
