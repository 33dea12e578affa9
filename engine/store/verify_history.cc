// Histories: every segment decoded, every prefix summary against a rescan of what is visible
// before it, all cells against their values.
//
// Branches are walked bases first. What is visible at a fork is kept for the branches that begin
// there, so that shared rows are scanned once; where that would take too much memory it is
// computed anew. One block of rows is in memory at a time.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>

#include "engine/history/block.h"
#include "engine/history/summarize.h"
#include "engine/store/segment_check.h"
#include "engine/store/verify_context.h"
#include "format/try.h"

namespace reprise {

namespace {

// Aggregates kept for branches that are still to come; some 200 bytes each.
constexpr std::size_t kMaxKeptAggregates = 1'000'000;

class HistoryCheck {
 public:
  explicit HistoryCheck(VerifyContext* context)
      : context_(context),
        source_{context->catalog.get(), context->packs.get(), context->logs.get(),
                context->boot_id} {}

  void Run();

 private:
  // One branch while it is scanned.
  struct Scan {
    BranchId branch;
    std::vector<BranchId> children;  // by fork step, those not yet given a beginning
    // Everything visible before the next row; nothing once a row could not be read.
    std::optional<RunningSummary> before;
    PreviousSegment previous;
  };

  bool IsChecked(const BranchId& id) const;
  std::vector<BranchId> ChildrenOf(const BranchId& id) const;
  void CheckTree(const BranchId& root);
  void CheckBranch(const BranchId& id);
  Status ScanBranch(const BranchId& id);
  Status Begin(const std::shared_ptr<const Snapshot>& snapshot, Scan* scan);
  void ScanBlock(const std::shared_ptr<const Snapshot>& snapshot, const Block& block, Scan* scan);
  Status ReadBlock(const SegmentCache& segments, const Block& block, Scan* scan,
                   std::shared_ptr<const RowBatch>* rows);
  void Advance(const RowBatch& rows, const StepRange& steps, Scan* scan);
  // Gives what is visible now to the children that fork before `step`.
  void KeepForChildren(Step step, Scan* scan);
  bool HasDamagedPiece(const BranchId& id) const;
  void CheckOtherStreams();

  VerifyContext* context_;
  const SnapshotSource source_;
  std::map<BranchId, std::vector<BranchId>> children_;
  std::map<BranchId, RunningSummary> kept_;
  std::size_t kept_aggregates_ = 0;
};

bool HistoryCheck::IsChecked(const BranchId& id) const {
  const FoldedRun* run = context_->fold.Find(id.uid);
  return run != nullptr && !run->deleted && !run->contradicted && context_->IsWanted(id.uid);
}

std::vector<BranchId> HistoryCheck::ChildrenOf(const BranchId& id) const {
  const auto found = children_.find(id);
  return found == children_.end() ? std::vector<BranchId>() : found->second;
}

void HistoryCheck::KeepForChildren(Step step, Scan* scan) {
  auto& children = scan->children;
  auto child = children.begin();
  for (; child != children.end(); ++child) {
    if (context_->fold.Find(*child)->node.fork_step >= step) break;
    if (!scan->before) continue;
    const std::size_t size = scan->before->table.size();
    if (kept_aggregates_ + size > kMaxKeptAggregates) continue;
    kept_aggregates_ += size;
    kept_[*child] = *scan->before;
  }
  children.erase(children.begin(), child);
}

// Counts rows up to each fork in turn, so that its child begins with exactly those.
void HistoryCheck::Advance(const RowBatch& rows, const StepRange& steps, Scan* scan) {
  StepRange rest = steps;
  while (!scan->children.empty()) {
    const Step fork = context_->fold.Find(scan->children.front())->node.fork_step;
    if (fork >= rest.last) break;
    if (scan->before) AddRows(rows, {rest.first, fork}, &*scan->before);
    KeepForChildren(fork + 1, scan);
    rest.first = std::max(rest.first, fork + 1);
  }
  if (scan->before) AddRows(rows, rest, &*scan->before);
}

Status HistoryCheck::ReadBlock(const SegmentCache& segments, const Block& block, Scan* scan,
                               std::shared_ptr<const RowBatch>* rows) {
  if (block.segment == nullptr) {
    *rows = block.tail;
    return {};
  }
  REPRISE_TRY_ASSIGN(const auto segment, segments.Get(*block.segment));
  REPRISE_TRY_ASSIGN(*rows, LoadBlock(segments, block, nullptr));
  REPRISE_TRY(CheckRows(*segment, **rows));
  context_->report.values += segment->facts().values;
  const Status cells = CheckCells(*segment);
  if (!cells.ok()) {
    context_->AddSegmentFailure(cells, Severity::kLost, "segment.cells_differ", *block.segment);
  }
  if (!scan->before) return {};
  const Status summaries = CheckPrefix(*segment, *scan->before, scan->previous);
  if (!summaries.ok()) {
    context_->AddSegmentFailure(summaries, Severity::kLost, "segment.summary_differs",
                                *block.segment);
  }
  scan->previous.Follow(*segment);
  return {};
}

void HistoryCheck::ScanBlock(const std::shared_ptr<const Snapshot>& snapshot, const Block& block,
                             Scan* scan) {
  KeepForChildren(block.steps.first, scan);
  const SegmentCache segments(snapshot);  // of this block, to be closed again
  std::shared_ptr<const RowBatch> rows;
  const Status read = ReadBlock(segments, block, scan, &rows);
  if (read.ok()) {
    if (block.segment == nullptr) {
      context_->report.rows += rows->rows();
      context_->report.values += rows->values();
    }
    return Advance(*rows, block.steps, scan);
  }
  context_->AddSegmentFailure(read, Severity::kLost, "segment.undecodable", *block.segment);
  scan->before.reset();
}

Status HistoryCheck::Begin(const std::shared_ptr<const Snapshot>& snapshot, Scan* scan) {
  const auto kept = kept_.find(scan->branch);
  if (kept != kept_.end()) {
    kept_aggregates_ -= kept->second.table.size();
    scan->before = std::move(kept->second);
    kept_.erase(kept);
    return {};
  }
  RunningSummary before;
  const SegmentCache segments(snapshot);
  for (const Block& block : BlocksOf(*snapshot, StepRange())) {
    if (block.branch == scan->branch) continue;
    const SegmentCache one(snapshot);
    const auto rows = LoadBlock(one, block, nullptr);
    // A base that cannot be read is told where it is checked, or with its segment.
    if (!rows) {
      if (block.segment == nullptr) return rows.error();
      context_->AddSegmentFailure(rows.error(), Severity::kLost, "segment.undecodable",
                                  *block.segment);
      return {};
    }
    AddRows(**rows, block.steps, &before);
  }
  scan->before = std::move(before);
  return {};
}

Status HistoryCheck::ScanBranch(const BranchId& id) {
  SnapshotTarget target;
  target.uid = id.uid;
  target.ordinal = id.ordinal;
  REPRISE_TRY_ASSIGN(const auto snapshot, OpenSnapshot(source_, target));
  Scan scan;
  scan.branch = id;
  scan.children = ChildrenOf(id);
  REPRISE_TRY(Begin(snapshot, &scan));
  for (const Block& block : BlocksOf(*snapshot, StepRange(), true)) {
    ScanBlock(snapshot, block, &scan);
  }
  KeepForChildren(std::numeric_limits<Step>::max(), &scan);
  return {};
}

bool HistoryCheck::HasDamagedPiece(const BranchId& id) const {
  for (const FoldedBranch* branch = context_->fold.Find(id); branch != nullptr;) {
    for (const auto& [place, segment] : branch->segments) {
      if (context_->damaged.contains({segment.pack, segment.offset})) return true;
    }
    branch = branch->node.has_parent ? context_->fold.Find(branch->node.parent) : nullptr;
  }
  return false;
}

void HistoryCheck::CheckBranch(const BranchId& id) {
  const Status scanned = ScanBranch(id);
  if (scanned.ok()) return;
  // A run that was deleted meanwhile, or a pack that was found missing before.
  if (scanned.code() == Code::kNotFound || HasDamagedPiece(id)) return;
  Finding finding = MakeFinding(SeverityOf(scanned, Severity::kLost), "history.unreadable", "", 0,
                                std::string(scanned.message()));
  finding.run = context_->fold.Name(id);
  context_->Add(std::move(finding));
}

void HistoryCheck::CheckTree(const BranchId& root) {
  std::vector<BranchId> waiting{root};
  while (!waiting.empty()) {
    const BranchId id = waiting.back();
    waiting.pop_back();
    CheckBranch(id);
    const auto children = ChildrenOf(id);
    waiting.insert(waiting.end(), children.begin(), children.end());
  }
}

// Hardware metrics and console lines have no summaries and are inherited by nobody.
void HistoryCheck::CheckOtherStreams() {
  for (const auto& [uid, run] : context_->fold.runs()) {
    if (!IsChecked({uid, 0})) continue;
    for (const FoldedBranch& branch : run.branches) {
      for (const auto& [place, ref] : branch.segments) {
        if (ref.stream == Stream::kHistory) continue;
        const Status checked = DecodeSegment(*context_->packs, ref);
        if (checked.ok()) continue;
        context_->AddSegmentFailure(checked, Severity::kLost, "segment.undecodable", ref);
      }
    }
  }
}

void HistoryCheck::Run() {
  std::vector<BranchId> roots;
  for (const auto& [uid, run] : context_->fold.runs()) {
    for (const FoldedBranch& branch : run.branches) {
      const BranchNode& node = branch.node;
      if (!IsChecked(node.id)) continue;
      if (node.has_parent && IsChecked(node.parent)) {
        children_[node.parent].push_back(node.id);
      } else {
        roots.push_back(node.id);
      }
    }
  }
  for (auto& [parent, children] : children_) {
    std::sort(children.begin(), children.end(), [&](const BranchId& a, const BranchId& b) {
      return context_->fold.Find(a)->node.fork_step < context_->fold.Find(b)->node.fork_step;
    });
  }
  for (const BranchId& root : roots) CheckTree(root);
  CheckOtherStreams();
}

}  // namespace

void VerifyHistories(VerifyContext* context) {
  if (context->options.depth != VerifyDepth::kDeep || context->catalog == nullptr) return;
  HistoryCheck(context).Run();
}

}  // namespace reprise
