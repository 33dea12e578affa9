// Writing one run.
#ifndef REPRISE_RUN_WRITER_H_
#define REPRISE_RUN_WRITER_H_

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "reprise/options.h"
#include "reprise/status.h"
#include "reprise/value.h"

namespace reprise {

struct LogOptions {
  std::optional<Step> step{};        // absent: the open row's, else the next
  std::optional<TimeMicros> time{};  // absent: now; kNoTime: the row has none
  std::optional<bool> commit{};      // absent: true without a step, false with one
};

// Many rows of the same keys at once.
struct ColumnBatch {
  struct Column {
    std::string_view key;
    Type type = Type::kDouble;
    std::span<const double> doubles;          // for kDouble: one per row
    std::span<const std::int64_t> int64s;     // for kInt64: one per row
    std::span<const std::string_view> texts;  // for kString, kBytes and kJson: one per row
  };
  std::span<const Step> steps;        // strictly rising, above the head
  std::span<const TimeMicros> times;  // one per row, or empty: now for all
  std::span<const Column> columns;
};

// A list of keys that was checked once: rows of them are logged without looking at text. For loops
// that log thousands of times a second.
//
// Obtained from RunWriter::Prepare; good for every RunWriter of the same Store. Cheap to copy.
// Thread safety: usable from any thread.
class PreparedRow {
 public:
  class Impl;
  explicit PreparedRow(std::shared_ptr<const Impl> impl);

  // How many keys it has, and values a row of it.
  std::size_t size() const;

 private:
  friend class RunWriter;
  std::shared_ptr<const Impl> impl_;
};

// The exclusive right to extend one run.
//
// Obtained from Store::StartRun. At most one live RunWriter per run, in all processes; starting
// another with takeover fences this one: every later call returns kFenced and nothing it writes
// becomes history.
//
// Durability: as Options::durability says when Log returns. Finish makes everything durable.
// Lifetime: keeps its store open. Destroying it without Finish gives the lease back and leaves
// the run `crashed`, every acknowledged row kept.
// Thread safety: safe from any thread; calls take turns. Not usable in a child after fork(2).
// Errors common to all calls: kFenced; kNoSpace (nothing acknowledged; works again once there is
// room); kIoError after which the writer is poisoned and every call returns that first failure;
// kClosed after Finish or a fork(2). A handle that was moved from may only be assigned to or
// destroyed.
class RunWriter {
 public:
  class Impl;
  explicit RunWriter(std::shared_ptr<Impl> impl);
  RunWriter(RunWriter&&) noexcept;
  RunWriter& operator=(RunWriter&&) noexcept;
  ~RunWriter();

  const std::string& run_id() const;
  // "entity/project".
  const std::string& project() const;
  // The head branch's ordinal: rises with every rewind.
  std::uint32_t branch() const;
  // The step the next automatic Log writes at if no row is open.
  Step next_step() const;
  // Whether StartRun found the run and went on with it.
  bool resumed() const;

  // Writes one record and returns the step it was written at. Without a step: at the open row's,
  // else at next_step(), and commits the row. With one: equal to the open row's merges into it
  // (for each key the last value wins), above it commits that row and opens the new one; anything
  // else is kOutOfOrder and nothing is written. A field `_step` (int64) sets the step and
  // `_timestamp` (seconds) the time. Atomic: after any crash all of its keys are there or none.
  // kInvalidArgument: a key that is empty, over 1,024 bytes, not UTF-8, or has control characters;
  // a value over 4 MiB, a row over 8 MiB, a step below 0.
  Result<Step> Log(std::span<const Field> fields, const LogOptions& options = {});
  Result<Step> Log(std::initializer_list<Field> fields, const LogOptions& options = {}) {
    return Log(std::span<const Field>(fields.begin(), fields.size()), options);
  }

  // Keys of doubles to be logged again and again, each once. kInvalidArgument as for Log, and for
  // `_step` and `_timestamp`, which LogOptions has.
  Result<PreparedRow> Prepare(std::span<const std::string_view> keys);
  Result<PreparedRow> Prepare(std::initializer_list<std::string_view> keys) {
    return Prepare(std::span<const std::string_view>(keys.begin(), keys.size()));
  }
  // As Log with these keys, and a value for each in the order in which Prepare was given them.
  Result<Step> Log(const PreparedRow& row, std::span<const double> values,
                   const LogOptions& options = {});

  // Appends committed rows; atomic per row. Returns the number of rows appended: all of them, or
  // those before the first that failed (then the status says why through `failure`).
  Result<std::uint64_t> AppendColumns(const ColumnBatch& batch);

  // Returns when every row acknowledged so far is on stable storage.
  Status Sync();

  // Keeps every row with step <= `step` and makes a new head whose next automatic step is
  // step + 1; -1 keeps nothing. The old head is archived, readable and restorable. Commits the
  // open row first. Constant cost. kOutOfRange above the last committed step.
  Status Rewind(Step step);

  // Merges leaves into the config: new values win, the others stay.
  Status UpdateConfig(const Config& config);
  // Sets the value shown for `key` in the summary until it is removed or rewound past.
  Status SetSummary(std::string_view key, const ValueView& value);
  Status RemoveSummary(std::string_view key);

  // Commits the open row, seals, gives the lease back. Exit code 0: `finished`, else `failed`.
  // Afterwards every call returns kClosed.
  Status Finish(int exit_code = 0);

 private:
  std::shared_ptr<Impl> impl_;
};

}  // namespace reprise

#endif  // REPRISE_RUN_WRITER_H_
