// What the parts of verify share. Each part looks at one kind of file, adds findings, and never
// stops the others.
#ifndef REPRISE_ENGINE_STORE_VERIFY_CONTEXT_H_
#define REPRISE_ENGINE_STORE_VERIFY_CONTEXT_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/catalog/catalog.h"
#include "engine/io/directory.h"
#include "engine/io/io.h"
#include "engine/store/change_fold.h"
#include "engine/store/finding.h"
#include "format/change.h"
#include "reprise/verify.h"

namespace reprise {

struct VerifyContext {
  Io io;
  VerifyOptions options;
  VerifyReport report;

  std::unique_ptr<Directory> root;
  std::unique_ptr<Directory> logs;   // null: not there
  std::unique_ptr<Directory> packs;  // null: not there
  std::string uuid;                  // 16 bytes; empty: the superblock cannot be read
  std::string boot_id;

  std::vector<Change> changes;  // legal ones, by number
  bool complete = true;         // no change is missing or was left out
  ChangeFold fold;
  std::optional<RunUid> only;  // of options.run

  // Segments that were found damaged, so that they are told once.
  std::set<std::pair<std::uint64_t, std::uint64_t>> damaged;

  void Add(Finding finding);
  // Something failed as a whole: SeverityOf(status, damage).
  void AddFailure(const Status& status, Severity damage, std::string_view code, std::string file);
  // About one segment; `status` says what is wrong with it. Told once for each segment.
  void AddSegmentFailure(const Status& status, Severity damage, std::string_view code,
                         const SegmentRef& segment);
  bool IsWanted(const RunUid& uid) const { return !only || *only == uid; }
  bool IsAlive(SessionId session) const;
};

// In the order in which they run; later ones use what earlier ones found.

// Opens the directories, reads the superblock, names files that do not belong there. False: there
// is nothing that could be checked.
bool VerifyNames(VerifyContext* context);
// Gathers all changes and folds them: one each, in a row, each possible after those before it.
void VerifyChanges(VerifyContext* context);
// Every group and record of every log, and whether its rows are history.
void VerifyLogs(VerifyContext* context);
// Every frame and byte of every pack, and every segment that changes name.
void VerifyPacks(VerifyContext* context);
// The catalog's pages, checksums and tables, against one that is built from the changes; then, with
// whichever of the two can be trusted, sessions and histories.
void VerifyCatalog(VerifyContext* context);
// Sessions and leases that nobody holds any more.
Status VerifySessions(VerifyContext* context, Catalog& catalog);
// Decodes the segments of every branch and rescans their prefix summaries.
void VerifyHistories(VerifyContext* context, Catalog& catalog);

}  // namespace reprise

#endif  // REPRISE_ENGINE_STORE_VERIFY_CONTEXT_H_
