#include "engine/run/new_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/history/run_name.h"
#include "engine/run/branch_changes.h"
#include "format/try.h"

namespace reprise {

namespace {

// Rises with time, so that the catalog keeps runs that were made together on the same pages: the
// upper half is microseconds since 1970 in 52 bits, and 12 bits to count within one. The lower half
// is random, since stores are copied into one another.
Result<RunUid> NewUid(ChangeBuilder& changes, Random& random) {
  constexpr int kCountBits = 12;
  REPRISE_TRY_ASSIGN(const auto newest, changes.catalog().RecentRuns(std::nullopt, 1));
  const std::uint64_t least = newest.empty() ? 0 : newest.front().high + 1;
  const auto now = static_cast<std::uint64_t>(std::max<TimeMicros>(changes.now(), 0));
  return RunUid{std::max(least, now << kCountBits), random.Next64()};
}

}  // namespace

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
  REPRISE_TRY_ASSIGN(const RunUid uid, NewUid(changes, random));
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
