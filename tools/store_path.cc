#include "tools/store_path.h"

#include <cstdlib>
#include <filesystem>
#include <system_error>

namespace reprise::tools {

std::string FindStorePath(const std::string& flag) {
  if (!flag.empty()) return flag;
  const char* environment = std::getenv("REPRISE_STORE");
  if (environment != nullptr && *environment != '\0') return environment;
  std::error_code error;
  std::filesystem::path folder = std::filesystem::current_path(error);
  while (!error && !folder.empty()) {
    const std::filesystem::path candidate = folder / ".reprise";
    if (std::filesystem::is_directory(candidate, error)) return candidate.string();
    error.clear();
    if (folder == folder.root_path()) break;
    folder = folder.parent_path();
  }
  return "./.reprise";
}

}  // namespace reprise::tools
