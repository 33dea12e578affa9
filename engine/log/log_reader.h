// The reading end of sessions' logs: for recovery, for readers of live runs, for verify and dump.
#ifndef REPRISE_ENGINE_LOG_LOG_READER_H_
#define REPRISE_ENGINE_LOG_LOG_READER_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/io/directory.h"
#include "format/change.h"
#include "format/ids.h"
#include "format/log_file.h"
#include "format/row_batch.h"
#include "reprise/status.h"

namespace reprise {

// One part of a row as it was read. Views are valid during the callback.
struct LoggedPart {
  BranchId branch;
  Generation generation = 0;
  Sequence sequence = 0;
  const ShapePtr* shape = nullptr;
  Step step = 0;
  TimeMicros time = kNoTime;
  bool commit = false;
  bool restate = false;
  std::span<const ValueView> values;
};

struct LoggedChange {
  Sequence sequence = 0;
  std::string_view bytes;  // as EncodeChange made it
};

// Why a file ended where it did.
enum class LogEnd : std::uint8_t {
  kClean,    // the last group is whole and nothing follows
  kTorn,     // bytes of a group that was being written when the machine or process died
  kCorrupt,  // damage before or among acknowledged groups
};

struct LogFileReport {
  std::string name;
  SessionId session = 0;
  std::uint32_t file = 0;
  std::uint64_t size = 0;
  std::uint64_t valid_bytes = 0;  // up to the end of the last whole group before damage
  Sequence first_sequence = 0;    // 0: no group
  Sequence last_sequence = 0;
  Sequence durable_upto = 0;  // the highest that a group claims
  bool closed = false;        // the session said that it ends here
  LogEnd end = LogEnd::kClean;
  std::string message;  // of the first damage, with offset, stored and computed value
};

// Something that could not be read, between what was visited before and after it.
struct LostRecord {
  // Of one part, if that is all that is lost and is known; else any number of any records.
  std::optional<BranchId> branch;
  Generation generation = 0;
  Step step = 0;
};

struct LogVisitor {
  // Each may be empty. An error stops the scan and is returned. Without `on_part` parts are not
  // looked into: one that makes no sense is then no damage to the file's report.
  std::function<Status(const LoggedPart&)> on_part;
  std::function<Status(const LoggedChange&)> on_change;
  std::function<void(const LostRecord&)> on_lost;
  // Only parts of this run are decoded, if set.
  std::optional<RunUid> only;
  // Only groups above `after` and up to `through` are visited.
  Sequence after = 0;
  Sequence through = ~Sequence{0};
};

// One log file, held open: stays readable after it is removed.
// Thread safety: one thread at a time.
class LogFile {
 public:
  // `boot_id`: of the boot that runs now, 16 bytes. It decides what a bad group is: if the file was
  // written in this boot only its last group may be unfinished; after a power cut anything may be
  // bad that was not known to be on disk. Empty or all zero: not known, judged as another boot.
  //
  // kNotFound if the file is gone. kCorrupt or kUnsupportedVersion for its header; but a file that
  // was being created when the machine or process died opens, and scans as torn without groups.
  static Result<std::unique_ptr<LogFile>> Open(Directory& directory, const std::string& name,
                                               std::string_view boot_id = {});
  virtual ~LogFile() = default;

  // Null if the file ends before its header does.
  virtual const LogHeader* header() const = 0;

  // Visits every whole group up to the size that the file has now, in order. After damage that is
  // not a torn tail it goes on with the next group that verifies. Fails only where reading or the
  // visitor does: damage is in the report.
  virtual Result<LogFileReport> Scan(const LogVisitor& visitor) = 0;
};

// The log files of a session in `directory`, by file number; and all sessions that have a log or
// lock file there, in order.
Result<std::vector<std::string>> ListLogFiles(Directory& directory, SessionId session);
Result<std::vector<SessionId>> ListSessions(Directory& directory);

// Scans all log files of a session in order, each group once although a file that continues a
// failed one repeats some. Groups that are missing between two files are damage of the first.
// A file whose header cannot be read is reported as corrupt. kNotFound if a file went meanwhile.
Result<std::vector<LogFileReport>> ScanSession(Directory& directory, SessionId session,
                                               std::string_view boot_id, LogVisitor visitor);

// Visits the changes in a session's log. A file that goes away meanwhile does so because its
// changes are in a pack: the others are then visited from the start again, so some come twice.
// Damage is in the reports.
Result<std::vector<LogFileReport>> ScanChanges(
    Directory& directory, SessionId session, std::string_view boot_id,
    const std::function<Status(const LoggedChange&)>& on_change);

// Folds parts of one branch into rows, by the rules that the writer follows: a part at a higher
// step commits the row before it, a part at the same step merges, `commit` closes the row. Of a key
// that was logged twice the last value counts, with its type; the time is that of the first part.
class RowAssembler {
 public:
  // `on_row` gets each committed row, in step order: its shape has the merged columns.
  using OnRow = std::function<Status(const ShapePtr& shape, Step step, TimeMicros time,
                                     std::span<const ValueView> values, Sequence last_part)>;
  explicit RowAssembler(OnRow on_row);
  ~RowAssembler();
  RowAssembler(RowAssembler&&) noexcept;
  RowAssembler& operator=(RowAssembler&&) noexcept;

  // kCorrupt for a part that no writer adds: at a step below the open row's, or not above the last
  // committed one; nothing changes then. What `on_row` returns is passed on.
  Status Add(const LoggedPart& part);
  // The row that is still open.
  bool has_open_row() const;
  Step open_step() const;
  // Commits the open row, if there is one.
  Status CommitOpen();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace reprise

#endif  // REPRISE_ENGINE_LOG_LOG_READER_H_
