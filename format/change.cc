#include "format/change.h"

#include <array>

namespace reprise {

std::string_view ChangeName(const Change& change) {
  static constexpr std::array<std::string_view, std::variant_size_v<ChangeBody>> kNames = {
      "run_created", "lease_granted", "fence_set", "lease_released", "config_merged", "summary_set",
      "branch_made", "metadata_set",  "sealed",    "run_deleted",    "gap_recorded"};
  return change.body.valueless_by_exception() ? "none" : kNames[change.body.index()];
}

std::string_view GapReasonName(GapReason reason) {
  switch (reason) {
    case GapReason::kLogDamaged:
      return "log_damaged";
    case GapReason::kSegmentDamaged:
      return "segment_damaged";
    case GapReason::kChangesLost:
      return "changes_lost";
    case GapReason::kChangesVoid:
      return "changes_void";
  }
  return "unknown";
}

}  // namespace reprise
