// Checks run from the outside in: is it a superblock, is it whole, may this release read it, and
// only then whether the rest makes sense. Magic, versions, uuid, incompat and checksum keep their
// places in every release, so an older reader can always say "newer" rather than "damaged".
#include "format/superblock.h"

#include <fmt/format.h>

#include "format/bytes.h"
#include "format/checksum.h"
#include "format/try.h"

namespace reprise {

namespace {

constexpr std::uint32_t kChecksumOffset = 120;
constexpr std::size_t kReservedTailSize = 56;

std::uint64_t ComputeChecksum(std::string_view bytes, const StoreUuid& uuid) {
  return Checksum(bytes.substr(0, kChecksumOffset), uuid.high, 0);
}

Status CheckEnvelope(std::string_view bytes) {
  if (bytes.size() != kSuperblockSize) {
    return Status::Error(Code::kCorrupt,
                         fmt::format("superblock has the wrong size: {} bytes (expected {}); "
                                     "restore the STORE file from a backup",
                                     bytes.size(), kSuperblockSize));
  }
  if (!bytes.starts_with(kSuperblockMagic)) {
    return Status::Error(Code::kCorrupt,
                         fmt::format("superblock magic mismatch: at byte 0 (stored {:016x}, "
                                     "expected {:016x}); check that this is a store",
                                     LoadLittle<std::uint64_t>(bytes.data()),
                                     LoadLittle<std::uint64_t>(kSuperblockMagic.data())));
  }
  return {};
}

Status VerifyChecksum(std::string_view bytes, const StoreUuid& uuid) {
  const auto stored = LoadLittle<std::uint64_t>(bytes.data() + kChecksumOffset);
  const std::uint64_t computed = ComputeChecksum(bytes, uuid);
  if (stored == computed) return {};
  return Status::Error(Code::kCorrupt,
                       fmt::format("superblock checksum mismatch: at byte {} (stored {:016x}, "
                                   "computed {:016x}); restore the STORE file from a backup",
                                   kChecksumOffset, stored, computed));
}

Status CheckVersions(const Superblock& superblock) {
  if (superblock.read_version > kStoreReadVersion) {
    return Status::Error(Code::kUnsupportedVersion,
                         fmt::format("store needs reader version {}, this library reads up to {}; "
                                     "upgrade reprise",
                                     superblock.read_version, kStoreReadVersion));
  }
  const std::uint64_t unknown = superblock.incompat & ~kKnownIncompatibleFeatures;
  if (unknown != 0) {
    return Status::Error(Code::kUnsupportedVersion,
                         fmt::format("store uses features that this library does not know: "
                                     "incompat bits {:#x}; upgrade reprise",
                                     unknown));
  }
  if (superblock.read_version == 0 || superblock.write_version < superblock.read_version) {
    return Status::Error(Code::kCorrupt,
                         fmt::format("superblock versions make no sense: at byte 8 (read {}, "
                                     "write {}); restore the STORE file from a backup",
                                     superblock.read_version, superblock.write_version));
  }
  return {};
}

Status CheckReserved(std::uint32_t reserved, std::string_view tail) {
  const bool tail_is_zero = tail.find_first_not_of('\0') == std::string_view::npos;
  if (reserved == 0 && tail_is_zero) return {};
  const std::size_t offset = reserved != 0 ? 12 : 64 + tail.find_first_not_of('\0');
  return Status::Error(Code::kCorrupt, fmt::format("superblock reserved bytes are not zero: at "
                                                   "byte {}; restore the STORE file from a backup",
                                                   offset));
}

}  // namespace

std::string EncodeSuperblock(const Superblock& superblock) {
  std::string bytes;
  bytes.reserve(kSuperblockSize);
  ByteWriter writer(&bytes);
  writer.Raw(kSuperblockMagic);
  writer.Fixed(superblock.read_version);
  writer.Fixed(superblock.write_version);
  writer.Fixed<std::uint32_t>(0);
  writer.Fixed(superblock.uuid.high);
  writer.Fixed(superblock.uuid.low);
  writer.Fixed(superblock.compat);
  writer.Fixed(superblock.ro_compat);
  writer.Fixed(superblock.incompat);
  writer.Fixed(superblock.created);
  bytes.append(kReservedTailSize, '\0');
  writer.Fixed(ComputeChecksum(bytes, superblock.uuid));
  return bytes;
}

Result<Superblock> DecodeSuperblock(std::string_view bytes) {
  REPRISE_TRY(CheckEnvelope(bytes));
  Superblock superblock;
  std::uint32_t reserved = 0;
  std::string_view tail;
  ByteReader reader(bytes);
  reader.Skip(kSuperblockMagic.size());
  reader.Fixed(&superblock.read_version);
  reader.Fixed(&superblock.write_version);
  reader.Fixed(&reserved);
  reader.Fixed(&superblock.uuid.high);
  reader.Fixed(&superblock.uuid.low);
  reader.Fixed(&superblock.compat);
  reader.Fixed(&superblock.ro_compat);
  reader.Fixed(&superblock.incompat);
  reader.Fixed(&superblock.created);
  reader.Raw(kReservedTailSize, &tail);
  REPRISE_TRY(VerifyChecksum(bytes, superblock.uuid));
  REPRISE_TRY(CheckVersions(superblock));
  REPRISE_TRY(CheckReserved(reserved, tail));
  return superblock;
}

}  // namespace reprise
