// What may be logged: limits on keys, values and rows, and the two keys that are ours.
#ifndef REPRISE_ENGINE_RUN_ROW_RULES_H_
#define REPRISE_ENGINE_RUN_ROW_RULES_H_

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

#include "reprise/status.h"
#include "reprise/value.h"

namespace reprise {

inline constexpr std::size_t kMaxKeyBytes = 1024;
inline constexpr std::size_t kMaxValueBytes = std::size_t{4} << 20;
inline constexpr std::size_t kMaxRowBytes = std::size_t{8} << 20;

inline constexpr std::string_view kStepKey = "_step";
inline constexpr std::string_view kTimestampKey = "_timestamp";

// 1 to 1,024 bytes of UTF-8 without control characters.
Status CheckKey(std::string_view key);
// At most 4 MiB.
Status CheckValue(std::string_view key, const ValueView& value);
// At most 8 MiB in one row, keys included.
Status CheckRowBytes(std::size_t bytes);

// `_step` and `_timestamp` among the fields: they set the step and the time.
struct OwnFields {
  std::optional<Step> step;
  std::optional<TimeMicros> time;
  bool any = false;
};
// kInvalidArgument where they are not numbers or the step is not whole and >= 0.
Result<OwnFields> FindOwnFields(std::span<const Field> fields);

// Seconds to the nearest microsecond; nullopt where that does not fit.
std::optional<TimeMicros> MicrosOf(double seconds);

}  // namespace reprise

#endif  // REPRISE_ENGINE_RUN_ROW_RULES_H_
