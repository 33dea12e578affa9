// Giving back the bytes that nobody needs any more.
//
// A pack that is partly dead is written anew: what is needed of it goes to other packs, the
// segments are published at their new places, and then the file goes. Readers that have it open
// keep it; one that misses it looks at the catalog again (history/snapshot.cc).
#ifndef REPRISE_ENGINE_STORE_RECLAIM_H_
#define REPRISE_ENGINE_STORE_RECLAIM_H_

#include <memory>

#include "engine/io/directory.h"
#include "engine/run/session.h"
#include "reprise/store.h"

namespace reprise {

// Looks at every pack. A crash at any point leaves nothing but copies, which the next one removes.
// kBusy: another process reclaims or verifies the store now.
Result<ReclaimReport> ReclaimPacks(Session& session);

// What Reclaim would give back now.
Result<std::uint64_t> CountReclaimable(Catalog& catalog, Directory& packs);

// Keeps files from going while somebody looks at all of them: held as long as the file is open,
// waited for while a reclaim is at work. Null where the superblock cannot be opened.
std::unique_ptr<File> HoldFiles(Directory& root);

}  // namespace reprise

#endif  // REPRISE_ENGINE_STORE_RECLAIM_H_
