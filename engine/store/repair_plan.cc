#include "engine/store/repair_plan.h"

#include <fmt/format.h>

#include "engine/store/gather.h"
#include "engine/store/layout.h"
#include "format/try.h"

namespace reprise {

bool MayBeWhole(const Status& status) {
  return status.code() != Code::kCorrupt && status.code() != Code::kNotFound;
}

Result<GatheredChanges> CollectReadableChanges(const VerifyContext& found) {
  Status unread;
  const auto on_problem = [&](const GatherProblem& problem) {
    if (unread.ok() && MayBeWhole(problem.status)) unread = problem.status;
  };
  REPRISE_TRY_ASSIGN(auto changes,
                     CollectChanges(*found.logs, *found.packs, found.boot_id, on_problem));
  REPRISE_TRY(unread);
  return changes;
}

GapRecorded GapOf(GapReason reason, const SegmentRef& ref) {
  GapRecorded gap;
  gap.reason = reason;
  gap.branch = ref.branch.ordinal;
  gap.stream = ref.stream;
  gap.first = ref.first;
  gap.last = ref.last;
  gap.rows = ref.rows;
  return gap;
}

RepairItem ItemOf(std::string_view what, const SegmentRef& ref, const ChangeFold& fold) {
  RepairItem item;
  item.what = what;
  item.file = fmt::format("{}/{}", kPacksName, PackFileName(ref.pack));
  item.offset = ref.offset;
  item.length = ref.length;
  item.run = fold.Name(ref.branch);
  item.steps = {ref.first, ref.last};
  return item;
}

std::string LostRowsText(std::uint64_t rows) {
  if (rows == kUnknownRows) return "rows";
  return fmt::format("{} row{}", rows, rows == 1 ? "" : "s");
}

}  // namespace reprise
