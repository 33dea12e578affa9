// What of a catalog leads to rows: its living runs, their branches and segments.
#ifndef REPRISE_ENGINE_STORE_CATALOG_OUTLINE_H_
#define REPRISE_ENGINE_STORE_CATALOG_OUTLINE_H_

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/catalog/catalog.h"
#include "engine/store/change_fold.h"
#include "reprise/status.h"

namespace reprise {

struct RunOutline {
  std::vector<BranchNode> branches;  // by ordinal
  std::vector<SegmentRef> segments;  // by branch, stream and first position
};

struct CatalogOutline {
  ChangeNumber change = 0;  // the last one applied
  // Of each living run a hash of its outline, by uid: 24 bytes a run.
  std::deque<std::pair<RunUid, std::uint64_t>> runs;
  // The run that was asked for in full, and what is said of it; nothing: it is not there.
  std::optional<RunUid> full_uid;
  std::optional<RunOutline> full;
};

// In one read transaction.
Result<CatalogOutline> ReadOutline(Catalog& catalog, const std::optional<RunUid>& full);

// The first run of which the outline and the changes do not say the same. `fold` has the changes up
// to the outline's, and no other.
std::optional<RunUid> FindDifferent(const CatalogOutline& outline, const ChangeFold& fold);

// The first thing that differs, as text.
struct OutlineMismatch {
  std::string found;     // in the catalog
  std::string expected;  // by the changes
};

// In the run that was read in full.
std::optional<OutlineMismatch> FindMismatch(const CatalogOutline& outline, const ChangeFold& fold);

}  // namespace reprise

#endif  // REPRISE_ENGINE_STORE_CATALOG_OUTLINE_H_
