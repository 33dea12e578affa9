// BuildCatalog: a new catalog file out of changes. CheckCatalog: a look through the present one.
#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "engine/catalog/apply.h"
#include "engine/catalog/catalog.h"
#include "engine/catalog/control.h"
#include "engine/catalog/env.h"
#include "engine/catalog/page_walk.h"
#include "format/try.h"

namespace reprise {
namespace {

constexpr std::string_view kBuildingName = "catalog.building";
// Changes folded in one transaction: enough that commits cost little, few enough that its dirty
// pages take little memory (most changes touch pages that the one before touched).
constexpr std::size_t kBatch = 1000;

Status RemoveIfThere(Directory& directory, std::string_view name) {
  const Status status = directory.Remove(name);
  return status.code() == Code::kNotFound ? Status() : status;
}

Status PutMeta(Env& env, const std::string& store_uuid) {
  MetaRecord meta;
  meta.store_uuid = store_uuid;
  return env.Write([&](Txn& txn) { return txn.Put(MetaKey(), EncodeRecord(meta)); });
}

// A change that was left out, and why.
struct LeftOut {
  const Change* change;
  Status why;
};

Status FoldBatch(Txn& txn, std::span<const Change> changes, bool tolerant,
                 std::vector<LeftOut>* left_out) {
  Folder folder(txn);
  for (const Change& change : changes) {
    const Status status = folder.Apply(change);
    if (status.ok()) continue;
    if (status.code() != Code::kInternal || !tolerant) return status;
    left_out->push_back({&change, status});
  }
  return {};
}

Status Fold(Env& env, std::span<const Change> changes, const CatalogBuild& build) {
  const bool tolerant = build.left_out != nullptr;
  for (; !changes.empty(); changes = changes.subspan(std::min(kBatch, changes.size()))) {
    std::vector<LeftOut> left_out;
    REPRISE_TRY(env.Write([&](Txn& txn) {
      left_out.clear();
      return FoldBatch(txn, changes.first(std::min(kBatch, changes.size())), tolerant, &left_out);
    }));
    for (const LeftOut& entry : left_out) build.left_out(*entry.change, entry.why);
  }
  return {};
}

// The number of the last transaction in the finished, synced file.
Result<std::uint64_t> BuildFile(Directory& directory, const CatalogOptions& options,
                                const CatalogBuild& build, const ChangeStream& changes) {
  REPRISE_TRY(RemoveIfThere(directory, kBuildingName));
  REPRISE_TRY_ASSIGN(const std::shared_ptr<Env> env,
                     Env::OpenPrivate(directory.path() + "/" + std::string(kBuildingName)));
  REPRISE_TRY(PutMeta(*env, options.store_uuid));
  if (changes) {
    REPRISE_TRY(changes([&](std::span<const Change> some) { return Fold(*env, some, build); }));
  }
  REPRISE_TRY(env->Sync());
  return env->LastTransaction();
}

Status SetAside(Directory& directory, Directory* quarantine, std::uint64_t generation) {
  const std::string name = CatalogFileName(generation);
  REPRISE_TRY(RemoveIfThere(directory, name + "-lock"));
  if (quarantine == nullptr) return directory.Remove(name);
  return directory.RenameInto(name, *quarantine, name);
}

Status SetAllAside(Directory& directory, Directory* quarantine,
                   const std::vector<std::uint64_t>& generations) {
  for (const std::uint64_t generation : generations) {
    REPRISE_TRY(SetAside(directory, quarantine, generation));
  }
  if (quarantine != nullptr) REPRISE_TRY(quarantine->Sync());
  return directory.Sync();
}

Status EmptyFile(Directory& directory, std::uint64_t generation) {
  REPRISE_TRY_ASSIGN(const std::unique_ptr<File> file,
                     directory.Open(CatalogFileName(generation), OpenMode::kReadWrite));
  return EmptyPages(*file);
}

}  // namespace

Status BuildCatalog(Directory& directory, Directory* quarantine, const CatalogOptions& options,
                    const CatalogBuild& build) {
  REPRISE_TRY_ASSIGN(Control control, Control::OpenOrCreate(directory));
  REPRISE_TRY_ASSIGN(const ControlLock lock, ControlLock::Take(control, LockKind::kExclusive));
  REPRISE_TRY_ASSIGN(const std::uint64_t present, CatalogGeneration(directory));
  if (present != build.replaces) return {};

  ChangeStream changes;
  if (build.changes) {
    REPRISE_TRY_ASSIGN(changes, build.changes());
  }
  REPRISE_TRY_ASSIGN(const std::uint64_t transaction,
                     BuildFile(directory, options, build, changes));
  REPRISE_TRY_ASSIGN(const std::vector<std::uint64_t> old, CatalogFiles(directory));
  const std::uint64_t next = std::max(present, old.empty() ? 0 : old.back()) + 1;
  REPRISE_TRY(directory.RenameNoReplace(kBuildingName, CatalogFileName(next)));
  REPRISE_TRY(directory.Sync());

  // From here until catalog.lock names the new file no catalog opens.
  for (const std::uint64_t generation : old) REPRISE_TRY(EmptyFile(directory, generation));
  REPRISE_TRY_ASSIGN(const DirectoryId id, directory.Id());
  const CatalogControl said{next, true, transaction, options.boot_id, id.device, id.inode};
  const Status named = control.Write(said, true);
  if (!named.ok()) {
    // On a full disk every try would leave one more file. Should catalog.lock name it all the same,
    // it names none that opens, and the next opening builds another.
    static_cast<void>(directory.Remove(CatalogFileName(next)));
    return named;
  }
  return SetAllAside(directory, quarantine, old);
}

Status CheckCatalog(Directory& directory) {
  REPRISE_TRY_ASSIGN(Control control, Control::Open(directory, OpenMode::kReadWrite));
  REPRISE_TRY_ASSIGN(const ControlLock lock, ControlLock::Take(control, LockKind::kExclusive));
  REPRISE_TRY_ASSIGN(const CatalogControl said, control.Read());
  const std::string name = CatalogFileName(said.generation);
  REPRISE_TRY_ASSIGN(const std::unique_ptr<File> file, directory.Open(name, OpenMode::kRead));
  REPRISE_TRY(WalkPages(*file));
  REPRISE_TRY_ASSIGN(const DirectoryId id, directory.Id());
  REPRISE_TRY_ASSIGN(const std::shared_ptr<Env> env,
                     Env::Open({id, said.generation}, directory.path() + "/" + name));
  return env->Read([](Txn& txn) { return DumpTables(txn, false, [](std::string_view) {}); });
}

}  // namespace reprise
