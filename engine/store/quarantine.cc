#include "engine/store/quarantine.h"

#include <fmt/format.h>

#include <ctime>

#include "engine/store/layout.h"
#include "format/try.h"

namespace reprise {

namespace {

constexpr int kMostInASecond = 1000;
constexpr TimeMicros kSecond = 1'000'000;

// UTC, as 20260131T235959Z.
std::string TimeText(TimeMicros now) {
  const std::time_t seconds = now / kSecond;
  std::tm parts{};
  if (gmtime_r(&seconds, &parts) == nullptr) return "0";
  return fmt::format("{:04}{:02}{:02}T{:02}{:02}{:02}Z", parts.tm_year + 1900, parts.tm_mon + 1,
                     parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec);
}

Status MakeIfMissing(Directory& root, std::string_view name) {
  const Status made = root.MakeDirectory(name);
  return made.code() == Code::kAlreadyExists ? Status() : made;
}

}  // namespace

Result<Directory*> Quarantine::Open() {
  if (directory_) return directory_.get();
  REPRISE_TRY(MakeIfMissing(root_, kQuarantineName));
  REPRISE_TRY_ASSIGN(const auto all, root_.OpenDirectory(kQuarantineName));
  for (int n = 1;; ++n) {
    const std::string name = fmt::format("{}-{}", TimeText(now_), n);
    const Status made = all->MakeDirectory(name);
    if (made.code() == Code::kAlreadyExists && n < kMostInASecond) continue;
    REPRISE_TRY(made);
    REPRISE_TRY_ASSIGN(directory_, all->OpenDirectory(name));
    path_ = fmt::format("{}/{}", kQuarantineName, name);
    break;
  }
  REPRISE_TRY(all->Sync());
  REPRISE_TRY(root_.Sync());
  return directory_.get();
}

Status Quarantine::Move(Directory& from, std::string_view name) {
  REPRISE_TRY_ASSIGN(const bool exists, from.Exists(name));
  if (!exists) return {};
  REPRISE_TRY_ASSIGN(Directory * to, Open());
  REPRISE_TRY(from.RenameInto(name, *to, name));
  REPRISE_TRY(to->Sync());
  return from.Sync();
}

Status Quarantine::Keep(std::string_view name, std::string_view bytes) {
  REPRISE_TRY_ASSIGN(Directory * to, Open());
  REPRISE_TRY_ASSIGN(const auto file, to->Create(name));
  REPRISE_TRY(file->WriteAt(0, bytes));
  REPRISE_TRY(file->DataSync());
  return to->Sync();
}

}  // namespace reprise
