#include "engine/store/reclaim.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "engine/run/merger.h"
#include "engine/run/recovery.h"
#include "engine/segment/pack_writer.h"
#include "engine/store/layout.h"
#include "engine/store/pack_use.h"
#include "format/events.h"
#include "format/try.h"

namespace reprise {

namespace {

// A pack is written anew if at least one in so many of its bytes is dead: else the copying would
// cost more than it gives.
constexpr std::uint64_t kLeastDead = 8;
// Segments published in one transaction.
constexpr std::size_t kMovesAtOnce = 1000;

bool IsWorthIt(const PackUse& use) {
  return use.dead > 0 && use.dead >= use.size / kLeastDead && !use.unclear && !use.damaged;
}

// A segment, and its copy.
struct Move {
  SegmentRef from;
  SegmentRef to;
};

// Copies what is needed of one pack to others, and publishes it there.
class PackMover {
 public:
  PackMover(Session& session, const NeededSegments& needed)
      : session_(session), needed_(needed), mark_(session.packs().Mark()) {}

  // Afterwards nobody needs `pack`. kCorrupt: a segment cannot be read; the pack must stay.
  Status MoveAll(PackFile& pack);

 private:
  Status MoveFrame(const PackFrame& frame);
  Status MoveEvents(std::string_view payload);
  Status MoveSegment(const SegmentRef& from);
  Status Publish();

  Session& session_;
  const NeededSegments& needed_;
  const PackMark mark_;  // before the first frame
  std::vector<Move> moves_;
};

Status PackMover::MoveEvents(std::string_view payload) {
  std::vector<std::string> changes;
  REPRISE_TRY(ForEachEvent(payload, [&](std::string_view change) -> Status {
    changes.emplace_back(change);
    return {};
  }));
  return session_.packs().AppendEvents(changes);
}

Status PackMover::MoveSegment(const SegmentRef& from) {
  FrameUse use = FrameUse::kDead;
  REPRISE_TRY(session_.context().catalog->Read([&](CatalogView& view) -> Status {
    REPRISE_TRY_ASSIGN(use, needed_.UseOf(view, from));
    return {};
  }));
  if (use == FrameUse::kDead) return {};
  if (use == FrameUse::kUnclear) return Status::Error(Code::kBusy, "a segment is being published");
  REPRISE_TRY_ASSIGN(const SegmentRef to, MergeSegments(session_.context(), {&from, 1},
                                                        from.generation, session_.packs()));
  moves_.push_back({from, to});
  return moves_.size() < kMovesAtOnce ? Status() : Publish();
}

Status PackMover::MoveFrame(const PackFrame& frame) {
  if (frame.kind == PackFrame::Kind::kEvents) return MoveEvents(frame.payload);
  return frame.kind == PackFrame::Kind::kSegment ? MoveSegment(frame.ref) : Status();
}

// One change a run. What was merged into another segment meanwhile stays where it is now.
Status PackMover::Publish() {
  REPRISE_TRY(session_.packs().Sync(mark_));
  std::map<RunUid, std::vector<Move>> by_run;
  for (const Move& move : std::exchange(moves_, {})) {
    by_run[move.from.branch.uid].push_back(move);
  }
  return session_.MakeChanges([&](ChangeBuilder& changes) -> Status {
    for (const auto& [uid, moves] : by_run) {
      Sealed moved;
      for (const auto& [from, to] : moves) {
        REPRISE_TRY_ASSIGN(const auto present, changes.catalog().Segments(from.branch, from.stream,
                                                                          from.first, from.last));
        const bool stays = std::find(present.begin(), present.end(), from) == present.end();
        if (!stays) moved.segments.push_back(to);
      }
      if (!moved.segments.empty()) REPRISE_TRY(changes.Add(uid, std::move(moved)));
    }
    return {};
  });
}

Status PackMover::MoveAll(PackFile& pack) {
  const auto on_damage = [](const PackDamage& damage) {
    return Status::Error(Code::kCorrupt, damage.message);
  };
  REPRISE_TRY(pack.Scan([&](const PackFrame& frame) { return MoveFrame(frame); }, on_damage));
  return moves_.empty() ? session_.packs().Sync(mark_) : Publish();
}

// A pack that nobody appends to while it is open here. Null: somebody does, or it is gone.
Result<std::unique_ptr<File>> HoldPack(Directory& packs, std::uint64_t pack) {
  const std::string name = PackFileName(pack);
  auto file = packs.Open(name, OpenMode::kReadWrite);
  if (!file && file.error().code() == Code::kNotFound) return nullptr;
  if (!file) return Fail(file.error());
  REPRISE_TRY_ASSIGN(const bool locked, (*file)->TryLock(LockKind::kExclusive));
  REPRISE_TRY_ASSIGN(const bool is_there, packs.Exists(name));
  return locked && is_there ? *std::move(file) : nullptr;
}

class Reclaimer {
 public:
  Reclaimer(Session& session, const NeededSegments& needed) : session_(session), needed_(needed) {}

  Status Visit(std::uint64_t pack);
  const ReclaimReport& report() const { return report_; }

 private:
  const StoreContext& context() const { return session_.context(); }
  Status Rewrite(std::uint64_t id, PackFile& pack, const PackUse& use);
  Status Remove(std::uint64_t pack);

  Session& session_;
  const NeededSegments& needed_;
  ReclaimReport report_;
};

// Inside a write transaction: whoever builds the catalog anew from all packs keeps those out, so
// it does not meet the old file's name and miss the new one's.
Status Reclaimer::Remove(std::uint64_t pack) {
  REPRISE_TRY(context().catalog->Write(
      [&](CatalogUpdate&) { return context().packs->Remove(PackFileName(pack)); }));
  return context().packs->Sync();
}

Status Reclaimer::Rewrite(std::uint64_t id, PackFile& pack, const PackUse& use) {
  const Status moved = PackMover(session_, needed_).MoveAll(pack);
  if (moved.code() == Code::kBusy) {
    ++report_.packs_in_use;
    return {};
  }
  if (moved.code() == Code::kCorrupt) {
    ++report_.packs_damaged;
    return {};
  }
  REPRISE_TRY(moved);
  REPRISE_TRY(Remove(id));
  ++report_.packs_rewritten;
  report_.bytes_freed += use.dead;
  return {};
}

Status Reclaimer::Visit(std::uint64_t id) {
  REPRISE_TRY_ASSIGN(const auto held, HoldPack(*context().packs, id));
  if (held == nullptr) {
    ++report_.packs_in_use;
    return {};
  }
  const auto pack = PackFile::Open(*context().packs, id);
  if (!pack) {
    ++report_.packs_damaged;
    return pack.error().code() == Code::kCorrupt ? Status() : pack.error();
  }
  REPRISE_TRY_ASSIGN(const PackUse use, needed_.UseOf(*context().catalog, **pack));
  if (use.damaged) ++report_.packs_damaged;
  if (use.unclear) ++report_.packs_in_use;
  return IsWorthIt(use) ? Rewrite(id, **pack, use) : Status();
}

// Against other reclaims, and whoever looks at all files (HoldFiles).
Result<std::unique_ptr<File>> TakeFiles(Directory& root) {
  REPRISE_TRY_ASSIGN(auto file, root.Open(kSuperblockName, OpenMode::kReadWrite));
  REPRISE_TRY_ASSIGN(const bool locked, file->TryLock(LockKind::kExclusive));
  if (locked) return file;
  return Fail(Code::kBusy, fmt::format("another process reclaims or verifies the store now: '{}'; "
                                       "try again later",
                                       root.path()));
}

}  // namespace

Result<ReclaimReport> ReclaimPacks(Session& session) {
  const StoreContext& context = session.context();
  REPRISE_TRY_ASSIGN(const auto lock, TakeFiles(*context.root));
  // What dead sessions synced and did not publish is published first: then it is known to be
  // needed.
  AdoptDeadSessions(session);
  REPRISE_TRY(session.packs().LetGo());
  // What a damaged catalog does not show would be taken for dead.
  REPRISE_TRY(CheckCatalog(*context.root));
  REPRISE_TRY_ASSIGN(const NeededSegments needed,
                     NeededSegments::Find(*context.catalog, *context.packs));
  REPRISE_TRY_ASSIGN(const auto packs, ListPacks(*context.packs));
  Reclaimer reclaimer(session, needed);
  for (const std::uint64_t pack : packs) REPRISE_TRY(reclaimer.Visit(pack));
  return reclaimer.report();
}

Result<std::uint64_t> CountReclaimable(Catalog& catalog, Directory& packs) {
  REPRISE_TRY_ASSIGN(const NeededSegments needed, NeededSegments::Find(catalog, packs));
  REPRISE_TRY_ASSIGN(const auto ids, ListPacks(packs));
  std::uint64_t bytes = 0;
  for (const std::uint64_t id : ids) {
    const auto pack = PackFile::Open(packs, id);
    if (!pack) continue;
    REPRISE_TRY_ASSIGN(const PackUse use, needed.UseOf(catalog, **pack));
    if (IsWorthIt(use)) bytes += use.dead;
  }
  return bytes;
}

std::unique_ptr<File> HoldFiles(Directory& root) {
  auto file = root.Open(kSuperblockName, OpenMode::kRead);
  if (!file || !(*file)->Lock(LockKind::kShared).ok()) return nullptr;
  return *std::move(file);
}

}  // namespace reprise
