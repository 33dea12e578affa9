#include "tools/step_range.h"

#include <fmt/format.h>

#include <charconv>

namespace reprise::tools {
namespace {

bool ParseStep(std::string_view text, Step* step) {
  if (text.empty()) return true;  // keeps the default
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, *step);
  return parsed.ec == std::errc() && parsed.ptr == end && *step >= 0;
}

}  // namespace

Result<StepRange> ParseStepRange(std::string_view text) {
  const std::size_t colon = text.find(':');
  const std::string_view first = text.substr(0, colon);
  const std::string_view last = colon == std::string_view::npos ? first : text.substr(colon + 1);
  StepRange range;
  const bool alone = colon == std::string_view::npos && text.empty();
  if (alone || !ParseStep(first, &range.first) || !ParseStep(last, &range.last)) {
    return Fail(Code::kInvalidArgument,
                fmt::format("not a range of steps: '{}'; write A:B, A: or :B", text));
  }
  return range;
}

}  // namespace reprise::tools
