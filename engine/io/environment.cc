#include "engine/io/environment.h"

#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>

#include <cstdlib>
#include <vector>

namespace reprise {

std::optional<std::string> EnvironmentVariable(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr || *value == '\0') return std::nullopt;
  return value;
}

std::string UserName() {
  const uid_t uid = geteuid();
  std::vector<char> buffer(16384);  // what _SC_GETPW_R_SIZE_MAX suggests is less everywhere
  passwd entry{};
  passwd* found = nullptr;
  const int error = getpwuid_r(uid, &entry, buffer.data(), buffer.size(), &found);
  if (error == 0 && found != nullptr && *found->pw_name != '\0') return found->pw_name;
  return fmt::format("uid-{}", uid);
}

}  // namespace reprise
