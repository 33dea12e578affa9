// Who watches the calls that reach a disk in memory: one may make them fail, another keeps what
// they did.
#ifndef REPRISE_TESTS_FAULTS_DISK_WATCHER_H_
#define REPRISE_TESTS_FAULTS_DISK_WATCHER_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "tests/faults/disk_effect.h"

namespace reprise {

enum class DiskCall : std::uint8_t {
  kOpen,
  kCreate,
  kRead,
  kWrite,
  kSync,
  kSize,
  kRename,
  kRemove,
  kMakeDirectory,
  kSyncNames,
  kList,
};

// How a call fails: with the errno, after `done` bytes of a write. errno 0: it does not.
struct DiskFault {
  int error = 0;
  std::size_t done = 0;
};

// Called with the disk's mutex held, on any thread.
class DiskWatcher {
 public:
  virtual ~DiskWatcher() = default;

  // Before a call, which adds `bytes` bytes to what files hold (only a write does).
  virtual DiskFault BeforeCall(DiskCall call, std::string_view name, std::uint64_t bytes) = 0;
  // Before something changes on the disk, and nothing can prevent it any more.
  virtual void OnEffect(const DiskEffect& effect) = 0;
};

}  // namespace reprise

#endif  // REPRISE_TESTS_FAULTS_DISK_WATCHER_H_
