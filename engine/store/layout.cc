#include "engine/store/layout.h"

#include <fmt/format.h>

#include <utility>

#include "engine/log/log_reader.h"
#include "engine/segment/pack_reader.h"
#include "format/superblock.h"
#include "format/try.h"

namespace reprise {

namespace {

constexpr std::string_view kTemporarySuffix = ".new";

bool IsTemporarySuperblock(std::string_view name) {
  return name.starts_with(kSuperblockName) && name.ends_with(kTemporarySuffix);
}

// The store's 16 bytes of identity, as they lie in the superblock.
std::string UuidBytes(std::string_view superblock) {
  return std::string(superblock.substr(16, 16));
}

Status NoStoreAt(const std::string& path) {
  return Status::Error(Code::kNotFound,
                       fmt::format("there is no store: '{}'; make one with 'reprise init'", path));
}

// Whether anything was ever written in the directory: the superblock comes first, so without it the
// store is damaged, and another superblock would make it another store.
Result<bool> HoldsData(Directory& root) {
  const auto logs = root.OpenDirectory(kLogsName);
  if (!logs && logs.error().code() != Code::kNotFound) return Fail(logs.error());
  if (logs) {
    REPRISE_TRY_ASSIGN(const auto sessions, ListSessions(**logs));
    if (!sessions.empty()) return true;
  }
  const auto packs = root.OpenDirectory(kPacksName);
  if (!packs && packs.error().code() != Code::kNotFound) return Fail(packs.error());
  if (!packs) return false;
  REPRISE_TRY_ASSIGN(const auto ids, ListPacks(**packs));
  return !ids.empty();
}

Status NoSuperblock(Directory& root) {
  const auto holds_data = HoldsData(root);
  if (!holds_data) return holds_data.error();
  if (!*holds_data) return NoStoreAt(root.path());
  return Status::Error(Code::kCorrupt,
                       fmt::format("the superblock of a store is missing: '{}/{}'; restore it "
                                   "from a copy",
                                   root.path(), kSuperblockName));
}

// The content of the superblock, checked.
Result<std::string> ReadSuperblock(Directory& root, Superblock* superblock) {
  auto file = root.Open(kSuperblockName, OpenMode::kRead);
  if (!file && file.error().code() == Code::kNotFound) return Fail(NoSuperblock(root));
  if (!file) return Fail(file.error());
  REPRISE_TRY_ASSIGN(std::string bytes, ReadWhole(**file, kSuperblockSize));
  auto decoded = DecodeSuperblock(bytes);
  if (!decoded) {
    return Fail(decoded.error().code(),
                fmt::format("{}/{}: {}", root.path(), kSuperblockName, decoded.error().message()));
  }
  *superblock = *decoded;
  return bytes;
}

// A directory that every store has.
Result<std::unique_ptr<Directory>> OpenPart(Directory& root, std::string_view name) {
  auto part = root.OpenDirectory(name);
  if (part || part.error().code() != Code::kNotFound) return part;
  return Fail(Code::kCorrupt,
              fmt::format("a directory of the store is missing: {}/{}; restore it from a copy, or "
                          "make it if the copy left out empty directories",
                          root.path(), name));
}

Result<StoreLayout> OpenIn(std::unique_ptr<Directory> root, bool read_only) {
  StoreLayout layout;
  Superblock superblock;
  REPRISE_TRY_ASSIGN(const std::string bytes, ReadSuperblock(*root, &superblock));
  layout.uuid = UuidBytes(bytes);
  layout.read_only = read_only || !superblock.is_writable();
  REPRISE_TRY_ASSIGN(layout.logs, OpenPart(*root, kLogsName));
  REPRISE_TRY_ASSIGN(layout.packs, OpenPart(*root, kPacksName));
  layout.root = std::move(root);
  return layout;
}

Status MakeIfMissing(Directory& root, std::string_view name) {
  const Status made = root.MakeDirectory(name);
  return made.code() == Code::kAlreadyExists ? Status() : made;
}

Status StoreExists(const Directory& root) {
  return Status::Error(Code::kAlreadyExists,
                       fmt::format("there is a store already: '{}'; open it", root.path()));
}

Status WriteFile(Directory& root, const std::string& name, std::string_view bytes) {
  REPRISE_TRY_ASSIGN(const auto file, root.Create(name));
  REPRISE_TRY(file->WriteAt(0, bytes));
  return file->DataSync();
}

// Of several processes that make one store at the same time exactly one gives its superblock the
// name; the others find the store made.
Status PlaceSuperblock(const Io& io, Directory& root) {
  Superblock superblock;
  superblock.uuid = {io.random->Next64(), io.random->Next64()};
  superblock.created = io.clock->Now();
  const std::string temporary =
      fmt::format("{}.{:016x}{}", kSuperblockName, io.random->Next64(), kTemporarySuffix);
  Status placed = WriteFile(root, temporary, EncodeSuperblock(superblock));
  if (placed.ok()) placed = root.RenameNoReplace(temporary, kSuperblockName);
  if (placed.ok()) return root.Sync();
  (void)root.Remove(temporary);  // the failure that is reported is the first one
  // A winner that tidies up may have removed the temporary file under this process's hands.
  REPRISE_TRY_ASSIGN(const bool exists, root.Exists(kSuperblockName));
  return exists ? StoreExists(root) : placed;
}

// What crashed attempts left behind. Failures do not matter: verify mentions such files.
void RemoveTemporarySuperblocks(Directory& root) {
  const auto names = root.List();
  if (!names) return;
  for (const std::string& name : *names) {
    if (IsTemporarySuperblock(name)) (void)root.Remove(name);
  }
}

}  // namespace

Result<StoreLayout> OpenLayout(const Io& io, const std::string& path, bool read_only) {
  auto root = io.files->OpenDirectory(path);
  if (!root && root.error().code() == Code::kNotFound) return Fail(NoStoreAt(path));
  if (!root) return Fail(root.error());
  return OpenIn(std::move(*root), read_only);
}

Result<StoreLayout> MakeLayout(const Io& io, const std::string& path) {
  REPRISE_TRY(io.files->MakeDirectories(path));
  REPRISE_TRY_ASSIGN(auto root, io.files->OpenDirectory(path));
  REPRISE_TRY_ASSIGN(const bool exists, root->Exists(kSuperblockName));
  if (exists) return Fail(StoreExists(*root));
  REPRISE_TRY(MakeIfMissing(*root, kLogsName));
  REPRISE_TRY(MakeIfMissing(*root, kPacksName));
  // The superblock says that the rest is there, so the rest is there first.
  REPRISE_TRY(root->Sync());
  REPRISE_TRY(PlaceSuperblock(io, *root));
  RemoveTemporarySuperblocks(*root);
  return OpenIn(std::move(root), false);
}

}  // namespace reprise
