// The catalog of a store, built from its logs and packs where it is lost or cannot be trusted.
#ifndef REPRISE_ENGINE_STORE_CATALOG_REBUILD_H_
#define REPRISE_ENGINE_STORE_CATALOG_REBUILD_H_

#include <cstdint>
#include <memory>
#include <string>

#include "engine/catalog/catalog.h"
#include "engine/store/layout.h"
#include "reprise/status.h"

namespace reprise {

// Builds the catalog that follows generation `replaces`, unless another process has done so since;
// the old one goes to quarantine/. Changes that contradict those before them are left out, so that
// one damaged run does not take the others with it: verify tells which. kCorrupt if a change is
// missing; without it the ones after it would mean something else.
Status BuildFromFiles(const StoreLayout& layout, const CatalogOptions& options,
                      std::uint64_t replaces);

// Opens the catalog. Where there is none, or it was damaged or not left clean before a reboot, it
// is built first, unless `options.read_only`.
Result<std::shared_ptr<Catalog>> EnsureCatalog(const StoreLayout& layout,
                                               const CatalogOptions& options);

// The public functions of those names in a world of the caller's choice (see OpenContext).
Status RebuildCatalog(const Io& io, const std::string& store_path);
Result<std::string> DumpCatalog(const Io& io, const std::string& store_path);

}  // namespace reprise

#endif  // REPRISE_ENGINE_STORE_CATALOG_REBUILD_H_
