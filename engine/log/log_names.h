// File names in the directory log/, both ways.
#ifndef REPRISE_ENGINE_LOG_LOG_NAMES_H_
#define REPRISE_ENGINE_LOG_LOG_NAMES_H_

#include <cstdint>
#include <string_view>

#include "format/ids.h"

namespace reprise {

// The inverse of LogFileName; false for any other name.
bool ParseLogFileName(std::string_view name, SessionId* session, std::uint32_t* file);
// The inverse of LockFileName; false for any other name.
bool ParseLockFileName(std::string_view name, SessionId* session);

}  // namespace reprise

#endif  // REPRISE_ENGINE_LOG_LOG_NAMES_H_
