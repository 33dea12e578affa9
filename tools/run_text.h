// Runs as JSON for programs, and as text for people.
#ifndef REPRISE_TOOLS_RUN_TEXT_H_
#define REPRISE_TOOLS_RUN_TEXT_H_

#include <string>
#include <string_view>

#include "reprise/history.h"
#include "reprise/run_info.h"
#include "reprise/status.h"
#include "reprise/summary.h"
#include "tools/json_writer.h"

namespace reprise::tools {

// The members that `ls --json` and `show --json` have in common. Times are seconds.
void AddRunMembers(const RunInfo& run, JsonObject* object);

// {"path": value, ...}, one member a line.
std::string ConfigJson(const Config& config, NonFinite non_finite);
// {"key": shown value, ...}, or with `all` {"key": {"last": ..., "first": ..., ...}, ...}; one
// member a line.
std::string SummaryJson(const Summary& summary, bool all, NonFinite non_finite);

// One line for each key: last, min, max and a sparkline. Reads every numeric key.
Result<std::string> KeyTable(const History& history);

// Steps as people read them: "-" for kNoStep.
std::string FormatStep(Step step);
std::string FormatCount(std::uint64_t count);
// "1 row", "2 rows".
std::string Plural(std::uint64_t count, std::string_view noun);
// "run@branch at step N", with the project unless it is `home`.
std::string FormatOrigin(const Origin& origin, std::string_view home);

}  // namespace reprise::tools

#endif  // REPRISE_TOOLS_RUN_TEXT_H_
