#include "engine/catalog/catalog.h"

#include <fmt/format.h>

#include <mutex>

#include "engine/catalog/apply.h"
#include "engine/catalog/control.h"
#include "engine/catalog/env.h"
#include "engine/catalog/page_walk.h"
#include "engine/catalog/view.h"
#include "format/try.h"

namespace reprise {
namespace {

// Catalog files up to this size are looked through whenever they are opened: 2 to 3 ms a MiB.
constexpr std::uint64_t kAlwaysWalkedBytes = std::uint64_t{4} << 20;

// CatalogUpdate over one write transaction.
class UpdateView final : public TxnView<CatalogUpdate> {
 public:
  explicit UpdateView(Txn& txn) : TxnView(txn), folder_(txn) {}

  Result<ChangeNumber> NextNumber() override {
    REPRISE_TRY_ASSIGN(const MetaRecord meta, Meta());
    return meta.change + 1;
  }

  Status Apply(const Change& change) override {
    REPRISE_TRY_ASSIGN(const ChangeNumber next, NextNumber());
    if (change.number == next) return folder_.Apply(change);
    return Status::Error(Code::kInternal, fmt::format("change is out of turn: number {} (expected "
                                                      "{}); number it in the write transaction",
                                                      change.number, next));
  }

  Status PutSession(const SessionRecord& session) override {
    return txn_.Put(SessionKey(session.holder.session), EncodeRecord(session));
  }

  Status RemoveSession(SessionId session) override { return txn_.Delete(SessionKey(session)); }

 private:
  Folder folder_;
};

Status Untrusted(const Directory& directory, std::string_view why) {
  return Status::Error(Code::kCorrupt, fmt::format("catalog cannot be trusted: '{}' ({}); rebuild "
                                                   "the catalog",
                                                   directory.path(), why));
}

class OpenedCatalog final : public Catalog {
 public:
  using Catalog::LeaseGeneration;

  OpenedCatalog(Directory& directory, CatalogOptions options, Control control)
      : directory_(directory), options_(std::move(options)), control_(std::move(control)) {}

  // Opens the file that catalog.lock names, unless it is open already.
  Status Reopen();

  Status Read(const std::function<Status(CatalogView&)>& read) override;
  Status Write(const std::function<Status(CatalogUpdate&)>& write) override;
  Result<Generation> LeaseGeneration(const RunUid& uid, LeaseReading* last) override;
  Status MarkClean() override;

 private:
  // An open file and the generation it belongs to. Null before the first Reopen.
  struct Opened {
    std::shared_ptr<Env> env;
    std::uint64_t generation = 0;
  };

  Opened Present();
  Status ReopenLocked();
  bool IsTrusted(const CatalogControl& said, const DirectoryId& id) const;
  Status LookThrough(CatalogControl said, const DirectoryId& id);
  Status LookAgain(File& file) const;
  Status ReadOnce(Env& env, const std::function<Status(CatalogView&)>& read, bool* emptied);
  Status ReadOn(const std::function<Status(CatalogView&)>& read);
  Status MarkInUse();

  Directory& directory_;
  const CatalogOptions options_;
  const ForkGuard fork_guard_;
  std::mutex control_mutex_;  // guards control_, whose lock is not per thread
  Control control_;
  std::mutex present_mutex_;
  Opened present_;
};

OpenedCatalog::Opened OpenedCatalog::Present() {
  const std::lock_guard lock(present_mutex_);
  return present_;
}

bool OpenedCatalog::IsTrusted(const CatalogControl& said, const DirectoryId& id) const {
  return said.boot_id == options_.boot_id && said.device == id.device && said.inode == id.inode;
}

Status OpenedCatalog::Reopen() {
  const std::lock_guard control_lock(control_mutex_);
  // Waits for whoever is building a new file.
  REPRISE_TRY_ASSIGN(const ControlLock lock, ControlLock::Take(control_, LockKind::kShared));
  return ReopenLocked();
}

Status OpenedCatalog::ReopenLocked() {
  REPRISE_TRY_ASSIGN(CatalogControl said, control_.Read());
  REPRISE_TRY_ASSIGN(const DirectoryId id, directory_.Id());
  if (Present().generation == said.generation) return {};
  if (!IsTrusted(said, id)) REPRISE_TRY(LookThrough(said, id));
  const std::string name = CatalogFileName(said.generation);
  // Refuses what LMDB would follow or wait for.
  const auto file = directory_.Open(name, OpenMode::kRead);
  if (!file.has_value()) {
    if (file.error().code() != Code::kNotFound) return file.error();
    return Untrusted(directory_, "the file it names is missing");
  }
  REPRISE_TRY(LookAgain(**file));
  REPRISE_TRY_ASSIGN(std::shared_ptr<Env> env,
                     Env::Open({id, said.generation}, directory_.path() + "/" + name));
  const std::lock_guard lock(present_mutex_);
  present_ = {std::move(env), said.generation};
  return {};
}

// The first to open the file in this boot, or in this copy of the directory.
Status OpenedCatalog::LookThrough(CatalogControl said, const DirectoryId& id) {
  if (!said.clean) return Untrusted(directory_, "it was not left clean before a reboot or a copy");
  REPRISE_TRY_ASSIGN(const std::unique_ptr<File> file,
                     directory_.Open(CatalogFileName(said.generation), OpenMode::kRead));
  REPRISE_TRY_ASSIGN(const PageWalk walk, WalkPages(*file));
  if (walk.transaction != said.transaction) {
    return Untrusted(directory_, fmt::format("it ends with transaction {}, expected {}",
                                             walk.transaction, said.transaction));
  }
  if (options_.read_only) return {};
  said.boot_id = options_.boot_id;
  said.device = id.device;
  said.inode = id.inode;
  return control_.Write(said, false);
}

// A file that is trusted may have been damaged since. Looking costs time, so small ones only.
Status OpenedCatalog::LookAgain(File& file) const {
  REPRISE_TRY_ASSIGN(const std::uint64_t size, file.Size());
  return size <= kAlwaysWalkedBytes ? WalkPagesBesideWriters(file) : Status();
}

Status OpenedCatalog::ReadOnce(Env& env, const std::function<Status(CatalogView&)>& read,
                               bool* emptied) {
  return env.Read([&](Txn& txn) -> Status {
    REPRISE_TRY_ASSIGN(const bool has_meta, txn.Has(MetaKey()));
    *emptied = !has_meta;
    if (*emptied) return Untrusted(directory_, "it is being rebuilt");
    ReadView view(txn);
    return read(view);
  });
}

Status OpenedCatalog::ReadOn(const std::function<Status(CatalogView&)>& read) {
  constexpr int kAttempts = 3;
  Status status;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    const Opened opened = Present();
    bool emptied = false;
    status = ReadOnce(*opened.env, read, &emptied);
    if (status.code() != Code::kCorrupt) return status;
    REPRISE_TRY(Reopen());
    if (Present().generation == opened.generation && !opened.env->lockless()) return status;
  }
  return status;
}

Status OpenedCatalog::Read(const std::function<Status(CatalogView&)>& read) {
  REPRISE_TRY(fork_guard_.Check());
  return ReadOn(read);
}

Result<Generation> OpenedCatalog::LeaseGeneration(const RunUid& uid, LeaseReading* last) {
  REPRISE_TRY(fork_guard_.Check());
  const Opened opened = Present();
  if (opened.generation == last->file && opened.env->LastTransaction() == last->transaction) {
    return last->generation;
  }
  const Result<std::optional<LeaseSeen>> found = opened.env->ReadLease(LeaseKey(uid));
  if (found.has_value() && found->has_value()) {
    *last = {opened.generation, (*found)->transaction, (*found)->generation};
    return last->generation;
  }
  // Never leased, or the file is empty now, or it is damaged: a full read tells.
  Generation generation = 0;
  REPRISE_TRY(ReadOn([&](CatalogView& view) -> Status {
    REPRISE_TRY_ASSIGN(const std::optional<LeaseRecord> lease, view.GetLease(uid));
    if (lease) {
      generation = lease->generation;
      return {};
    }
    REPRISE_TRY_ASSIGN(const std::optional<RunRecord> run, view.GetRun(uid));
    if (run) return {};
    return Status::Error(Code::kNotFound,
                         fmt::format("no such run: uid {}; open it anew", ToHex(uid)));
  }));
  return generation;
}

// Before the first commit after the file was clean: from here on a reboot may leave it torn.
Status OpenedCatalog::MarkInUse() {
  REPRISE_TRY_ASSIGN(CatalogControl said, control_.Read());
  if (!said.clean) return {};
  said.clean = false;
  return control_.Write(said, true);
}

Status OpenedCatalog::Write(const std::function<Status(CatalogUpdate&)>& write) {
  REPRISE_TRY(fork_guard_.Check());
  if (options_.read_only) {
    return Status::Error(Code::kInvalidArgument,
                         fmt::format("catalog was opened for reading: '{}'; open it for writing",
                                     directory_.path()));
  }
  const std::lock_guard control_lock(control_mutex_);
  REPRISE_TRY_ASSIGN(const ControlLock lock, ControlLock::Take(control_, LockKind::kShared));
  REPRISE_TRY(ReopenLocked());
  return Present().env->Write([&](Txn& txn) -> Status {
    // LMDB's own lock is held here, so that only one process at a time changes the mark.
    REPRISE_TRY(MarkInUse());
    UpdateView update(txn);
    return write(update);
  });
}

Status OpenedCatalog::MarkClean() {
  REPRISE_TRY(fork_guard_.Check());
  if (options_.read_only) return {};
  const std::lock_guard control_lock(control_mutex_);
  REPRISE_TRY_ASSIGN(const ControlLock lock, ControlLock::Take(control_, LockKind::kShared));
  REPRISE_TRY(ReopenLocked());
  const std::shared_ptr<Env> env = Present().env;
  // A write transaction that changes nothing: nobody commits between the sync and the mark.
  return env->Write([&](Txn& txn) -> Status {
    REPRISE_TRY_ASSIGN(CatalogControl said, control_.Read());
    if (said.clean) return {};
    REPRISE_TRY(env->Sync());
    said.clean = true;
    said.transaction = txn.number() - 1;
    return control_.Write(said, true);
  });
}

Result<Control> OpenControl(Directory& directory, bool read_only) {
  Result<Control> control = Control::Open(directory, OpenMode::kReadWrite);
  if (!control.has_value() && control.error().code() == Code::kIoError && read_only) {
    control = Control::Open(directory, OpenMode::kRead);
  }
  if (control.has_value() || control.error().code() != Code::kNotFound) return control;
  REPRISE_TRY_ASSIGN(const std::vector<std::uint64_t> files, CatalogFiles(directory));
  if (files.empty()) return control;
  return Fail(Untrusted(directory, "catalog.lock is missing"));
}

}  // namespace

Result<std::shared_ptr<Catalog>> OpenCatalog(Directory& directory, const CatalogOptions& options) {
  REPRISE_TRY_ASSIGN(Control control, OpenControl(directory, options.read_only));
  auto catalog = std::make_shared<OpenedCatalog>(directory, options, std::move(control));
  REPRISE_TRY(catalog->Reopen());
  REPRISE_TRY(catalog->Read([&](CatalogView& view) -> Status {
    REPRISE_TRY_ASSIGN(const MetaRecord meta, view.Meta());
    if (meta.store_uuid == options.store_uuid) return {};
    return Untrusted(directory, "it is another store's");
  }));
  return catalog;
}

Result<std::uint64_t> CatalogGeneration(Directory& directory) {
  Result<Control> control = Control::Open(directory, OpenMode::kRead);
  if (control.has_value()) {
    const Result<CatalogControl> said = control->Read();
    if (said.has_value()) return said->generation;
  }
  REPRISE_TRY_ASSIGN(const std::vector<std::uint64_t> files, CatalogFiles(directory));
  return files.empty() ? 0 : files.back();
}

}  // namespace reprise
