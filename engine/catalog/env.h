// One LMDB file, open: its transactions, its growth, and what its errors mean.
//
// A process has at most one environment per file (two would drop each other's locks), kept in a
// registry and shared by all who open the file. In a child of fork(2) an environment is inert: it
// answers kClosed and is never closed, because closing would free the parent's reader slots.
//
// Any error of LMDB that is not an answer poisons the environment: LMDB itself would go on.
// Thread safety: all methods, from any thread.
#ifndef REPRISE_ENGINE_CATALOG_ENV_H_
#define REPRISE_ENGINE_CATALOG_ENV_H_

#include <lmdb.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>

#include "engine/catalog/txn.h"
#include "engine/io/directory.h"
#include "engine/io/fork_guard.h"
#include "format/ids.h"
#include "reprise/status.h"

namespace reprise {

// How much address space a catalog takes at first (bytes); it doubles when 3/4 are used.
inline constexpr std::size_t kFirstMapSize = std::size_t{1} << 30;

// Which file: stable while the directory exists, within one boot.
struct EnvId {
  DirectoryId directory;
  std::uint64_t generation = 0;

  friend auto operator<=>(const EnvId&, const EnvId&) = default;
};

// A lease's generation, as of a transaction.
struct LeaseSeen {
  std::uint64_t transaction = 0;
  Generation generation = 0;
};

class Env {
 public:
  // The process's environment of that file, opened now if nobody has it. Without the right to
  // write, or on read-only media, it is opened for reading only, at last without locks; such
  // readers see damage where a writer reused pages under them, and should try again.
  static Result<std::shared_ptr<Env>> Open(const EnvId& id, const std::string& path);
  // A file that nobody else has: made if it is not there, without locks, not in the registry.
  static Result<std::shared_ptr<Env>> OpenPrivate(const std::string& path);
  // For tests: the map size of environments opened from now on.
  static void SetFirstMapSize(std::size_t bytes);

  ~Env();
  Env(const Env&) = delete;
  Env& operator=(const Env&) = delete;

  // Runs `body` in a read transaction.
  Status Read(const std::function<Status(Txn&)>& body);
  // Runs `body` in the write transaction and commits it if it succeeds. Where the map is full it
  // is grown and `body` runs again, on the state before.
  Status Write(const std::function<Status(Txn&)>& body);
  // A kept read transaction: reads the value of `key` and its checksum, nothing else.
  // nullopt: absent.
  Result<std::optional<LeaseSeen>> ReadLease(const Key& key);
  // Blocks until all commits are on stable storage.
  Status Sync();
  // The number of the last committed transaction, in tens of nanoseconds. A commit that is going on
  // may be told already; it is not over then.
  std::uint64_t LastTransaction();
  // Whether pages may change while they are read.
  bool lockless() const { return lockless_; }
  const std::string& path() const { return path_; }

  // What an error code means. Poisons unless the code is an answer or a full disk.
  Status Explain(int error, std::string_view call);

 private:
  enum class Access : std::uint8_t { kNormal, kReadOnly, kReadOnlyLockless, kPrivate };

  explicit Env(std::string path) : path_(std::move(path)) {}
  static Result<std::unique_ptr<Env>> OpenAsAllowed(const std::string& path);

  // 0, or an error code of LMDB's or errno.
  int TryOpen(Access access);
  int OpenTable();
  Status CheckUsable();
  // Begins a transaction and takes `gate`, dealing with a map that another process grew and with
  // slots of dead readers.
  Status Begin(unsigned flags, std::shared_lock<std::shared_mutex>* gate, MDB_txn** txn);
  Status WriteOnce(const std::function<Status(Txn&)>& body, bool* map_full);
  Result<std::optional<LeaseSeen>> ReadLeaseIn(MDB_txn* txn, const Key& key);
  bool NearlyFull();
  // LMDB says EIO, too, where a disk that became full took a part of a write.
  bool DiskIsFull() const;
  // Doubles the map, or takes over the size that another process made it. Both wait until no
  // transaction of this process is active.
  Status Grow();
  Status Adopt();
  void ClearDeadReaders();

  const std::string path_;
  const ForkGuard fork_guard_;
  MDB_env* env_ = nullptr;
  MDB_dbi table_ = 0;
  bool lockless_ = false;
  // Held shared by every active transaction, and alone while the map moves.
  std::shared_mutex gate_;
  std::mutex lease_mutex_;
  MDB_txn* lease_txn_ = nullptr;  // reset between uses
  std::mutex poison_mutex_;
  Status poison_;
  std::atomic<bool> poisoned_ = false;
  std::chrono::steady_clock::time_point readers_cleared_{};  // under LMDB's writer lock
};

}  // namespace reprise

#endif  // REPRISE_ENGINE_CATALOG_ENV_H_
