#include "tests/support/real_data.h"

#include <cstdlib>

#include "tests/support/source_tree.h"

namespace reprise::testing {

namespace {

std::filesystem::path DataFolder() {
  const char* folder = std::getenv("REPRISE_DATA");
  if (folder != nullptr && *folder != '\0') return folder;
  return SourceDir() / ".." / "shared" / "data";
}

}  // namespace

std::optional<std::filesystem::path> RealData(const std::string& name) {
  const std::filesystem::path path = DataFolder() / name;
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) return std::nullopt;
  return path;
}

std::string RealDataIsMissing(const std::string& name) {
  return "no real data: " + (DataFolder() / name).string() +
         " does not exist; set REPRISE_DATA to the folder that holds it";
}

}  // namespace reprise::testing
