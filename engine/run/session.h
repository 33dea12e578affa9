// One open store handle that writes: its lock file, its log, its pack, its background thread, and
// the runs that are written through it.
#ifndef REPRISE_ENGINE_RUN_SESSION_H_
#define REPRISE_ENGINE_RUN_SESSION_H_

#include <atomic>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "engine/history/snapshot.h"
#include "engine/io/thread.h"
#include "engine/log/log_writer.h"
#include "engine/run/change_queue.h"
#include "engine/run/session_lock.h"
#include "engine/run/spare_batch.h"
#include "engine/run/store_context.h"
#include "engine/segment/pack_writer.h"
#include "format/change.h"

namespace reprise {

// Gathers the changes of one transaction. Each is applied to the tables at once, so later ones
// (and reads through catalog()) see it.
class ChangeBuilder {
 public:
  ChangeBuilder(CatalogUpdate& catalog, SessionId session, Clock& clock)
      : catalog_(catalog), session_(session), clock_(clock), boot_nanos_(clock.BootNanos()) {}

  CatalogUpdate& catalog() { return catalog_; }
  Status Add(const RunUid& uid, ChangeBody body);
  TimeMicros now() { return clock_.Now(); }
  const std::vector<std::string>& encoded() const { return encoded_; }

 private:
  CatalogUpdate& catalog_;
  SessionId session_;
  Clock& clock_;
  // One moment for all: session and moment name the transaction, also in a pack.
  const std::uint64_t boot_nanos_;
  std::vector<std::string> encoded_;
};

// What the session's background work needs of a run that is written through it.
class SessionWriter {
 public:
  virtual ~SessionWriter() = default;
  // Seals the rows that are complete; with `all`, every committed row.
  virtual Status Seal(bool all) = 0;
  // Joins small segments, if there are enough of them.
  virtual Status Merge() = 0;
  // The log file that holds the oldest row not sealed yet, open row included; none: ~0.
  virtual std::uint32_t oldest_log_file() = 0;
  // Writes the open row anew, whole, so that older log files need not be kept for it.
  virtual Status RestateOpenRow() = 0;
  // Memory of unsealed rows.
  virtual std::size_t tail_bytes() const = 0;
  // Commits the open row, so that a moment can name its step; tells where the head stands then.
  virtual Result<CommittedHead> CommitOpenRow() = 0;
  // Commits the open row, seals, and gives the lease back; the run is left `crashed`.
  virtual Status Abandon() = 0;
};

// Thread-safe. Errors of calls that write: those of the log, the pack and the catalog.
class Session {
 public:
  // Makes the lock file and starts the thread. The session is registered in the catalog with its
  // first change.
  static Result<std::shared_ptr<Session>> Start(std::shared_ptr<const StoreContext> context);
  ~Session();

  const StoreContext& context() const { return *context_; }
  SessionId id() const { return holder_.session; }
  // As a lease names it, from now.
  Holder holder() const;
  LogWriter& log() { return *log_; }
  PackWriter& packs() { return *packs_; }
  // kClosed in a child of fork(2) and after Close.
  Status CheckUsable() const {
    if (context_->fork_guard.crossed()) return InheritedOverFork();
    return closed_ ? WasClosed() : Status();
  }

  // The one way to change anything but rows (a shared change, protocols: records and order):
  // begins the catalog's write transaction, lets `build` look and add changes, writes them to the
  // log in one group, syncs, commits. If `build` fails or adds nothing, nothing happens. Callers
  // of several threads share transactions: `build` may run on another one's, and more than once.
  Status MakeChanges(const std::function<Status(ChangeBuilder&)>& build);

  // The same shape content gives the same pointer and log number.
  struct InternedShape {
    ShapePtr shape;
    std::uint32_t log_shape = 0;
  };
  InternedShape Intern(Shape shape);

  void Register(const RunUid& uid, std::weak_ptr<SessionWriter> writer);
  void Unregister(const RunUid& uid, const SessionWriter* writer);
  // The writer, which nobody else holds any more, could not seal all that it has: it is kept until
  // the session ends, which tries again, and the log with it.
  void Keep(std::shared_ptr<SessionWriter> writer);
  std::shared_ptr<SessionWriter> FindWriter(const RunUid& uid);

  // Asks the background thread to seal, and to merge what is small.
  void RequestSeal(std::weak_ptr<SessionWriter> writer);
  // Waits while unsealed rows of all writers exceed the memory budget, sealing them; the error of
  // sealing if that does not help.
  Status WaitForMemory() {
    const std::size_t budget = context_->options.memory_budget_bytes;
    return tail_bytes_ <= static_cast<std::ptrdiff_t>(budget) ? Status() : SealLargestTails();
  }
  // An empty batch for a tail.
  std::shared_ptr<RowBatch> TakeBatch() { return spare_batch_->Take(); }
  // Of all writers; each counts its own (tail_memory.h).
  std::atomic<std::ptrdiff_t>* tail_bytes() { return &tail_bytes_; }

  // Keeps the changes of log files in a pack and removes the files that hold nothing else.
  Status RetireLogFiles();

  // Work for the background thread, done once soon.
  void RunSoon(std::function<void()> work);

  // Stops the thread, seals what is left, keeps changes in a pack, removes the log and the lock
  // file. Later calls return the same status. In a child of fork(2): does nothing.
  Status Close();

 private:
  explicit Session(std::shared_ptr<const StoreContext> context);

  static Status WasClosed();
  void BackgroundLoop();
  void DoPeriodicWork();
  std::vector<std::shared_ptr<SessionWriter>> LiveWriters();
  // Until half of the memory budget is free.
  Status SealLargestTails();
  Status Registered(CatalogUpdate& catalog);
  Status Commit(std::span<const ChangeQueue::Build* const> builds);
  Status LeaveCatalog();
  Status KeepEvents();
  // Ends every writer, so that nothing is left to seal.
  Status EndWriters();
  // Seals what fenced writers logged before they were passed, if whoever passed them has not done
  // so yet: afterwards nobody needs their rows in our log.
  Status SettleFencedRuns();
  Status CloseOnce();

  std::shared_ptr<const StoreContext> context_;
  Holder holder_;
  std::unique_ptr<SessionLock> lock_;
  std::unique_ptr<LogWriter> log_;
  std::unique_ptr<PackWriter> packs_;

  ChangeQueue changes_;
  std::mutex change_mutex_;                  // orders Commit and KeepEvents
  std::vector<std::string> pending_events_;  // in the log and in no pack yet
  std::size_t pending_event_bytes_ = 0;
  bool registered_ = false;

  std::mutex shape_mutex_;
  std::map<Shape, InternedShape> shapes_;

  std::mutex mutex_;  // guards what follows
  std::condition_variable wake_;
  std::map<RunUid, std::weak_ptr<SessionWriter>> writers_;
  std::vector<std::shared_ptr<SessionWriter>> kept_;  // by Keep
  std::vector<std::weak_ptr<SessionWriter>> to_seal_;
  std::vector<std::function<void()>> soon_;
  bool stopping_ = false;
  std::atomic<std::ptrdiff_t> tail_bytes_{0};
  const std::shared_ptr<SpareBatch> spare_batch_ = std::make_shared<SpareBatch>();

  std::once_flag close_once_;
  std::atomic<bool> closed_{false};
  Status close_status_;
  Thread thread_;
};

// Closes the session when the last public handle that holds it is gone, on that handle's thread.
class SessionOwner {
 public:
  explicit SessionOwner(std::shared_ptr<Session> session) : session_(std::move(session)) {}
  ~SessionOwner();
  SessionOwner(const SessionOwner&) = delete;
  SessionOwner& operator=(const SessionOwner&) = delete;

  const std::shared_ptr<Session>& session() const { return session_; }

 private:
  std::shared_ptr<Session> session_;
};

}  // namespace reprise

#endif  // REPRISE_ENGINE_RUN_SESSION_H_
