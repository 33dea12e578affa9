// Sealing the rows of one run that a session's log still holds: of a holder that died, or was
// passed.
#ifndef REPRISE_ENGINE_RUN_SOURCE_RECOVERY_H_
#define REPRISE_ENGINE_RUN_SOURCE_RECOVERY_H_

#include "engine/history/live_rows.h"
#include "engine/run/session.h"
#include "format/catalog_records.h"
#include "format/change.h"

namespace reprise {

// Seals the source's rows, branch by branch in the order the branches were made, and then makes the
// change `end`, which says that the source has no more.
//
// Several processes may be at the same run, and each may have read more of a fenced holder's log
// than the one before. So whatever is published is checked, in its transaction, against what was
// read at the beginning: the lease, and how far each branch is sealed. kBusy: that moved, somebody
// else was faster; look again.
Status RecoverSource(Session& session, const RunUid& uid, const LeaseRecord& lease,
                     const LiveSource& source, const ChangeBody& end);

}  // namespace reprise

#endif  // REPRISE_ENGINE_RUN_SOURCE_RECOVERY_H_
