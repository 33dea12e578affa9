// Turns rows of one branch into segments, with the summaries of everything visible before them.
#ifndef REPRISE_ENGINE_RUN_SEALER_H_
#define REPRISE_ENGINE_RUN_SEALER_H_

#include "engine/history/summarize.h"
#include "engine/run/store_context.h"
#include "engine/segment/pack_writer.h"
#include "format/branch_node.h"
#include "format/row_batch.h"

namespace reprise {

// A batch is sealed when it has so many rows or bytes.
inline constexpr std::size_t kSealRows = 65'536;
inline constexpr std::size_t kSealBytes = std::size_t{8} << 20;

// Thread-compatible. After a failure of Seal start anew with another Sealer.
class Sealer {
 public:
  // Seals rows of the branch above `sealed_upto` (the last sealed step of the branch itself, or
  // kNoStep). What is visible up to there is summarised now: from the segments, by reading at most
  // one, and from live rows of other branches.
  static Result<Sealer> Begin(const StoreContext& context, const BranchNode& node,
                              Step sealed_upto);

  const BranchId& branch() const { return branch_; }

  // Appends a segment to the pack, not synced and not published. `rows` lie above all before.
  // `plans` are those of the run's earlier segments; null where there will be no later ones.
  Result<SegmentRef> Seal(const RowBatch& rows, Generation generation, PackWriter& packs,
                          TimeMicros now, PlanMemory* plans);

 private:
  Sealer(const BranchId& branch, RunningSummary before)
      : branch_(branch), before_(std::move(before)) {}

  SegmentFacts Facts(Generation generation, TimeMicros now) const;
  bool FullTableIsDue() const;

  BranchId branch_;
  RunningSummary before_;       // everything visible before the next row
  SummaryTable changed_;        // of it, the keys of the segment before
  bool has_base_ = false;       // a full table was written for this branch
  Step base_ = 0;               // first step of the segment that has it
  std::size_t since_base_ = 0;  // keys in delta tables since then
};

}  // namespace reprise

#endif  // REPRISE_ENGINE_RUN_SEALER_H_
