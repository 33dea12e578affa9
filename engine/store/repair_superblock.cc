#include "engine/store/repair_superblock.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <optional>
#include <set>

#include "engine/log/log_names.h"
#include "engine/store/layout.h"
#include "format/log_file.h"
#include "format/pack.h"
#include "format/superblock.h"
#include "format/try.h"

namespace reprise {

namespace {

// What the headers of logs and packs say of their store.
struct Testimony {
  std::set<std::string> uuids;
  TimeMicros oldest = std::numeric_limits<TimeMicros>::max();

  void Add(const std::string& uuid, TimeMicros created) {
    uuids.insert(uuid);
    oldest = std::min(oldest, created);
  }
};

// The beginning of a file; shorter where it ends.
Result<std::string> ReadHead(Directory& directory, const std::string& name, std::size_t size) {
  REPRISE_TRY_ASSIGN(const auto file, directory.Open(name, OpenMode::kRead));
  std::string bytes(size, '\0');
  REPRISE_TRY_ASSIGN(const std::size_t read, file->ReadAt(0, bytes.data(), size));
  bytes.resize(read);
  return bytes;
}

template <typename Decode>
Status Hear(Directory& root, std::string_view part, std::string_view ending, std::size_t size,
            Decode decode, Testimony* testimony) {
  const auto directory = root.OpenDirectory(part);
  if (!directory) return directory.error().code() == Code::kNotFound ? Status() : directory.error();
  REPRISE_TRY_ASSIGN(const auto names, (*directory)->List());
  for (const std::string& name : names) {
    if (!name.ends_with(ending)) continue;
    REPRISE_TRY_ASSIGN(const std::string head, ReadHead(**directory, name, size));
    const auto header = decode(head);
    if (header) testimony->Add(header->store_uuid, header->created);
    if (!header && header.error().code() == Code::kUnsupportedVersion) return header.error();
  }
  return {};
}

Result<Superblock> Reconstruct(Directory& root) {
  Testimony testimony;
  REPRISE_TRY(Hear(root, kPacksName, ".pack", kPackHeaderSize, DecodePackHeader, &testimony));
  REPRISE_TRY(Hear(root, kLogsName, ".log", kLogHeaderSize, DecodeLogHeader, &testimony));
  if (testimony.uuids.size() != 1) {
    return Fail(Code::kCorrupt,
                fmt::format("the superblock cannot be made anew: logs and packs name {} stores; "
                            "restore '{}/{}' from a copy",
                            testimony.uuids.size(), root.path(), kSuperblockName));
  }
  Superblock superblock;
  const std::string& uuid = *testimony.uuids.begin();
  std::memcpy(&superblock.uuid.high, uuid.data(), sizeof(std::uint64_t));
  std::memcpy(&superblock.uuid.low, uuid.data() + sizeof(std::uint64_t), sizeof(std::uint64_t));
  superblock.created = testimony.oldest;
  return superblock;
}

// Ok if it needs no repair.
Status CheckSuperblock(Directory& root) {
  REPRISE_TRY_ASSIGN(const auto file, root.Open(kSuperblockName, OpenMode::kRead));
  REPRISE_TRY_ASSIGN(const std::string bytes, ReadWhole(*file, kSuperblockSize));
  REPRISE_TRY_ASSIGN(const Superblock superblock, DecodeSuperblock(bytes));
  if (superblock.is_writable()) return {};
  return Status::Error(Code::kUnsupportedVersion,
                       fmt::format("a newer release wrote the store: '{}'; repair it with that "
                                   "release",
                                   root.path()));
}

Status PlaceSuperblock(const Io& io, Directory& root, const Superblock& superblock,
                       Quarantine* quarantine) {
  const std::string temporary = fmt::format("{}.{:016x}.new", kSuperblockName, io.random->Next64());
  REPRISE_TRY_ASSIGN(const auto file, root.Create(temporary));
  REPRISE_TRY(file->WriteAt(0, EncodeSuperblock(superblock)));
  REPRISE_TRY(file->DataSync());
  const auto old = root.Open(kSuperblockName, OpenMode::kRead);
  if (old) {
    REPRISE_TRY_ASSIGN(const std::string bytes, ReadHead(root, std::string(kSuperblockName), 4096));
    REPRISE_TRY(quarantine->Keep(kSuperblockName, bytes));
  }
  REPRISE_TRY(root.Rename(temporary, kSuperblockName));
  return root.Sync();
}

Status RepairSuperblock(const Io& io, Directory& root, Quarantine* quarantine,
                        std::vector<RepairItem>* items) {
  const Status found = CheckSuperblock(root);
  if (found.ok()) return {};
  if (found.code() != Code::kCorrupt && found.code() != Code::kNotFound) return found;
  REPRISE_TRY_ASSIGN(const Superblock superblock, Reconstruct(root));
  RepairItem item;
  item.what = "superblock.restore";
  item.file = kSuperblockName;
  item.length = kSuperblockSize;
  item.message = fmt::format("the superblock is made anew, as logs and packs name the store: {}",
                             found.message());
  items->push_back(std::move(item));
  return quarantine == nullptr ? Status() : PlaceSuperblock(io, root, superblock, quarantine);
}

Status RepairDirectory(Directory& root, std::string_view name, bool apply,
                       std::vector<RepairItem>* items) {
  REPRISE_TRY_ASSIGN(const bool exists, root.Exists(name));
  if (exists) return {};
  RepairItem item;
  item.what = "directory.make";
  item.file = name;
  item.message = "a directory of the store is missing and is made, empty";
  items->push_back(std::move(item));
  if (!apply) return {};
  REPRISE_TRY(root.MakeDirectory(name));
  return root.Sync();
}

}  // namespace

Status RepairFoundations(const Io& io, Directory& root, Quarantine* quarantine,
                         std::vector<RepairItem>* items) {
  REPRISE_TRY(RepairSuperblock(io, root, quarantine, items));
  REPRISE_TRY(RepairDirectory(root, kLogsName, quarantine != nullptr, items));
  return RepairDirectory(root, kPacksName, quarantine != nullptr, items);
}

}  // namespace reprise
