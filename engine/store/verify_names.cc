// The superblock, and which names belong in a store.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "engine/io/open_to_all.h"
#include "engine/log/log_names.h"
#include "engine/run/space_reserve.h"
#include "engine/segment/pack_writer.h"
#include "engine/store/layout.h"
#include "engine/store/verify_context.h"
#include "format/superblock.h"
#include "format/try.h"

namespace reprise {

namespace {

constexpr std::array<std::string_view, 8> kRootNames{kSuperblockName, kReserveName,    kLogsName,
                                                     kPacksName,      kQuarantineName, "trash",
                                                     "files",         "catalog.lock"};

bool IsRootName(std::string_view name) {
  return std::find(kRootNames.begin(), kRootNames.end(), name) != kRootNames.end() ||
         name.starts_with("catalog.");
}

bool IsLogName(std::string_view name) {
  SessionId session = 0;
  std::uint32_t file = 0;
  return ParseLogFileName(name, &session, &file) || ParseLockFileName(name, &session);
}

bool IsPackName(std::string_view name) {
  std::uint64_t pack = 0;
  return name.ends_with(".pack") && FromHex(name.substr(0, name.size() - 5), &pack) &&
         PackFileName(pack) == name;
}

// Temporary files are renamed into place when they are whole; one that stays was never used.
bool IsTemporary(std::string_view name) { return name.ends_with(".new"); }

// Files are made for their owner alone; but who may rename them can put others in their place.
void CheckMode(VerifyContext* context, const Directory& directory, std::string_view prefix) {
  const Result<bool> open = IsOpenToAll(directory);
  if (!open && open.error().code() == Code::kNotFound) return;  // moved: names are read anyhow
  if (!open) return context->AddUnreadable(open.error(), prefix);
  if (!*open) return;
  context->Add(MakeFinding(Severity::kNote, "store.world_writable", std::string(prefix), 0,
                           fmt::format("every user may change what is in it: '{}'; take the right "
                                       "away with 'chmod o-w'",
                                       directory.path())));
}

// False: the directory cannot be listed.
bool CheckNames(VerifyContext* context, Directory& directory, std::string_view prefix,
                bool (*belongs)(std::string_view)) {
  CheckMode(context, directory, prefix);
  const auto names = directory.List();
  if (!names) {
    context->AddUnreadable(names.error(), prefix);
    return false;
  }
  for (const std::string& name : *names) {
    if (belongs(name)) continue;
    const std::string file = prefix.empty() ? name : fmt::format("{}/{}", prefix, name);
    const bool unfinished = IsTemporary(name);
    context->Add(MakeFinding(
        Severity::kNote, unfinished ? "store.unfinished_file" : "store.unknown_file", file, 0,
        unfinished
            ? fmt::format("a file was never finished: '{}'; it can be removed if no process "
                          "is at work",
                          file)
            : fmt::format("a file does not belong in a store: '{}'; move it elsewhere", file)));
  }
  return true;
}

void ReportUnopened(VerifyContext* context, const Status& status, std::string_view name) {
  if (status.code() != Code::kNotFound) return context->AddUnreadable(status, name);
  context->Add(MakeFinding(Severity::kLost, "store.directory_missing", std::string(name), 0,
                           fmt::format("a directory of the store is missing: '{}'; restore it from "
                                       "a copy, or make it if the copy left out empty directories",
                                       name)));
}

std::unique_ptr<Directory> OpenPart(VerifyContext* context, std::string_view name,
                                    bool (*belongs)(std::string_view)) {
  auto part = context->root->OpenDirectory(name);
  if (!part) {
    ReportUnopened(context, part.error(), name);
    return nullptr;
  }
  return CheckNames(context, **part, name, belongs) ? std::move(*part) : nullptr;
}

Result<std::string> ReadUuid(Directory& root) {
  REPRISE_TRY_ASSIGN(const auto file, root.Open(kSuperblockName, OpenMode::kRead));
  REPRISE_TRY_ASSIGN(const std::string bytes, ReadWhole(*file, kSuperblockSize));
  REPRISE_TRY(DecodeSuperblock(bytes));
  return bytes.substr(16, 16);
}

}  // namespace

bool VerifyNames(VerifyContext* context) {
  auto uuid = ReadUuid(*context->root);
  if (uuid) {
    context->uuid = std::move(*uuid);
    context->report.bytes += kSuperblockSize;
  } else {
    const Severity severity = SeverityOf(uuid.error(), Severity::kLost);
    const bool newer = severity == Severity::kVersion;
    context->Add(MakeFinding(severity, newer ? "superblock.version" : "superblock.damaged",
                             std::string(kSuperblockName), 0, std::string(uuid.error().message())));
    // What a newer release writes cannot be judged.
    if (newer) return false;
  }
  CheckNames(context, *context->root, "", IsRootName);
  context->logs = OpenPart(context, kLogsName, IsLogName);
  context->packs = OpenPart(context, kPacksName, IsPackName);
  return context->logs != nullptr && context->packs != nullptr;
}

}  // namespace reprise
