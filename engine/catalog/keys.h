// The catalog's keys: a table's byte, then numbers most significant byte first, so that the order
// of bytes is the order of numbers. All tables live in one tree: format/catalog.md.
//
// What belongs to one run lies together: kOfRuns, the uid, then the table's byte. A change touches
// few pages that way, and since uids rise with time new runs fill the tree's last page.
#ifndef REPRISE_ENGINE_CATALOG_KEYS_H_
#define REPRISE_ENGINE_CATALOG_KEYS_H_

#include <array>
#include <cstdint>
#include <string_view>

#include "format/ids.h"

namespace reprise {

// Stored on disk: the numbers never change.
enum class Table : std::uint8_t {
  kSum = 0,  // of the checksums of all other values
  kMeta = 1,
  kProjects = 2,      // number
  kProjectNames = 3,  // hash of entity and name, number
  kRunIds = 4,        // project, run id
  kRuns = 5,          // of a run
  kBranches = 6,      // of a run: ordinal
  kSegments = 7,      // of a run: ordinal, stream, first position
  kLeases = 8,        // of a run
  kSessions = 9,      // session
  kExplicit = 10,     // of a run: ordinal, change
  kForks = 11,        // of the run forked from: change
  kHeld = 12,         // session, uid of a run whose lease names it
  kGaps = 14,         // uid of a run, or 0 for the store; change
};

// Before the uid of a run whose tables follow. Above all tables but kGaps, which is mostly empty:
// runs come last in the tree.
inline constexpr std::uint8_t kOfRuns = 13;

// One key, or the beginning that several keys share. At most 80 bytes, without allocation.
class Key {
 public:
  static constexpr std::size_t kMaxSize = 80;

  explicit Key(Table table) : Key(static_cast<std::uint8_t>(table)) {}
  // In a table of the run's own.
  Key(const RunUid& uid, Table table) : Key(kOfRuns) {
    Uid(uid).Byte(static_cast<std::uint8_t>(table));
  }
  explicit Key(std::uint8_t first) { Byte(first); }

  Key& Byte(std::uint8_t value);
  Key& Number32(std::uint32_t value);
  Key& Number64(std::uint64_t value);
  // Negative numbers first.
  Key& Signed64(std::int64_t value);
  Key& Uid(const RunUid& uid) { return Number64(uid.high).Number64(uid.low); }
  // Must be the last part. What does not fit is cut: no valid id is that long.
  Key& Text(std::string_view text);

  std::string_view view() const { return {bytes_.data(), size_}; }

 private:
  std::array<char, kMaxSize> bytes_;
  std::size_t size_ = 0;
};

Key SumKey();
Key MetaKey();
Key ProjectKey(std::uint32_t number);
// Of all projects whose names have one hash: a beginning.
Key ProjectNameKeys(std::string_view entity, std::string_view name);
Key ProjectNameKey(std::string_view entity, std::string_view name, std::uint32_t number);
Key RunIdKey(std::uint32_t project, std::string_view run_id);
// Of all that belongs to runs: a beginning, and what is above every key of them.
Key AllOfRuns();
Key EndOfRuns();
// Of all that belongs to one run: a beginning.
Key AllOfRun(const RunUid& uid);
Key RunKey(const RunUid& uid);
Key BranchKey(const BranchId& id);
// Of all branches of a run: a beginning.
Key BranchKeys(const RunUid& uid);
// Of all segments of a branch's stream: a beginning.
Key SegmentKeys(const BranchId& id, Stream stream);
Key SegmentKey(const BranchId& id, Stream stream, std::int64_t first);
Key LeaseKey(const RunUid& uid);
Key SessionKey(SessionId session);
// Of all explicit values of a branch: a beginning.
Key ExplicitKeys(const BranchId& id);
Key ExplicitKey(const BranchId& id, ChangeNumber number);
// Of all forks of a run: a beginning.
Key ForkKeys(const RunUid& parent);
Key ForkKey(const RunUid& parent, ChangeNumber created_by);

// Of all leases that name a session: a beginning.
Key HeldKeys(SessionId session);
Key HeldKey(SessionId session, const RunUid& uid);

// Of all gaps of a run, or of the store (uid 0): a beginning.
Key GapKeys(const RunUid& uid);
Key GapKey(const RunUid& uid, ChangeNumber number);

// The table that a whole key is of; not one of them if Key did not make it.
Table TableOf(std::string_view key);

// Takes a key apart again, from its end: the numbers that Key wrote.
std::uint32_t TrailingNumber32(std::string_view key);
std::uint64_t TrailingNumber64(std::string_view key);
std::int64_t TrailingSigned64(std::string_view key);
// The uid that the last 16 bytes of a key are.
RunUid TrailingUid(std::string_view key);
// The run that a key of kOfRuns is of.
RunUid RunOf(std::string_view key);

}  // namespace reprise

#endif  // REPRISE_ENGINE_CATALOG_KEYS_H_
