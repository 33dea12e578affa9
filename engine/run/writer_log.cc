// Logging: where a record goes, how it is written, and when it is acknowledged.
//
// A record is acknowledged when the log has it at the durability asked for and the lease was still
// ours after that: a writer that takes the run over first raises the generation and then reads our
// log, so what we acknowledge it has seen.
#include <fmt/format.h>

#include <atomic>
#include <utility>

#include "engine/run/row_rules.h"
#include "engine/run/writer_impl.h"
#include "format/try.h"

namespace reprise {

namespace {

// Leaves room for the step after the last one.
constexpr Step kMaxStep = std::numeric_limits<Step>::max() - 1;

Status CheckStep(Step step) {
  if (step >= 0 && step <= kMaxStep) return {};
  return Status::Error(Code::kInvalidArgument,
                       fmt::format("step {} is not in 0..{}", step, kMaxStep));
}

// A time that is absent everywhere is now.
TimeMicros ChooseTime(const LogOptions& options, const OwnFields& own, Clock& clock) {
  if (options.time) return *options.time;
  return own.time ? *own.time : clock.Now();
}

}  // namespace

Status RunWriter::Impl::CheckWritable() const {
  REPRISE_TRY(session_.context().fork_guard.Check());
  if (closed_) {
    return Status::Error(Code::kClosed,
                         fmt::format("run '{}' was finished through this writer; start it again "
                                     "to continue",
                                     start_.run_id));
  }
  REPRISE_TRY(session_.CheckUsable());
  return failure_;
}

Status RunWriter::Impl::FencedStatus() const {
  return Status::Error(Code::kFenced,
                       fmt::format("run '{}' was taken over by another writer (this one has "
                                   "generation {}); start the run again to continue it",
                                   start_.run_id, start_.generation));
}

Status RunWriter::Impl::Poison(Status status) {
  if (failure_.ok()) failure_ = status;
  return status;
}

Status RunWriter::Impl::CheckFence() {
  const Sequence written = session_.log().last_written();
  if (written == fence_checked_) return {};
  // The read must not move before the write that it vouches for.
  std::atomic_thread_fence(std::memory_order_seq_cst);
  const Result<Generation> generation =
      session_.context().catalog->LeaseGeneration(start_.uid, &lease_);
  if (!generation) return Poison(generation.error());
  if (*generation != start_.generation) return Poison(FencedStatus());
  fence_checked_ = written;
  return {};
}

Status RunWriter::Impl::Acknowledge(Sequence sequence) {
  if (session_.context().options.durability == Durability::kDisk) {
    const Status synced = session_.log().SyncThrough(sequence);
    if (!synced.ok()) return Poison(synced);
  }
  return CheckFence();
}

Status RunWriter::Impl::WritePart(const RowPart& part) {
  REPRISE_TRY_ASSIGN(const Sequence sequence, session_.log().AddRow(part));
  return Acknowledge(sequence);
}

Status RunWriter::Impl::OutOfOrder(Step step) const {
  const std::string head =
      open_.exists() ? fmt::format("{}, still open", open_.step()) : fmt::format("{}", committed_);
  return Status::Error(
      Code::kOutOfOrder,
      fmt::format("step {} is not above the head of run '{}' (head step {}, branch {}); log a "
                  "larger step or rewind first",
                  step, start_.run_id, head, head_.id.ordinal));
}

Status RunWriter::Impl::NoStepLeft() const {
  return Status::Error(Code::kOutOfOrder,
                       fmt::format("there is no step after {}: run '{}' has reached it (branch "
                                   "{}); rewind first",
                                   kMaxStep, start_.run_id, head_.id.ordinal));
}

Result<Step> RunWriter::Impl::Log(std::span<const Field> fields, const LogOptions& options) {
  REPRISE_TRY(session_.WaitForMemory());
  const std::lock_guard lock(mutex_);
  REPRISE_TRY(CheckWritable());
  REPRISE_TRY_ASSIGN(const OwnFields own, FindOwnFields(fields));
  REPRISE_TRY_ASSIGN(const Placement place,
                     Place(options.step ? options.step : own.step, options.commit));
  const TimeMicros time = ChooseTime(options, own, *session_.context().io.clock);
  REPRISE_TRY_ASSIGN(const auto row, shapes_.Resolve(session_, fields, time != kNoTime));
  return Write(place, *row.shape, time, row.values);
}

Result<PreparedRow> RunWriter::Impl::Prepare(std::span<const std::string_view> keys) {
  const std::lock_guard lock(mutex_);
  REPRISE_TRY(CheckWritable());
  REPRISE_TRY_ASSIGN(auto made, PreparedRow::Impl::Make(session_, keys));
  return PreparedRow(std::move(made));
}

Result<Step> RunWriter::Impl::Log(const PreparedRow::Impl& row, std::span<const double> values,
                                  const LogOptions& options) {
  REPRISE_TRY(session_.WaitForMemory());
  const std::lock_guard lock(mutex_);
  REPRISE_TRY(CheckWritable());
  REPRISE_TRY(row.CheckUse(session_.id(), values.size()));
  REPRISE_TRY_ASSIGN(const Placement place, Place(options.step, options.commit));
  const TimeMicros time = ChooseTime(options, {}, *session_.context().io.clock);
  row.Arrange(values, &arranged_);
  return Write(place, row.shape(time != kNoTime), time, arranged_);
}

Result<Placement> RunWriter::Impl::Place(std::optional<Step> asked,
                                         std::optional<bool> commit) const {
  if (asked) REPRISE_TRY(CheckStep(*asked));
  const auto open = open_.exists() ? std::optional(open_.step()) : std::nullopt;
  const auto place = PlaceRecord(committed_, open, asked, commit);
  if (!place) return Fail(OutOfOrder(asked.value_or(committed_)));
  if (place->step > kMaxStep) return Fail(NoStepLeft());
  return *place;
}

Result<Step> RunWriter::Impl::Write(const Placement& place, const Session::InternedShape& shape,
                                    TimeMicros time, std::span<const ValueView> values) {
  if (place.merges) REPRISE_TRY(CheckRowBytes(open_.BytesWith(*shape.shape, values)));
  RowPart part;
  part.run = log_run_;
  part.shape = shape.log_shape;
  part.step = place.step;
  part.time = time;
  part.commit = place.commits;
  part.flush = session_.context().options.durability != Durability::kNone;
  part.values = values;
  const std::uint32_t log_file = session_.log().current_file();
  REPRISE_TRY(WritePart(part));
  Take(place, shape, time, values, log_file);
  return place.step;
}

void RunWriter::Impl::Take(const Placement& place, const Session::InternedShape& shape,
                           TimeMicros time, std::span<const ValueView> values,
                           std::uint32_t log_file) {
  if (place.commits_open_row) MoveOpenRowToTail();
  if (place.commits && !place.merges) {
    AppendToTail(shape.shape, place.step, time, values, log_file);
    return;
  }
  if (!place.merges) {
    open_.Open(place.step, shape.shape->has_time, time);
    open_log_file_ = log_file;
  }
  open_.Merge(*shape.shape, values);
  if (place.commits) MoveOpenRowToTail();
}

void RunWriter::Impl::MoveOpenRowToTail() {
  const auto shape = session_.Intern(*open_.MergedShape());
  AppendToTail(shape.shape, open_.step(), open_.time(), open_.MergedValues(), open_log_file_);
  open_.Close();
}

void RunWriter::Impl::AppendToTail(const ShapePtr& shape, Step step, TimeMicros time,
                                   std::span<const ValueView> values, std::uint32_t log_file) {
  if (active_->empty()) active_log_file_ = log_file;
  const std::size_t before = active_->bytes();
  active_->Append(shape, step, time, values);
  tail_memory_.Add(active_->bytes() - before);
  committed_ = step;
  if (active_->rows() < kSealRows && active_->bytes() < kSealBytes) return;
  EndActiveBatch();
  session_.RequestSeal(weak_from_this());
}

void RunWriter::Impl::EndActiveBatch() {
  if (active_->empty()) return;
  waiting_.push_back(
      {head_, std::exchange(active_, session_.TakeBatch()), active_log_file_});
}

Status RunWriter::Impl::CommitOpenLocked() {
  if (!open_.exists()) return {};
  Shape nothing;
  nothing.has_time = open_.has_time();
  RowPart part;
  part.run = log_run_;
  part.shape = session_.Intern(std::move(nothing)).log_shape;
  part.step = open_.step();
  part.time = open_.time();
  part.commit = true;
  part.flush = true;
  REPRISE_TRY(WritePart(part));
  MoveOpenRowToTail();
  return {};
}

Result<CommittedHead> RunWriter::Impl::CommitOpenRow() {
  const std::lock_guard lock(mutex_);
  REPRISE_TRY(CheckWritable());
  REPRISE_TRY(CommitOpenLocked());
  return CommittedHead{head_.id, start_.generation, committed_};
}

Status RunWriter::Impl::RestateOpenRow() {
  const std::lock_guard lock(mutex_);
  REPRISE_TRY(CheckWritable());
  if (!open_.exists()) return {};
  const std::vector<ValueView> values = open_.MergedValues();
  RowPart part;
  part.run = log_run_;
  part.shape = session_.Intern(*open_.MergedShape()).log_shape;
  part.step = open_.step();
  part.time = open_.time();
  part.restate = true;
  part.flush = true;
  part.values = values;
  const std::uint32_t log_file = session_.log().current_file();
  REPRISE_TRY(WritePart(part));
  open_log_file_ = log_file;
  return {};
}

std::uint32_t RunWriter::Impl::oldest_log_file() {
  const std::lock_guard lock(mutex_);
  std::uint32_t oldest = ~std::uint32_t{0};
  for (const TailBatch& batch : waiting_) oldest = std::min(oldest, batch.log_file);
  if (!active_->empty()) oldest = std::min(oldest, active_log_file_);
  if (open_.exists()) oldest = std::min(oldest, open_log_file_);
  return oldest;
}

Status RunWriter::Impl::Sync() {
  const std::lock_guard lock(mutex_);
  REPRISE_TRY(CheckWritable());
  const Status synced = session_.log().Sync();
  if (!synced.ok()) return synced.code() == Code::kNoSpace ? synced : Poison(synced);
  return CheckFence();
}

}  // namespace reprise
