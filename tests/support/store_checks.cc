#include "tests/support/store_checks.h"

#include <sstream>

namespace reprise {

namespace {

// The first line in which two texts differ.
std::string FirstDifference(const std::string& before, const std::string& after) {
  std::istringstream left(before);
  std::istringstream right(after);
  std::string a;
  std::string b;
  while (true) {
    const bool more_left = static_cast<bool>(std::getline(left, a));
    const bool more_right = static_cast<bool>(std::getline(right, b));
    if (!more_left && !more_right) return "";
    if (more_left != more_right || a != b) {
      return "before: " + (more_left ? a : "(end)") + "\nafter:  " + (more_right ? b : "(end)");
    }
  }
}

}  // namespace

std::string FindDamage(const std::string& store_path) {
  const auto report = Verify(store_path, {.depth = VerifyDepth::kDeep});
  if (!report) return "verify failed: " + report.error().ToString();
  std::string damage;
  for (const Finding& finding : report->findings) {
    if (finding.severity == Severity::kNote) continue;
    damage += std::string(SeverityName(finding.severity)) + " " + finding.code + " " +
              finding.file + " " + finding.run + ": " + finding.message + "\n";
  }
  return damage;
}

std::string FindRebuildDifference(const std::string& store_path) {
  const auto before = DumpCatalog(store_path);
  if (!before) return "the catalog cannot be dumped: " + before.error().ToString();
  const Status rebuilt = RebuildCatalog(store_path);
  if (!rebuilt.ok()) return "the catalog cannot be rebuilt: " + rebuilt.ToString();
  const auto after = DumpCatalog(store_path);
  if (!after) return "the rebuilt catalog cannot be dumped: " + after.error().ToString();
  const std::string difference = FirstDifference(*before, *after);
  return difference.empty() ? "" : "the rebuilt catalog differs\n" + difference;
}

}  // namespace reprise
