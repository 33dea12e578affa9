// Making a run: by StartRun, or by Fork without a writer.
#ifndef REPRISE_ENGINE_RUN_NEW_RUN_H_
#define REPRISE_ENGINE_RUN_NEW_RUN_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/run/run_ids.h"
#include "engine/run/session.h"
#include "format/catalog_records.h"

namespace reprise {

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

// Where a fork goes: the project asked for, else the parent's.
Result<ProjectName> ForkProject(CatalogView& catalog, const RunRecord& parent,
                                std::string_view asked);

}  // namespace reprise

#endif  // REPRISE_ENGINE_RUN_NEW_RUN_H_
