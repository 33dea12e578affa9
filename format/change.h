// A change: everything that happens in a store but for rows.
//
// A store's changes have one order, their numbers. The catalog is the fold of all changes in that
// order and nothing else, so it can be rebuilt from the records kept in logs and packs. A change
// is made inside one catalog write transaction: numbered, applied, written to the session's log,
// synced, and only then committed.
//
// A process that dies between its sync and its commit leaves a record whose number is taken again
// by the next one. Both are of one boot and the write lock orders them, so of two records with
// one number the later by `boot_nanos` is the true one.
#ifndef REPRISE_FORMAT_CHANGE_H_
#define REPRISE_FORMAT_CHANGE_H_

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "format/branch_node.h"
#include "format/ids.h"
#include "reprise/status.h"
#include "reprise/value.h"

namespace reprise {

// A place in a stored history.
struct StoredMoment {
  BranchId branch;
  Step step = kNoStep;

  friend bool operator==(const StoredMoment&, const StoredMoment&) = default;
};

// Leaves of a config by path, sorted by path when stored.
using ConfigEntries = std::vector<std::pair<std::string, Value>>;

// Where a lease's holder can be found.
struct Holder {
  SessionId session = 0;
  std::uint32_t pid = 0;
  std::string host;
  std::string boot_id;  // 16 bytes
  TimeMicros since = 0;

  friend bool operator==(const Holder&, const Holder&) = default;
};

// The last group of `session`'s log whose rows of generation `generation` are history.
struct Fence {
  SessionId session = 0;
  Generation generation = 0;
  Sequence sequence = 0;

  friend bool operator==(const Fence&, const Fence&) = default;
};

// A fence that is not known yet: its session was alive when it was passed.
inline constexpr Sequence kOpenFence = ~Sequence{0};

// A segment in a pack.
struct SegmentRef {
  std::uint64_t pack = 0;    // packs/<hex>.pack
  std::uint64_t offset = 0;  // of the frame
  std::uint64_t length = 0;  // of the frame, header included
  BranchId branch;
  Stream stream = Stream::kHistory;
  std::int64_t first = 0;  // position: the step in history, the row ordinal in other streams
  std::int64_t last = 0;
  std::uint64_t rows = 0;
  Generation generation = 0;

  friend bool operator==(const SegmentRef&, const SegmentRef&) = default;
};

// Whether they hold the same rows, if in other places.
inline bool IsSameRows(const SegmentRef& a, const SegmentRef& b) {
  return a.branch == b.branch && a.stream == b.stream && a.first == b.first && a.last == b.last &&
         a.rows == b.rows && a.generation == b.generation;
}

// A run begins: its first life of this id, or another.
struct RunCreated {
  std::string entity;
  std::string project;
  std::string run_id;
  std::string name;
  std::string notes;
  std::vector<std::string> tags;  // sorted, without repeats
  std::string group;
  std::string job_type;
  BranchNode node;                          // branch 0
  std::optional<StoredMoment> forked_from;  // as asked for; the config there is inherited
  ConfigEntries config;                     // merged into the inherited one
};

// `holder` may write the run from here on, as `generation` = the one before + 1. Opens the run:
// the state becomes running.
struct LeaseGranted {
  Generation generation = 0;
  Holder holder;
  std::optional<Fence> fence;  // of the holder before, if rows of it were unsealed
};

// The fence of a live holder that was passed is known now, and its rows are sealed.
struct FenceSet {
  Fence fence;
};

// The holder gave the lease back, or was found dead (RunState as a number: run_info.h).
struct LeaseReleased {
  Generation generation = 0;
  std::uint8_t state = 0;
  std::optional<std::int32_t> exit_code;
};

struct ConfigMerged {
  ConfigEntries entries;
};

// An explicit summary value, tagged with the step it was set at; without a value: removed.
struct SummarySet {
  std::uint32_t branch = 0;
  Step step = kNoStep;
  std::string key;
  std::optional<Value> value;
};

enum class BranchKind : std::uint8_t { kFirst = 0, kRewind = 1, kRestore = 2 };

// The run has a new head; the one before is archived as it was, in its state.
struct BranchMade {
  BranchKind kind = BranchKind::kRewind;
  BranchNode node;
  StoredMoment asked;
  std::uint8_t state = 0;  // of the run from here on
};

struct MetadataSet {
  std::optional<std::string> name;
  std::optional<std::string> notes;
  std::optional<std::string> group;
  std::optional<std::string> job_type;
  std::optional<std::vector<std::string>> tags;  // replace all; sorted, without repeats
};

// Rows became segments, or segments were merged or moved to another pack: each replaces those that
// lie inside it. After its run is deleted one can only move.
struct Sealed {
  std::vector<SegmentRef> segments;
};

struct RunDeleted {};

// Why something that was acknowledged is not there. Stored on disk: the numbers never change.
enum class GapReason : std::uint8_t {
  kLogDamaged = 1,      // groups of a session's log
  kSegmentDamaged = 2,  // a segment, or the pack that held it
  kChangesLost = 3,     // changes, and what only they tell
  kChangesVoid = 4,     // changes that make no sense without those that are lost
};
// "log_damaged" and so on.
std::string_view GapReasonName(GapReason reason);

// Of a gap: how many rows are lost is not known.
inline constexpr std::uint64_t kUnknownRows = ~std::uint64_t{0};
// Of a gap: it reaches to the end of what the branch had when the gap was recorded.
inline constexpr std::int64_t kOpenGap = std::numeric_limits<std::int64_t>::max();

struct ChangeRange {
  ChangeNumber first = 0;
  ChangeNumber last = 0;

  friend bool operator==(const ChangeRange&, const ChangeRange&) = default;
};

// A repair found that something is lost, and says what. The change's uid is that of the run, or 0:
// it is about the store. Positions first..last of the branch are those between which rows, or
// values of `keys`, are missing; none if last < first.
struct GapRecorded {
  GapReason reason = GapReason::kSegmentDamaged;
  std::uint32_t branch = 0;
  Stream stream = Stream::kHistory;
  std::int64_t first = 0;
  std::int64_t last = -1;
  std::uint64_t rows = 0;            // lost in them
  std::vector<std::string> keys;     // whose values are lost, sorted; "_timestamp": times
  SessionId session = 0;             // whose log was damaged
  std::vector<ChangeRange> changes;  // these have no effect, found or not
  std::vector<SegmentRef> dropped;   // in force until now
  std::vector<SegmentRef> segments;  // in force from here on, in their place
};

using ChangeBody =
    std::variant<RunCreated, LeaseGranted, FenceSet, LeaseReleased, ConfigMerged, SummarySet,
                 BranchMade, MetadataSet, Sealed, RunDeleted, GapRecorded>;

struct Change {
  ChangeNumber number = 0;
  SessionId session = 0;         // whose log it was written to first
  std::uint64_t boot_nanos = 0;  // CLOCK_BOOTTIME when it was numbered
  TimeMicros time = 0;           // wall time, for people
  RunUid uid;                    // the run it is about
  ChangeBody body;
};

// The change's short name, such as "run_created".
std::string_view ChangeName(const Change& change);

// A FlatBuffer (schema/change.fbs). Same change, same bytes.
std::string EncodeChange(const Change& change);
// kCorrupt for anything that EncodeChange does not make; kUnsupportedVersion for a newer kind.
Result<Change> DecodeChange(std::string_view bytes);

}  // namespace reprise

#endif  // REPRISE_FORMAT_CHANGE_H_
