// StartRun: creating, resuming, rewinding and forking a run, and taking its lease.
#ifndef REPRISE_ENGINE_RUN_START_RUN_H_
#define REPRISE_ENGINE_RUN_START_RUN_H_

#include <memory>

#include "engine/run/run_ids.h"
#include "engine/run/session.h"
#include "engine/run/writer_impl.h"
#include "reprise/options.h"

namespace reprise {

Result<std::shared_ptr<RunWriter::Impl>> StartRun(std::shared_ptr<SessionOwner> owner,
                                                  const RunOptions& options);

// What is asked of a new run, checked.
struct NewRun {
  std::string entity;
  std::string project;
  std::string run_id;  // empty: a random one is made
  std::string name;    // empty: a name is made
  std::string notes;
  std::vector<std::string> tags;
  std::string group;
  std::string job_type;
  ConfigEntries config;
  std::optional<StoredMoment> forked_from;
};

// Adds the change that creates the run; kAlreadyExists if the id is taken.
Result<RunUid> AddRun(Session& session, ChangeBuilder& changes, const NewRun& run);

// A moment that is to be forked or rewound from: the branch and step, checked to be visible and
// committed, and on stable storage (an own writer's open row is committed first).
struct CheckedMoment {
  RunRecord run;
  StoredMoment moment;
  Generation generation = 0;  // of the run's lease when it was checked
};
Result<CheckedMoment> CheckMoment(Session& session, const Moment& moment);
// Inside a change: kBusy if the run was taken over since the moment was checked, so that rows that
// were seen may be cut off.
Status CheckForkStillHolds(CatalogView& catalog, const CheckedMoment& checked);

// Where a fork goes: the project asked for, else the parent's.
Result<ProjectName> ForkProject(CatalogView& catalog, const RunRecord& parent,
                                std::string_view asked);

}  // namespace reprise

#endif  // REPRISE_ENGINE_RUN_START_RUN_H_
