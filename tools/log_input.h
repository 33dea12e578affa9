// Lines of JSON as calls to Log.
#ifndef REPRISE_TOOLS_LOG_INPUT_H_
#define REPRISE_TOOLS_LOG_INPUT_H_

#include <string>
#include <string_view>

#include "reprise/options.h"
#include "reprise/run_writer.h"
#include "reprise/status.h"

namespace reprise::tools {

// One record as it is to be logged.
struct LogRecord {
  Config fields;
  LogOptions options;
};

// Reads one line: an object whose leaves are the fields. `_timestamp` (seconds) is the time, and
// `_step`, or `step_key` where it is not empty, the step; null stands for the automatic one.
// kInvalidArgument says what is wrong.
Result<LogRecord> ParseLogLine(std::string_view line, const std::string& step_key);

}  // namespace reprise::tools

#endif  // REPRISE_TOOLS_LOG_INPUT_H_
