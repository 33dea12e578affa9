#include "format/catalog_control.h"

#include <fmt/format.h>

#include "format/bytes.h"
#include "format/checksum.h"

namespace reprise {
namespace {

constexpr std::uint32_t kVersion = 1;
constexpr std::size_t kBootIdSize = 16;
constexpr std::size_t kChecksumAt = kCatalogControlSize - sizeof(std::uint64_t);

std::uint64_t ChecksumOf(std::string_view bytes) {
  return Checksum(bytes.substr(0, kChecksumAt), 0, 0);
}

tl::unexpected<Status> Damaged(std::string_view what) {
  return Fail(Code::kCorrupt,
              fmt::format("catalog.lock does not verify: {}; rebuild the catalog", what));
}

Status CheckFrame(std::string_view bytes) {
  if (bytes.size() != kCatalogControlSize) {
    return Damaged(
               fmt::format("at byte 0 ({} bytes, expected {})", bytes.size(), kCatalogControlSize))
        .value();
  }
  const auto kept = LoadLittle<std::uint64_t>(bytes.data() + kChecksumAt);
  const std::uint64_t computed = ChecksumOf(bytes);
  if (!bytes.starts_with(kCatalogControlMagic) || kept != computed) {
    return Damaged(fmt::format("at byte {} (checksum stored {:016x}, computed {:016x})",
                               kChecksumAt, kept, computed))
        .value();
  }
  const auto version = LoadLittle<std::uint32_t>(bytes.data() + kCatalogControlMagic.size());
  if (version == kVersion) return {};
  return Status::Error(Code::kUnsupportedVersion,
                       fmt::format("catalog.lock is of a newer release: version {} (this program "
                                   "knows {}); upgrade this program",
                                   version, kVersion));
}

}  // namespace

std::string EncodeCatalogControl(const CatalogControl& control) {
  std::string bytes;
  ByteWriter out(&bytes);
  out.Raw(kCatalogControlMagic);
  out.Fixed(kVersion);
  out.Fixed(std::uint32_t{control.clean ? 1U : 0U});
  out.Fixed(control.generation);
  out.Fixed(control.transaction);
  std::string boot_id = control.boot_id;
  boot_id.resize(kBootIdSize);
  out.Raw(boot_id);
  out.Fixed(control.device);
  out.Fixed(control.inode);
  out.Fixed(std::uint64_t{0});
  out.Fixed(ChecksumOf(bytes));
  return bytes;
}

Result<CatalogControl> DecodeCatalogControl(std::string_view bytes) {
  if (Status status = CheckFrame(bytes); !status.ok()) return Fail(std::move(status));
  ByteReader in(bytes);
  in.Skip(kCatalogControlMagic.size() + sizeof(kVersion));
  CatalogControl control;
  std::uint32_t clean = 0;
  std::string_view boot_id;
  in.Fixed(&clean);
  in.Fixed(&control.generation);
  in.Fixed(&control.transaction);
  in.Raw(kBootIdSize, &boot_id);
  in.Fixed(&control.device);
  in.Fixed(&control.inode);
  control.clean = clean != 0;
  control.boot_id = std::string(boot_id);
  if (EncodeCatalogControl(control) != bytes) return Damaged("at byte 12 (not as it is encoded)");
  return control;
}

}  // namespace reprise
