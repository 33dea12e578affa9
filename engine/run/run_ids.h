// Ids and names of runs: what users may give, and what is made where they give none.
#ifndef REPRISE_ENGINE_RUN_RUN_IDS_H_
#define REPRISE_ENGINE_RUN_RUN_IDS_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/io/io.h"
#include "reprise/status.h"

namespace reprise {

// The id really used: each code point outside [A-Za-z0-9_-] becomes '-'. kInvalidArgument if that
// is empty or longer than 64 characters.
Result<std::string> CleanRunId(std::string_view id);

// 8 characters of [a-z0-9].
std::string RandomRunId(Random& random);

// `adjective-noun-N`: the same for the same numbers.
std::string DisplayName(std::uint64_t chance, std::uint64_t ordinal);

struct ProjectName {
  std::string entity;
  std::string project;
};
// From "entity/project", "project" or "": the entity defaults to the OS user, the project to
// `uncategorized`. kInvalidArgument unless both are [A-Za-z0-9_.-]{1,128}.
Result<ProjectName> ParseProject(std::string_view path);

// Sorted, without repeats.
std::vector<std::string> NormalTags(std::vector<std::string> tags);

}  // namespace reprise

#endif  // REPRISE_ENGINE_RUN_RUN_IDS_H_
