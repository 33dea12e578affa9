// Any file of a store as text. What kind it is its first bytes tell.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/catalog/catalog.h"
#include "engine/store/dump_text.h"
#include "format/bytes.h"
#include "format/log_file.h"
#include "format/pack.h"
#include "format/superblock.h"
#include "format/try.h"
#include "reprise/verify.h"

namespace reprise {

namespace {

constexpr std::size_t kMagicBytes = 24;
// LMDB's own magic number, 16 bytes into its first page.
constexpr std::size_t kLmdbMagicOffset = 16;
constexpr std::uint32_t kLmdbMagic = 0xBEEFC0DE;

Status DumpSuperblock(File& file, const DumpLine& line) {
  REPRISE_TRY_ASSIGN(const std::uint64_t size, file.Size());
  REPRISE_TRY_ASSIGN(const std::string bytes,
                     ReadAll(file, 0, std::min<std::uint64_t>(size, kSuperblockSize + 1)));
  const auto superblock = DecodeSuperblock(bytes);
  if (!superblock) {
    line(fmt::format("{:>10} damaged superblock: {}", 0, superblock.error().message()));
    return {};
  }
  line(
      fmt::format("{:>10} superblock read_version={} write_version={} uuid={:016x}{:016x} "
                  "compat={:x} ro_compat={:x} incompat={:x} created={}",
                  0, superblock->read_version, superblock->write_version, superblock->uuid.high,
                  superblock->uuid.low, superblock->compat, superblock->ro_compat,
                  superblock->incompat, superblock->created));
  return {};
}

Result<std::string> UuidOf(Directory& root) {
  REPRISE_TRY_ASSIGN(const auto file, root.Open(kSuperblockName, OpenMode::kRead));
  REPRISE_TRY_ASSIGN(const std::string bytes, ReadWhole(*file, kSuperblockSize));
  REPRISE_TRY(DecodeSuperblock(bytes));
  return bytes.substr(16, 16);
}

// LMDB opens whole directories of ours, so only the catalog in force can be shown.
Status DumpCatalogFile(const Io& io, Directory& root, const std::string& name,
                       const DumpLine& line) {
  REPRISE_TRY_ASSIGN(const std::uint64_t generation, CatalogGeneration(root));
  if (name != fmt::format("catalog.{}", generation)) {
    line(fmt::format("{} is not the catalog in force, which is catalog.{}", Escaped(name),
                     generation));
    return {};
  }
  CatalogOptions options;
  options.read_only = true;
  const auto boot_id = io.machine->Self().boot_id;
  options.boot_id.assign(reinterpret_cast<const char*>(boot_id.data()), boot_id.size());
  REPRISE_TRY_ASSIGN(options.store_uuid, UuidOf(root));
  const auto catalog = OpenCatalog(root, options);
  if (!catalog) {
    line(fmt::format("damaged catalog: {}", catalog.error().message()));
    return {};
  }
  const Status dumped = (*catalog)->Read([&](CatalogView& view) -> Status {
    return view.Dump(false, [&](std::string_view entry) { line(std::string(entry)); });
  });
  if (!dumped.ok()) line(fmt::format("damaged: {}", dumped.message()));
  return {};
}

Result<std::string> ReadMagic(File& file) {
  std::string magic(kMagicBytes, '\0');
  REPRISE_TRY_ASSIGN(const std::size_t read, file.ReadAt(0, magic.data(), magic.size()));
  magic.resize(read);
  return magic;
}

// Directory and name.
std::pair<std::string, std::string> SplitPath(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return {".", path};
  return {path.substr(0, std::max<std::size_t>(slash, 1)), path.substr(slash + 1)};
}

bool IsLmdb(std::string_view magic) {
  return magic.size() >= kLmdbMagicOffset + 4 &&
         LoadLittle<std::uint32_t>(magic.data() + kLmdbMagicOffset) == kLmdbMagic;
}

}  // namespace

Status DumpFile(const std::string& path, const std::function<void(const std::string&)>& line) {
  const Io& io = SystemIo();
  const auto [parent, name] = SplitPath(path);
  REPRISE_TRY_ASSIGN(const auto directory, io.files->OpenDirectory(parent));
  REPRISE_TRY_ASSIGN(const auto file, directory->Open(name, OpenMode::kRead));
  REPRISE_TRY_ASSIGN(const std::string magic, ReadMagic(*file));
  if (magic.starts_with(kSuperblockMagic)) return DumpSuperblock(*file, line);
  if (magic.starts_with(kLogMagic)) return DumpLog(*file, line);
  if (magic.starts_with(kPackMagic)) return DumpPack(*directory, name, line);
  if (IsLmdb(magic)) return DumpCatalogFile(io, *directory, name, line);
  // Damage may have hit the magic itself: the name tells what it was.
  if (name == kSuperblockName) return DumpSuperblock(*file, line);
  if (name.ends_with(".log")) return DumpLog(*file, line);
  if (name.ends_with(".pack")) return DumpPack(*directory, name, line);
  return Status::Error(Code::kInvalidArgument,
                       fmt::format("not a file of a store: '{}' (begins with {}); give a "
                                   "superblock, log, pack or catalog",
                                   path, Hex(magic.substr(0, 8))));
}

}  // namespace reprise
