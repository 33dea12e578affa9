#include "engine/store/pack_use.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <memory>
#include <optional>
#include <vector>

#include "engine/lineage/chain.h"
#include "format/try.h"

namespace reprise {

namespace {

constexpr std::size_t kRunsAtOnce = 100;

Status IgnoreDamage(const PackDamage&) { return {}; }

// Of the runs that have segments in the pack, those that are deleted.
Status FindDeleted(Catalog& catalog, PackFile& pack, std::set<RunUid>* deleted) {
  std::set<RunUid> found;
  const auto note = [&](const PackFrame& frame) -> Status {
    if (frame.kind == PackFrame::Kind::kSegment) found.insert(frame.ref.branch.uid);
    return {};
  };
  REPRISE_TRY(pack.Scan(note, IgnoreDamage));
  for (const RunUid& uid : found) {
    REPRISE_TRY(catalog.Read([&](CatalogView& view) -> Status {
      REPRISE_TRY_ASSIGN(const auto run, view.GetRun(uid));
      if (run && run->deleted) deleted->insert(uid);
      return {};
    }));
  }
  return {};
}

// What the branches of one living run show of deleted runs.
Status NoteInherited(CatalogView& view, const RunUid& uid, const std::set<RunUid>& deleted,
                     std::map<BranchId, Step>* inherited) {
  const auto lookup = [&](const BranchId& id) -> Result<BranchNode> {
    REPRISE_TRY_ASSIGN(const auto branch, view.GetBranch(id));
    if (branch) return branch->node;
    return Fail(Code::kCorrupt, fmt::format("the catalog has no branch {} of run {}; run 'reprise "
                                            "verify'",
                                            id.ordinal, ToHex(id.uid)));
  };
  REPRISE_TRY_ASSIGN(const auto branches, view.Branches(uid));
  for (const BranchRecord& branch : branches) {
    REPRISE_TRY_ASSIGN(const auto pieces,
                       Flatten(branch.node, std::numeric_limits<Step>::max(), lookup));
    for (const Piece& piece : pieces) {
      if (!deleted.contains(piece.branch.uid)) continue;
      const auto known = inherited->try_emplace(piece.branch, piece.steps.last).first;
      known->second = std::max(known->second, piece.steps.last);
    }
  }
  return {};
}

// The next living runs after `before`, newest first; none: all were seen.
Result<std::optional<RunUid>> NoteInheritedOfNext(Catalog& catalog, std::optional<RunUid> before,
                                                  const std::set<RunUid>& deleted,
                                                  std::map<BranchId, Step>* inherited) {
  std::optional<RunUid> last;
  const Status read = catalog.Read([&](CatalogView& view) -> Status {
    last.reset();
    REPRISE_TRY_ASSIGN(const auto runs, view.RecentRuns(before, kRunsAtOnce));
    for (const RunUid& uid : runs) {
      REPRISE_TRY(NoteInherited(view, uid, deleted, inherited));
      last = uid;
    }
    return {};
  });
  if (!read.ok()) return Fail(read);
  return last;
}

// Whether whoever holds the run, or was passed just now, may be about to publish it.
bool MayBePublished(const LeaseRecord& lease, Generation generation) {
  const bool of_holder = lease.holder.session != 0 && lease.generation == generation;
  return of_holder || (lease.pending && lease.pending->generation == generation);
}

bool Covers(const SegmentRef& segment, const SegmentRef& frame) {
  return segment.first <= frame.first && segment.last >= frame.last;
}

}  // namespace

Result<NeededSegments> NeededSegments::Find(Catalog& catalog, Directory& packs) {
  NeededSegments needed;
  REPRISE_TRY_ASSIGN(const auto ids, ListPacks(packs));
  for (const std::uint64_t id : ids) {
    const auto pack = PackFile::Open(packs, id);
    if (pack) REPRISE_TRY(FindDeleted(catalog, **pack, &needed.deleted_));
  }
  if (needed.deleted_.empty()) return needed;
  std::optional<RunUid> last;
  do {
    REPRISE_TRY_ASSIGN(last,
                       NoteInheritedOfNext(catalog, last, needed.deleted_, &needed.inherited_));
  } while (last);
  return needed;
}

bool NeededSegments::IsInherited(const SegmentRef& frame) const {
  const auto found = inherited_.find(frame.branch);
  return found != inherited_.end() && frame.first <= found->second;
}

Result<FrameUse> NeededSegments::UseOf(CatalogView& catalog, const SegmentRef& frame) const {
  const RunUid& uid = frame.branch.uid;
  REPRISE_TRY_ASSIGN(const auto run, catalog.GetRun(uid));
  if (!run) return FrameUse::kUnclear;
  REPRISE_TRY_ASSIGN(const auto present,
                     catalog.Segments(frame.branch, frame.stream, frame.first, frame.last));
  if (std::find(present.begin(), present.end(), frame) != present.end()) {
    const bool dead = run->deleted && deleted_.contains(uid) && !IsInherited(frame);
    return dead ? FrameUse::kDead : FrameUse::kNeeded;
  }
  const bool replaced = std::any_of(present.begin(), present.end(), [&](const SegmentRef& segment) {
    return Covers(segment, frame);
  });
  if (run->deleted || replaced) return FrameUse::kDead;
  REPRISE_TRY_ASSIGN(const auto lease, catalog.GetLease(uid));
  const bool unclear = lease && MayBePublished(*lease, frame.generation);
  return unclear ? FrameUse::kUnclear : FrameUse::kDead;
}

Result<PackUse> NeededSegments::UseOf(Catalog& catalog, PackFile& pack) const {
  PackUse use;
  REPRISE_TRY_ASSIGN(use.size, pack.Size());
  const auto add = [&](const PackFrame& frame) -> Status {
    if (frame.kind != PackFrame::Kind::kSegment) return {};
    return catalog.Read([&](CatalogView& view) -> Status {
      REPRISE_TRY_ASSIGN(const FrameUse of_frame, UseOf(view, frame.ref));
      if (of_frame == FrameUse::kDead) use.dead += frame.ref.length;
      use.unclear = use.unclear || of_frame == FrameUse::kUnclear;
      return {};
    });
  };
  const auto on_damage = [&](const PackDamage&) -> Status {
    use.damaged = true;
    return {};
  };
  REPRISE_TRY(pack.Scan(add, on_damage));
  return use;
}

}  // namespace reprise
