// Identities that are stored: one life of a run, one branch of it, one session, one file.
#ifndef REPRISE_FORMAT_IDS_H_
#define REPRISE_FORMAT_IDS_H_

#include <compare>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace reprise {

// 128 random bits: one life of a run id. Deleting a run and using its id again makes a new uid.
struct RunUid {
  std::uint64_t high = 0;
  std::uint64_t low = 0;

  bool is_null() const { return high == 0 && low == 0; }
  friend auto operator<=>(const RunUid&, const RunUid&) = default;
};

// 32 lower-case hexadecimal digits.
std::string ToHex(const RunUid& uid);
// 16 lower-case hexadecimal digits.
std::string ToHex(std::uint64_t id);
// The inverse of ToHex(uint64_t); false unless `text` is exactly 16 such digits.
bool FromHex(std::string_view text, std::uint64_t* id);

// Branch `ordinal` (0, 1, 2 ...) of a run.
struct BranchId {
  RunUid uid;
  std::uint32_t ordinal = 0;

  friend auto operator<=>(const BranchId&, const BranchId&) = default;
};

// One open Store handle that writes. Random, never reused, names its log and lock files.
using SessionId = std::uint64_t;
// The rising number of a run's lease. 0: never leased.
using Generation = std::uint64_t;
// The place of a change in the store's one order of changes. 0: before the first.
using ChangeNumber = std::uint64_t;
// The place of a group in its session's log, from 1, over all files of the session.
using Sequence = std::uint64_t;

// What a run records: rows by step, hardware metrics by time, console lines by line number.
enum class Stream : std::uint8_t { kHistory = 0, kSystem = 1, kConsole = 2 };

struct RunUidHash {
  std::size_t operator()(const RunUid& uid) const {
    return static_cast<std::size_t>(uid.high ^ uid.low);  // already random
  }
};

}  // namespace reprise

#endif  // REPRISE_FORMAT_IDS_H_
