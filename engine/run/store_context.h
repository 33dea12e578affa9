// What everything that works in one open store shares.
#ifndef REPRISE_ENGINE_RUN_STORE_CONTEXT_H_
#define REPRISE_ENGINE_RUN_STORE_CONTEXT_H_

#include <memory>
#include <string>

#include "engine/catalog/catalog.h"
#include "engine/history/snapshot.h"
#include "engine/io/directory.h"
#include "engine/io/fork_guard.h"
#include "engine/io/io.h"
#include "reprise/options.h"

namespace reprise {

// Made by Store::Open, shared by the store's handles, the session and its writers. Immutable.
struct StoreContext {
  Io io;
  Options options;
  std::string path;
  std::string uuid;     // 16 bytes
  std::string boot_id;  // 16 bytes
  std::unique_ptr<Directory> root;
  std::unique_ptr<Directory> logs;
  std::unique_ptr<Directory> packs;
  std::shared_ptr<Catalog> catalog;
  ForkGuard fork_guard;

  SnapshotSource snapshots() const { return {catalog.get(), packs.get(), logs.get(), boot_id}; }
};

}  // namespace reprise

#endif  // REPRISE_ENGINE_RUN_STORE_CONTEXT_H_
