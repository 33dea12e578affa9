// Mending a store: what is left is made readable again, and what is lost is recorded.
#ifndef REPRISE_REPAIR_H_
#define REPRISE_REPAIR_H_

#include <cstdint>
#include <string>
#include <vector>

#include "reprise/status.h"
#include "reprise/value.h"
#include "reprise/verify.h"

namespace reprise {

struct RepairOptions {
  bool apply = false;  // else nothing is changed, and the report says what would be done
};

// One thing that is done, or would be.
struct RepairItem {
  std::string what;  // stable, such as "segment.rewrite"
  std::string file;  // relative to the store; empty: no one file
  std::uint64_t offset = 0;
  std::uint64_t length = 0;  // 0: of the whole file, or not known
  std::string run;           // "entity/project/id@branch", or empty
  StepRange steps{0, -1};
  std::string lost;  // what is lost by it that was not lost before, in words; empty: nothing
  std::string message;
};

struct RepairReport {
  bool applied = false;
  std::vector<RepairItem> items;  // empty: there is nothing to mend
  // Not applied: what lies behind these items shows once they are done.
  bool more = false;
  std::string quarantine;  // where replaced bytes went, relative to the store; empty: nowhere
  // Applied: what verify finds now that is worse than a note. Each says why.
  std::vector<Finding> remaining;

  // Not applied: 0 nothing to mend, 1 there is. Applied: 0, or what verify's exit code would be for
  // what remains.
  int ExitCode() const;
};

// Looks at the store as Verify does, and mends what it finds damaged: the superblock, headers, logs
// of sessions that died, segments, changes, the catalog. New bytes are written to new files first,
// then a change records what was lost (`verify` notes it as history.gap, Lineage lists it), then
// the catalog is built anew, and last what was replaced goes to quarantine/. A crash at any point
// is mended by the next Repair; a second one finds nothing to do.
//
// kBusy: somebody writes to the store, or began to meanwhile; nothing was published.
// kUnsupportedVersion: a newer release wrote it. kIoError: the medium refuses; nothing is taken for
// lost that may only be unreadable now.
Result<RepairReport> Repair(const std::string& store_path, const RepairOptions& options = {});

}  // namespace reprise

#endif  // REPRISE_REPAIR_H_
