// What a public RunWriter holds: the head, the open row, and rows that wait to be sealed.
#ifndef REPRISE_ENGINE_RUN_WRITER_IMPL_H_
#define REPRISE_ENGINE_RUN_WRITER_IMPL_H_

#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "engine/run/open_row.h"
#include "engine/run/prepared_row.h"
#include "engine/run/sealer.h"
#include "engine/run/session.h"
#include "engine/run/shape_cache.h"
#include "engine/run/tail_memory.h"
#include "format/branch_node.h"
#include "format/plan_memory.h"
#include "reprise/run_info.h"
#include "reprise/run_writer.h"

namespace reprise {

// Where a writer begins: read in the transaction that granted its lease.
struct WriterStart {
  RunUid uid;
  std::string project;  // "entity/project"
  std::string run_id;
  BranchNode head;
  Step committed = kNoStep;    // the last row, or the step forked or rewound to
  Step sealed_upto = kNoStep;  // the head's own last sealed step
  Generation generation = 0;
  bool resumed = false;
  std::string resume_file;  // removed by a clean finish; empty: none
};

// Two mutexes: `mutex_` guards the state that logging changes and is held briefly; `seal_mutex_`
// makes sealing take turns and is taken first.
class RunWriter::Impl : public SessionWriter, public std::enable_shared_from_this<RunWriter::Impl> {
 public:
  Impl(std::shared_ptr<SessionOwner> owner, WriterStart start);

  const WriterStart& start() const { return start_; }
  std::uint32_t branch() const;
  Step next_step() const;

  Result<Step> Log(std::span<const Field> fields, const LogOptions& options);
  Result<PreparedRow> Prepare(std::span<const std::string_view> keys);
  Result<Step> Log(const PreparedRow::Impl& row, std::span<const double> values,
                   const LogOptions& options);
  Result<std::uint64_t> AppendColumns(const ColumnBatch& batch);
  Status Sync();
  Status Rewind(Step step);
  Status UpdateConfig(const Config& config);
  Status SetSummary(std::string_view key, std::optional<Value> value);
  Status Finish(RunState state, std::optional<int> exit_code);
  // The public handle goes: abandons the run if it was not finished, lets the session go. What
  // cannot be sealed now is left to the session's end.
  void Drop();

  // SessionWriter
  Status Seal(bool all) override;
  Status Merge() override;
  std::uint32_t oldest_log_file() override;
  Status RestateOpenRow() override;
  std::size_t tail_bytes() const override;
  Result<CommittedHead> CommitOpenRow() override;
  Status Abandon() override { return Finish(RunState::kCrashed, std::nullopt); }

 private:
  // Rows of one branch that are complete and not sealed.
  struct TailBatch {
    BranchNode node;
    std::shared_ptr<RowBatch> rows;
    std::uint32_t log_file = 0;  // that holds the first of them
  };
  // Batches of one branch, one after the other.
  using TailGroup = std::vector<TailBatch>;

  // The following require mutex_.
  Status CheckWritable() const;
  // Fails with kFenced, for good, if another writer took the run.
  Status CheckFence();
  Status Poison(Status status);
  Status OutOfOrder(Step step) const;
  Status NoStepLeft() const;
  // Where a record goes.
  Result<Placement> Place(std::optional<Step> asked, std::optional<bool> commit) const;
  // A record there: written and acknowledged.
  Result<Step> Write(const Placement& place, const Session::InternedShape& shape, TimeMicros time,
                     std::span<const ValueView> values);
  // Writes a part to the log with the durability asked for; afterwards it is acknowledged.
  Status WritePart(const RowPart& part);
  Status CommitOpenLocked();
  void MoveOpenRowToTail();
  void AppendToTail(const ShapePtr& shape, Step step, TimeMicros time,
                    std::span<const ValueView> values, std::uint32_t log_file);
  void EndActiveBatch();
  Status TryRewind(Step step);  // takes mutex_ itself
  Status AppendRow(const Session::InternedShape& shape, Step step, TimeMicros time,
                   std::span<const ValueView> values, bool flush);
  Status AppendColumnRows(const ColumnBatch& batch, std::uint64_t* appended);
  Status AcknowledgeAppended();
  Status Acknowledge(Sequence sequence);
  void Take(const Placement& place, const Session::InternedShape& shape, TimeMicros time,
            std::span<const ValueView> values, std::uint32_t log_file);

  void Leave();

  // Requires mutex_ and seal_mutex_: the oldest waiting batches are `group`, and are published.
  void DropSealed(const TailGroup& group);

  // Requires seal_mutex_.
  std::vector<TailGroup> TakeGroups(bool all);
  Status SealGroups(std::span<const TailGroup> groups);
  // Writes and syncs them; publishes nothing.
  Result<std::vector<SegmentRef>> WriteSegments(const TailGroup& group);
  Status Publish(const std::vector<SegmentRef>& segments);
  Status SealAndRelease(const LeaseReleased& released);
  // What follows if sealing has failed; gives its status back.
  Status Settle(Status sealed);
  Status MergeHead();
  // The rows of a fenced writer are whoever's passed it; its memory is free again.
  void LetGoOfTail(const Status& fenced);

  // In a change: fails with kFenced unless this writer still holds the lease.
  Status CheckLease(CatalogUpdate& catalog) const;
  Status FencedStatus() const;

  std::shared_ptr<SessionOwner> owner_;  // null once the run is finished
  Session& session_;
  WriterStart start_;

  mutable std::mutex mutex_;
  BranchNode head_;
  Step committed_ = kNoStep;
  std::uint32_t log_run_ = 0;  // the head's handle in the log
  OpenRow open_;
  std::uint32_t open_log_file_ = 0;
  ShapeCache shapes_;
  std::vector<ValueView> arranged_;   // the values of a prepared row
  std::deque<TailBatch> waiting_;     // oldest first, of any branch
  std::shared_ptr<RowBatch> active_;  // rows of the head
  std::uint32_t active_log_file_ = 0;
  TailMemory tail_memory_;      // of both
  Sequence fence_checked_ = 0;  // groups up to here were written while the lease was ours
  LeaseReading lease_;          // as it was checked last
  Status failure_;              // the first failure after which nothing may be written
  bool closed_ = false;

  std::mutex seal_mutex_;
  std::optional<Sealer> sealer_;
  PlanMemory plans_;
  bool merges_ = true;
  std::map<std::uint32_t, Step> sealed_upto_;  // by branch ordinal
};

}  // namespace reprise

#endif  // REPRISE_ENGINE_RUN_WRITER_IMPL_H_
