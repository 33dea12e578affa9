#include "engine/run/session_lock.h"

#include <string_view>
#include <utility>

#include "engine/log/log_writer.h"
#include "format/try.h"

namespace reprise {

namespace {

constexpr std::string_view kAdopted = "a";

}  // namespace

Result<std::unique_ptr<SessionLock>> SessionLock::Create(Directory& logs, SessionId session) {
  const std::string name = LockFileName(session);
  const std::string temporary = name + ".new";
  REPRISE_TRY_ASSIGN(auto file, logs.Create(temporary));
  REPRISE_TRY_ASSIGN(const bool locked, file->TryLock(LockKind::kExclusive));
  if (!locked) return Fail(Code::kBusy, "a new lock file is locked already: " + file->path());
  REPRISE_TRY(logs.RenameNoReplace(temporary, name));
  return std::unique_ptr<SessionLock>(new SessionLock(logs, name, std::move(file)));
}

Result<std::unique_ptr<SessionLock>> SessionLock::Adopt(Directory& logs, SessionId session) {
  const std::string name = LockFileName(session);
  auto file = logs.Open(name, OpenMode::kReadWrite);
  // A log without a lock file was left by a crash between the removal of the two.
  if (!file && file.error().code() == Code::kNotFound) return Create(logs, session);
  if (!file) return Fail(file.error());
  REPRISE_TRY_ASSIGN(const bool locked, (*file)->TryLock(LockKind::kExclusive));
  if (!locked) return nullptr;
  // Whoever removed the file while we waited for it has finished the adoption.
  REPRISE_TRY_ASSIGN(const bool still_there, logs.Exists(name));
  if (!still_there) return nullptr;
  REPRISE_TRY((*file)->WriteAt(0, kAdopted));
  return std::unique_ptr<SessionLock>(new SessionLock(logs, name, std::move(*file)));
}

Status SessionLock::Remove() { return logs_.Remove(name_); }

Result<bool> IsSessionAlive(Directory& logs, SessionId session) {
  auto file = logs.Open(LockFileName(session), OpenMode::kRead);
  if (!file && file.error().code() == Code::kNotFound) return false;
  if (!file) return Fail(file.error());
  REPRISE_TRY_ASSIGN(const bool locked, (*file)->TryLock(LockKind::kShared));
  return !locked;
}

Result<bool> IsOwnerAlive(Directory& logs, SessionId session) {
  auto file = logs.Open(LockFileName(session), OpenMode::kRead);
  if (!file && file.error().code() == Code::kNotFound) return false;
  if (!file) return Fail(file.error());
  REPRISE_TRY_ASSIGN(const bool dead, (*file)->TryLock(LockKind::kShared));
  REPRISE_TRY_ASSIGN(const std::uint64_t size, (*file)->Size());
  return !dead && size == 0;
}

}  // namespace reprise
