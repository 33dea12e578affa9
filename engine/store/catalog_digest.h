// The tables of a catalog as a list of hashes, to compare two catalogs of any size.
#ifndef REPRISE_ENGINE_STORE_CATALOG_DIGEST_H_
#define REPRISE_ENGINE_STORE_CATALOG_DIGEST_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/catalog/catalog.h"
#include "reprise/status.h"

namespace reprise {

// What a rebuild gives back of each entry, in key order: 8 bytes each.
struct CatalogDigest {
  ChangeNumber change = 0;  // the last one applied
  std::vector<std::uint64_t> lines;
};

// In one read transaction. Without `lines`: reads every entry, which checks it, and keeps nothing.
Result<CatalogDigest> DigestCatalog(Catalog& catalog, bool lines);

// The first entry in which a catalog differs from `expected`, as text; nullopt if there is none,
// empty where it ends too early.
Result<std::optional<std::string>> FirstDifference(Catalog& catalog, const CatalogDigest& expected);

}  // namespace reprise

#endif  // REPRISE_ENGINE_STORE_CATALOG_DIGEST_H_
