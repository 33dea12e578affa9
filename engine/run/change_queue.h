// Lets callers that want to change something at the same time share one transaction, and with it
// one sync: a thousand threads that start runs need not wait for a thousand syncs.
#ifndef REPRISE_ENGINE_RUN_CHANGE_QUEUE_H_
#define REPRISE_ENGINE_RUN_CHANGE_QUEUE_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <span>
#include <vector>

#include "engine/log/group_commit.h"
#include "reprise/status.h"

namespace reprise {

class ChangeBuilder;

// Thread-safe.
class ChangeQueue {
 public:
  // Looks at the tables and adds changes. May run several times, on any caller's thread, while the
  // caller waits: each time on tables that know nothing of the runs before.
  using Build = std::function<Status(ChangeBuilder&)>;
  // Makes the changes of all builds, in their order, in one transaction: all of them or none.
  using Commit = std::function<Status(std::span<const Build* const>)>;

  // Returns when `build` has been committed or has failed. The first caller commits at once; those
  // that come meanwhile wait, and one of them commits for them all. Where one build fails, each is
  // committed alone, so that it fails for itself.
  Status Make(const Build& build, const Commit& commit);
  // Callers of Make that have not returned, those whose builds are being committed included.
  std::size_t waiting() const;

 private:
  class InQueue;
  struct Request {
    const Build* build = nullptr;
    Status status;
    std::uint64_t position = 0;  // rises along the queue
    bool done = false;
  };

  // The next ones in turn; they stay in `waiting_` until they are done. With the mutex held.
  std::vector<Request*> Next() const;
  static void CommitAll(const std::vector<Request*>& requests, const Commit& commit);

  mutable std::mutex mutex_;
  GroupCommit turn_;
  std::uint64_t last_position_ = 0;
  std::deque<Request*> waiting_;
};

}  // namespace reprise

#endif  // REPRISE_ENGINE_RUN_CHANGE_QUEUE_H_
