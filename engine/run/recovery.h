// Making the rows of sessions that died, or were fenced, part of sealed history.
#ifndef REPRISE_ENGINE_RUN_RECOVERY_H_
#define REPRISE_ENGINE_RUN_RECOVERY_H_

#include "engine/run/session.h"
#include "format/catalog_records.h"

namespace reprise {

// Adopts a session whose process is gone: takes its lock, publishes changes of it that were synced
// and not committed, seals the rows of every run it held and gives their leases back as `crashed`,
// keeps its changes in a pack, and removes its log. Idempotent; a crash inside it is recovered by
// the next one. kBusy: somebody holds the session's lock (it lives, or is being adopted).
Status AdoptSession(Session& session, SessionId dead);

// Adopts every session that is found dead. What cannot be recovered now is left for the next time.
void AdoptDeadSessions(Session& session);

// After a change raised the generation of a run that a living session held: reads that session's
// log to its end, seals its rows, and publishes the fence and them in one change.
Status SealFencedRows(Session& session, const RunUid& uid);

// Puts another session's log on stable storage, before something durable refers to its rows.
Status SyncSessionLog(Directory& logs, SessionId session);

}  // namespace reprise

#endif  // REPRISE_ENGINE_RUN_RECOVERY_H_
