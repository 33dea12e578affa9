#include "tools/finding_text.h"

#include <fmt/format.h>

#include <limits>

#include "tools/command.h"

namespace reprise::tools {

std::string PlaceText(std::string_view run, const StepRange& steps) {
  std::string text = run.empty() ? "" : fmt::format(" [run {}]", run);
  if (steps.empty()) return text;
  const bool ends = steps.last != std::numeric_limits<Step>::max();
  return text + (ends ? fmt::format(" [steps {}..{}]", steps.first, steps.last)
                      : fmt::format(" [steps {} on]", steps.first));
}

void AddSteps(const StepRange& steps, JsonObject* object) {
  if (steps.empty()) return;
  object->Add("first_step", steps.first).Add("last_step", steps.last);
}

int ExitCodeOfCheck(const Status& status) {
  constexpr int kLost = 2;
  constexpr int kVersion = 4;
  constexpr int kIncomplete = 5;
  constexpr int kIo = 74;
  switch (status.code()) {
    case Code::kInvalidArgument:
    case Code::kNotFound:
      return kExitUsage;  // no such store, or no such run
    case Code::kInternal:
      return kExitInternal;
    case Code::kCorrupt:
      return kLost;
    case Code::kUnsupportedVersion:
      return kVersion;
    case Code::kIoError:
      return kIo;
    default:
      return kIncomplete;
  }
}

}  // namespace reprise::tools
