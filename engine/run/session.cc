// See session.h. What a session writes becomes true in this order (protocols): rows go to the log;
// a change goes to the log, is synced, and only then committed to the catalog; a segment is synced
// in its pack before the change that publishes it; a log file goes when its rows are sealed and
// its changes are kept in a pack (session_upkeep.cc).
#include "engine/run/session.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/log/log_reader.h"
#include "format/try.h"

namespace reprise {

namespace {

std::string Text(const std::array<std::uint8_t, 16>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

Status ChangeBuilder::Add(const RunUid& uid, ChangeBody body) {
  Change change;
  REPRISE_TRY_ASSIGN(change.number, catalog_.NextNumber());
  change.session = session_;
  change.boot_nanos = boot_nanos_;
  change.time = clock_.Now();
  change.uid = uid;
  change.body = std::move(body);
  REPRISE_TRY(catalog_.Apply(change));
  encoded_.push_back(EncodeChange(change));
  return {};
}

Session::Session(std::shared_ptr<const StoreContext> context) : context_(std::move(context)) {
  const Host host = context_->io.machine->Self();
  holder_.session = context_->io.random->Next64() | 1;  // 0 means nobody
  holder_.pid = static_cast<std::uint32_t>(host.pid);
  holder_.host = host.name;
  holder_.boot_id = Text(host.boot_id);
  holder_.since = context_->io.clock->Now();
  LogWriterOptions log_options;
  log_options.session = holder_.session;
  log_options.store_uuid = context_->uuid;
  log_options.boot_id = context_->boot_id;
  log_ = LogWriter::Make(context_->io, *context_->logs, log_options);
  PackWriterOptions pack_options;
  pack_options.session = holder_.session;
  pack_options.store_uuid = context_->uuid;
  packs_ = PackWriter::Make(context_->io, *context_->packs, pack_options);
}

Result<std::shared_ptr<Session>> Session::Start(std::shared_ptr<const StoreContext> context) {
  const ForkGuard guard;
  // A child of fork(2) lets it be: the thread that waits on the condition variables is not there to
  // be woken, and destroying what somebody waits on waits for ever.
  std::shared_ptr<Session> session(new Session(std::move(context)), [guard](Session* ended) {
    if (!guard.crossed()) std::default_delete<Session>()(ended);
  });
  REPRISE_TRY_ASSIGN(session->lock_, SessionLock::Create(*session->context_->logs, session->id()));
  Session* const self = session.get();
  REPRISE_TRY(session->thread_.Start("reprise", [self] { self->BackgroundLoop(); }));
  return session;
}

Session::~Session() {
  const Status ignored = Close();  // nobody is left to be told
}

SessionOwner::~SessionOwner() {
  const Status ignored = session_->Close();  // Store::Close tells
}

Holder Session::holder() const {
  Holder holder = holder_;
  holder.since = context_->io.clock->Now();
  return holder;
}

Status Session::WasClosed() {
  return Status::Error(Code::kClosed, "the store was closed; open it again");
}

// --- changes

Status Session::Registered(CatalogUpdate& catalog) {
  if (registered_) return {};
  return catalog.PutSession({holder_, 0});
}

Status Session::MakeChanges(const std::function<Status(ChangeBuilder&)>& build) {
  REPRISE_TRY(CheckUsable());
  return changes_.Make(build, [this](auto builds) { return Commit(builds); });
}

Status Session::Commit(std::span<const ChangeQueue::Build* const> builds) {
  const std::lock_guard lock(change_mutex_);
  std::vector<std::string> written;
  REPRISE_TRY(context_->catalog->Write([&](CatalogUpdate& catalog) -> Status {
    REPRISE_TRY(Registered(catalog));
    ChangeBuilder builder(catalog, id(), *context_->io.clock);
    for (const ChangeQueue::Build* build : builds) {
      REPRISE_TRY((*build)(builder));
    }
    written = builder.encoded();
    if (written.empty()) return {};
    REPRISE_TRY(log_->AddChanges(written));
    return {};
  }));
  registered_ = true;
  for (std::string& change : written) {
    pending_event_bytes_ += change.size();
    pending_events_.push_back(std::move(change));
  }
  return {};
}

Session::InternedShape Session::Intern(Shape shape) {
  const std::lock_guard lock(shape_mutex_);
  const auto found = shapes_.find(shape);
  if (found != shapes_.end()) return found->second;
  InternedShape interned;
  interned.shape = std::make_shared<const Shape>(shape);
  interned.log_shape = log_->DefineShape(interned.shape);
  shapes_.emplace(std::move(shape), interned);
  return interned;
}

// --- writers

void Session::Register(const RunUid& uid, std::weak_ptr<SessionWriter> writer) {
  const std::lock_guard lock(mutex_);
  writers_[uid] = std::move(writer);
}

void Session::Unregister(const RunUid& uid, const SessionWriter* writer) {
  const std::lock_guard lock(mutex_);
  const auto found = writers_.find(uid);
  if (found == writers_.end()) return;
  const auto registered = found->second.lock();
  if (!registered || registered.get() == writer) writers_.erase(found);
}

void Session::Keep(std::shared_ptr<SessionWriter> writer) {
  const std::lock_guard lock(mutex_);
  kept_.push_back(std::move(writer));
}

std::shared_ptr<SessionWriter> Session::FindWriter(const RunUid& uid) {
  const std::lock_guard lock(mutex_);
  const auto found = writers_.find(uid);
  return found == writers_.end() ? nullptr : found->second.lock();
}

std::vector<std::shared_ptr<SessionWriter>> Session::LiveWriters() {
  const std::lock_guard lock(mutex_);
  std::vector<std::shared_ptr<SessionWriter>> live;
  for (const auto& [uid, weak] : writers_) {
    if (auto writer = weak.lock()) live.push_back(std::move(writer));
  }
  return live;
}

void Session::RequestSeal(std::weak_ptr<SessionWriter> writer) {
  const std::lock_guard lock(mutex_);
  to_seal_.push_back(std::move(writer));
  wake_.notify_all();
}

void Session::RunSoon(std::function<void()> work) {
  const std::lock_guard lock(mutex_);
  soon_.push_back(std::move(work));
  wake_.notify_all();
}

Status Session::SealLargestTails() {
  const auto budget = static_cast<std::ptrdiff_t>(context_->options.memory_budget_bytes);
  // The largest tails give the most room for the fewest segments.
  std::vector<std::pair<std::size_t, std::shared_ptr<SessionWriter>>> writers;
  for (auto& writer : LiveWriters()) writers.emplace_back(writer->tail_bytes(), std::move(writer));
  std::sort(writers.begin(), writers.end(),
            [](const auto& a, const auto& b) { return a.first > b.first; });
  for (const auto& [bytes, writer] : writers) {
    if (tail_bytes_ <= budget / 2) break;
    const Status sealed = writer->Seal(true);
    // A fenced writer has let its rows go, and fails in its own calls.
    if (!sealed.ok() && sealed.code() != Code::kFenced) return sealed;
  }
  return {};
}

// --- end

Status Session::Close() {
  if (context_->fork_guard.crossed()) return InheritedOverFork();
  std::call_once(close_once_, [&] { close_status_ = CloseOnce(); });
  return close_status_;
}

// The last session to leave spares the next boot a rebuild of the catalog. Not while a session that
// died still has a log: of two changes with one number the later one counts, and that can be told
// within one boot alone.
Status Session::LeaveCatalog() {
  bool last = false;
  REPRISE_TRY(context_->catalog->Write([&](CatalogUpdate& catalog) -> Status {
    REPRISE_TRY(catalog.RemoveSession(id()));
    REPRISE_TRY_ASSIGN(const auto registered, catalog.Sessions());
    REPRISE_TRY_ASSIGN(const auto with_files, ListSessions(*context_->logs));
    last = registered.empty() && with_files == std::vector<SessionId>{id()};
    return {};
  }));
  return last ? context_->catalog->MarkClean() : Status();
}

Status Session::EndWriters() {
  Status first;
  for (const auto& writer : LiveWriters()) {
    Status ended = writer->Abandon();
    // A fenced writer holds nothing that is still its own.
    if (first.ok() && ended.code() != Code::kFenced) first = std::move(ended);
  }
  Status settled = SettleFencedRuns();
  return first.ok() ? settled : first;
}

Status Session::CloseOnce() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    wake_.notify_all();
  }
  thread_.Join();
  Status first;
  const auto keep_first = [&](Status status) {
    if (first.ok()) first = std::move(status);
  };
  keep_first(EndWriters());
  closed_ = true;
  const std::lock_guard lock(change_mutex_);
  keep_first(KeepEvents());
  keep_first(packs_->Close());
  // What could not be kept elsewhere stays in the log, for the next session to adopt.
  if (!first.ok() || lock_ == nullptr) {
    keep_first(log_->Close());
    return first;
  }
  REPRISE_TRY(log_->Rotate());
  for (const std::uint32_t file : log_->files()) REPRISE_TRY(log_->RemoveFile(file));
  if (registered_) REPRISE_TRY(LeaveCatalog());
  REPRISE_TRY(lock_->Remove());
  lock_.reset();
  return {};
}

}  // namespace reprise
