#include "format/change.h"

#include <array>

namespace reprise {

std::string_view ChangeName(const Change& change) {
  static constexpr std::array<std::string_view, std::variant_size_v<ChangeBody>> kNames = {
      "run_created", "lease_granted", "fence_set",    "lease_released", "config_merged",
      "summary_set", "branch_made",   "metadata_set", "sealed",         "run_deleted"};
  return change.body.valueless_by_exception() ? "none" : kNames[change.body.index()];
}

}  // namespace reprise
