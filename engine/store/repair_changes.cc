// Changes that nothing has any more, and those that make no sense without them. Both lose their
// numbers for good: what follows them would mean something else otherwise.
#include <fmt/format.h>

#include <algorithm>

#include "engine/segment/pack_reader.h"
#include "engine/segment/pack_writer.h"
#include "engine/store/gather.h"
#include "engine/store/repair_plan.h"
#include "format/try.h"

namespace reprise {

namespace {

void AddNumber(ChangeNumber first, ChangeNumber last, std::vector<ChangeRange>* ranges) {
  if (first > last) return;
  if (!ranges->empty() && ranges->back().last + 1 == first) {
    ranges->back().last = last;
  } else {
    ranges->push_back({first, last});
  }
}

class ChangeRepair {
 public:
  explicit ChangeRepair(RepairContext* context) : found_(context->found), plan_(context->plan) {}

  Status Run();

 private:
  Status FindLast(const GatheredChanges& all);
  void FindMissing(const GatheredChanges& all);
  Status FindVoid(const GatheredChanges& all);
  void RecordMissing();
  void RecordVoid(const RunUid& uid, const std::vector<ChangeRange>& ranges);
  Status RecordStrays();
  void RecordStray(const SegmentRef& ref);

  VerifyContext& found_;
  RepairPlan& plan_;
  ChangeFold legal_;  // of the changes that count
  std::vector<ChangeRange> missing_;
  std::map<RunUid, std::vector<ChangeRange>> void_;
};

// The catalog may know of changes that no file has.
Status ChangeRepair::FindLast(const GatheredChanges& all) {
  plan_.last = all.last();
  const std::vector<ChangeRange>& ranges = all.void_ranges();
  if (!ranges.empty()) plan_.last = std::max(plan_.last, ranges.back().last);
  if (found_.catalog == nullptr) return {};
  return found_.catalog->Read([&](CatalogView& view) -> Status {
    REPRISE_TRY_ASSIGN(const MetaRecord meta, view.Meta());
    plan_.last = std::max(plan_.last, meta.change);
    return {};
  });
}

void ChangeRepair::FindMissing(const GatheredChanges& all) {
  const std::vector<ChangeRange>& ranges = all.void_ranges();
  ChangeNumber expected = 1;
  const auto skip_to = [&](ChangeNumber end) {
    for (expected = SkipVoid(ranges, expected); expected < end;
         expected = SkipVoid(ranges, expected)) {
      const auto next = std::find_if(ranges.begin(), ranges.end(), [&](const ChangeRange& range) {
        return range.first > expected;
      });
      const ChangeNumber stop = next == ranges.end() ? end : std::min(end, next->first);
      AddNumber(expected, stop - 1, &missing_);
      expected = stop;
    }
  };
  for (const ChangePlace& place : all.places()) {
    skip_to(place.number);
    expected = place.number + 1;
  }
  skip_to(plan_.last + 1);
}

Status ChangeRepair::FindVoid(const GatheredChanges& all) {
  ChangeFold fold;
  return all.Read(0, all.last(), [&](std::span<const Change> some) -> Status {
    for (const Change& change : some) {
      if (fold.Apply(change).ok()) {
        (void)legal_.Apply(change);
      } else {
        AddNumber(change.number, change.number, &void_[change.uid]);
      }
    }
    return {};
  });
}

void ChangeRepair::RecordMissing() {
  GapRecorded gap;
  gap.reason = GapReason::kChangesLost;
  gap.changes = missing_;
  plan_.gaps.emplace_back(RunUid(), gap);
  for (const ChangeRange& range : missing_) {
    RepairItem item;
    item.what = "change.lost";
    item.lost = ChangesText(range.first, range.last);
    item.message = fmt::format("no log and no pack has {}; it is recorded as lost",
                               ChangesText(range.first, range.last));
    plan_.items.push_back(std::move(item));
  }
}

void ChangeRepair::RecordVoid(const RunUid& uid, const std::vector<ChangeRange>& ranges) {
  GapRecorded gap;
  gap.reason = GapReason::kChangesVoid;
  gap.changes = ranges;
  plan_.gaps.emplace_back(uid, gap);
  RepairItem item;
  item.what = "change.void";
  item.run = found_.fold.Name({uid, 0});
  for (const ChangeRange& range : ranges) {
    item.lost += (item.lost.empty() ? "" : ", ") + ChangesText(range.first, range.last);
  }
  item.message = "changes of a run make no sense without those that are lost, and do not count";
  plan_.items.push_back(std::move(item));
}

// A segment that no change names may have been named by one that is lost.
void ChangeRepair::RecordStray(const SegmentRef& ref) {
  plan_.gaps.emplace_back(ref.branch.uid, GapOf(GapReason::kChangesLost, ref));
  RepairItem item = ItemOf("segment.unnamed", ref, found_.fold);
  item.lost = LostRowsText(ref.rows);
  item.message = "no change names a segment; if one that is lost did, its rows are lost with it";
  plan_.items.push_back(std::move(item));
}

Status ChangeRepair::RecordStrays() {
  REPRISE_TRY_ASSIGN(const auto packs, ListPacks(*found_.packs));
  for (const std::uint64_t pack : packs) {
    const auto file = PackFile::Open(*found_.packs, pack);
    if (!file && MayBeWhole(file.error())) return file.error();
    if (!file) continue;
    const auto on_frame = [&](const PackFrame& frame) -> Status {
      const SegmentRef& ref = frame.ref;
      const bool stray =
          frame.kind == PackFrame::Kind::kSegment && !legal_.WasPublished(ref.pack, ref.offset);
      if (stray) RecordStray(ref);
      return {};
    };
    REPRISE_TRY((*file)->Scan(on_frame, [](const PackDamage&) { return Status(); }));
  }
  return {};
}

Status ChangeRepair::Run() {
  REPRISE_TRY_ASSIGN(const auto all, CollectReadableChanges(found_));
  REPRISE_TRY(FindLast(all));
  FindMissing(all);
  REPRISE_TRY(FindVoid(all));
  if (!missing_.empty()) RecordMissing();
  for (const auto& [uid, ranges] : void_) RecordVoid(uid, ranges);
  if (missing_.empty() && void_.empty()) return {};
  plan_.compare_all = true;  // nobody knows which rows they named
  return RecordStrays();
}

}  // namespace

Status PlanChanges(RepairContext* context) { return ChangeRepair(context).Run(); }

}  // namespace reprise
