// What of a pack anybody still needs.
#ifndef REPRISE_ENGINE_STORE_PACK_USE_H_
#define REPRISE_ENGINE_STORE_PACK_USE_H_

#include <cstdint>
#include <map>
#include <set>

#include "engine/catalog/catalog.h"
#include "engine/io/directory.h"
#include "engine/segment/pack_reader.h"
#include "format/ids.h"
#include "reprise/status.h"

namespace reprise {

enum class FrameUse : std::uint8_t {
  kNeeded,  // a living run shows rows of it
  kDead,    // merged into another, of a deleted run, or never published and never will be
  // May be published yet, as its run is being written; or the catalog does not know its run, which
  // a change may have made that is lost.
  kUnclear,
};

struct PackUse {
  std::uint64_t size = 0;
  std::uint64_t dead = 0;  // bytes of frames that are kDead
  bool unclear = false;    // a frame is kUnclear
  bool damaged = false;    // bytes are not what they should be
};

// Tells which segments are needed. Rows of a deleted run are while a living run was forked there.
//
// Which those are is found once, when it is made. A run that is deleted later counts as living:
// of its rows nobody knows then who inherited them.
class NeededSegments {
 public:
  // Looks at all packs for segments of deleted runs, and then at all living runs for what they
  // inherit. kIoError; damage is left out, and met by who uses the packs.
  static Result<NeededSegments> Find(Catalog& catalog, Directory& packs);

  // `frame` as its header says.
  Result<FrameUse> UseOf(CatalogView& catalog, const SegmentRef& frame) const;
  // Of all frames of a pack.
  Result<PackUse> UseOf(Catalog& catalog, PackFile& pack) const;

 private:
  bool IsInherited(const SegmentRef& frame) const;

  std::set<RunUid> deleted_;            // those that have frames
  std::map<BranchId, Step> inherited_;  // of these: the last step that a living run shows
};

}  // namespace reprise

#endif  // REPRISE_ENGINE_STORE_PACK_USE_H_
