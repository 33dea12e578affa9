// How users name runs and moments, and which run a name means.
#ifndef REPRISE_ENGINE_HISTORY_RUN_NAME_H_
#define REPRISE_ENGINE_HISTORY_RUN_NAME_H_

#include <string>
#include <string_view>

#include "engine/catalog/catalog.h"
#include "reprise/options.h"

namespace reprise {

// `[[entity/]project/]id`, taken apart. Parts that are not given are empty.
struct RunName {
  std::string entity;
  std::string project;
  std::string id;
};
Result<RunName> ParseRunName(std::string_view name);

// The living run that `name` means. kNotFound says which runs look alike; kInvalidArgument if a
// bare id means runs of several projects, and names them.
Result<RunRecord> ResolveRun(CatalogView& catalog, std::string_view name);

// "entity/project" of a run.
Result<std::string> ProjectPath(CatalogView& catalog, const RunRecord& run);

}  // namespace reprise

#endif  // REPRISE_ENGINE_HISTORY_RUN_NAME_H_
