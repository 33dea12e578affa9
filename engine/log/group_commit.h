// Lets callers that wait for a sync at the same time share one.
//
//   while (synced < position) {                  // under `mutex`
//     if (!commit.Lead(lock, position)) {        // another caller's sync ended
//       if (synced >= position) return;          // atomic: most need the mutex no more
//       lock.lock();
//       continue;
//     }
//     const auto upto = written;
//     commit.Begin(upto);
//     lock.unlock();
//     Sync();
//     lock.lock();
//     synced = upto;
//     commit.Finish(lock);
//   }
//
// The first caller leads: it syncs what was written until then, with the mutex released, so that
// others go on writing. Those that come meanwhile wait for the round that covers them: the one that
// runs, or the next. The first of the next round leads it as soon as this one ends, and is woken
// before all others, so that the disk is not idle while they run.
#ifndef REPRISE_ENGINE_LOG_GROUP_COMMIT_H_
#define REPRISE_ENGINE_LOG_GROUP_COMMIT_H_

#include <array>
#include <atomic>
#include <cstdint>
#include <mutex>

namespace reprise {

// Positions rise with what is written, as sequence numbers do. Waiting is futexes, not a condition
// variable: those that wake up would all queue for the mutex again, to learn that they are done.
//
// Thread safety: all methods are called with the same mutex held.
class GroupCommit {
 public:
  // True: the caller leads, with the mutex held, and must call Begin and Finish. False: it waited
  // until the round that may have covered `position` ended, and the mutex is not held.
  bool Lead(std::unique_lock<std::mutex>& lock, std::uint64_t position) {
    if (is_led_) {
      const bool is_covered = position <= upto_;
      if (is_covered || next_is_led_) {
        const std::uint32_t round = is_covered ? round_ : round_ + 1;
        Wait(lock, ended_[round % 2], round);
        return false;
      }
      next_is_led_ = true;
      Wait(lock, handed_over_, round_);
      lock.lock();
      next_is_led_ = false;
    }
    is_led_ = true;
    ++round_;
    return true;
  }

  // The round covers what is at `upto` and before.
  void Begin(std::uint64_t upto) { upto_ = upto; }

  // Ends the round, releases the mutex and wakes who waits for it.
  void Finish(std::unique_lock<std::mutex>& lock) {
    const std::uint32_t round = round_;
    is_led_ = next_is_led_;  // nobody else may take the lead before who waits for it is awake
    upto_ = 0;
    lock.unlock();
    handed_over_ = round;
    handed_over_.notify_one();
    ended_[round % 2] = round;
    ended_[round % 2].notify_all();
  }

 private:
  using Round = std::atomic<std::uint32_t>;

  static void Wait(std::unique_lock<std::mutex>& lock, const Round& word, std::uint32_t round) {
    lock.unlock();
    for (std::uint32_t seen = word; static_cast<std::int32_t>(seen - round) < 0; seen = word) {
      word.wait(seen);
    }
  }

  bool is_led_ = false;              // a round runs or has a leader that is woken
  bool next_is_led_ = false;         // somebody waits to lead the next
  std::uint64_t upto_ = 0;           // of the round that runs
  std::uint32_t round_ = 0;          // that runs or ran last; wraps around
  Round handed_over_ = 0;            // the last round whose end its successor's leader was told
  std::array<Round, 2> ended_ = {};  // the last even and the last odd round that ended
};

}  // namespace reprise

#endif  // REPRISE_ENGINE_LOG_GROUP_COMMIT_H_
