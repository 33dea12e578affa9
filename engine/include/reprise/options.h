// How a store is opened, and how a run is started in it.
#ifndef REPRISE_OPTIONS_H_
#define REPRISE_OPTIONS_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "reprise/status.h"
#include "reprise/value.h"

namespace reprise {

// What has happened to a row when Log returns, and so what can still take it away.
enum class Durability : std::uint8_t {
  kNone,     // copied to memory: a killed process loses at most the last 100 ms or 64 KiB
  kProcess,  // the OS has the bytes: a power cut loses at most the last sync interval
  kDisk,     // on stable storage: nothing takes it away; waiting writers share one sync
};

struct Options {
  Durability durability = Durability::kProcess;
  // Under kNone and kProcess, the longest time a row waits for stable storage. 1 to 3,600,000 ms.
  std::uint32_t sync_interval_ms = 1000;
  // Memory for rows that are not sealed yet, over all runs. Beyond it rows are sealed early and
  // Log waits. At least 1 MiB.
  std::size_t memory_budget_bytes = std::size_t{256} << 20;
  // Makes the directory and the store where there is none.
  bool create = true;
  // Writes, locks and repairs nothing (but LMDB's reader slots); every writing call fails.
  bool read_only = false;
};

// What StartRun does where the run exists, or does not.
enum class Resume : std::uint8_t {
  kNever,  // kAlreadyExists if it exists
  kAllow,  // resumed if it exists, else created
  kMust,   // kNotFound if it does not exist
  kAuto,   // the id is taken from resume.json in `run_directory`, if there is one; else created
};

// A place in a history, as a user names it: `[[entity/]project/]run[@branch][?_step=N]`.
struct Moment {
  std::string run{};                      // run id, or project/id, or entity/project/id
  std::optional<std::uint32_t> branch{};  // the head if absent
  std::optional<Step> step{};             // the end of the branch's committed rows if absent
};

// Reads the form above; kInvalidArgument says what is wrong and where.
Result<Moment> ParseMoment(std::string_view text);

// Keys with values: config, by the path of each leaf ("optimizer.lr").
using Config = std::vector<std::pair<std::string, Value>>;

struct RunOptions {
  // "entity/project", or "project" with the default entity (the OS user). Default: uncategorized.
  std::string project{};
  // 1 to 64 characters; each outside [A-Za-z0-9_-] becomes '-'. Empty: REPRISE_RUN_ID, else 8
  // random characters.
  std::string run_id{};
  // Default: REPRISE_RESUME, else kNever.
  std::optional<Resume> resume{};
  // Where kAuto looks for resume.json, which is written at start and deleted by a clean finish.
  std::string run_directory{};
  // Rewinds the run to this moment of its own before it goes on. Excludes resume and fork_from.
  std::optional<Moment> resume_from{};
  // Makes the run as a fork of another run. Excludes resume and resume_from.
  std::optional<Moment> fork_from{};
  // Takes the run away from a living writer, which is fenced: its later calls return kFenced.
  bool takeover = false;

  // Merged into the run's config, leaf by leaf.
  Config config{};
  // Absent: kept on resume; for a new run a generated name, and none of the others.
  std::optional<std::string> name{};
  std::optional<std::string> notes{};
  std::optional<std::vector<std::string>> tags{};
  std::optional<std::string> group{};
  std::optional<std::string> job_type{};
};

}  // namespace reprise

#endif  // REPRISE_OPTIONS_H_
