#include "engine/log/log_names.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "engine/log/log_reader.h"
#include "engine/log/log_writer.h"
#include "format/try.h"

namespace reprise {

namespace {

constexpr std::size_t kHexSize = 16;
constexpr std::string_view kLogSuffix = ".log";
constexpr std::string_view kLockSuffix = ".lock";

// Decimal without sign or leading zeros, so that no two names mean the same file.
bool ParseNumber(std::string_view text, std::uint32_t* number) {
  if (text.empty() || text.front() == '0') return false;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *number);
  return error == std::errc() && end == text.data() + text.size();
}

}  // namespace

std::string LogFileName(SessionId session, std::uint32_t file) {
  return fmt::format("{}-{}{}", ToHex(session), file, kLogSuffix);
}

std::string LockFileName(SessionId session) { return ToHex(session) + std::string(kLockSuffix); }

bool ParseLogFileName(std::string_view name, SessionId* session, std::uint32_t* file) {
  if (name.size() <= kHexSize || name[kHexSize] != '-' || !name.ends_with(kLogSuffix)) return false;
  const std::string_view number =
      name.substr(kHexSize + 1, name.size() - kHexSize - 1 - kLogSuffix.size());
  return FromHex(name.substr(0, kHexSize), session) && ParseNumber(number, file);
}

bool ParseLockFileName(std::string_view name, SessionId* session) {
  return name.size() == kHexSize + kLockSuffix.size() && name.ends_with(kLockSuffix) &&
         FromHex(name.substr(0, kHexSize), session);
}

Result<std::vector<std::string>> ListLogFiles(Directory& directory, SessionId session) {
  REPRISE_TRY_ASSIGN(const std::vector<std::string> names, directory.List());
  std::vector<std::pair<std::uint32_t, std::string>> found;
  for (const std::string& name : names) {
    SessionId owner = 0;
    std::uint32_t file = 0;
    if (ParseLogFileName(name, &owner, &file) && owner == session) found.emplace_back(file, name);
  }
  std::sort(found.begin(), found.end());
  std::vector<std::string> files;
  files.reserve(found.size());
  for (auto& [file, name] : found) files.push_back(std::move(name));
  return files;
}

Result<std::vector<SessionId>> ListSessions(Directory& directory) {
  REPRISE_TRY_ASSIGN(const std::vector<std::string> names, directory.List());
  std::vector<SessionId> sessions;
  for (const std::string& name : names) {
    SessionId session = 0;
    std::uint32_t file = 0;
    if (ParseLogFileName(name, &session, &file) || ParseLockFileName(name, &session)) {
      sessions.push_back(session);
    }
  }
  std::sort(sessions.begin(), sessions.end());
  sessions.erase(std::unique(sessions.begin(), sessions.end()), sessions.end());
  return sessions;
}

}  // namespace reprise
