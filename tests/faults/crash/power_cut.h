// What a power cut may leave of a disk: each write that was not synced, each size and each name may
// have reached it or not, in any order.
#ifndef REPRISE_TESTS_FAULTS_CRASH_POWER_CUT_H_
#define REPRISE_TESTS_FAULTS_CRASH_POWER_CUT_H_

#include <cstdint>
#include <functional>
#include <map>
#include <vector>

#include "tests/faults/disk_state.h"

namespace reprise {

// What is there of one write.
struct WriteFate {
  enum class Kind : std::uint8_t { kKept, kLost, kPrefix, kSectors };

  Kind kind = Kind::kKept;
  std::uint64_t detail =
      0;  // kPrefix: how many bytes; kSectors: a bit for each 512 bytes, modulo 64
};

struct FileFate {
  std::vector<WriteFate> writes;  // one for each that is pending
  // The file's size is that of the last write, kept or not, with zeros where nothing else is.
  bool keeps_size = false;
};

// What happens to those that are not named: all of it is kept, or lost.
struct PowerCut {
  bool keeps_writes = true;
  bool keeps_names = true;
  std::map<Inode, FileFate> files{};
  std::map<Inode, std::vector<bool>> names{};  // kept or not, one for each change that is pending
};

// What the next boot finds.
DiskState AfterCut(const DiskState& disk, const PowerCut& cut);

// Calls `visit` for the cuts of a disk, worked out only where `wants` says so: for each file every
// subset of its writes (of up to 10, else of the last 10), and every one torn at each byte; for
// each directory every subset of its changes; each with the rest kept and lost, and with sizes kept
// and lost.
void ForEachCut(const DiskState& disk, const std::function<bool()>& wants,
                const std::function<void(const PowerCut&)>& visit);
// Any fate for anything.
PowerCut RandomCut(const DiskState& disk, const std::function<std::uint64_t()>& random);

}  // namespace reprise

#endif  // REPRISE_TESTS_FAULTS_CRASH_POWER_CUT_H_
