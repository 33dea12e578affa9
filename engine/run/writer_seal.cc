// Sealing: complete rows become segments, off the path of logging, oldest branch first.
#include <utility>

#include "engine/run/merger.h"
#include "engine/run/writer_impl.h"
#include "format/try.h"

namespace reprise {

Status RunWriter::Impl::Seal(bool all) {
  const std::lock_guard seal_lock(seal_mutex_);
  std::vector<TailBatch> batches;
  {
    const std::lock_guard lock(mutex_);
    if (all) EndActiveBatch();
    batches.assign(waiting_.begin(), waiting_.end());
  }
  for (std::size_t begin = 0; begin < batches.size();) {
    std::size_t end = begin;
    while (end < batches.size() && batches[end].node.id == batches[begin].node.id) ++end;
    const std::vector<TailBatch> of_one_branch(batches.begin() + static_cast<std::ptrdiff_t>(begin),
                                               batches.begin() + static_cast<std::ptrdiff_t>(end));
    const Status sealed = SealBranch(of_one_branch);
    if (!sealed.ok()) {
      sealer_.reset();  // it may have counted rows that are not published
      if (sealed.code() == Code::kFenced) LetGoOfTail(sealed);
      return sealed;
    }
    DropSealed(end - begin);
    begin = end;
  }
  return {};
}

Status RunWriter::Impl::Merge() {
  const std::lock_guard seal_lock(seal_mutex_);
  if (!merges_) return {};
  Status merged = MergeHead();
  // What cannot be merged now can be later, but not sooner for being tried at each seal.
  merges_ = merged.ok() || merged.code() == Code::kNoSpace;
  return merged;
}

// The head is where small segments come from: other branches end where they end.
Status RunWriter::Impl::MergeHead() {
  BranchId head;
  {
    const std::lock_guard lock(mutex_);
    REPRISE_TRY(CheckWritable());
    head = head_.id;
  }
  const StoreContext& context = session_.context();
  REPRISE_TRY_ASSIGN(const auto parts, FindSegmentsToMerge(context, head));
  if (parts.empty()) return {};
  REPRISE_TRY_ASSIGN(const SegmentRef merged,
                     MergeSegments(context, parts, start_.generation, session_.packs()));
  REPRISE_TRY(session_.packs().Sync());
  REPRISE_TRY(Publish({merged}));
  sealer_.reset();  // it knows the segments that were
  return {};
}

Status RunWriter::Impl::SealBranch(const std::vector<TailBatch>& batches) {
  const BranchNode& node = batches.front().node;
  if (!sealer_ || sealer_->branch() != node.id) {
    const auto known = sealed_upto_.find(node.id.ordinal);
    const Step upto = known == sealed_upto_.end() ? kNoStep : known->second;
    REPRISE_TRY_ASSIGN(sealer_, Sealer::Begin(session_.context(), node, upto));
  }
  std::vector<SegmentRef> segments;
  for (const TailBatch& batch : batches) {
    const TimeMicros now = session_.context().io.clock->Now();
    REPRISE_TRY_ASSIGN(const SegmentRef ref,
                       sealer_->Seal(*batch.rows, start_.generation, session_.packs(), now));
    segments.push_back(ref);
  }
  REPRISE_TRY(session_.packs().Sync());
  REPRISE_TRY(Publish(segments));
  sealed_upto_[node.id.ordinal] = segments.back().last;
  return {};
}

Status RunWriter::Impl::Publish(const std::vector<SegmentRef>& segments) {
  return session_.MakeChanges([&](ChangeBuilder& changes) -> Status {
    REPRISE_TRY(CheckLease(changes.catalog()));
    return changes.Add(start_.uid, Sealed{segments});
  });
}

void RunWriter::Impl::LetGoOfTail(const Status& fenced) {
  const std::lock_guard lock(mutex_);
  static_cast<void>(Poison(fenced));
  waiting_.clear();
  active_ = std::make_shared<RowBatch>();
  open_.Close();
  session_.CountTailBytes(-static_cast<std::ptrdiff_t>(std::exchange(tail_bytes_, 0)));
}

void RunWriter::Impl::DropSealed(std::size_t batches) {
  const std::lock_guard lock(mutex_);
  std::size_t freed = 0;
  for (std::size_t i = 0; i < batches; ++i) {
    freed += waiting_.front().rows->bytes();
    waiting_.pop_front();
  }
  tail_bytes_ -= freed;
  session_.CountTailBytes(-static_cast<std::ptrdiff_t>(freed));
}

}  // namespace reprise
