#include "engine/catalog/env.h"

#include <fmt/format.h>

#include <cerrno>
#include <condition_variable>
#include <map>
#include <optional>
#include <utility>

#include "engine/io/disk_room.h"
#include "engine/io/errors.h"
#include "engine/io/file_size_signal.h"
#include "format/catalog_records.h"
#include "format/try.h"

namespace reprise {
namespace {

// LMDB makes the file of its reader table as one large hole and maps it: a disk that is full when a
// slot is first used would answer with SIGBUS, the host's end. So its blocks are taken before. As
// LMDB 0.9 lays it out: a cache line a slot, and two for the header, which has the first slot.
constexpr unsigned kMaxReaders = 512;
constexpr std::uint64_t kReaderTableBytes = std::uint64_t{kMaxReaders} * 64 + 128;
constexpr mdb_mode_t kMode = 0600;
constexpr std::chrono::seconds kReaderCheckInterval(10);

std::atomic<std::size_t> first_map_size{kFirstMapSize};

// The environments of this process. A child of fork(2) begins with an empty one: the parent's
// mutex may have been held by a thread that does not exist there, and its entries are not ours.
//
// An entry stays until its environment is closed, which happens after its last owner is gone;
// whoever opens the file in between waits.
struct Registry {
  ForkGuard fork_guard;
  std::mutex mutex;
  std::condition_variable closed;
  std::map<EnvId, std::weak_ptr<Env>> envs;
};

Registry& ThisProcess() {
  static std::atomic<Registry*> current{std::make_unique<Registry>().release()};
  Registry* registry = current.load();
  if (!registry->fork_guard.crossed()) return *registry;
  // The parent's is left alone, on purpose: it is unusable here.
  auto fresh = std::make_unique<Registry>();
  if (current.compare_exchange_strong(registry, fresh.get())) return *fresh.release();
  return *registry;
}

bool MeansNoRight(int error) { return error == EACCES || error == EROFS || error == EPERM; }

bool MeansDiskFull(int error) { return CodeOfErrno(error) == Code::kNoSpace; }

// Keeps a limit on file sizes from killing the process in a commit.
class QuietWrites {
 public:
  QuietWrites() {
    if (HasFileSizeLimit()) block_.emplace();
  }

 private:
  std::optional<FileSizeSignalBlock> block_;
};

// Closes an environment that nobody owns any more, and takes it from the registry.
void Retire(const EnvId& id, Env* retired, const ForkGuard& guard) {
  if (guard.crossed()) return;
  std::unique_ptr<Env> env(retired);
  Registry& registry = ThisProcess();
  const std::lock_guard lock(registry.mutex);
  env.reset();
  registry.envs.erase(id);
  registry.closed.notify_all();
}

}  // namespace

void Env::SetFirstMapSize(std::size_t bytes) { first_map_size = bytes; }

Result<std::shared_ptr<Env>> Env::Open(const EnvId& id, const std::string& path) {
  Registry& registry = ThisProcess();
  std::unique_lock lock(registry.mutex);
  for (auto found = registry.envs.find(id); found != registry.envs.end();
       found = registry.envs.find(id)) {
    if (std::shared_ptr<Env> env = found->second.lock()) {
      lock.unlock();
      REPRISE_TRY(env->CheckUsable());
      return env;
    }
    registry.closed.wait(lock);
  }
  REPRISE_TRY_ASSIGN(std::unique_ptr<Env> opened, OpenAsAllowed(path));
  const ForkGuard guard;
  std::shared_ptr<Env> env(opened.release(),
                           [id, guard](Env* retired) { Retire(id, retired, guard); });
  registry.envs[id] = env;
  return env;
}

Result<std::shared_ptr<Env>> Env::OpenPrivate(const std::string& path) {
  std::unique_ptr<Env> env(new Env(path));
  if (const int rc = env->TryOpen(Access::kPrivate); rc != 0) {
    return Fail(env->Explain(rc, "mdb_env_open"));
  }
  return std::shared_ptr<Env>(std::move(env));
}

// As much access as the operating system grants, from most to least.
Result<std::unique_ptr<Env>> Env::OpenAsAllowed(const std::string& path) {
  for (const Access access : {Access::kNormal, Access::kReadOnly, Access::kReadOnlyLockless}) {
    std::unique_ptr<Env> env(new Env(path));
    const int rc = env->TryOpen(access);
    if (rc == 0) return env;
    if (!MeansNoRight(rc) || access == Access::kReadOnlyLockless) {
      return Fail(env->Explain(rc, "mdb_env_open"));
    }
  }
  return Fail(Code::kInternal, "no way to open a catalog was tried");
}

int Env::TryOpen(Access access) {
  unsigned flags = MDB_NOSUBDIR | MDB_NOTLS | MDB_NOSYNC;
  if (access == Access::kReadOnly || access == Access::kReadOnlyLockless) flags |= MDB_RDONLY;
  if (access == Access::kReadOnlyLockless || access == Access::kPrivate) flags |= MDB_NOLOCK;
  lockless_ = access == Access::kReadOnlyLockless;
  if (const int rc = mdb_env_create(&env_); rc != 0) return rc;
  if (const int rc = mdb_env_set_maxreaders(env_, kMaxReaders); rc != 0) return rc;
  // An existing file says itself how large its map is.
  if (access == Access::kPrivate) {
    if (const int rc = mdb_env_set_mapsize(env_, first_map_size); rc != 0) return rc;
  }
  if (access == Access::kNormal) {
    if (const int rc = AllocateFile(path_ + "-lock", kReaderTableBytes); rc != 0) return rc;
  }
  if (const int rc = mdb_env_open(env_, path_.c_str(), flags, kMode); rc != 0) return rc;
  if ((flags & MDB_NOLOCK) == 0) ClearDeadReaders();
  return OpenTable();
}

int Env::OpenTable() {
  MDB_txn* txn = nullptr;
  if (const int rc = mdb_txn_begin(env_, nullptr, MDB_RDONLY, &txn); rc != 0) return rc;
  const int rc = mdb_dbi_open(txn, nullptr, 0, &table_);
  mdb_txn_abort(txn);
  return rc;
}

Env::~Env() {
  if (fork_guard_.crossed() || env_ == nullptr) return;
  if (lease_txn_ != nullptr) mdb_txn_abort(lease_txn_);
  mdb_env_close(env_);
}

Status Env::CheckUsable() {
  REPRISE_TRY(fork_guard_.Check());
  if (!poisoned_.load(std::memory_order_acquire)) return {};
  const std::lock_guard lock(poison_mutex_);
  return poison_;
}

bool Env::DiskIsFull() const {
  constexpr std::uint64_t kRoom = std::uint64_t{1} << 20;
  mdb_filehandle_t file = -1;
  return mdb_env_get_fd(env_, &file) == 0 && IsDiskFull(file, kRoom);
}

Status Env::Explain(int error, std::string_view call) {
  if (error == MDB_MAP_FULL || MeansDiskFull(error) || (error == EIO && DiskIsFull())) {
    return Status::Error(Code::kNoSpace, fmt::format("{} failed: '{}' ({}); free space and retry",
                                                     call, path_, mdb_strerror(error)));
  }
  const bool damage = error < 0 && error != MDB_READERS_FULL && error != MDB_BAD_VALSIZE;
  const Code code = error == MDB_BAD_VALSIZE ? Code::kInternal
                    : damage                 ? Code::kCorrupt
                                             : Code::kIoError;
  Status status = Status::Error(
      code, fmt::format("{} failed: '{}' ({}); {}", call, path_, mdb_strerror(error),
                        damage ? "rebuild the catalog" : "check the file and its rights"));
  const bool passing = error == MDB_READERS_FULL || error == EAGAIN || error == EACCES ||
                       error == MDB_BAD_VALSIZE || lockless_;
  if (passing) return status;
  const std::lock_guard lock(poison_mutex_);
  if (!poisoned_.load(std::memory_order_relaxed)) poison_ = status;
  poisoned_.store(true, std::memory_order_release);
  return status;
}

void Env::ClearDeadReaders() {
  int dead = 0;
  // Failing to clear slots costs space, not truth.
  static_cast<void>(mdb_reader_check(env_, &dead));
  readers_cleared_ = std::chrono::steady_clock::now();
}

Status Env::Begin(unsigned flags, std::shared_lock<std::shared_mutex>* gate, MDB_txn** txn) {
  constexpr int kAttempts = 4;
  int rc = 0;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    *gate = std::shared_lock(gate_);
    rc = mdb_txn_begin(env_, nullptr, flags, txn);
    if (rc == 0) return {};
    gate->unlock();
    if (rc == MDB_MAP_RESIZED) {
      REPRISE_TRY(Adopt());
    } else if (rc == MDB_READERS_FULL) {
      ClearDeadReaders();
    } else {
      break;
    }
  }
  return Explain(rc, "mdb_txn_begin");
}

namespace {

// Ends a transaction that was not committed, however its block is left.
struct Aborter {
  void operator()(MDB_txn* txn) const { mdb_txn_abort(txn); }
};
using OpenTxn = std::unique_ptr<MDB_txn, Aborter>;

}  // namespace

Status Env::Read(const std::function<Status(Txn&)>& body) {
  REPRISE_TRY(CheckUsable());
  std::shared_lock<std::shared_mutex> gate;
  MDB_txn* begun = nullptr;
  REPRISE_TRY(Begin(MDB_RDONLY, &gate, &begun));
  const OpenTxn open(begun);
  Txn txn(*this, begun, table_);
  return body(txn);
}

Status Env::Write(const std::function<Status(Txn&)>& body) {
  REPRISE_TRY(CheckUsable());
  // Growing in time keeps `body` from running twice, as a rule.
  if (NearlyFull()) REPRISE_TRY(Grow());
  while (true) {
    bool map_full = false;
    const Status status = WriteOnce(body, &map_full);
    if (!map_full) return status;
    REPRISE_TRY(Grow());
  }
}

Status Env::WriteOnce(const std::function<Status(Txn&)>& body, bool* map_full) {
  const QuietWrites quiet;
  std::shared_lock<std::shared_mutex> gate;
  MDB_txn* begun = nullptr;
  REPRISE_TRY(Begin(0, &gate, &begun));
  OpenTxn open(begun);
  if (std::chrono::steady_clock::now() - readers_cleared_ > kReaderCheckInterval) {
    ClearDeadReaders();
  }
  Txn txn(*this, begun, table_);
  Status status = body(txn);
  if (status.ok()) status = txn.Finish();
  *map_full = txn.map_full();
  if (*map_full || !status.ok()) return status;
  const int rc = mdb_txn_commit(open.release());
  *map_full = rc == MDB_MAP_FULL;
  return rc == 0 ? Status() : Explain(rc, "mdb_txn_commit");
}

Result<std::optional<LeaseSeen>> Env::ReadLeaseIn(MDB_txn* txn, const Key& key) {
  MDB_val name{key.view().size(), const_cast<char*>(key.view().data())};
  MDB_val value;
  const int rc = mdb_get(txn, table_, &name, &value);
  if (rc == MDB_NOTFOUND) return std::nullopt;
  if (rc != 0) return Fail(Explain(rc, "mdb_get"));
  const std::string_view stored(static_cast<const char*>(value.mv_data), value.mv_size);
  REPRISE_TRY_ASSIGN(const std::string_view payload, CheckedPayload(key.view(), stored));
  REPRISE_TRY_ASSIGN(const Generation generation, LeaseGenerationOf(payload));
  return LeaseSeen{mdb_txn_id(txn), generation};
}

Result<std::optional<LeaseSeen>> Env::ReadLease(const Key& key) {
  REPRISE_TRY(CheckUsable());
  const std::lock_guard lease_lock(lease_mutex_);
  if (lease_txn_ == nullptr) {
    std::shared_lock<std::shared_mutex> gate;
    REPRISE_TRY(Begin(MDB_RDONLY, &gate, &lease_txn_));
    mdb_txn_reset(lease_txn_);
  }
  std::shared_lock gate(gate_);
  if (mdb_txn_renew(lease_txn_) != 0) {
    // Whatever it is, beginning anew deals with it.
    mdb_txn_abort(std::exchange(lease_txn_, nullptr));
    gate.unlock();
    REPRISE_TRY(Begin(MDB_RDONLY, &gate, &lease_txn_));
  }
  Result<std::optional<LeaseSeen>> seen = ReadLeaseIn(lease_txn_, key);
  mdb_txn_reset(lease_txn_);
  return seen;
}

Status Env::Sync() {
  REPRISE_TRY(CheckUsable());
  const int rc = mdb_env_sync(env_, 1);
  return rc == 0 ? Status() : Explain(rc, "mdb_env_sync");
}

std::uint64_t Env::LastTransaction() {
  const std::shared_lock gate(gate_);
  MDB_envinfo info{};
  mdb_env_info(env_, &info);
  return info.me_last_txnid;
}

bool Env::NearlyFull() {
  const std::shared_lock gate(gate_);
  MDB_envinfo info{};
  MDB_stat stat{};
  if (mdb_env_info(env_, &info) != 0 || mdb_env_stat(env_, &stat) != 0) return false;
  const std::size_t pages = info.me_mapsize / stat.ms_psize;
  return info.me_last_pgno > pages / 4 * 3;
}

Status Env::Grow() {
  const std::unique_lock gate(gate_);
  MDB_envinfo info{};
  mdb_env_info(env_, &info);
  const int rc = mdb_env_set_mapsize(env_, info.me_mapsize * 2);
  if (rc == 0) return {};
  return Status::Error(Code::kNoSpace,
                       fmt::format("catalog cannot grow: '{}' ({} bytes of address space, {}); "
                                   "raise the process's limit",
                                   path_, info.me_mapsize * 2, mdb_strerror(rc)));
}

Status Env::Adopt() {
  const std::unique_lock gate(gate_);
  const int rc = mdb_env_set_mapsize(env_, 0);
  return rc == 0 ? Status() : Explain(rc, "mdb_env_set_mapsize");
}

}  // namespace reprise
