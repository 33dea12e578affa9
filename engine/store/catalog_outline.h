// What of a catalog leads to rows: its living runs, their branches and segments.
#ifndef REPRISE_ENGINE_STORE_CATALOG_OUTLINE_H_
#define REPRISE_ENGINE_STORE_CATALOG_OUTLINE_H_

#include <map>
#include <optional>
#include <string>
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
  std::map<RunUid, RunOutline> runs;
};

// In one read transaction. Memory: as a ChangeFold of the same runs.
Result<CatalogOutline> ReadOutline(Catalog& catalog);

// The first thing that differs, as text.
struct OutlineMismatch {
  std::string found;     // in the catalog
  std::string expected;  // by the changes
};

// `fold` has the changes up to the outline's, and no other.
std::optional<OutlineMismatch> FindMismatch(const CatalogOutline& outline, const ChangeFold& fold);

}  // namespace reprise

#endif  // REPRISE_ENGINE_STORE_CATALOG_OUTLINE_H_
