// Branches, bases first. A damaged segment is replaced by what can be read of it, and every segment
// behind a loss by one whose summaries count the rows that remain: on its branch, and on branches
// that inherit what is lost. Rows of logs come last. Memory: one segment, and the rows of logs.
#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <memory>
#include <optional>

#include "engine/history/summarize.h"
#include "engine/lineage/chain.h"
#include "engine/run/sealer.h"
#include "engine/store/repair_plan.h"
#include "engine/store/segment_check.h"
#include "engine/store/segment_salvage.h"
#include "format/try.h"

namespace reprise {

namespace {

constexpr Step kNowhere = std::numeric_limits<Step>::max();

class BranchRepair {
 public:
  explicit BranchRepair(RepairContext* context)
      : context_(*context), found_(context->found), plan_(context->plan) {}

  Status Run();

 private:
  // A branch while it is walked.
  struct Walk {
    const FoldedBranch* branch = nullptr;
    RunningSummary before;  // of all rows that remain before the next one
    PreviousSegment previous;
    std::vector<SegmentRef> rewritten;
  };

  bool IsDamaged(const SegmentRef& ref) const {
    return found_.damaged.contains({ref.pack, ref.offset});
  }
  // History segments of the branch, in step order.
  static std::vector<SegmentRef> HistoryOf(const FoldedBranch& branch);
  // From which step on the branch's own rows are not what its summaries count; kNowhere: none.
  Step FirstLoss(const BranchId& id) const;
  bool InheritsLoss(const BranchNode& node) const;
  Result<std::vector<Piece>> PiecesOf(const BranchNode& node, Step through) const;
  // Of the rows that remain through a step.
  Result<RunningSummary> SummaryThrough(const BranchNode& node, Step through);
  Result<RunningSummary> CleanSummary(const std::vector<Piece>& pieces, Step through);
  Status AddPiece(const Piece& piece, Step from, RunningSummary* summary);

  Status WalkBranch(const FoldedBranch& branch);
  Status Follow(const SegmentRef& ref, Walk* walk);
  Status WalkSegment(const SegmentRef& ref, Walk* walk);
  Status ReplaceDamaged(const SegmentRef& ref, Walk* walk);
  Status Rewrite(const SegmentRef& ref, const RowBatch& rows, Walk* walk);
  Status SealUnsealed(Walk* walk);
  Status ReplaceOther(const SegmentRef& ref);
  // Appends the rows with the summary of all before them, and counts them.
  Result<SegmentRef> Append(const RowBatch& rows, Generation generation, Walk* walk);
  Result<SegmentRef> Write(const SegmentInput& input);
  void RecordLoss(const SegmentRef& ref, const SalvagedRows& salvaged,
                  const std::optional<SegmentRef>& in_place);
  void AddItem(std::string_view what, const SegmentRef& ref, std::string lost, std::string message);

  RepairContext& context_;
  VerifyContext& found_;
  RepairPlan& plan_;
};

std::vector<SegmentRef> BranchRepair::HistoryOf(const FoldedBranch& branch) {
  std::vector<SegmentRef> segments;
  for (const auto& [place, ref] : branch.segments) {
    if (ref.stream == Stream::kHistory) segments.push_back(ref);
  }
  return segments;
}

Step BranchRepair::FirstLoss(const BranchId& id) const {
  if (plan_.compare_all) return 0;
  Step first = kNowhere;
  const FoldedBranch* branch = found_.fold.Find(id);
  if (branch == nullptr || found_.fold.Find(id.uid)->deleted) return first;
  for (const SegmentRef& ref : HistoryOf(*branch)) {
    if (IsDamaged(ref)) first = std::min(first, ref.first);
  }
  const auto gaps = plan_.log_gaps.find(id);
  if (gaps == plan_.log_gaps.end()) return first;
  for (const StepRange& steps : gaps->second) first = std::min(first, steps.first);
  return first;
}

Result<std::vector<Piece>> BranchRepair::PiecesOf(const BranchNode& node, Step through) const {
  return Flatten(node, through, [&](const BranchId& id) -> Result<BranchNode> {
    const FoldedBranch* branch = found_.fold.Find(id);
    if (branch != nullptr) return branch->node;
    return Fail(Code::kCorrupt,
                fmt::format("a branch has no base: {}; report this", found_.fold.Name(id)));
  });
}

bool BranchRepair::InheritsLoss(const BranchNode& node) const {
  if (!node.has_parent) return false;
  const auto pieces = PiecesOf(node, node.fork_step);
  return pieces && std::any_of(pieces->begin(), pieces->end(), [&](const Piece& piece) {
           return FirstLoss(piece.branch) <= piece.steps.last;
         });
}

// By what segments say that count no loss.
Result<RunningSummary> BranchRepair::CleanSummary(const std::vector<Piece>& pieces, Step through) {
  auto snapshot = std::make_shared<Snapshot>();
  for (const Piece& piece : pieces) {
    if (piece.steps.first > through) break;
    SnapshotPiece clean{piece.branch, piece.steps, {}, nullptr};
    for (const SegmentRef& ref : HistoryOf(*found_.fold.Find(piece.branch))) {
      if (ref.first > std::min(through, piece.steps.last)) break;
      if (!snapshot->packs.contains(ref.pack)) {
        snapshot->packs.emplace(ref.pack, PackFile::Open(*found_.packs, ref.pack));
      }
      clean.segments.push_back(ref);
    }
    snapshot->pieces.push_back(std::move(clean));
  }
  return SummarizeThrough(SegmentCache(std::move(snapshot)), through);
}

// What the piece has from `from` on.
Status BranchRepair::AddPiece(const Piece& piece, Step from, RunningSummary* summary) {
  const StepRange steps{std::max(piece.steps.first, from), piece.steps.last};
  for (const SegmentRef& ref : HistoryOf(*found_.fold.Find(piece.branch))) {
    if (ref.first > steps.last || ref.last < steps.first) continue;
    REPRISE_TRY_ASSIGN(const SalvagedRows salvaged, SalvageSegment(*found_.packs, ref));
    AddRows(salvaged.rows, steps, summary);
  }
  const auto unsealed = plan_.unsealed.find(piece.branch);
  if (unsealed == plan_.unsealed.end()) return {};
  for (const UnsealedRows& part : unsealed->second) AddRows(part.rows, steps, summary);
  return {};
}

Result<RunningSummary> BranchRepair::SummaryThrough(const BranchNode& node, Step through) {
  REPRISE_TRY_ASSIGN(const auto pieces, PiecesOf(node, through));
  // From here on rows are counted one by one.
  Step from = through < kNowhere ? through + 1 : kNowhere;
  for (const Piece& piece : pieces) {
    Step loss = FirstLoss(piece.branch);
    const auto unsealed = plan_.unsealed.find(piece.branch);
    if (unsealed != plan_.unsealed.end()) {
      loss = std::min(loss, unsealed->second.front().rows.first_step());
    }
    if (loss <= piece.steps.last) from = std::min(from, std::max(loss, piece.steps.first));
  }
  REPRISE_TRY_ASSIGN(RunningSummary summary, CleanSummary(pieces, from - 1));
  for (const Piece& piece : pieces) {
    if (piece.steps.last >= from) REPRISE_TRY(AddPiece(piece, from, &summary));
  }
  return summary;
}

Result<SegmentRef> BranchRepair::Write(const SegmentInput& input) {
  if (context_.packs != nullptr) return context_.packs->AppendSegment(input);
  SegmentRef ref;  // as it would be, but for its place
  ref.branch = input.facts.branch;
  ref.stream = input.facts.stream;
  ref.first = input.rows->first_step();
  ref.last = input.rows->last_step();
  ref.rows = input.rows->rows();
  ref.generation = input.facts.generation;
  return ref;
}

Result<SegmentRef> BranchRepair::Append(const RowBatch& rows, Generation generation, Walk* walk) {
  SegmentInput input;
  input.facts.branch = walk->branch->node.id;
  input.facts.generation = generation;
  input.facts.rows_before = walk->before.rows;
  input.facts.sealed_at = found_.io.clock->Now();
  const bool has_prefix = walk->before.rows > 0;
  input.facts.prefix = has_prefix ? PrefixKind::kFull : PrefixKind::kNone;
  input.rows = &rows;
  input.prefix = has_prefix ? &walk->before.table : nullptr;
  REPRISE_TRY_ASSIGN(const SegmentRef ref, Write(input));
  AddRows(rows, {0, kNowhere}, &walk->before);
  std::set<std::string> keys;
  for (const RowTable& table : rows.tables()) {
    for (const ShapeColumn& column : table.shape->columns) keys.insert(column.key);
  }
  walk->previous.keys.assign(keys.begin(), keys.end());
  if (has_prefix) walk->previous.full_tables.push_back(ref.first);
  return ref;
}

void BranchRepair::AddItem(std::string_view what, const SegmentRef& ref, std::string lost,
                           std::string message) {
  RepairItem item = ItemOf(what, ref, found_.fold);
  item.lost = std::move(lost);
  item.message = std::move(message);
  plan_.items.push_back(std::move(item));
}

void BranchRepair::RecordLoss(const SegmentRef& ref, const SalvagedRows& salvaged,
                              const std::optional<SegmentRef>& in_place) {
  GapRecorded gap = GapOf(GapReason::kSegmentDamaged, ref);
  gap.rows = salvaged.lost_rows;
  gap.keys.assign(salvaged.lost_keys.begin(), salvaged.lost_keys.end());
  gap.dropped = {ref};
  if (in_place) gap.segments = {*in_place};
  plan_.gaps.emplace_back(ref.branch.uid, gap);
  std::string lost = salvaged.lost_rows > 0 ? LostRowsText(salvaged.lost_rows) : "";
  for (const std::string& key : gap.keys) {
    lost += fmt::format("{}values of '{}'", lost.empty() ? "" : ", ", key);
  }
  AddItem(in_place ? "segment.rewrite" : "segment.drop", ref, std::move(lost),
          in_place ? "a damaged segment is replaced by what verifies of it"
                   : "of a damaged segment nothing can be read");
}

Status BranchRepair::ReplaceDamaged(const SegmentRef& ref, Walk* walk) {
  REPRISE_TRY_ASSIGN(const SalvagedRows salvaged, SalvageSegment(*found_.packs, ref));
  if (salvaged.whole()) return Rewrite(ref, salvaged.rows, walk);
  std::optional<SegmentRef> in_place;
  if (!salvaged.rows.empty()) {
    REPRISE_TRY_ASSIGN(in_place, Append(salvaged.rows, ref.generation, walk));
  }
  RecordLoss(ref, salvaged, in_place);
  return {};
}

Status BranchRepair::Rewrite(const SegmentRef& ref, const RowBatch& rows, Walk* walk) {
  REPRISE_TRY_ASSIGN(const SegmentRef made, Append(rows, ref.generation, walk));
  walk->rewritten.push_back(made);
  AddItem("segment.rewrite", ref, "",
          IsDamaged(ref) ? "a damaged segment is written anew; all of its rows verify"
                         : "a segment behind a loss is written anew, with summaries of the rows "
                           "that remain");
  return {};
}

Status BranchRepair::Follow(const SegmentRef& ref, Walk* walk) {
  REPRISE_TRY_ASSIGN(auto pack, PackFile::Open(*found_.packs, ref.pack));
  REPRISE_TRY_ASSIGN(const auto segment, SegmentReader::Open(std::move(pack), ref));
  walk->previous.Follow(*segment);
  return {};
}

Status BranchRepair::WalkSegment(const SegmentRef& ref, Walk* walk) {
  if (IsDamaged(ref)) return ReplaceDamaged(ref, walk);
  REPRISE_TRY_ASSIGN(auto pack, PackFile::Open(*found_.packs, ref.pack));
  REPRISE_TRY_ASSIGN(const auto segment, SegmentReader::Open(std::move(pack), ref));
  RowBatch rows;
  REPRISE_TRY(segment->ReadAll(&rows));
  const Status agrees = CheckPrefix(*segment, walk->before, walk->previous);
  if (agrees.code() == Code::kCorrupt) return Rewrite(ref, rows, walk);
  REPRISE_TRY(agrees);
  AddRows(rows, {0, kNowhere}, &walk->before);
  walk->previous.Follow(*segment);
  return {};
}

Status BranchRepair::SealUnsealed(Walk* walk) {
  const auto unsealed = plan_.unsealed.find(walk->branch->node.id);
  if (unsealed == plan_.unsealed.end()) return {};
  Sealed sealed;
  for (const UnsealedRows& part : unsealed->second) {
    std::vector<RowBatch> batches(1);
    for (const RowBatch::Position& at : part.rows.order()) {
      if (batches.back().rows() >= kSealRows || batches.back().bytes() >= kSealBytes) {
        batches.emplace_back();
      }
      batches.back().AppendRow(part.rows, at);
    }
    for (const RowBatch& batch : batches) {
      REPRISE_TRY_ASSIGN(const SegmentRef ref, Append(batch, part.generation, walk));
      sealed.segments.push_back(ref);
    }
  }
  // Rows come before the end of the lease under which they were logged.
  plan_.ends.insert(plan_.ends.begin(), {walk->branch->node.id.uid, sealed});
  return {};
}

Status BranchRepair::WalkBranch(const FoldedBranch& branch) {
  const std::vector<SegmentRef> segments = HistoryOf(branch);
  auto first = std::find_if(segments.begin(), segments.end(),
                            [&](const SegmentRef& ref) { return IsDamaged(ref); });
  if (plan_.compare_all || InheritsLoss(branch.node)) first = segments.begin();
  if (first == segments.end() && !plan_.unsealed.contains(branch.node.id)) return {};
  Walk walk;
  walk.branch = &branch;
  for (auto ref = segments.begin(); ref != first; ++ref) REPRISE_TRY(Follow(*ref, &walk));
  Step through = std::max(branch.node.fork_step, branch.sealed_upto());
  if (first != segments.end()) through = first->first - 1;
  REPRISE_TRY_ASSIGN(walk.before, SummaryThrough(branch.node, through));
  for (auto ref = first; ref != segments.end(); ++ref) REPRISE_TRY(WalkSegment(*ref, &walk));
  if (!walk.rewritten.empty()) {
    plan_.rewrites.emplace_back(branch.node.id.uid, Sealed{walk.rewritten});
  }
  return SealUnsealed(&walk);
}

// Hardware metrics and console lines have no summaries.
Status BranchRepair::ReplaceOther(const SegmentRef& ref) {
  REPRISE_TRY_ASSIGN(const SalvagedRows salvaged, SalvageSegment(*found_.packs, ref));
  std::optional<SegmentRef> in_place;
  if (!salvaged.rows.empty()) {
    SegmentInput input;
    input.facts.branch = ref.branch;
    input.facts.stream = ref.stream;
    input.facts.generation = ref.generation;
    input.facts.sealed_at = found_.io.clock->Now();
    input.rows = &salvaged.rows;
    REPRISE_TRY_ASSIGN(in_place, Write(input));
  }
  RecordLoss(ref, salvaged, in_place);
  return {};
}

Status BranchRepair::Run() {
  std::vector<const FoldedBranch*> branches;
  for (const auto& [uid, run] : found_.fold.runs()) {
    if (run.deleted) continue;
    for (const FoldedBranch& branch : run.branches) branches.push_back(&branch);
  }
  std::stable_sort(
      branches.begin(), branches.end(),
      [](const FoldedBranch* a, const FoldedBranch* b) { return a->node.depth < b->node.depth; });
  for (const FoldedBranch* branch : branches) {
    for (const auto& [place, ref] : branch->segments) {
      if (ref.stream != Stream::kHistory && IsDamaged(ref)) REPRISE_TRY(ReplaceOther(ref));
    }
    REPRISE_TRY(WalkBranch(*branch));
  }
  return {};
}

}  // namespace

Status PlanBranches(RepairContext* context) { return BranchRepair(context).Run(); }

}  // namespace reprise
