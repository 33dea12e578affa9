// What the surroundings of the process say about who runs it: defaults for names, never required.
#ifndef REPRISE_ENGINE_IO_ENVIRONMENT_H_
#define REPRISE_ENGINE_IO_ENVIRONMENT_H_

#include <optional>
#include <string>

namespace reprise {

// The environment variable `name`, such as "REPRISE_RUN_ID"; nothing if unset or empty. Must not
// run while another thread of the host changes the environment.
std::optional<std::string> EnvironmentVariable(const char* name);

// The login name of the process's user, or "uid-<number>" where the system knows none. The user
// database is asked once a process, and again only for another user. Thread-safe, and without a
// lock that a child of fork(2) could find taken.
std::string UserName();

}  // namespace reprise

#endif  // REPRISE_ENGINE_IO_ENVIRONMENT_H_
