#include "engine/store/catalog_rebuild.h"

#include <fmt/format.h>

#include <utility>

#include "engine/store/gather.h"
#include "format/try.h"
#include "reprise/verify.h"

namespace reprise {

namespace {

Result<std::unique_ptr<Directory>> OpenQuarantine(Directory& root) {
  const Status made = root.MakeDirectory(kQuarantineName);
  if (!made.ok() && made.code() != Code::kAlreadyExists) return Fail(made);
  return root.OpenDirectory(kQuarantineName);
}

CatalogOptions OptionsFor(const Io& io, const StoreLayout& layout) {
  const auto boot_id = io.machine->Self().boot_id;
  CatalogOptions options;
  options.read_only = layout.read_only;
  options.store_uuid = layout.uuid;
  options.boot_id.assign(reinterpret_cast<const char*>(boot_id.data()), boot_id.size());
  return options;
}

}  // namespace

Status BuildFromFiles(const StoreLayout& layout, const CatalogOptions& options,
                      std::uint64_t replaces) {
  REPRISE_TRY_ASSIGN(const auto quarantine, OpenQuarantine(*layout.root));
  CatalogBuild build;
  build.replaces = replaces;
  build.changes = [&]() -> Result<ChangeStream> {
    REPRISE_TRY_ASSIGN(auto changes,
                       GatherChanges(*layout.logs, *layout.packs, options.boot_id, nullptr));
    return StreamOf(std::move(changes));
  };
  build.left_out = [](const Change&, const Status&) {};
  return BuildCatalog(*layout.root, quarantine.get(), options, build);
}

Result<std::shared_ptr<Catalog>> EnsureCatalog(const StoreLayout& layout,
                                               const CatalogOptions& options) {
  // Asked first: a catalog that another process builds from here on is not replaced.
  REPRISE_TRY_ASSIGN(const std::uint64_t generation, CatalogGeneration(*layout.root));
  auto catalog = OpenCatalog(*layout.root, options);
  if (catalog || options.read_only) return catalog;
  const Code code = catalog.error().code();
  if (code != Code::kNotFound && code != Code::kCorrupt) return catalog;
  REPRISE_TRY(BuildFromFiles(layout, options, generation));
  return OpenCatalog(*layout.root, options);
}

Status RebuildCatalog(const std::string& store_path) {
  return RebuildCatalog(SystemIo(), store_path);
}

Status RebuildCatalog(const Io& io, const std::string& store_path) {
  REPRISE_TRY_ASSIGN(const StoreLayout layout, OpenLayout(io, store_path, false));
  if (layout.read_only) {
    return Status::Error(Code::kUnsupportedVersion,
                         fmt::format("a newer release wrote the store: '{}'; rebuild its catalog "
                                     "with that release",
                                     store_path));
  }
  REPRISE_TRY_ASSIGN(const std::uint64_t generation, CatalogGeneration(*layout.root));
  return BuildFromFiles(layout, OptionsFor(io, layout), generation);
}

Result<std::string> DumpCatalog(const std::string& store_path) {
  return DumpCatalog(SystemIo(), store_path);
}

Result<std::string> DumpCatalog(const Io& io, const std::string& store_path) {
  REPRISE_TRY_ASSIGN(const StoreLayout layout, OpenLayout(io, store_path, true));
  REPRISE_TRY_ASSIGN(const auto catalog, OpenCatalog(*layout.root, OptionsFor(io, layout)));
  std::string text;
  REPRISE_TRY(catalog->Read([&](CatalogView& view) -> Status {
    text.clear();
    return view.Dump(true, [&](std::string_view line) { text.append(line).push_back('\n'); });
  }));
  return text;
}

}  // namespace reprise
