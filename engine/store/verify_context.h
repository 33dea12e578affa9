// What the parts of verify share. Each part looks at one kind of file, adds findings, and never
// stops the others.
#ifndef REPRISE_ENGINE_STORE_VERIFY_CONTEXT_H_
#define REPRISE_ENGINE_STORE_VERIFY_CONTEXT_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/catalog/catalog.h"
#include "engine/io/directory.h"
#include "engine/io/io.h"
#include "engine/store/change_fold.h"
#include "engine/store/finding.h"
#include "engine/store/gather.h"
#include "engine/store/gathered_changes.h"
#include "engine/store/scratch_directory.h"
#include "format/change.h"
#include "reprise/verify.h"

namespace reprise {

struct VerifyContext {
  Io io;
  VerifyOptions options;
  VerifyReport report;

  std::unique_ptr<Directory> root;
  std::unique_ptr<Directory> logs;   // null: not there, or cannot be listed
  std::unique_ptr<Directory> packs;  // null: not there, or cannot be listed
  std::string uuid;                  // 16 bytes; empty: the superblock cannot be read
  std::string boot_id;

  std::optional<GatheredChanges> changes;
  std::vector<ChangeNumber> illegal;  // of those: they contradict the ones before them; by number
  bool complete = true;               // no change is missing or was left out
  // How bad it is that a change is missing: it may be in a file that could not be read.
  Severity missing = Severity::kLost;
  // What could not be read while changes were gathered, for no fault of the file.
  std::vector<GatherProblem> unread;
  ChangeFold fold;             // of the legal ones
  std::optional<RunUid> only;  // of options.run

  // To read histories with: the store's, or one made of the changes. Null: neither.
  std::unique_ptr<ScratchDirectory> scratch;
  std::shared_ptr<Catalog> catalog;

  // Segments that were found damaged, so that they are told once.
  std::set<std::pair<std::uint64_t, std::uint64_t>> damaged;

  void Add(Finding finding);
  // Something failed as a whole: SeverityOf(status, damage).
  void AddFailure(const Status& status, Severity damage, std::string_view code, std::string file);
  // No log and no pack has changes `first` to `last`; `advice` is for the case that they are lost.
  void AddMissing(ChangeNumber first, ChangeNumber last, std::string_view advice);
  // Gathering changes met a problem. Damage of files is told where they are checked; what was not
  // read may be read then, and is kept in `unread`.
  void NoteProblem(const GatherProblem& problem);
  // Tells what is in `unread` and of which no other finding tells.
  void ReportUnread();
  // A directory of the store cannot be listed.
  void AddUnreadable(const Status& status, std::string_view directory);
  // About one segment; `status` says what is wrong with it. Told once for each segment.
  void AddSegmentFailure(const Status& status, Severity damage, std::string_view code,
                         const SegmentRef& segment);
  // The last change there is, legal or not; 0: none.
  ChangeNumber last_found() const { return changes ? changes->last() : 0; }
  bool IsLegal(ChangeNumber number) const;
  // Visits the legal changes up to `last` in order, some at a time: reads them again.
  Status ReadLegal(ChangeNumber last,
                   const std::function<Status(std::span<const Change>)>& visit) const;
  bool IsWanted(const RunUid& uid) const { return !only || *only == uid; }
  bool IsAlive(SessionId session) const;
};

// The public Verify in a world of the caller's choice (see OpenContext).
Result<VerifyReport> Verify(const Io& io, const std::string& store_path,
                            const VerifyOptions& options);

// "change 4", "changes 4 to 6".
std::string ChangesText(ChangeNumber first, ChangeNumber last);

// In the order in which they run; later ones use what earlier ones found.

// Opens the directories, reads the superblock, names files that do not belong there. False: there
// is nothing that could be checked.
bool VerifyNames(VerifyContext* context);
// Gathers all changes and folds them: one each, in a row, each possible after those before it.
// False: they cannot be gathered, and nothing can be judged without them.
bool VerifyChanges(VerifyContext* context);
// Every group and record of every log, and whether its rows are history.
void VerifyLogs(VerifyContext* context);
// The catalog's pages, checksums and tables, and sessions; kChecksums: its branches and segments
// against those of the changes; kDeep: all of it against a catalog that is built from them. Chooses
// the one that can be trusted.
void VerifyCatalog(VerifyContext* context);
// Sessions and leases that nobody holds any more.
Status VerifySessions(VerifyContext* context, Catalog& catalog);
// Every frame of every pack, and every segment that changes name; but for kQuick every byte of
// them. What no change names is harmless only if none is missing, which the catalog tells.
void VerifyPacks(VerifyContext* context);
// kDeep: decodes the segments of every branch and rescans their prefix summaries.
void VerifyHistories(VerifyContext* context);

}  // namespace reprise

#endif  // REPRISE_ENGINE_STORE_VERIFY_CONTEXT_H_
