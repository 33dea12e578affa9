#include "tests/support/source_tree.h"

#include <fstream>
#include <iterator>

namespace reprise::testing {

std::filesystem::path SourceDir() { return REPRISE_SOURCE_DIR; }

std::optional<std::string> ReadWholeFile(const std::filesystem::path& path) {
  if (!std::filesystem::is_regular_file(path)) return std::nullopt;
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  return std::string(std::istreambuf_iterator<char>(file), {});
}

}  // namespace reprise::testing
