#include "engine/run/resume_file.h"

#include <fmt/format.h>

#include <utility>

#include "format/try.h"

namespace reprise {

namespace {

constexpr std::string_view kName = "resume.json";
constexpr std::string_view kTemporaryName = "resume.json.new";
constexpr std::uint64_t kMaxBytes = 4096;
constexpr std::string_view kPrefix = "{\"run_id\":\"";

}  // namespace

Result<std::optional<std::string>> ReadResumeFile(const StoreContext& context,
                                                  const std::string& run_directory) {
  const auto none = std::optional<std::string>();
  auto directory = context.io.files->OpenDirectory(run_directory);
  if (!directory && directory.error().code() == Code::kNotFound) return none;
  if (!directory) return Fail(directory.error());
  auto file = (*directory)->Open(kName, OpenMode::kRead);
  if (!file && file.error().code() == Code::kNotFound) return none;
  if (!file) return Fail(file.error());
  REPRISE_TRY_ASSIGN(const std::string text, ReadWhole(**file, kMaxBytes));
  // Ids have no character that JSON escapes, so the text is known but for the id.
  const std::size_t end = text.find('"', kPrefix.size());
  if (!text.starts_with(kPrefix) || end == std::string::npos) {
    return Fail(Code::kCorrupt,
                fmt::format("'{}' does not name a run; remove it to start anew", (*file)->path()));
  }
  return std::optional(text.substr(kPrefix.size(), end - kPrefix.size()));
}

Status WriteResumeFile(const StoreContext& context, const std::string& run_directory,
                       std::string_view run_id) {
  REPRISE_TRY(context.io.files->MakeDirectories(run_directory));
  REPRISE_TRY_ASSIGN(const auto directory, context.io.files->OpenDirectory(run_directory));
  REPRISE_TRY_ASSIGN(const bool left_over, directory->Exists(kTemporaryName));
  if (left_over) REPRISE_TRY(directory->Remove(kTemporaryName));
  REPRISE_TRY_ASSIGN(const auto file, directory->Create(kTemporaryName));
  REPRISE_TRY(file->WriteAt(0, fmt::format("{}{}\"}}\n", kPrefix, run_id)));
  REPRISE_TRY(file->DataSync());
  REPRISE_TRY(directory->Rename(kTemporaryName, kName));
  return directory->Sync();
}

void RemoveResumeFile(const StoreContext& context, const std::string& run_directory) {
  if (run_directory.empty()) return;
  const auto directory = context.io.files->OpenDirectory(run_directory);
  if (!directory) return;
  // Left behind it only makes the next start resume a finished run.
  static_cast<void>((*directory)->Remove(kName));
}

}  // namespace reprise
