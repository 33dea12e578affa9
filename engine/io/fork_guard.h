// Knowing that one lives in a child of fork(2).
//
// A child shares open files and locks with its parent and has none of its threads, so a handle of
// the engine must do nothing there. Files and directories close themselves in the child; every
// other handle (a store, a catalog, a thread) holds a ForkGuard and asks it first.
#ifndef REPRISE_ENGINE_IO_FORK_GUARD_H_
#define REPRISE_ENGINE_IO_FORK_GUARD_H_

#include <atomic>
#include <cstdint>

#include "reprise/status.h"

namespace reprise {

namespace internal {
// How many calls of fork(2) lie between the first process of the family and this one.
inline std::atomic<std::uint32_t> fork_depth{0};
// Makes fork(2) count and close descriptors. Idempotent; false if the system refused.
bool WatchForks();
}  // namespace internal

// What a call on an inherited handle returns: kClosed.
Status InheritedOverFork();

// Remembers the process it was made in. Copies remember the same one.
// Thread safety: const access from any thread.
class ForkGuard {
 public:
  ForkGuard() : born_((internal::WatchForks(), Depth())) {}

  // Whether this is a child of the process the guard was made in. One relaxed atomic load.
  bool crossed() const { return Depth() != born_; }
  // kClosed if crossed.
  Status Check() const { return crossed() ? InheritedOverFork() : Status(); }

 private:
  static std::uint32_t Depth() { return internal::fork_depth.load(std::memory_order_relaxed); }

  std::uint32_t born_;
};

}  // namespace reprise

#endif  // REPRISE_ENGINE_IO_FORK_GUARD_H_
