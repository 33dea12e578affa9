// The directories and the superblock of a store on disk.
#ifndef REPRISE_ENGINE_STORE_LAYOUT_H_
#define REPRISE_ENGINE_STORE_LAYOUT_H_

#include <memory>
#include <string>

#include "engine/io/directory.h"
#include "engine/io/io.h"
#include "reprise/status.h"

namespace reprise {

inline constexpr std::string_view kSuperblockName = "STORE";
inline constexpr std::string_view kLogsName = "log";
inline constexpr std::string_view kPacksName = "packs";
inline constexpr std::string_view kQuarantineName = "quarantine";

// An open store directory. Directories stay open as long as it lives.
struct StoreLayout {
  std::unique_ptr<Directory> root;
  std::unique_ptr<Directory> logs;
  std::unique_ptr<Directory> packs;
  std::string uuid;        // 16 bytes, from the superblock
  bool read_only = false;  // asked for, or required by a feature of a newer release
};

// Opens an existing store. kNotFound: there is none at `path`; kUnsupportedVersion, kCorrupt: its
// superblock.
Result<StoreLayout> OpenLayout(const Io& io, const std::string& path, bool read_only);

// Makes a store at `path`, or finishes one that was half made, and opens it: directories first, the
// superblock last, under a temporary name, synced, renamed, directory synced.
// kAlreadyExists if there is a store already.
Result<StoreLayout> MakeLayout(const Io& io, const std::string& path);

}  // namespace reprise

#endif  // REPRISE_ENGINE_STORE_LAYOUT_H_
