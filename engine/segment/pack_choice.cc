#include "engine/segment/pack_choice.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "engine/segment/pack_reader.h"
#include "engine/segment/pack_scan.h"
#include "format/pack.h"
#include "format/try.h"

namespace reprise {

namespace {

// So many packs are looked at before a new one is made: more than sessions live at once.
constexpr std::size_t kTriedPacks = 256;
constexpr int kTriedNames = 16;

std::uint64_t NextBlock(std::uint64_t offset) {
  return (offset + kPackBlockBytes - 1) & ~(kPackBlockBytes - 1);
}

bool HasRoom(std::uint64_t size, const PackWriterOptions& options) {
  return size >= kPackHeaderSize && NextBlock(size) < options.pack_bytes;
}

// Whether the header is one that this session may write behind.
bool MayContinue(const PackHeader& header, std::uint64_t pack, const PackWriterOptions& options) {
  return header.pack == pack && header.store_uuid == options.store_uuid && header.is_writable();
}

// The pack, if it can be continued. Failures mean that it cannot: another one will do.
Result<std::optional<HeldPack>> TryPack(Directory& packs, std::uint64_t pack,
                                        const PackWriterOptions& options) {
  constexpr std::nullopt_t kNo = std::nullopt;
  const std::string name = PackFileName(pack);
  HeldPack held;
  REPRISE_TRY_ASSIGN(held.file, packs.Open(name, OpenMode::kReadWrite));
  REPRISE_TRY_ASSIGN(const std::uint64_t size_before, held.file->Size());
  if (!HasRoom(size_before, options)) return kNo;
  REPRISE_TRY_ASSIGN(const bool locked, held.file->TryLock(LockKind::kExclusive));
  if (!locked) return kNo;
  // Only under the lock do name and size stay what they are.
  REPRISE_TRY_ASSIGN(const bool is_there, packs.Exists(name));
  REPRISE_TRY_ASSIGN(const std::uint64_t size, held.file->Size());
  if (!is_there || !HasRoom(size, options)) return kNo;
  REPRISE_TRY_ASSIGN(const std::string bytes, ReadAll(*held.file, 0, kPackHeaderSize));
  REPRISE_TRY_ASSIGN(const PackHeader header, DecodePackHeader(bytes));
  if (!MayContinue(header, pack, options)) return kNo;
  held.pack = pack;
  held.file_id = header.file_id;
  held.end = NextBlock(size);
  // Whoever made it may have died, or met an error, before its header and its name were on disk:
  // the same bytes again go there with the next sync.
  REPRISE_TRY(held.file->WriteAt(0, bytes));
  held.name_may_be_lost = true;
  REPRISE_TRY_ASSIGN(held.skipped_from, EndOfFrames({held.file.get(), held.file_id, pack, size}));
  return std::optional(std::move(held));
}

Result<HeldPack> CreatePack(const Io& io, Directory& packs, const PackWriterOptions& options) {
  PackHeader header;
  header.created = io.clock->Now();
  header.store_uuid = options.store_uuid;
  header.file_id = io.random->Next64();
  header.pack =
      (static_cast<std::uint64_t>(header.created) >> 20 << 32) | (io.random->Next64() & 0xFFFFFFFF);
  const std::string name = PackFileName(header.pack);
  HeldPack held;
  REPRISE_TRY_ASSIGN(held.file, packs.Create(name));
  // Another session may have seen the name and hold the lock for a moment, before it sees that
  // there is no header; or for longer, if it is stopped just then.
  Result<bool> locked = held.file->TryLock(LockKind::kExclusive);
  Status status = locked.has_value() ? Status() : locked.error();
  if (status.ok() && !*locked) {
    status = Status::Error(
        Code::kAlreadyExists,
        fmt::format("new pack is held by another session: '{}'; try again", held.file->path()));
  }
  if (status.ok()) status = held.file->WriteAt(0, EncodePackHeader(header));
  // Frames are found by the header, so it must not be lost where they are kept.
  if (status.ok()) status = held.file->DataSync();
  if (!status.ok()) {
    (void)packs.Remove(name);  // nobody can have written to it; left over it does no harm
    return Fail(std::move(status));
  }
  held.pack = header.pack;
  held.file_id = header.file_id;
  held.end = kPackHeaderSize;
  held.name_may_be_lost = true;
  return held;
}

}  // namespace

Result<HeldPack> TakePack(const Io& io, Directory& packs, const PackWriterOptions& options) {
  std::vector<std::uint64_t> ids;
  if (!options.new_pack) {
    REPRISE_TRY_ASSIGN(ids, ListPacks(packs));
  }
  std::reverse(ids.begin(), ids.end());
  ids.resize(std::min(ids.size(), kTriedPacks));
  for (const std::uint64_t pack : ids) {
    Result<std::optional<HeldPack>> held = TryPack(packs, pack, options);
    if (held.has_value() && held->has_value()) return std::move(**held);
    if (!held.has_value() && held.error().code() == Code::kClosed) return Fail(held.error());
  }
  for (int tries = 1;; ++tries) {
    Result<HeldPack> held = CreatePack(io, packs, options);
    if (held.has_value() || held.error().code() != Code::kAlreadyExists || tries == kTriedNames) {
      return held;
    }
  }
}

}  // namespace reprise
