#include "engine/run/new_run.h"

#include <fmt/format.h>

#include <utility>

#include "engine/history/run_name.h"
#include "engine/run/branch_changes.h"
#include "format/try.h"

namespace reprise {

Result<RunUid> AddRun(Session& session, ChangeBuilder& changes, const NewRun& run) {
  CatalogUpdate& catalog = changes.catalog();
  Random& random = *session.context().io.random;
  REPRISE_TRY_ASSIGN(const auto project, catalog.FindProject(run.entity, run.project));
  RunCreated created;
  created.entity = run.entity;
  created.project = run.project;
  created.run_id = run.run_id.empty() ? RandomRunId(random) : run.run_id;
  if (project) {
    REPRISE_TRY_ASSIGN(const auto taken, catalog.FindRun(project->number, created.run_id));
    if (taken) {
      return Fail(Code::kAlreadyExists,
                  fmt::format("run '{}' exists in project '{}/{}'; choose another id",
                              created.run_id, run.entity, run.project));
    }
  }
  const std::uint64_t ordinal = (project ? project->runs : 0) + 1;
  const RunUid uid{random.Next64(), random.Next64()};
  created.name = run.name.empty() ? DisplayName(random.Next64(), ordinal) : run.name;
  created.notes = run.notes;
  created.tags = run.tags;
  created.group = run.group;
  created.job_type = run.job_type;
  created.config = run.config;
  created.forked_from = run.forked_from;
  REPRISE_TRY_ASSIGN(created.node, FirstNode(catalog, uid, run.forked_from));
  REPRISE_TRY(changes.Add(uid, std::move(created)));
  return uid;
}

Result<ProjectName> ForkProject(CatalogView& catalog, const RunRecord& parent,
                                std::string_view asked) {
  if (!asked.empty()) return ParseProject(asked);
  REPRISE_TRY_ASSIGN(const std::string path, ProjectPath(catalog, parent));
  return ParseProject(path);
}

}  // namespace reprise
