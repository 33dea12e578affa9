// The two meta pages an LMDB file begins with: how its trees were left by the last transactions.
#ifndef REPRISE_ENGINE_CATALOG_PAGE_METAS_H_
#define REPRISE_ENGINE_CATALOG_PAGE_METAS_H_

#include <cstdint>
#include <string_view>

#include "engine/catalog/page_layout.h"
#include "engine/io/file.h"
#include "reprise/status.h"

namespace reprise::lmdb_page {

struct Tree {
  std::uint16_t flags = 0;
  std::uint64_t depth = 0;
  std::uint64_t branch_pages = 0;
  std::uint64_t leaf_pages = 0;
  std::uint64_t overflow_pages = 0;
  std::uint64_t entries = 0;
  std::uint64_t root = kNoPage;

  friend bool operator==(const Tree&, const Tree&) = default;
};

struct Meta {
  std::uint64_t page_size = 0;  // bytes
  std::uint64_t map_size = 0;   // bytes
  Tree free;
  Tree main;
  std::uint64_t last_page = 0;
  std::uint64_t transaction = 0;
};

// Of the newer transaction. Both pages must be what LMDB writes, and the newer one such that LMDB
// can be let at the file; else kCorrupt.
Result<Meta> ReadNewestMeta(File& file);

// LMDB's page sizes are powers of two.
bool IsPageSize(std::uint64_t size);

// What is said of a file that is not as LMDB would have written it.
Status Wrong(const File& file, std::uint64_t offset, std::string_view what);

}  // namespace reprise::lmdb_page

#endif  // REPRISE_ENGINE_CATALOG_PAGE_METAS_H_
