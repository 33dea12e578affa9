// `resume.json` in a run directory: how Resume::kAuto finds the run that was under way there.
#ifndef REPRISE_ENGINE_RUN_RESUME_FILE_H_
#define REPRISE_ENGINE_RUN_RESUME_FILE_H_

#include <optional>
#include <string>
#include <string_view>

#include "engine/run/store_context.h"
#include "reprise/status.h"

namespace reprise {

// The run id in the directory's resume file; nullopt if there is none.
Result<std::optional<std::string>> ReadResumeFile(const StoreContext& context,
                                                  const std::string& run_directory);
// Makes the directory if needed. Written under a temporary name and renamed.
Status WriteResumeFile(const StoreContext& context, const std::string& run_directory,
                       std::string_view run_id);
// Does nothing if `run_directory` is empty or there is no such file.
void RemoveResumeFile(const StoreContext& context, const std::string& run_directory);

}  // namespace reprise

#endif  // REPRISE_ENGINE_RUN_RESUME_FILE_H_
