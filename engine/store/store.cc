#include "reprise/store.h"

#include <utility>

#include "engine/history/history_impl.h"
#include "engine/history/run_name.h"
#include "engine/history/snapshot.h"
#include "engine/run/recovery.h"
#include "engine/run/space_reserve.h"
#include "engine/run/start_run.h"
#include "engine/store/reclaim.h"
#include "engine/store/store_impl.h"
#include "format/try.h"

namespace reprise {

Status Store::Impl::CheckUsable() const { return context_->fork_guard.Check(); }

Result<std::shared_ptr<SessionOwner>> Store::Impl::Writing() {
  REPRISE_TRY(CheckUsable());
  if (context_->options.read_only) {
    return Fail(Code::kInvalidArgument,
                "the store '" + context_->path + "' was opened read-only; open it for writing");
  }
  const std::lock_guard lock(mutex_);
  if (closed_) return Fail(Code::kClosed, "the store was closed; open it again");
  if (owner_) return owner_;
  REPRISE_TRY_ASSIGN(auto session, Session::Start(context_));
  Session* const raw = session.get();
  session->RunSoon([raw] { AdoptDeadSessions(*raw); });
  owner_ = std::make_shared<SessionOwner>(std::move(session));
  return owner_;
}

Status Store::Impl::FlushOwnRows() {
  REPRISE_TRY(CheckUsable());
  const std::lock_guard lock(mutex_);
  if (closed_) return Status::Error(Code::kClosed, "the store was closed; open it again");
  return owner_ ? owner_->session()->log().Flush() : Status();
}

Status Store::Impl::Close() {
  REPRISE_TRY(CheckUsable());
  std::shared_ptr<SessionOwner> owner;
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    owner = std::move(owner_);
    if (!owner) return close_status_;
  }
  Status closed = owner->session()->Close();
  const std::lock_guard lock(mutex_);
  close_status_ = closed;
  return closed;
}

Result<Store> Store::Open(const std::string& path, const Options& options) {
  REPRISE_TRY_ASSIGN(auto context, OpenContext(path, options));
  return Store(std::make_shared<Impl>(std::move(context)));
}

Store::Store(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
Store::Store(Store&&) noexcept = default;
Store& Store::operator=(Store&&) noexcept = default;
Store::~Store() = default;

const std::string& Store::path() const { return impl_->context().path; }

Result<RunWriter> Store::StartRun(const RunOptions& options) {
  REPRISE_TRY_ASSIGN(auto owner, impl_->Writing());
  REPRISE_TRY_ASSIGN(auto writer, reprise::StartRun(std::move(owner), options));
  return RunWriter(std::move(writer));
}

Result<History> Store::OpenHistory(const Moment& moment) const {
  REPRISE_TRY(impl_->FlushOwnRows());
  const StoreContext& context = impl_->context();
  SnapshotTarget target;
  target.ordinal = moment.branch;
  target.step = moment.step;
  REPRISE_TRY(context.catalog->Read([&](CatalogView& catalog) -> Status {
    REPRISE_TRY_ASSIGN(const RunRecord run, ResolveRun(catalog, moment.run));
    target.uid = run.uid;
    return {};
  }));
  REPRISE_TRY_ASSIGN(auto snapshot, OpenSnapshot(context.snapshots(), target));
  REPRISE_TRY_ASSIGN(auto impl, History::Impl::Open(std::move(snapshot)));
  return History(std::move(impl));
}

Result<std::vector<RunInfo>> Store::ListRuns(const RunQuery& query) const {
  REPRISE_TRY(impl_->FlushOwnRows());
  return reprise::ListRuns(impl_->context(), query);
}

Result<RunInfo> Store::ReadRun(std::string_view run) const {
  REPRISE_TRY(impl_->FlushOwnRows());
  return reprise::ReadRun(impl_->context(), run);
}

Result<Lineage> Store::ReadLineage(std::string_view run) const {
  REPRISE_TRY(impl_->FlushOwnRows());
  return reprise::ReadLineage(impl_->context(), run);
}

Result<Config> Store::ReadConfig(const Moment& moment) const {
  REPRISE_TRY(impl_->CheckUsable());
  return reprise::ReadConfig(impl_->context(), moment);
}

Result<std::uint32_t> Store::Rewind(const Moment& moment, Takeover takeover) {
  return WithReserve(impl_->context(), [&]() -> Result<std::uint32_t> {
    REPRISE_TRY_ASSIGN(const auto owner, impl_->Writing());
    return RewindRun(*owner->session(), moment, takeover);
  });
}

Result<std::uint32_t> Store::Restore(const Moment& branch, Takeover takeover) {
  REPRISE_TRY_ASSIGN(const auto owner, impl_->Writing());
  return RestoreBranch(*owner->session(), branch, takeover);
}

Result<RunInfo> Store::Fork(const Moment& moment, const ForkOptions& options) {
  REPRISE_TRY_ASSIGN(const auto owner, impl_->Writing());
  REPRISE_TRY_ASSIGN(const RunUid uid, ForkRun(*owner->session(), moment, options));
  return ReadNewFork(impl_->context(), uid);
}

Status Store::SetMetadata(std::string_view run, const Metadata& metadata) {
  REPRISE_TRY_ASSIGN(const auto owner, impl_->Writing());
  return SetRunMetadata(*owner->session(), run, metadata);
}

Status Store::UpdateConfig(std::string_view run, const Config& config) {
  REPRISE_TRY_ASSIGN(const auto owner, impl_->Writing());
  return UpdateRunConfig(*owner->session(), run, config);
}

Status Store::Finish(std::string_view run, int exit_code) {
  REPRISE_TRY_ASSIGN(const auto owner, impl_->Writing());
  return FinishRun(*owner->session(), run, exit_code);
}

Status Store::Delete(std::string_view run, Takeover takeover) {
  return WithReserve(impl_->context(), [&]() -> Status {
    REPRISE_TRY_ASSIGN(const auto owner, impl_->Writing());
    return DeleteRun(*owner->session(), run, takeover);
  });
}

Result<ReclaimReport> Store::Reclaim() {
  REPRISE_TRY_ASSIGN(const auto owner, impl_->Writing());
  auto report = ReclaimPacks(*owner->session());
  KeepReserve(*impl_->context().io.random, *impl_->context().root);
  return report;
}

Status Store::Close() { return impl_->Close(); }

}  // namespace reprise
