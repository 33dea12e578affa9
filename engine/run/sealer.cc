#include "engine/run/sealer.h"

#include <utility>

#include "format/try.h"

namespace reprise {

Result<Sealer> Sealer::Begin(const StoreContext& context, const BranchNode& node,
                             Step sealed_upto) {
  const bool has_own = sealed_upto > node.fork_step;
  if (!has_own && !node.has_parent) return Sealer(node.id, {});
  // The branch itself, or, where it has no segment yet, what it inherits.
  SnapshotTarget target;
  target.uid = has_own ? node.id.uid : node.parent.uid;
  target.ordinal = has_own ? node.id.ordinal : node.parent.ordinal;
  const Step through = has_own ? sealed_upto : node.fork_step;
  target.step = through;
  target.even_deleted = true;
  target.extent = SnapshotExtent::kEnd;
  target.sealed_only = has_own;  // then its last segment knows everything before
  REPRISE_TRY_ASSIGN(auto snapshot, OpenSnapshot(context.snapshots(), target));
  const SegmentCache segments(std::move(snapshot));
  REPRISE_TRY_ASSIGN(RunningSummary before, SummarizeThrough(segments, through));
  return Sealer(node.id, std::move(before));
}

// A delta table pays as long as the deltas are smaller than the table they spare.
bool Sealer::FullTableIsDue() const {
  return !has_base_ || since_base_ + changed_.size() >= before_.table.size();
}

SegmentFacts Sealer::Facts(Generation generation, TimeMicros now) const {
  SegmentFacts facts;
  facts.branch = branch_;
  facts.generation = generation;
  facts.rows_before = before_.rows;
  facts.sealed_at = now;
  if (before_.rows == 0) {
    facts.prefix = PrefixKind::kNone;
  } else if (FullTableIsDue()) {
    facts.prefix = PrefixKind::kFull;
  } else {
    facts.prefix = PrefixKind::kDelta;
    facts.prefix_base = base_;
  }
  return facts;
}

Result<SegmentRef> Sealer::Seal(const RowBatch& rows, Generation generation, PackWriter& packs,
                                TimeMicros now, PlanMemory* plans) {
  SegmentInput input;
  input.facts = Facts(generation, now);
  input.rows = &rows;
  input.plans = plans;
  const PrefixKind kind = input.facts.prefix;
  if (kind == PrefixKind::kFull) input.prefix = &before_.table;
  if (kind == PrefixKind::kDelta) input.prefix = &changed_;
  REPRISE_TRY_ASSIGN(SegmentRef ref, packs.AppendSegment(input));

  RunningSummary own;
  AddRows(rows, {}, &own);
  before_.table.Merge(own.table);
  before_.rows += own.rows;
  if (kind == PrefixKind::kFull) {
    has_base_ = true;
    base_ = rows.first_step();
    since_base_ = 0;
  } else if (kind == PrefixKind::kDelta) {
    since_base_ += changed_.size();
  }
  changed_ = SummaryTable();
  for (const auto& [key, aggregate] : own.table) changed_.Put(key, *before_.table.Find(key));
  return ref;
}

}  // namespace reprise
