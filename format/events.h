// The payload of an events frame: changes, one after the other, compressed. Layout: format/pack.md.
#ifndef REPRISE_FORMAT_EVENTS_H_
#define REPRISE_FORMAT_EVENTS_H_

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "reprise/status.h"

namespace reprise {

// What the changes of one frame may take before they are compressed, each with its length (bytes).
inline constexpr std::size_t kMaxEventBytes = std::size_t{64} << 20;

// Fails with kInvalidArgument if the encoded changes are larger than that.
Result<std::string> EncodeEvents(std::span<const std::string> changes);

// Calls `on_change` with each encoded change of a payload; stops at the first failure. kCorrupt for
// bytes that EncodeEvents cannot have written.
Status ForEachEvent(std::string_view payload,
                    const std::function<Status(std::string_view)>& on_change);

}  // namespace reprise

#endif  // REPRISE_FORMAT_EVENTS_H_
