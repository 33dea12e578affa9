// Step ranges as they are written on the command line.
#ifndef REPRISE_TOOLS_STEP_RANGE_H_
#define REPRISE_TOOLS_STEP_RANGE_H_

#include <string_view>

#include "reprise/status.h"
#include "reprise/value.h"

namespace reprise::tools {

// "A:B" with both ends included; either may be left out. "A" alone is that one step.
Result<StepRange> ParseStepRange(std::string_view text);

}  // namespace reprise::tools

#endif  // REPRISE_TOOLS_STEP_RANGE_H_
