// The catalog's keys: a table's byte, then numbers most significant byte first, so that the order
// of bytes is the order of numbers. All tables live in one tree: format/catalog.md.
#ifndef REPRISE_ENGINE_CATALOG_KEYS_H_
#define REPRISE_ENGINE_CATALOG_KEYS_H_

#include <array>
#include <cstdint>
#include <string_view>

#include "format/ids.h"

namespace reprise {

// Stored on disk: the numbers never change.
enum class Table : std::uint8_t {
  kMeta = 1,
  kProjects = 2,      // number
  kProjectNames = 3,  // hash of entity and name, number
  kRunIds = 4,        // project, run id
  kRuns = 5,          // uid
  kRecent = 6,        // change that made the run, newest first
  kBranches = 7,      // uid, ordinal
  kSegments = 8,      // uid, ordinal, stream, first position
  kLeases = 9,        // uid
  kSessions = 10,     // session
  kExplicit = 11,     // uid, ordinal, change
  kForks = 12,        // uid of the run forked from, change
  kHeld = 13,         // session, uid of a run whose lease names it
};

// One key, or the beginning that several keys share. At most 80 bytes, without allocation.
class Key {
 public:
  static constexpr std::size_t kMaxSize = 80;

  explicit Key(Table table) { Byte(static_cast<std::uint8_t>(table)); }

  Key& Byte(std::uint8_t value);
  Key& Number32(std::uint32_t value);
  Key& Number64(std::uint64_t value);
  // Negative numbers first.
  Key& Signed64(std::int64_t value);
  Key& Uid(const RunUid& uid) { return Number64(uid.high).Number64(uid.low); }
  Key& Branch(const BranchId& id) { return Uid(id.uid).Number32(id.ordinal); }
  // Must be the last part. What does not fit is cut: no valid id is that long.
  Key& Text(std::string_view text);

  std::string_view view() const { return {bytes_.data(), size_}; }

 private:
  std::array<char, kMaxSize> bytes_;
  std::size_t size_ = 0;
};

Key MetaKey();
Key ProjectKey(std::uint32_t number);
// Of all projects whose names have one hash: a beginning.
Key ProjectNameKeys(std::string_view entity, std::string_view name);
Key ProjectNameKey(std::string_view entity, std::string_view name, std::uint32_t number);
Key RunIdKey(std::uint32_t project, std::string_view run_id);
Key RunKey(const RunUid& uid);
Key RecentKey(ChangeNumber created_by);
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

// Takes a key apart again, from its end: the numbers that Key wrote.
std::uint32_t TrailingNumber32(std::string_view key);
std::uint64_t TrailingNumber64(std::string_view key);
// The uid that the last 16 bytes of a key are.
std::int64_t TrailingSigned64(std::string_view key);
RunUid TrailingUid(std::string_view key);

}  // namespace reprise

#endif  // REPRISE_ENGINE_CATALOG_KEYS_H_
