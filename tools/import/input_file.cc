#include "tools/import/input_file.h"

#include <fmt/format.h>

#include <cctype>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "tools/escape.h"

namespace reprise::tools {

Result<std::ifstream> OpenInput(const std::string& path) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) {
    return Fail(Code::kInvalidArgument, fmt::format("not a file: '{}' (a directory)", path));
  }
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (!file.is_open()) {
    const int reason = errno;
    return Fail(reason == ENOENT ? Code::kNotFound : Code::kIoError,
                fmt::format("cannot open: '{}' ({})", path, std::strerror(reason)));
  }
  return file;
}

std::string RunIdFromPath(const std::string& path) {
  constexpr std::size_t kMaxCharacters = 64;
  std::string stem = std::filesystem::path(path).stem().string();
  if (stem.rfind("run-", 0) == 0 && stem.size() > 4) stem.erase(0, 4);
  std::string id;
  std::string_view rest = stem;
  while (!rest.empty() && id.size() < kMaxCharacters) {
    const char c = rest.front();
    const bool plain = std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-';
    id += plain ? c : '-';
    rest.remove_prefix(DecodeCodePoint(rest).size);
  }
  return id.empty() ? "imported" : id;
}

}  // namespace reprise::tools
