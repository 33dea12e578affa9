// Run names as a command line gives them: `[[entity/]project/]run-id`.
#ifndef REPRISE_TOOLS_RUN_ARGUMENT_H_
#define REPRISE_TOOLS_RUN_ARGUMENT_H_

#include <string>

namespace reprise::tools {

struct RunName {
  std::string project;  // "entity/project", "project", or empty
  std::string run_id;
};

// Splits at the last slash.
RunName ParseRunName(const std::string& text);

}  // namespace reprise::tools

#endif  // REPRISE_TOOLS_RUN_ARGUMENT_H_
