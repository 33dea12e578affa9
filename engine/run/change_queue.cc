#include "engine/run/change_queue.h"

#include <algorithm>
#include <utility>

namespace reprise {

namespace {

// Bounds the size of a transaction, and how long its first caller waits for the others' work.
constexpr std::size_t kMostBuilds = 256;

// Ends the turn, also where std::bad_alloc passes: it is the leader's error alone, and the others
// are still waiting. With the lock held at both ends.
class Turn {
 public:
  Turn(GroupCommit& turn, std::unique_lock<std::mutex>& lock) : turn_(turn), lock_(lock) {}
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;
  ~Turn() {
    if (!lock_.owns_lock()) lock_.lock();
    turn_.Finish(lock_);
    lock_.lock();
  }

 private:
  GroupCommit& turn_;
  std::unique_lock<std::mutex>& lock_;
};

}  // namespace

// With the mutex held at both ends.
class ChangeQueue::InQueue {
 public:
  InQueue(std::deque<Request*>& queue, Request* request) : queue_(queue), request_(request) {
    queue_.push_back(request_);
  }
  InQueue(const InQueue&) = delete;
  InQueue& operator=(const InQueue&) = delete;
  ~InQueue() { std::erase(queue_, request_); }

 private:
  std::deque<Request*>& queue_;
  Request* const request_;
};

std::vector<ChangeQueue::Request*> ChangeQueue::Next() const {
  const std::size_t count = std::min(waiting_.size(), kMostBuilds);
  return {waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(count)};
}

void ChangeQueue::CommitAll(const std::vector<Request*>& requests, const Commit& commit) {
  std::vector<const Build*> builds;
  builds.reserve(requests.size());
  for (const Request* request : requests) builds.push_back(request->build);
  const Status together = commit(builds);
  const bool alone = !together.ok() && requests.size() > 1;
  for (std::size_t i = 0; i < requests.size(); ++i) {
    requests[i]->status = alone ? commit(std::span(builds).subspan(i, 1)) : together;
  }
}

std::size_t ChangeQueue::waiting() const {
  const std::lock_guard lock(mutex_);
  return waiting_.size();
}

Status ChangeQueue::Make(const Build& build, const Commit& commit) {
  std::unique_lock lock(mutex_);
  Request own{&build, {}, ++last_position_, false};
  const InQueue in_queue(waiting_, &own);
  while (!own.done) {
    if (!turn_.Lead(lock, own.position)) {
      lock.lock();
      continue;
    }
    const Turn turn(turn_, lock);
    const std::vector<Request*> requests = Next();
    turn_.Begin(requests.back()->position);
    lock.unlock();
    CommitAll(requests, commit);
    lock.lock();
    for (Request* request : requests) request->done = true;
    std::erase_if(waiting_, [](const Request* request) { return request->done; });
  }
  return std::move(own.status);
}

}  // namespace reprise
