// Packs: every frame, and every segment that changes name; of segments every byte, or their two
// ends if it has to be quick.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <span>

#include "engine/segment/pack_reader.h"
#include "engine/segment/pack_writer.h"
#include "engine/store/gather.h"
#include "engine/store/layout.h"
#include "engine/store/verify_context.h"
#include "format/segment_index.h"
#include "format/try.h"

namespace reprise {

namespace {

// Segments of one pack, by offset: those of the changes, which are not copied.
using Offsets = std::vector<const SegmentRef*>;

std::string PathOf(std::uint64_t pack) {
  return fmt::format("{}/{}", kPacksName, PackFileName(pack));
}

std::string Describe(const SegmentRef& ref) {
  return fmt::format("branch {} of run {}, positions {}..{}, {} rows, generation {}, {} bytes",
                     ref.branch.ordinal, ToHex(ref.branch.uid), ref.first, ref.last, ref.rows,
                     ref.generation, ref.length);
}

// Of what no change names: a change that is missing may have named it.
Severity UnnamedSeverity(const VerifyContext& context) {
  return context.complete ? Severity::kNote : Severity::kLost;
}

class PackCheck {
 public:
  // `wanted` are the segments that changes name in this pack.
  PackCheck(VerifyContext* context, std::uint64_t pack, const Offsets& wanted)
      : context_(context), pack_(pack), wanted_(wanted) {}

  void Run();
  // Frames that no change names, as far as is known now.
  const std::vector<SegmentRef>& strays() const { return strays_; }

 private:
  void ReportUnopened(const Status& status);
  void CheckWanted(const SegmentRef& ref, bool found);
  void CheckStray(const SegmentRef& ref);
  void ReportDamage(const PackDamage& damage);
  bool IsBeingWritten() const;
  bool HasFrames() const;
  Status CheckSegment(const SegmentRef& ref, bool found);
  Status CheckEnds(const SegmentRef& ref, bool found);
  Status CheckBytes(const SegmentRef& ref);
  void NoteFrame(const SegmentRef& ref);
  Status Scan();

  VerifyContext* context_;
  const std::uint64_t pack_;
  const Offsets& wanted_;
  std::shared_ptr<PackFile> file_;
  std::vector<bool> found_;           // of each wanted one: the scan found it as it should be
  std::vector<SegmentRef> unwanted_;  // other segments that it found, by offset
  std::vector<PackDamage> damages_;
  std::vector<SegmentRef> strays_;
};

void PackCheck::NoteFrame(const SegmentRef& ref) {
  const auto wanted = std::lower_bound(
      wanted_.begin(), wanted_.end(), ref.offset,
      [](const SegmentRef* one, std::uint64_t offset) { return one->offset < offset; });
  if (wanted == wanted_.end() || (*wanted)->offset != ref.offset) {
    if (context_->IsWanted(ref.branch.uid)) unwanted_.push_back(ref);
  } else {
    found_[static_cast<std::size_t>(wanted - wanted_.begin())] = **wanted == ref;
  }
}

Status PackCheck::Scan() {
  const auto on_frame = [&](const PackFrame& frame) -> Status {
    if (frame.kind == PackFrame::Kind::kSegment) {
      NoteFrame(frame.ref);
    } else {
      context_->report.bytes += frame.ref.length;
    }
    return {};
  };
  const auto on_damage = [&](const PackDamage& damage) -> Status {
    damages_.push_back(damage);
    return {};
  };
  return file_->Scan(on_frame, on_damage);
}

Status PackCheck::CheckSegment(const SegmentRef& ref, bool found) {
  return context_->options.depth == VerifyDepth::kQuick ? CheckEnds(ref, found) : CheckBytes(ref);
}

// The scan has checked header and footer of the frames that it found. Where it did not find this
// one, opening it tells why.
Status PackCheck::CheckEnds(const SegmentRef& ref, bool found) {
  if (!found) {
    const auto opened = SegmentReader::Open(file_, ref);
    if (!opened) return opened.error();
  }
  context_->report.bytes += kFrameHeaderSize + kSegmentFooterSize;
  return {};
}

Status PackCheck::CheckBytes(const SegmentRef& ref) {
  REPRISE_TRY_ASSIGN(const auto segment, SegmentReader::Open(file_, ref));
  REPRISE_TRY(segment->VerifyBytes());
  context_->report.bytes += ref.length;
  return {};
}

// Whatever the scan found there: it may have lost its way and passed over good frames.
void PackCheck::CheckWanted(const SegmentRef& ref, bool found) {
  const Status checked = CheckSegment(ref, found);
  if (checked.ok()) return;
  context_->AddSegmentFailure(checked, Severity::kLost, "segment.damaged", ref);
}

void PackCheck::CheckStray(const SegmentRef& ref) {
  const bool is_past = context_->fold.WasPublished(ref.pack, ref.offset);  // replaced, or deleted
  const Status checked = CheckSegment(ref, true);
  if (!checked.ok()) {
    context_->AddSegmentFailure(checked, is_past ? Severity::kNote : UnnamedSeverity(*context_),
                                "segment.damaged_unreferenced", ref);
  } else if (!is_past) {
    strays_.push_back(ref);
  }
}

// Whether a living session holds the pack to append to it.
bool PackCheck::IsBeingWritten() const {
  const auto file = context_->packs->Open(PackFileName(pack_), OpenMode::kRead);
  if (!file) return false;
  const auto locked = (*file)->TryLock(LockKind::kShared);
  return locked && !*locked;
}

// Whatever acknowledged data was there is told by what refers to it, or by the changes that are
// missing; a damaged region by itself only says that bytes are not what they should be.
void PackCheck::ReportDamage(const PackDamage& damage) {
  const auto told = [&](const SegmentRef* segment) {
    const std::uint64_t offset = segment->offset;
    return offset >= damage.offset && offset - damage.offset < damage.length &&
           context_->damaged.contains({pack_, offset});
  };
  if (std::any_of(wanted_.begin(), wanted_.end(), told)) return;
  const auto size = file_->Size();
  const bool at_end = size && damage.offset + damage.length >= *size;
  if (at_end && IsBeingWritten()) return;
  const bool torn = at_end && context_->complete;
  Finding finding =
      MakeFinding(UnnamedSeverity(*context_), torn ? "pack.torn_tail" : "pack.damaged",
                  PathOf(pack_), damage.offset, damage.message);
  finding.length = damage.length;
  context_->Add(std::move(finding));
}

// Whether the file can have held anything: a maker that died before its first sync leaves less.
bool PackCheck::HasFrames() const {
  const auto file = context_->packs->Open(PackFileName(pack_), OpenMode::kRead);
  return file && (*file)->Size().value_or(0) > kPackHeaderSize;
}

void PackCheck::ReportUnopened(const Status& status) {
  if (wanted_.empty()) {
    // Asked before the pack is opened again: one that was just being made has its header by then,
    // if it has any frames.
    const bool has_frames = HasFrames();
    if (IsBeingWritten() || PackFile::Open(*context_->packs, pack_)) return;
    // Nothing is known of what it held if the changes that name it were in it too.
    const Severity damage = has_frames ? Severity::kLost : Severity::kNote;
    return context_->AddFailure(status, damage, "pack.unreadable", PathOf(pack_));
  }
  for (const SegmentRef* ref : wanted_) {
    context_->AddSegmentFailure(status, Severity::kLost, "segment.missing", *ref);
  }
}

void PackCheck::Run() {
  auto file = PackFile::Open(*context_->packs, pack_);
  if (!file) return ReportUnopened(file.error());
  file_ = std::move(*file);
  found_.resize(wanted_.size());
  const Status scanned = Scan();
  if (!scanned.ok()) {
    context_->AddFailure(scanned, Severity::kIncomplete, "pack.unreadable", PathOf(pack_));
  }
  for (std::size_t i = 0; i < wanted_.size(); ++i) CheckWanted(*wanted_[i], found_[i]);
  for (const SegmentRef& ref : unwanted_) CheckStray(ref);
  for (const PackDamage& damage : damages_) ReportDamage(damage);
}

void SortByOffset(Offsets* segments) {
  std::stable_sort(segments->begin(), segments->end(),
                   [](const auto* a, const auto* b) { return a->offset < b->offset; });
  std::reverse(segments->begin(), segments->end());
  const auto repeats = std::unique(segments->begin(), segments->end(),
                                   [](const auto* a, auto* b) { return a->offset == b->offset; });
  segments->erase(repeats, segments->end());
  std::reverse(segments->begin(), segments->end());
}

// What changes name, by pack. Segments of deleted runs may be gone already. Of several at one
// place, which only damage can bring about, the last counts.
std::map<std::uint64_t, Offsets> WantedSegments(const VerifyContext& context) {
  std::map<std::uint64_t, Offsets> wanted;
  for (const auto& [uid, run] : context.fold.runs()) {
    if (run.deleted || !context.IsWanted(uid)) continue;
    for (const FoldedBranch& branch : run.branches) {
      for (const auto& [place, ref] : branch.segments) wanted[ref.pack].push_back(&ref);
    }
  }
  for (auto& [pack, segments] : wanted) SortByOffset(&segments);
  return wanted;
}

void ReportStray(VerifyContext* context, const SegmentRef& ref, std::string run) {
  Finding finding = MakeFinding(
      UnnamedSeverity(*context), "pack.unreferenced_segment", PathOf(ref.pack), ref.offset,
      context->complete
          ? fmt::format("a segment was never published: {}; nothing is to be done", Describe(ref))
          : fmt::format("no change that is left names a segment: {}; restore the log or pack that "
                        "held the others from a copy",
                        Describe(ref)));
  finding.length = ref.length;
  finding.run = std::move(run);
  finding.steps = {ref.first, ref.last};
  context->Add(std::move(finding));
}

// What all changes say that there are now, those of `context` if nothing was changed since.
Result<const ChangeFold*> FoldNow(const VerifyContext& context, ChangeFold* now) {
  Status unread;
  const auto on_problem = [&](const GatherProblem& problem) {
    if (unread.ok() && !IsDamage(problem.status)) unread = problem.status;
  };
  REPRISE_TRY_ASSIGN(const auto changes,
                     CollectChanges(*context.logs, *context.packs, context.boot_id, on_problem));
  REPRISE_TRY(unread);
  if (changes.IsSameAs(*context.changes)) return &context.fold;
  REPRISE_TRY(changes.Read(0, changes.last(), [&](std::span<const Change> some) {
    for (const Change& change : some) (void)now->Apply(change);
    return Status();
  }));
  return now;
}

// A frame is published some time after it was written: changes made since this began may name it,
// and a live holder may be about to.
void ReportStrays(VerifyContext* context, const std::vector<SegmentRef>& strays) {
  if (strays.empty()) return;
  ChangeFold later;
  const auto now = FoldNow(*context, &later);
  if (!now) return context->AddUnreadable(now.error(), "");
  for (const SegmentRef& ref : strays) {
    if (!context->IsWanted(ref.branch.uid) || (*now)->WasPublished(ref.pack, ref.offset)) continue;
    const FoldedRun* run = (*now)->Find(ref.branch.uid);
    if (run != nullptr && run->generation == ref.generation && context->IsAlive(run->holder)) {
      continue;
    }
    ReportStray(context, ref, (*now)->Name(ref.branch));
  }
}

}  // namespace

void VerifyPacks(VerifyContext* context) {
  auto wanted = WantedSegments(*context);
  const auto packs = ListPacks(*context->packs);
  if (!packs) return context->AddUnreadable(packs.error(), kPacksName);
  for (const std::uint64_t pack : *packs) wanted.try_emplace(pack);  // also those nobody names
  std::vector<SegmentRef> strays;
  for (const auto& [pack, segments] : wanted) {
    PackCheck check(context, pack, segments);
    check.Run();
    strays.insert(strays.end(), check.strays().begin(), check.strays().end());
  }
  ReportStrays(context, strays);
}

}  // namespace reprise
