// Lets callers that wait for a sync at the same time share one.
//
//   while (!synced) {                    // under `mutex`
//     if (!commit.Lead(lock)) continue;  // another caller's sync ended: look again
//     lock.unlock();
//     Sync();
//     lock.lock();
//     commit.Finish();
//   }
//
// The first caller leads: it syncs what was written until then, with the mutex released, so that
// others go on writing. Those that come meanwhile wait; one of them leads the next sync, which
// covers them all.
#ifndef REPRISE_ENGINE_LOG_GROUP_COMMIT_H_
#define REPRISE_ENGINE_LOG_GROUP_COMMIT_H_

#include <condition_variable>
#include <cstdint>
#include <mutex>

namespace reprise {

// Thread safety: all methods are called with the same mutex held.
class GroupCommit {
 public:
  // True: the caller leads and must call Finish. False: it waited until a leader finished.
  bool Lead(std::unique_lock<std::mutex>& lock) {
    if (!leading_) return leading_ = true;
    const std::uint64_t waited_for = finished_;
    changed_.wait(lock, [&] { return finished_ != waited_for; });
    return false;
  }
  void Finish() {
    leading_ = false;
    ++finished_;
    changed_.notify_all();
  }

 private:
  bool leading_ = false;
  std::uint64_t finished_ = 0;
  std::condition_variable changed_;
};

}  // namespace reprise

#endif  // REPRISE_ENGINE_LOG_GROUP_COMMIT_H_
