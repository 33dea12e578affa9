// What is known of a run without reading its rows.
#ifndef REPRISE_RUN_INFO_H_
#define REPRISE_RUN_INFO_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reprise/options.h"
#include "reprise/status.h"
#include "reprise/value.h"

namespace reprise {

// Stored on disk: the numbers never change.
enum class RunState : std::uint8_t {
  kPending = 0,  // rewound or forked by a tool; nobody has written since
  kRunning = 1,
  kFinished = 2,
  kFailed = 3,
  kCrashed = 4,
  kKilled = 5,
  kPreempting = 6,
  kPreempted = 7,
};
std::string_view RunStateName(RunState state);

// Where a branch or a fork begins.
struct Origin {
  std::string project;  // "entity/project"; empty if that run is gone for good
  std::string run_id;
  std::uint32_t branch = 0;
  Step step = kNoStep;
  bool deleted = false;
};

struct BranchInfo {
  std::uint32_t ordinal = 0;
  bool archived = false;       // not the head
  std::optional<Origin> base;  // as it was asked for; absent: starts empty
  Step fork_step = kNoStep;    // the last inherited step
  Step last_step = kNoStep;    // the last committed step, inherited ones included
  std::uint64_t own_rows = 0;  // sealed rows and the live tail
  TimeMicros created = 0;
  RunState state = RunState::kPending;  // for archived ones: when it was archived
};

struct RunInfo {
  std::string project;  // "entity/project"
  std::string run_id;
  std::string uid;  // 32 hexadecimal digits; another life of the id has another one
  std::string name;
  std::string notes;
  std::vector<std::string> tags;  // sorted
  std::string group;
  std::string job_type;
  RunState state = RunState::kPending;
  std::optional<int> exit_code;
  TimeMicros created = 0;
  TimeMicros updated = 0;
  std::uint32_t branch = 0;  // the head
  Step last_step = kNoStep;  // of the head's visible rows
  std::uint64_t rows = 0;    // visible at the head
  // ListRuns: why `last_step` and `rows` are not known, where damage keeps them from being read.
  Status unread;
  Config config;             // sorted by path
  std::optional<Origin> forked_from;
};

// Something that was acknowledged and that a repair found lost.
struct Gap {
  // "log_damaged", "segment_damaged", "changes_lost", "changes_void".
  std::string reason;
  std::uint32_t branch = 0;
  // Where rows, or values of `keys`, are missing. To the end of what the branch had then if `last`
  // is the greatest step; nowhere in particular if empty.
  StepRange steps{0, -1};
  std::optional<std::uint64_t> rows;  // lost in them; absent: not known
  std::vector<std::string> keys;      // whose values are lost, of rows that remain; sorted
  TimeMicros recorded = 0;
};

// A run's branches and the forks that start in it.
struct Lineage {
  RunInfo run;
  std::vector<BranchInfo> branches;  // by ordinal; the last is the head
  struct Fork {
    Origin at;  // the place in this run
    std::string project;
    std::string run_id;
  };
  std::vector<Fork> forks;  // by creation
  std::vector<Gap> gaps;    // of all branches, as they were recorded; inherited ones are not here
};

// Which runs ListRuns gives, newest first.
struct RunQuery {
  std::string project{};               // empty: all projects
  std::uint64_t limit = 0;             // 0: all
  std::optional<std::string> after{};  // the uid of the last run of the page before
};

}  // namespace reprise

#endif  // REPRISE_RUN_INFO_H_
