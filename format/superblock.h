// The superblock: the file STORE, which says that a directory is a store, which one, and what a
// program must understand to read or write it. Specified in format/superblock.md.
#ifndef REPRISE_FORMAT_SUPERBLOCK_H_
#define REPRISE_FORMAT_SUPERBLOCK_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "format/field_table.h"
#include "reprise/status.h"
#include "reprise/value.h"

namespace reprise {

inline constexpr std::uint32_t kSuperblockSize = 128;
inline constexpr std::string_view kSuperblockMagic("\x89RPRS\r\n\x1A", 8);

// What this library writes, and the newest it understands.
inline constexpr std::uint16_t kStoreReadVersion = 1;
inline constexpr std::uint16_t kStoreWriteVersion = 1;

// The feature bits this library understands: none exist yet.
inline constexpr std::uint64_t kKnownReadOnlyFeatures = 0;
inline constexpr std::uint64_t kKnownIncompatibleFeatures = 0;

inline constexpr std::array<FieldRow, 11> kSuperblockFields{{
    {"magic", 0, 8},
    {"read_version", 8, 2},
    {"write_version", 10, 2},
    {"reserved", 12, 4},
    {"uuid", 16, 16},
    {"compat", 32, 8},
    {"ro_compat", 40, 8},
    {"incompat", 48, 8},
    {"created", 56, 8},
    {"reserved_tail", 64, 56},
    {"checksum", 120, 8},
}};
static_assert(TilesExactly(kSuperblockFields, kSuperblockSize));

// 128 random bits that name one store for ever.
struct StoreUuid {
  std::uint64_t high = 0;
  std::uint64_t low = 0;

  friend bool operator==(const StoreUuid&, const StoreUuid&) = default;
};

struct Superblock {
  std::uint16_t read_version = kStoreReadVersion;
  std::uint16_t write_version = kStoreWriteVersion;
  StoreUuid uuid;
  std::uint64_t compat = 0;     // features that any program may ignore
  std::uint64_t ro_compat = 0;  // features that a program must know to write
  std::uint64_t incompat = 0;   // features that a program must know to read
  TimeMicros created = 0;

  // False: written by a newer release in a way that this one can read but must not extend.
  bool is_writable() const {
    return write_version <= kStoreWriteVersion && (ro_compat & ~kKnownReadOnlyFeatures) == 0;
  }

  friend bool operator==(const Superblock&, const Superblock&) = default;
};

// The kSuperblockSize bytes of the file.
std::string EncodeSuperblock(const Superblock& superblock);

// Reads the whole content of the file. Fails with
//   kUnsupportedVersion  for a newer read_version or an unknown incompat bit
//   kCorrupt             for any other content that EncodeSuperblock cannot have written
// Offsets in messages count from the start of the file.
Result<Superblock> DecodeSuperblock(std::string_view bytes);

}  // namespace reprise

#endif  // REPRISE_FORMAT_SUPERBLOCK_H_
