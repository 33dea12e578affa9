// Opening a store: superblock, directories, catalog. A store that is not there is made.
#include <fmt/format.h>

#include <array>
#include <utility>

#include "engine/run/space_reserve.h"
#include "engine/store/catalog_rebuild.h"
#include "engine/store/layout.h"
#include "engine/store/store_impl.h"
#include "format/try.h"

namespace reprise {

namespace {

constexpr std::uint32_t kMaxSyncInterval = 3'600'000;
constexpr std::size_t kMinMemoryBudget = std::size_t{1} << 20;

Status CheckOptions(const Options& options) {
  if (options.sync_interval_ms < 1 || options.sync_interval_ms > kMaxSyncInterval) {
    return Status::Error(Code::kInvalidArgument,
                         fmt::format("sync_interval_ms is {}; give 1 to {}",
                                     options.sync_interval_ms, kMaxSyncInterval));
  }
  if (options.memory_budget_bytes < kMinMemoryBudget) {
    return Status::Error(Code::kInvalidArgument,
                         fmt::format("memory_budget_bytes is {}; give at least {}",
                                     options.memory_budget_bytes, kMinMemoryBudget));
  }
  return {};
}

Result<StoreLayout> OpenOrMakeLayout(const Io& io, const std::string& path,
                                     const Options& options) {
  auto layout = OpenLayout(io, path, options.read_only);
  const bool absent = !layout && layout.error().code() == Code::kNotFound;
  if (!absent || options.read_only || !options.create) return layout;
  auto made = MakeLayout(io, path);
  // Another process made it in the meantime.
  if (!made && made.error().code() == Code::kAlreadyExists) return OpenLayout(io, path, false);
  return made;
}

std::string Text(const std::array<std::uint8_t, 16>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

Result<std::shared_ptr<const StoreContext>> OpenContext(const std::string& path,
                                                        const Options& options) {
  return OpenContext(SystemIo(), path, options);
}

Result<std::shared_ptr<const StoreContext>> OpenContext(const Io& io, const std::string& path,
                                                        const Options& options) {
  REPRISE_TRY(CheckOptions(options));
  auto context = std::make_shared<StoreContext>();
  context->io = io;
  context->options = options;
  context->path = path;
  REPRISE_TRY_ASSIGN(StoreLayout layout, OpenOrMakeLayout(context->io, path, options));
  context->options.read_only = layout.read_only;
  context->uuid = layout.uuid;
  context->boot_id = Text(context->io.machine->Self().boot_id);
  const CatalogOptions catalog_options{layout.read_only, context->uuid, context->boot_id};
  REPRISE_TRY_ASSIGN(context->catalog, EnsureCatalog(layout, catalog_options));
  context->root = std::move(layout.root);
  context->logs = std::move(layout.logs);
  context->packs = std::move(layout.packs);
  if (!layout.read_only) KeepReserve(*context->io.random, *context->root);
  return std::shared_ptr<const StoreContext>(std::move(context));
}

}  // namespace reprise
