// Changes that were synced by a process which died, or whose disk failed, before it committed them.
//
// Their numbers are not taken yet. Several transactions may have left changes with one number; a
// catalog built anew takes the last of them (format/change.md), and so must everybody else.
#ifndef REPRISE_ENGINE_RUN_LEFT_OVER_H_
#define REPRISE_ENGINE_RUN_LEFT_OVER_H_

#include "engine/run/store_context.h"
#include "reprise/status.h"

namespace reprise {

// Publishes them, whichever logs they lie in. One whose number was taken meanwhile is void, with
// all of its transaction.
Status PublishLeftOvers(const StoreContext& context);

}  // namespace reprise

#endif  // REPRISE_ENGINE_RUN_LEFT_OVER_H_
