// Sealing: complete rows become segments, off the path of logging, oldest branch first. And the end
// of a writer, which seals what is left.
#include <fmt/format.h>

#include <utility>

#include "engine/run/merger.h"
#include "engine/run/resume_file.h"
#include "engine/run/writer_impl.h"
#include "format/try.h"

namespace reprise {

Status RunWriter::Impl::Seal(bool all) {
  const std::lock_guard seal_lock(seal_mutex_);
  return Settle(SealGroups(TakeGroups(all)));
}

std::vector<RunWriter::Impl::TailGroup> RunWriter::Impl::TakeGroups(bool all) {
  const std::lock_guard lock(mutex_);
  if (all) EndActiveBatch();
  std::vector<TailGroup> groups;
  for (const TailBatch& batch : waiting_) {
    const bool same = !groups.empty() && groups.back().front().node.id == batch.node.id;
    if (!same) groups.emplace_back();
    groups.back().push_back(batch);
  }
  return groups;
}

Status RunWriter::Impl::SealGroups(std::span<const TailGroup> groups) {
  for (const TailGroup& group : groups) {
    REPRISE_TRY_ASSIGN(const auto segments, WriteSegments(group));
    REPRISE_TRY(Publish(segments));
    const std::lock_guard lock(mutex_);
    DropSealed(group);
  }
  return {};
}

Status RunWriter::Impl::Settle(Status sealed) {
  if (sealed.ok()) return sealed;
  sealer_.reset();  // it may have counted rows that are not published
  if (sealed.code() == Code::kFenced) LetGoOfTail(sealed);
  return sealed;
}

Status RunWriter::Impl::Finish(RunState state, std::optional<int> exit_code) {
  {
    const std::lock_guard lock(mutex_);
    REPRISE_TRY(CheckWritable());
    REPRISE_TRY(CommitOpenLocked());
  }
  LeaseReleased released;
  released.generation = start_.generation;
  released.state = static_cast<std::uint8_t>(state);
  released.exit_code = exit_code;
  const std::lock_guard seal_lock(seal_mutex_);
  REPRISE_TRY(Settle(SealAndRelease(released)));
  session_.Unregister(start_.uid, this);
  if (state == RunState::kFinished) RemoveResumeFile(session_.context(), start_.resume_file);
  return {};
}

// The last rows are published with the end of the lease: one sync for both. The lease comes first,
// since the segments take its place in the catalog.
Status RunWriter::Impl::SealAndRelease(const LeaseReleased& released) {
  std::vector<TailGroup> groups = TakeGroups(true);
  TailGroup last;
  if (!groups.empty()) {
    last = std::move(groups.back());
    groups.pop_back();
  }
  REPRISE_TRY(SealGroups(groups));
  Sealed sealed;
  if (!last.empty()) {
    REPRISE_TRY_ASSIGN(sealed.segments, WriteSegments(last));
  }
  // No call may come between the last look at unsealed rows and the end of the lease.
  const std::lock_guard lock(mutex_);
  REPRISE_TRY(CheckWritable());
  if (open_.exists() || !active_->empty() || waiting_.size() != last.size()) {
    return Status::Error(Code::kBusy, fmt::format("run '{}' was logged to while it was being "
                                                  "finished; finish it when logging has ended",
                                                  start_.run_id));
  }
  REPRISE_TRY(session_.MakeChanges([&](ChangeBuilder& changes) -> Status {
    REPRISE_TRY(CheckLease(changes.catalog()));
    REPRISE_TRY(changes.Add(start_.uid, released));
    return sealed.segments.empty() ? Status() : changes.Add(start_.uid, sealed);
  }));
  DropSealed(last);
  closed_ = true;
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
  const PackMark mark = session_.packs().Mark();
  REPRISE_TRY_ASSIGN(const SegmentRef merged,
                     MergeSegments(context, parts, start_.generation, session_.packs()));
  REPRISE_TRY(session_.packs().Sync(mark));
  REPRISE_TRY(Publish({merged}));
  sealer_.reset();  // it knows the segments that were
  return {};
}

Result<std::vector<SegmentRef>> RunWriter::Impl::WriteSegments(const TailGroup& group) {
  const BranchNode& node = group.front().node;
  if (!sealer_ || sealer_->branch() != node.id) {
    const auto known = sealed_upto_.find(node.id.ordinal);
    const Step upto = known == sealed_upto_.end() ? kNoStep : known->second;
    REPRISE_TRY_ASSIGN(sealer_, Sealer::Begin(session_.context(), node, upto));
  }
  std::vector<SegmentRef> segments;
  const PackMark mark = session_.packs().Mark();
  for (const TailBatch& batch : group) {
    const TimeMicros now = session_.context().io.clock->Now();
    REPRISE_TRY_ASSIGN(const SegmentRef ref, sealer_->Seal(*batch.rows, start_.generation,
                                                           session_.packs(), now, &plans_));
    segments.push_back(ref);
  }
  REPRISE_TRY(session_.packs().Sync(mark));
  return segments;
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
  active_ = session_.TakeBatch();
  open_.Close();
  tail_memory_.Clear();
}

void RunWriter::Impl::DropSealed(const TailGroup& group) {
  std::size_t freed = 0;
  for (const TailBatch& batch : group) {
    sealed_upto_[batch.node.id.ordinal] = batch.rows->last_step();
    freed += batch.rows->bytes();
    waiting_.pop_front();
  }
  tail_memory_.Remove(freed);
}

}  // namespace reprise
