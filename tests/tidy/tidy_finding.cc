#include "tests/tidy/tidy_finding.h"

#include <algorithm>

namespace reprise::tidy {

std::vector<std::string_view> Lines(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    lines.push_back(line);
    text.remove_prefix(std::min(text.size(), line.size() + 1));
  }
  return lines;
}

bool IsCode(std::string_view path) { return path.ends_with(".h") || path.ends_with(".cc"); }

bool IsUnder(std::string_view path, const std::vector<std::string_view>& folders) {
  return std::any_of(folders.begin(), folders.end(), [&](std::string_view folder) {
    return folder.ends_with("/") ? path.starts_with(folder) : path == folder;
  });
}

}  // namespace reprise::tidy
