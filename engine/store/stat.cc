// Where the bytes of a store are.
#include <utility>

#include "engine/history/snapshot.h"
#include "engine/store/catalog_rebuild.h"
#include "engine/store/layout.h"
#include "engine/store/reclaim.h"
#include "format/superblock.h"
#include "format/try.h"
#include "reprise/verify.h"

namespace reprise {

namespace {

// All sizes of the files whose names `counts`. Files that go away meanwhile count nothing.
Result<std::uint64_t> SizeOf(Directory& directory, bool (*counts)(std::string_view)) {
  REPRISE_TRY_ASSIGN(const auto names, directory.List());
  std::uint64_t bytes = 0;
  for (const std::string& name : names) {
    if (!counts(name)) continue;
    const auto file = directory.Open(name, OpenMode::kRead);
    if (!file && file.error().code() == Code::kNotFound) continue;
    if (!file) return Fail(file.error());
    REPRISE_TRY_ASSIGN(const std::uint64_t size, (*file)->Size());
    bytes += size;
  }
  return bytes;
}

Status CountSegment(Directory& packs, const SegmentRef& ref, StoreStat* stat) {
  REPRISE_TRY_ASSIGN(auto pack, PackFile::Open(packs, ref.pack));
  REPRISE_TRY_ASSIGN(const auto segment, SegmentReader::Open(std::move(pack), ref));
  ++stat->segments;
  stat->segment_bytes += ref.length;
  stat->cell_bytes += segment->CellBytes();
  stat->rows += segment->facts().rows;
  stat->values += segment->facts().values;
  return {};
}

Status CountBranch(const SnapshotSource& source, const BranchId& branch, StoreStat* stat) {
  SnapshotTarget target;
  target.uid = branch.uid;
  target.ordinal = branch.ordinal;
  REPRISE_TRY_ASSIGN(const auto snapshot, OpenSnapshot(source, target));
  for (const SnapshotPiece& piece : snapshot->pieces) {
    if (piece.branch != branch) continue;
    for (const SegmentRef& ref : piece.segments) {
      REPRISE_TRY(CountSegment(*source.packs, ref, stat));
    }
    if (!piece.tail) continue;
    stat->rows += piece.tail->rows();
    stat->values += piece.tail->values();
  }
  return {};
}

// The branches of the next runs, newest first.
Status NextBranches(Catalog& catalog, std::optional<RunUid>* before,
                    std::vector<BranchId>* branches, std::uint64_t* runs) {
  constexpr std::size_t kRunsAtOnce = 1000;
  const std::optional<RunUid> from = *before;
  return catalog.Read([&](CatalogView& view) -> Status {
    branches->clear();
    REPRISE_TRY_ASSIGN(const auto uids, view.RecentRuns(from, kRunsAtOnce));
    *runs = uids.size();
    for (const RunUid& uid : uids) {
      REPRISE_TRY_ASSIGN(const auto records, view.Branches(uid));
      for (const BranchRecord& record : records) branches->push_back(record.node.id);
    }
    if (!uids.empty()) *before = uids.back();
    return {};
  });
}

Status CountRuns(const SnapshotSource& source, StoreStat* stat) {
  std::optional<RunUid> before;
  for (;;) {
    std::vector<BranchId> branches;
    std::uint64_t runs = 0;
    REPRISE_TRY(NextBranches(*source.catalog, &before, &branches, &runs));
    if (runs == 0) return {};
    stat->runs += runs;
    for (const BranchId& branch : branches) {
      const Status counted = CountBranch(source, branch, stat);
      // Deleted since the catalog was read.
      if (!counted.ok() && counted.code() != Code::kNotFound) return counted;
    }
  }
}

}  // namespace

Result<StoreStat> ReadStoreStat(const std::string& store_path) {
  const Io& io = SystemIo();
  REPRISE_TRY_ASSIGN(const StoreLayout layout, OpenLayout(io, store_path, true));
  CatalogOptions options;
  options.read_only = true;
  options.store_uuid = layout.uuid;
  const auto boot_id = io.machine->Self().boot_id;
  options.boot_id.assign(reinterpret_cast<const char*>(boot_id.data()), boot_id.size());

  StoreStat stat;
  stat.superblock_bytes = kSuperblockSize;
  REPRISE_TRY_ASSIGN(stat.log_bytes, SizeOf(*layout.logs, [](std::string_view) { return true; }));
  REPRISE_TRY_ASSIGN(stat.pack_bytes, SizeOf(*layout.packs, [](std::string_view) { return true; }));
  REPRISE_TRY_ASSIGN(stat.catalog_bytes, SizeOf(*layout.root, [](std::string_view name) {
                       return name.starts_with("catalog.");
                     }));
  REPRISE_TRY_ASSIGN(const auto catalog, OpenCatalog(*layout.root, options));
  const SnapshotSource source{catalog.get(), layout.packs.get(), layout.logs.get(),
                              options.boot_id};
  REPRISE_TRY(CountRuns(source, &stat));
  REPRISE_TRY_ASSIGN(stat.reclaimable_bytes, CountReclaimable(*catalog, *layout.packs));
  return stat;
}

}  // namespace reprise
