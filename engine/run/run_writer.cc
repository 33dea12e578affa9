// The public RunWriter, and what it does beside logging and sealing.
#include "reprise/run_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/lineage/chain.h"
#include "engine/run/branch_changes.h"
#include "engine/run/resume_file.h"
#include "engine/run/row_rules.h"
#include "engine/run/space_reserve.h"
#include "engine/run/writer_impl.h"
#include "format/try.h"

namespace reprise {

RunWriter::Impl::Impl(std::shared_ptr<SessionOwner> owner, WriterStart start)
    : owner_(std::move(owner)),
      session_(*owner_->session()),
      start_(std::move(start)),
      head_(start_.head),
      committed_(start_.committed),
      log_run_(session_.log().DefineRun(head_.id, start_.generation)),
      active_(session_.TakeBatch()),
      tail_memory_(session_.tail_bytes()) {
  sealed_upto_[head_.id.ordinal] = start_.sealed_upto;
}

std::uint32_t RunWriter::Impl::branch() const {
  const std::lock_guard lock(mutex_);
  return head_.id.ordinal;
}

std::size_t RunWriter::Impl::tail_bytes() const {
  const std::lock_guard lock(mutex_);
  return tail_memory_.bytes();
}

Step RunWriter::Impl::next_step() const {
  const std::lock_guard lock(mutex_);
  return (open_.exists() ? open_.step() : committed_) + 1;
}

Status RunWriter::Impl::CheckLease(CatalogUpdate& catalog) const {
  REPRISE_TRY_ASSIGN(const auto lease, catalog.GetLease(start_.uid));
  if (lease && lease->generation == start_.generation && lease->holder.session == session_.id()) {
    return {};
  }
  return FencedStatus();
}

Status RunWriter::Impl::Rewind(Step step) {
  return WithReserve(session_.context(), [&] { return TryRewind(step); });
}

Status RunWriter::Impl::TryRewind(Step step) {
  const std::lock_guard lock(mutex_);
  REPRISE_TRY(CheckWritable());
  REPRISE_TRY(CommitOpenLocked());
  if (step < kNoStep || step > committed_) {
    return StepOutOfRange(step, committed_, start_.run_id, head_.id.ordinal);
  }
  BranchNode node;
  REPRISE_TRY(session_.MakeChanges([&](ChangeBuilder& changes) -> Status {
    REPRISE_TRY(CheckLease(changes.catalog()));
    REPRISE_TRY_ASSIGN(node, AddBranch(changes, {head_.id, step}, head_.id.ordinal + 1,
                                       BranchKind::kRewind, RunState::kRunning));
    return {};
  }));
  EndActiveBatch();
  head_ = node;
  committed_ = step;
  log_run_ = session_.log().DefineRun(head_.id, start_.generation);
  return {};
}

Status RunWriter::Impl::UpdateConfig(const Config& config) {
  REPRISE_TRY_ASSIGN(ConfigEntries entries, CheckConfig(config));
  const std::lock_guard lock(mutex_);
  REPRISE_TRY(CheckWritable());
  if (entries.empty()) return {};
  return session_.MakeChanges([&](ChangeBuilder& changes) -> Status {
    REPRISE_TRY(CheckLease(changes.catalog()));
    return changes.Add(start_.uid, ConfigMerged{entries});
  });
}

Status RunWriter::Impl::SetSummary(std::string_view key, std::optional<Value> value) {
  REPRISE_TRY(CheckKey(key));
  if (value) REPRISE_TRY(CheckValue(key, value->view()));
  const std::lock_guard lock(mutex_);
  REPRISE_TRY(CheckWritable());
  SummarySet set;
  set.branch = head_.id.ordinal;
  set.step = open_.exists() ? open_.step() : committed_;
  set.key = key;
  set.value = std::move(value);
  return session_.MakeChanges([&](ChangeBuilder& changes) -> Status {
    REPRISE_TRY(CheckLease(changes.catalog()));
    return changes.Add(start_.uid, set);
  });
}

void RunWriter::Impl::Drop() {
  if (!session_.context().fork_guard.crossed()) {
    const Code ended = Abandon().code();
    // After a Finish, or with nothing that is still its own.
    const bool is_done = ended == Code::kOk || ended == Code::kClosed || ended == Code::kFenced;
    if (!is_done) return Leave();
    session_.Unregister(start_.uid, this);
  }
  std::shared_ptr<SessionOwner> owner;
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    tail_memory_.Clear();
    owner = std::move(owner_);
  }
}

// Rows are only in the log yet: the session must not end as if there were none.
void RunWriter::Impl::Leave() {
  session_.Keep(shared_from_this());
  std::shared_ptr<SessionOwner> owner;
  const std::lock_guard lock(mutex_);
  owner = std::move(owner_);
}

RunWriter::RunWriter(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
RunWriter::RunWriter(RunWriter&&) noexcept = default;
RunWriter& RunWriter::operator=(RunWriter&& other) noexcept {
  if (this != &other) {
    if (impl_) impl_->Drop();
    impl_ = std::move(other.impl_);
  }
  return *this;
}
RunWriter::~RunWriter() {
  if (impl_) impl_->Drop();
}

const std::string& RunWriter::run_id() const { return impl_->start().run_id; }
const std::string& RunWriter::project() const { return impl_->start().project; }
std::uint32_t RunWriter::branch() const { return impl_->branch(); }
Step RunWriter::next_step() const { return impl_->next_step(); }
bool RunWriter::resumed() const { return impl_->start().resumed; }

Result<Step> RunWriter::Log(std::span<const Field> fields, const LogOptions& options) {
  return impl_->Log(fields, options);
}
Result<PreparedRow> RunWriter::Prepare(std::span<const std::string_view> keys) {
  return impl_->Prepare(keys);
}
Result<Step> RunWriter::Log(const PreparedRow& row, std::span<const double> values,
                            const LogOptions& options) {
  return impl_->Log(*row.impl_, values, options);
}
Result<std::uint64_t> RunWriter::AppendColumns(const ColumnBatch& batch) {
  return impl_->AppendColumns(batch);
}
Status RunWriter::Sync() { return impl_->Sync(); }
Status RunWriter::Rewind(Step step) { return impl_->Rewind(step); }
Status RunWriter::UpdateConfig(const Config& config) { return impl_->UpdateConfig(config); }
Status RunWriter::SetSummary(std::string_view key, const ValueView& value) {
  return impl_->SetSummary(key, Value(value));
}
Status RunWriter::RemoveSummary(std::string_view key) {
  return impl_->SetSummary(key, std::nullopt);
}
Status RunWriter::Finish(int exit_code) {
  return impl_->Finish(exit_code == 0 ? RunState::kFinished : RunState::kFailed, exit_code);
}

}  // namespace reprise
