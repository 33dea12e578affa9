// A store: one directory that holds any number of runs.
//
//   auto store = reprise::Store::Open("runs.reprise");
//   auto run = store->StartRun({.project = "cats", .run_id = "baseline"});
//   run->Log({{"loss", 0.5}, {"lr", 1e-3}});
//   run->Rewind(0);
//   run->Finish();
//   auto history = store->OpenHistory({.run = "baseline"});
//   auto loss = history->ReadNumbers("loss");
#ifndef REPRISE_STORE_H_
#define REPRISE_STORE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reprise/history.h"
#include "reprise/options.h"
#include "reprise/run_info.h"
#include "reprise/run_writer.h"
#include "reprise/status.h"

namespace reprise {

// What can be changed of a run at any time, by anyone, without touching its history.
struct Metadata {
  std::optional<std::string> name{};
  std::optional<std::string> notes{};
  std::optional<std::string> group{};
  std::optional<std::string> job_type{};
  std::vector<std::string> add_tags{};
  std::vector<std::string> remove_tags{};
};

// Whether a living writer is taken the run away from.
enum class Takeover : std::uint8_t { kRefuse, kTake };

struct ForkOptions {
  std::string project{};  // empty: the parent's
  std::string run_id{};   // empty: random
  Config config{};        // merged into the inherited one
  std::optional<std::string> name{};
};

// What Reclaim did.
struct ReclaimReport {
  std::uint64_t packs_rewritten = 0;
  std::uint64_t bytes_freed = 0;    // of segments that nobody needs
  std::uint64_t packs_in_use = 0;   // left as they are: a process writes them now
  std::uint64_t packs_damaged = 0;  // left as they are: 'reprise verify' tells what is wrong
};

// An open store.
//
// Obtained from Open. Any number of processes on one host may have a store open at once; within a
// process open it once and share the handle. Not for network file systems.
// Durability: what a writing call says is done is on disk when it returns, at every durability
// level; the level is about rows alone (RunWriter::Log).
// Lifetime: RunWriters and Histories keep the store's files open after this handle is gone.
// Destroying the last handle seals what is live.
// Thread safety: safe from any thread. After fork(2) every handle is inert in the child: calls
// return kClosed; open the store anew there.
// Errors: nothing throws (std::bad_alloc aside), prints, or ends the process.
class Store {
 public:
  class Impl;
  // Makes the store if Options::create allows it. kNotFound: no store there. kUnsupportedVersion:
  // written by a newer release, and nothing was touched.
  static Result<Store> Open(const std::string& path, const Options& options = {});

  explicit Store(std::shared_ptr<Impl> impl);
  Store(Store&&) noexcept;
  Store& operator=(Store&&) noexcept;
  ~Store();

  const std::string& path() const;

  // Starts, resumes, rewinds-and-resumes or forks a run, and takes its lease. kBusy names the
  // holder's pid, host and since when.
  Result<RunWriter> StartRun(const RunOptions& options);

  // A snapshot of a moment: the head of a run, an archived branch, cut at a step if one is given.
  // kOutOfRange: the step is not visible there.
  Result<History> OpenHistory(const Moment& moment) const;

  // Newest first. A run whose rows are damaged is listed with what is known of it.
  Result<std::vector<RunInfo>> ListRuns(const RunQuery& query = {}) const;
  // A bare id is looked up in all projects and must be unique.
  Result<RunInfo> ReadRun(std::string_view run) const;
  Result<Lineage> ReadLineage(std::string_view run) const;
  // The config as of a branch: the run's, or as it was when the branch was archived.
  Result<Config> ReadConfig(const Moment& moment) const;

  // As RunWriter::Rewind, from outside; the run becomes `pending`. Returns the new head's ordinal.
  // kBusy while another process writes the run, without takeover.
  Result<std::uint32_t> Rewind(const Moment& moment, Takeover takeover = Takeover::kRefuse);
  // Makes a new head that starts at the end of an archived branch, with its config.
  Result<std::uint32_t> Restore(const Moment& branch, Takeover takeover = Takeover::kRefuse);
  // Makes a new run that shares the rows up to the moment. Constant cost, copies nothing. If the
  // parent is written through this store, its open row is committed first. In what it returns,
  // `last_step` is the moment's, and `rows` is 0: they are not counted; ReadRun does that.
  Result<RunInfo> Fork(const Moment& moment, const ForkOptions& options = {});

  Status SetMetadata(std::string_view run, const Metadata& metadata);
  Status UpdateConfig(std::string_view run, const Config& config);
  // Finishes a run that nobody writes.
  Status Finish(std::string_view run, int exit_code = 0);
  // The run disappears at once; rows that a living fork needs stay.
  Status Delete(std::string_view run, Takeover takeover = Takeover::kRefuse);

  // Gives back the bytes of what was deleted, and of segments that were merged into others: packs
  // that are dead to an eighth or more are written anew. Runs may be written and read meanwhile;
  // histories that are open stay readable. Takes as long as copying those packs, in the memory of
  // one segment and of what living runs inherit from deleted ones. A crash loses nothing.
  // kBusy: another process reclaims or verifies the store. kNoSpace: there is no room for copies.
  Result<ReclaimReport> Reclaim();

  // Seals and publishes everything live, and gives the session back. If it fails, what was logged
  // stays in the log, and the next session that writes recovers it; closing again says the same.
  // Other calls return kClosed from then on.
  // The destructor does the same and keeps the status to itself.
  Status Close();

 private:
  std::shared_ptr<Impl> impl_;
};

}  // namespace reprise

#endif  // REPRISE_STORE_H_
