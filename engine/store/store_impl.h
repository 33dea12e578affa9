// What a public Store holds.
#ifndef REPRISE_ENGINE_STORE_STORE_IMPL_H_
#define REPRISE_ENGINE_STORE_STORE_IMPL_H_

#include <memory>
#include <mutex>
#include <string>

#include "engine/run/session.h"
#include "engine/run/store_context.h"
#include "reprise/store.h"

namespace reprise {

// The session begins with the first call that writes: a store that is only read leaves no trace.
class Store::Impl {
 public:
  explicit Impl(std::shared_ptr<const StoreContext> context) : context_(std::move(context)) {}

  const StoreContext& context() const { return *context_; }
  Status CheckUsable() const;
  // Begins the session if there is none yet, and lets it adopt sessions that died.
  Result<std::shared_ptr<SessionOwner>> Writing();
  // The session if there is one: its pending rows are written before something is read.
  Status FlushOwnRows();
  Status Close();

 private:
  std::shared_ptr<const StoreContext> context_;
  std::mutex mutex_;
  std::shared_ptr<SessionOwner> owner_;
  bool closed_ = false;
  Status
      close_status_;  // what was not sealed when the store was closed is not sealed by asking again
};

// Opens the store's directories and catalog, making or rebuilding what is missing.
Result<std::shared_ptr<const StoreContext>> OpenContext(const std::string& path,
                                                        const Options& options);
// The same in a world of the caller's choice. LMDB opens the catalog by its path on the real file
// system, whatever `io` is: names that begin with `catalog.` must be found there.
Result<std::shared_ptr<const StoreContext>> OpenContext(const Io& io, const std::string& path,
                                                        const Options& options);

// --- reading (run_listing.cc)
Result<std::vector<RunInfo>> ListRuns(const StoreContext& context, const RunQuery& query);
Result<RunInfo> ReadRun(const StoreContext& context, std::string_view run);
Result<RunInfo> ReadRun(const StoreContext& context, const RunUid& uid);
// As ReadRun, of a run just forked, without its rows: a fork takes no longer the longer its
// history.
Result<RunInfo> ReadNewFork(const StoreContext& context, const RunUid& uid);
Result<Lineage> ReadLineage(const StoreContext& context, std::string_view run);
Result<Config> ReadConfig(const StoreContext& context, const Moment& moment);

// --- changing runs that nobody need write (run_changes.cc)
Result<std::uint32_t> RewindRun(Session& session, const Moment& moment, Takeover takeover);
Result<std::uint32_t> RestoreBranch(Session& session, const Moment& branch, Takeover takeover);
Result<RunUid> ForkRun(Session& session, const Moment& moment, const ForkOptions& options);
Status SetRunMetadata(Session& session, std::string_view run, const Metadata& metadata);
Status UpdateRunConfig(Session& session, std::string_view run, const Config& config);
Status FinishRun(Session& session, std::string_view run, int exit_code);
Status DeleteRun(Session& session, std::string_view run, Takeover takeover);

}  // namespace reprise

#endif  // REPRISE_ENGINE_STORE_STORE_IMPL_H_
