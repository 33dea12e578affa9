// What must be there before anything else of a store can be looked at: its superblock and its
// directories.
#ifndef REPRISE_ENGINE_STORE_REPAIR_SUPERBLOCK_H_
#define REPRISE_ENGINE_STORE_REPAIR_SUPERBLOCK_H_

#include <vector>

#include "engine/io/io.h"
#include "engine/store/quarantine.h"
#include "reprise/repair.h"

namespace reprise {

// Adds an item for each thing that is missing or damaged, and mends it if `quarantine` is given. A
// superblock is made anew only where every log and pack that names its store names the same one.
// kUnsupportedVersion: a newer release wrote the store.
Status RepairFoundations(const Io& io, Directory& root, Quarantine* quarantine,
                         std::vector<RepairItem>* items);

}  // namespace reprise

#endif  // REPRISE_ENGINE_STORE_REPAIR_SUPERBLOCK_H_
