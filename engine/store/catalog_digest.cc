#include "engine/store/catalog_digest.h"

#include <string_view>

#include "format/checksum.h"
#include "format/try.h"

namespace reprise {

namespace {

std::uint64_t HashLine(std::string_view line) { return Hash(line); }

}  // namespace

Result<CatalogDigest> DigestCatalog(Catalog& catalog, bool lines) {
  CatalogDigest digest;
  REPRISE_TRY(catalog.Read([&](CatalogView& view) -> Status {
    digest = CatalogDigest();
    REPRISE_TRY_ASSIGN(const MetaRecord meta, view.Meta());
    digest.change = meta.change;
    return view.Dump(true, [&](std::string_view line) {
      if (lines) digest.lines.push_back(HashLine(line));
    });
  }));
  return digest;
}

Result<std::optional<std::string>> FirstDifference(Catalog& catalog,
                                                   const CatalogDigest& expected) {
  std::optional<std::string> different;
  std::size_t at = 0;
  REPRISE_TRY(catalog.Read([&](CatalogView& view) -> Status {
    different.reset();
    at = 0;
    return view.Dump(true, [&](std::string_view line) {
      const bool same = at < expected.lines.size() && expected.lines[at] == HashLine(line);
      ++at;
      if (!same && !different) different = line;
    });
  }));
  if (!different && at < expected.lines.size()) different = std::string();
  return different;
}

}  // namespace reprise
