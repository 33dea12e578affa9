// A look through every page of an LMDB file before LMDB itself maps it.
//
// LMDB 0.9 has no checksums and trusts what it maps: a flipped bit can end in a wrong answer, an
// endless loop or a crash of the process. The walk reads the file through File, a page at a time,
// and follows the newest tree and the free list as LMDB would, but checks each step, and the
// checksum of each value, which covers its key. A file that passes gives the entries that were put
// in it, and no others.
#ifndef REPRISE_ENGINE_CATALOG_PAGE_WALK_H_
#define REPRISE_ENGINE_CATALOG_PAGE_WALK_H_

#include <cstdint>

#include "engine/io/file.h"
#include "reprise/status.h"

namespace reprise {

struct PageWalk {
  std::uint64_t transaction = 0;  // the last one committed
  std::uint64_t page_size = 0;    // bytes
  std::uint64_t pages = 0;        // visited
  std::uint64_t entries = 0;
};

// kCorrupt with the byte offset of the first page that is wrong. Nobody may write meanwhile.
Result<PageWalk> WalkPages(File& file);

// The same of a file that others may be writing through LMDB meanwhile. A file that is never left
// alone for the time of a walk counts as sound: those who write it look at it too.
Status WalkPagesBesideWriters(File& file);

// Makes the file an empty catalog for whoever has it open or opens it, by taking the root from
// both of its meta pages, and moves the number of its last transaction on; needs nothing of the
// file to be sound. Transactions under way go on with what they had.
Status EmptyPages(File& file);

}  // namespace reprise

#endif  // REPRISE_ENGINE_CATALOG_PAGE_WALK_H_
