// Reading a run: a snapshot of one branch's visible rows, sealed or live, own or inherited.
#ifndef REPRISE_HISTORY_H_
#define REPRISE_HISTORY_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "reprise/sample.h"
#include "reprise/status.h"
#include "reprise/summary.h"
#include "reprise/value.h"

namespace reprise {

// One visible row: what was logged at one step, the last value of each key.
struct Row {
  Step step = kNoStep;
  TimeMicros time = kNoTime;  // of the row's first record; kNoTime if the source knew none
  bool open = false;          // a further Log at this step may still add to it
  std::vector<std::pair<std::string, Value>> fields;  // sorted by key, absent keys left out
};

// One key's values in step order; `steps` and `values` have the same size. A key may change its
// type from row to row.
struct Series {
  std::vector<Step> steps;
  std::vector<Value> values;
};

// One key's numbers in step order: what a plot or a data frame wants. int64 and bool count as
// numbers; rows where the key is absent, null or text are left out.
struct NumericSeries {
  std::vector<Step> steps;
  std::vector<double> values;
};

// Which rows a scan gives for the keys asked.
enum class Join : std::uint8_t {
  kOuter,  // rows with at least one of the keys
  kInner,  // rows with all of them
};

struct RowQuery {
  std::vector<std::string> keys{};  // empty: all keys, all rows
  StepRange steps{};
  Join join = Join::kOuter;
  std::optional<std::uint64_t> last{};  // only the last N rows of what the rest selects
  bool own = false;                     // only the branch's own rows, without the inherited ones
};

// Walks rows in step order. Obtained from History::Rows; borrows nothing and outlives the History.
// Thread-compatible.
class RowCursor {
 public:
  class Impl;
  explicit RowCursor(std::unique_ptr<Impl> impl);
  RowCursor(RowCursor&&) noexcept;
  RowCursor& operator=(RowCursor&&) noexcept;
  ~RowCursor();

  // Moves to the next row; false at the end. The row is valid until the next call.
  // kCorrupt names what is lost: file, offset, run, branch, steps.
  Result<bool> Next();
  const Row& row() const;

 private:
  std::unique_ptr<Impl> impl_;
};

// A snapshot of one branch at the moment it was opened, unchanged by whatever is written, rewound,
// sealed or deleted afterwards.
//
// Obtained from Store::OpenHistory. Holds file descriptors until destroyed; a snapshot kept for
// long delays reclaim. Thread safety: const calls from any thread. Not usable after fork(2).
// Errors: kCorrupt or kIoError name the file, the offset and the steps lost.
class History {
 public:
  class Impl;
  explicit History(std::shared_ptr<const Impl> impl);
  History(History&&) noexcept;
  History& operator=(History&&) noexcept;
  ~History();

  // "entity/project", run id and branch ordinal that this is a history of.
  const std::string& project() const;
  const std::string& run_id() const;
  std::uint32_t branch() const;

  // The last visible step, the open row included; kNoStep while there is none.
  Step last_step() const;
  // The last committed step: the highest that a moment may name. A branch that was rewound or
  // forked to N and has no rows of its own yet says N.
  Step last_committed_step() const;
  // How many rows are visible. Reads at most one segment per lineage piece.
  Result<std::uint64_t> CountRows() const;
  // All visible keys, sorted.
  Result<std::vector<std::string>> Keys() const;

  Result<RowCursor> Rows(const RowQuery& query) const;
  // One key's values of any type; kNotFound if the key was never logged here.
  Result<Series> ReadSeries(std::string_view key, StepRange steps = {}) const;
  Result<NumericSeries> ReadNumbers(std::string_view key, StepRange steps = {}) const;
  // One key's numbers in buckets of equal step width: what a plot of any number of rows needs. The
  // same whatever was sealed, rewound or forked meanwhile, unless it is snapped. kNotFound as
  // above; kInvalidArgument for options that make no sense.
  // Cost: the cells of the key, some 30 bytes for 1,024 values, are read once and kept in memory
  // (some 80 bytes each, 96 MiB in all, those used longest ago dropped first); an exact sample
  // also reads up to 1,024 values for each edge of a bucket.
  Result<Buckets> Sample(std::string_view key, const SampleOptions& options = {}) const;
  // Aggregates of the visible rows through `last_step()`, or through `through`.
  Result<Summary> ReadSummary(std::optional<Step> through = std::nullopt) const;

 private:
  std::shared_ptr<const Impl> impl_;
};

}  // namespace reprise

#endif  // REPRISE_HISTORY_H_
