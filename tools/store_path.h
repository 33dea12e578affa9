// Where the store is that a command means.
#ifndef REPRISE_TOOLS_STORE_PATH_H_
#define REPRISE_TOOLS_STORE_PATH_H_

#include <string>

namespace reprise::tools {

// `flag` (from --store) if not empty, else $REPRISE_STORE, else the nearest directory `.reprise`
// from here upward, else "./.reprise".
std::string FindStorePath(const std::string& flag);

}  // namespace reprise::tools

#endif  // REPRISE_TOOLS_STORE_PATH_H_
