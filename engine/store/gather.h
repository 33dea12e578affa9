// All changes of a store, gathered from logs and packs: what the catalog is built from.
#ifndef REPRISE_ENGINE_STORE_GATHER_H_
#define REPRISE_ENGINE_STORE_GATHER_H_

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "engine/io/directory.h"
#include "engine/store/gathered_changes.h"
#include "reprise/status.h"

namespace reprise {

// Something that could not be read on the way. Gathering goes on.
struct GatherProblem {
  std::string file;  // relative to the store
  std::uint64_t offset = 0;
  Status status;
  bool is_change = false;  // a whole record that is no change; else the file around it
};

// Whether the file itself is to blame: reading it again gives the same. Else the disk may only have
// refused this time.
bool IsDamage(const Status& status);

// The changes that became true, one for each number. Of several records with one number the latest
// by boot_nanos counts (see change.h); the earlier ones were never committed, and with them nothing
// else of their transactions (changes of one session and boot_nanos). What a gap among them has
// declared void is left out.
//
// Reads what it can: fails only where a directory cannot be listed. `packs` must outlive the
// result.
Result<GatheredChanges> CollectChanges(Directory& logs, Directory& packs, std::string_view boot_id,
                                       const std::function<void(GatherProblem)>& on_problem);

// kCorrupt if the numbers, but for void ones, are not 1, 2, 3 ...: the message names the first that
// is missing.
Status CheckContiguous(const GatheredChanges& changes);

// Both: what a catalog is built from.
//
// `boot_id`: of the boot that runs now, 16 bytes; see LogFile::Open.
Result<GatheredChanges> GatherChanges(Directory& logs, Directory& packs, std::string_view boot_id,
                                      const std::function<void(GatherProblem)>& on_problem);

}  // namespace reprise

#endif  // REPRISE_ENGINE_STORE_GATHER_H_
