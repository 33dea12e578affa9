// The log of a session that a fuzzer builds: its groups have the checksums that belong to them, so
// that what is in them is decoded, and some are damaged afterwards.
#ifndef REPRISE_FUZZ_MADE_LOG_H_
#define REPRISE_FUZZ_MADE_LOG_H_

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "format/ids.h"
#include "format/log_file.h"
#include "fuzz/fuzz_input.h"

namespace reprise::fuzz {

inline constexpr SessionId kMadeSession = 0xABC;

struct MadeGroup {
  std::size_t file = 0;    // its place in MadeLog::files
  std::size_t offset = 0;  // in the file
  GroupHeader header;
  std::string payload;

  std::size_t end() const { return offset + kGroupHeaderSize + payload.size(); }
};

struct MadeLog {
  std::vector<std::string> files;
  std::vector<MadeGroup> groups;  // in order, as they were before the damage

  // Whether the file still holds the group as it was made.
  bool IsWhole(const MadeGroup& group) const;
};

// The boot that the files say they were written in.
std::string MadeBoot();

// Takes pieces until the input ends: a kind (u8), then
//   0  a group: the payload, a size (u16) and bytes
//   1  bytes that are no group: a size (u8) and bytes
//   2  damage in the last group: where (u16), what is changed (u8)
//   3  the next file; bit 0 of a u8: it continues one that failed
//   4  the same as 0 with a header that does not fit: groups left out (u8), what it says was
//      durable before (u8), records too many (u8)
MadeLog MakeLog(FuzzInput* input);

}  // namespace reprise::fuzz

#endif  // REPRISE_FUZZ_MADE_LOG_H_
