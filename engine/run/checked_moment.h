// The moment that a fork or a rewind begins at, checked before the change that names it.
#ifndef REPRISE_ENGINE_RUN_CHECKED_MOMENT_H_
#define REPRISE_ENGINE_RUN_CHECKED_MOMENT_H_

#include "engine/run/session.h"
#include "format/catalog_records.h"
#include "reprise/options.h"

namespace reprise {

// The branch and step, checked to be visible and committed, and on stable storage (an own writer's
// open row is committed first).
struct CheckedMoment {
  RunRecord run;
  StoredMoment moment;
  Generation generation = 0;  // of the run's lease when it was checked
};
Result<CheckedMoment> CheckMoment(Session& session, const Moment& moment);

// Inside a change: kBusy if the run was taken over since the moment was checked, so that rows that
// were seen may be cut off.
Status CheckForkStillHolds(CatalogView& catalog, const CheckedMoment& checked);

}  // namespace reprise

#endif  // REPRISE_ENGINE_RUN_CHECKED_MOMENT_H_
