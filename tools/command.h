// What verbs share: opening the store a command means, and telling of failure.
#ifndef REPRISE_TOOLS_COMMAND_H_
#define REPRISE_TOOLS_COMMAND_H_

#include <string>
#include <string_view>

#include "reprise/store.h"
#include "tools/verbs.h"

namespace reprise::tools {

inline constexpr int kExitDone = 0;
inline constexpr int kExitRefused = 1;  // or findings
// As sysexits.h has them, and apart from the classes of `verify`, where 2 says that data are lost.
inline constexpr int kExitUsage = 64;
inline constexpr int kExitInternal = 70;

// What a verb does to the store.
enum class Access : std::uint8_t {
  kRead,    // fails where there is no store
  kWrite,   // fails where there is no store
  kCreate,  // makes the store where there is none
};

Result<Store> OpenStore(const Invocation& invocation, Access access,
                        Durability durability = Durability::kProcess);

// Prints "reprise: <message>" to standard error, escaped, and gives kExitRefused.
int Report(const Status& status);
// The same for an argument that no store could make sense of; gives kExitUsage.
int ReportUsage(const Status& status);

// Prints to standard output, as it is.
void Print(std::string_view text);
// Prints a line for people to standard error, escaped.
void Note(std::string_view text);

}  // namespace reprise::tools

#endif  // REPRISE_TOOLS_COMMAND_H_
