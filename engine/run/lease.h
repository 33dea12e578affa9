// Taking a run's lease: from nobody, from a holder that died, or, if asked for, from a living one.
#ifndef REPRISE_ENGINE_RUN_LEASE_H_
#define REPRISE_ENGINE_RUN_LEASE_H_

#include <functional>
#include <optional>

#include "engine/run/session.h"
#include "format/catalog_records.h"

namespace reprise {

// Whether a living holder may be passed.
enum class LivingHolder : std::uint8_t { kRefuse, kPass };

// Makes changes to a run that need its lease, as one change transaction in which nobody else holds
// it. Before that, in transactions of their own: a dead holder's session is adopted; a living
// one is passed (its generation raised, its rows sealed, its fence set) if `living` allows it.
//
// `find` says which run it is about, inside the transaction (nullopt: it does not exist, there is
// no lease to mind); `change` then adds the changes. Both may run several times.
// kBusy names the holder.
Status ChangeWithLease(Session& session, LivingHolder living,
                       const std::function<Result<std::optional<RunUid>>(CatalogView&)>& find,
                       const std::function<Status(ChangeBuilder&)>& change);

}  // namespace reprise

#endif  // REPRISE_ENGINE_RUN_LEASE_H_
