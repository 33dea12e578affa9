// A process that logs, to be killed at any moment, and the journal of what it was told is done.
#ifndef REPRISE_TESTS_SUPPORT_LOG_CHILD_H_
#define REPRISE_TESTS_SUPPORT_LOG_CHILD_H_

#include <atomic>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "reprise/options.h"
#include "reprise/store.h"
#include "reprise/value.h"

namespace reprise {

// One call, as it was made.
struct JournalEntry {
  enum class Kind : std::uint8_t { kLog, kOpen, kMerge, kRewind } kind = Kind::kLog;
  Step step = 0;           // logged at, or rewound to
  std::int64_t value = 0;  // a number that no other call has
};

// What the child was doing when it was killed.
enum class ChildPhase : std::uint8_t { kNone, kOpening, kStarting, kLogging, kFinishing };
inline constexpr int kChildPhases = 5;

// Lives in memory that outlives the child: an entry is written before its call and counted when
// the call has returned.
struct Journal {
  static constexpr std::size_t kCapacity = 200'000;

  std::atomic<ChildPhase> phase{ChildPhase::kNone};
  std::atomic<std::size_t> called{0};
  std::atomic<std::size_t> acknowledged{0};
  char failure[1000] = {};  // the status of a call that failed
  JournalEntry entries[kCapacity];
};

// The rows that a journal leads to.
struct JournalRow {
  std::int64_t value = 0;
  std::int64_t merged = -1;  // by a second call at the same step

  friend bool operator==(const JournalRow&, const JournalRow&) = default;
};
struct JournalState {
  std::map<Step, JournalRow> rows;
  Step head = kNoStep;  // the last row's step, or that rewound to

  void Apply(const JournalEntry& entry);
  friend bool operator==(const JournalState&, const JournalState&) = default;
};

// The state after the first `entries` of the journal.
JournalState StateOf(const Journal& journal, std::size_t entries);
// The rows of run `r` in a store; empty if there is no such run.
Result<JournalState> ReadJournalState(const Store& store);
std::string ToText(const JournalState& state);
// Once the run is recovered, the call under way when the last process was killed was either made
// or not: counts it or forgets it. An error if neither is what the store says.
Status SettleJournal(const Store& store, Journal* journal);

// Opens the store, goes on with run `r` and logs until it is killed: rows at the next step, rows
// left open and merged into, rewinds, and now and then it finishes and starts anew. Returns only
// after a failure, which the journal names.
void RunLogChild(const std::string& store_path, const Options& options, std::uint64_t seed,
                 Journal* journal);

}  // namespace reprise

#endif  // REPRISE_TESTS_SUPPORT_LOG_CHILD_H_
