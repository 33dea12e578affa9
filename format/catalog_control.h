// The file `catalog.lock`: which catalog file is the present one, and whether it may be trusted.
// Specified in format/catalog.md.
#ifndef REPRISE_FORMAT_CATALOG_CONTROL_H_
#define REPRISE_FORMAT_CATALOG_CONTROL_H_

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "format/field_table.h"
#include "reprise/status.h"

namespace reprise {

inline constexpr std::uint32_t kCatalogControlSize = 80;
inline constexpr std::string_view kCatalogControlMagic("\x89RPRC\r\n\x1A", 8);

inline constexpr std::array<FieldRow, 10> kCatalogControlFields{{
    {"magic", 0, 8},
    {"version", 8, 4},
    {"clean", 12, 4},
    {"generation", 16, 8},
    {"transaction", 24, 8},
    {"boot_id", 32, 16},
    {"device", 48, 8},
    {"inode", 56, 8},
    {"reserved", 64, 8},
    {"checksum", 72, 8},
}};
static_assert(TilesExactly(kCatalogControlFields, kCatalogControlSize));

struct CatalogControl {
  // The catalog is in `catalog.<generation>`.
  std::uint64_t generation = 0;
  // Everything committed is on stable storage, and `transaction` was the last one.
  bool clean = false;
  std::uint64_t transaction = 0;
  // The boot, and the store's directory in it, for which the file was last found sound. Elsewhere
  // (after a reboot, in a copy) it must be clean, and is looked through before it is used.
  std::string boot_id;  // 16 bytes
  std::uint64_t device = 0;
  std::uint64_t inode = 0;

  friend bool operator==(const CatalogControl&, const CatalogControl&) = default;
};

std::string EncodeCatalogControl(const CatalogControl& control);
// kCorrupt for anything that EncodeCatalogControl does not make; kUnsupportedVersion for a newer
// version.
Result<CatalogControl> DecodeCatalogControl(std::string_view bytes);

}  // namespace reprise

#endif  // REPRISE_FORMAT_CATALOG_CONTROL_H_
