// The catalog: an index in LMDB of everything that changes say. Derived, never the only copy.
//
// The only folder that includes lmdb.h. Rules (reliability notes): one environment per file and
// process; transactions are short and copy out; nothing points into the map once a call returns;
// every value carries a checksum over (table, key, value); after any LMDB error the environment
// is poisoned (kCorrupt or kIoError) until the catalog is rebuilt and reopened.
//
// Files: `catalog.<generation>` and LMDB's lock file beside it; `catalog.lock` (ours), which says
// which of them is the present one and whether it was left clean (format/catalog.md).
//
// A rebuilt catalog is a new file. Whoever has the old one open finds it empty, and opens the new
// one by itself; so no writer can miss that its lease went to someone else meanwhile.
#ifndef REPRISE_ENGINE_CATALOG_CATALOG_H_
#define REPRISE_ENGINE_CATALOG_CATALOG_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/io/directory.h"
#include "format/catalog_records.h"
#include "format/change.h"
#include "reprise/status.h"

namespace reprise {

// A consistent view of all tables: inside a read transaction, or inside a write transaction that
// sees its own changes. Every getter copies out. Absent entries are nullopt; damage is kCorrupt.
// Not thread-safe; valid only inside the callback it was given to.
class CatalogView {
 public:
  virtual ~CatalogView() = default;

  virtual Result<MetaRecord> Meta() = 0;
  virtual Result<std::optional<ProjectRecord>> FindProject(std::string_view entity,
                                                           std::string_view name) = 0;
  virtual Result<std::optional<ProjectRecord>> GetProject(std::uint32_t number) = 0;
  virtual Result<std::vector<ProjectRecord>> Projects() = 0;
  virtual Result<std::optional<RunUid>> FindRun(std::uint32_t project, std::string_view id) = 0;
  // The living run of that id in every project.
  virtual Result<std::vector<RunUid>> FindRunInAllProjects(std::string_view id) = 0;
  // Also finds deleted runs.
  virtual Result<std::optional<RunRecord>> GetRun(const RunUid& uid) = 0;
  // Living runs, newest first (by uid, which rises from run to run): those created before `before`,
  // a run of an earlier page, which may be deleted by now. kNotFound if there never was such a run.
  virtual Result<std::vector<RunUid>> RecentRuns(std::optional<RunUid> before,
                                                 std::size_t limit) = 0;
  virtual Result<std::optional<BranchRecord>> GetBranch(const BranchId& id) = 0;
  // By ordinal.
  virtual Result<std::vector<BranchRecord>> Branches(const RunUid& uid) = 0;
  // By first position, those that overlap positions first..last.
  virtual Result<std::vector<SegmentRef>> Segments(const BranchId& branch, Stream stream,
                                                   std::int64_t first, std::int64_t last) = 0;
  virtual Result<std::optional<SegmentRef>> LastSegment(const BranchId& branch, Stream stream) = 0;
  // At most `most` of them, the last one first.
  virtual Result<std::vector<SegmentRef>> LastSegments(const BranchId& branch, Stream stream,
                                                       std::size_t most) = 0;
  // Also of a run that nobody holds; nullopt: it was never leased.
  virtual Result<std::optional<LeaseRecord>> GetLease(const RunUid& uid) = 0;
  // Runs whose lease is held by the session, or has rows of it pending.
  virtual Result<std::vector<RunUid>> LeasesOf(SessionId session) = 0;
  virtual Result<std::optional<SessionRecord>> GetSession(SessionId session) = 0;
  virtual Result<std::vector<SessionRecord>> Sessions() = 0;
  // Explicit summary values set on one branch by changes before `end`, in the order they were set.
  virtual Result<std::vector<ExplicitRecord>> ExplicitValues(const BranchId& branch,
                                                             ChangeNumber end) = 0;
  // What repairs found lost of a run, or of the store (uid 0), by change.
  virtual Result<std::vector<GapRecord>> Gaps(const RunUid& uid) = 0;
  // Living forks that were asked for at a moment of this run, by creation.
  virtual Result<std::vector<RunUid>> Forks(const RunUid& uid) = 0;
  // One line per entry of every table, in key order. `rebuildable` leaves out what a rebuild
  // cannot give back: sessions and the holders named in leases.
  virtual Status Dump(bool rebuildable, const std::function<void(std::string_view)>& line) = 0;
};

// A view inside the one write transaction of the store.
class CatalogUpdate : public CatalogView {
 public:
  // The number that the next change gets.
  virtual Result<ChangeNumber> NextNumber() = 0;
  // Folds the change into the tables; its number must be NextNumber(). kInternal for a change
  // that contradicts the tables (a caller's bug or a damaged record); they are as before then.
  virtual Status Apply(const Change& change) = 0;
  // Not changes: who is at work now (not rebuilt).
  virtual Status PutSession(const SessionRecord& session) = 0;
  virtual Status RemoveSession(SessionId session) = 0;
};

// What a reading of a run's lease saw. While no transaction was committed since, it still holds.
struct LeaseReading {
  std::uint64_t file = 0;         // the catalog file's generation; 0: nothing was read
  std::uint64_t transaction = 0;  // the last one that was committed
  Generation generation = 0;
};

// An open catalog. Thread safety: all methods, from any thread, but not from inside a callback of
// Read or Write. Any number of them may be open on one directory, in one process or several.
// Errors common to all: kClosed in a child of fork(2); kCorrupt and kIoError as above.
class Catalog {
 public:
  virtual ~Catalog() = default;

  // Runs `read` in a read transaction. It may run twice: again on a newer catalog file that took
  // over, or where a reader without locks (read-only media) saw pages change.
  virtual Status Read(const std::function<Status(CatalogView&)>& read) = 0;
  // Runs `write` in the write transaction: an error it returns aborts, success commits. Writers of
  // all processes take turns. It runs again, on the tables as before, in the rare case that the
  // map has to grow. kNoSpace: the disk is full, nothing is changed, try again later.
  virtual Status Write(const std::function<Status(CatalogUpdate&)>& write) = 0;
  // The generation of a run's lease (0: never leased), cheaply, in well under a microsecond: what a
  // writer checks after each write. kNotFound: no such run. Begins from what `last` saw of the same
  // run and leaves there what it saw.
  virtual Result<Generation> LeaseGeneration(const RunUid& uid, LeaseReading* last) = 0;
  Result<Generation> LeaseGeneration(const RunUid& uid) {
    LeaseReading none;
    return LeaseGeneration(uid, &none);
  }
  // Syncs and marks the file clean, so that it need not be rebuilt after a reboot. Call when no
  // other session is registered.
  virtual Status MarkClean() = 0;
};

struct CatalogOptions {
  bool read_only = false;
  std::string store_uuid;  // 16 bytes
  std::string boot_id;     // 16 bytes; another one in the file and no clean mark: not trusted
};

// Opens the catalog file that `catalog.lock` names. `directory` must outlive the catalog.
// kNotFound: there is none. kCorrupt: the page walk or a checksum failed, or it was not marked
// clean before a reboot, or the directory is a copy of one in use; rebuild it.
Result<std::shared_ptr<Catalog>> OpenCatalog(Directory& directory, const CatalogOptions& options);

// The generation of the present catalog file, sound or not; 0 if there is none.
Result<std::uint64_t> CatalogGeneration(Directory& directory);

// Gives changes in order, some at a time, and stops at the first error that `fold` returns.
using ChangeStream =
    std::function<Status(const std::function<Status(std::span<const Change>)>& fold)>;

struct CatalogBuild {
  // What CatalogGeneration said before the catalog was found damaged or missing. If another process
  // has built a newer one since, nothing is done.
  std::uint64_t replaces = 0;
  // Finds all changes: a stream of them by number, without repeats. Called, and the stream then
  // read once, while nobody can write, so that it misses none. Null: none, a new store's.
  std::function<Result<ChangeStream>()> changes;
  // Told of each change that contradicts the ones before it and was left out. Null: such a change
  // fails the build.
  std::function<void(const Change&, const Status&)> left_out;
};

// Builds a new catalog file and puts it in place: built under a temporary name, synced, renamed to
// the next generation, directory synced, the old file emptied for those who have it open, the new
// one named in `catalog.lock`, older files moved to `quarantine` (removed if null). Holds
// catalog.lock exclusively. A crash at any point leaves the old catalog, or none that opens.
Status BuildCatalog(Directory& directory, Directory* quarantine, const CatalogOptions& options,
                    const CatalogBuild& build);

// Looks through the pages of the present catalog file, and through every value (kCorrupt says
// where). Keeps writers waiting meanwhile.
Status CheckCatalog(Directory& directory);

}  // namespace reprise

#endif  // REPRISE_ENGINE_CATALOG_CATALOG_H_
