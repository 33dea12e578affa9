// What `verify` and `repair` say in the same way: where damage is, and how a check ended that could
// not run.
#ifndef REPRISE_TOOLS_FINDING_TEXT_H_
#define REPRISE_TOOLS_FINDING_TEXT_H_

#include <string>
#include <string_view>

#include "reprise/status.h"
#include "reprise/verify.h"
#include "tools/json_writer.h"

namespace reprise::tools {

// ` [run e/p/id@0] [steps 3..9]`: what there is of it; `on` for a range without end.
std::string PlaceText(std::string_view run, const StepRange& steps);
// Members first_step and last_step, unless the range is empty.
void AddSteps(const StepRange& steps, JsonObject* object);

// The exit status where the check could not run: the classes of `verify`.
int ExitCodeOfCheck(const Status& status);

}  // namespace reprise::tools

#endif  // REPRISE_TOOLS_FINDING_TEXT_H_
