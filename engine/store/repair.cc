// The order of a repair. Looking: foundations, then what verify finds without reading rows, then a
// plan. Doing: locks of dead sessions; segments into a pack of the repair's own; under the
// catalog's exclusive lock, if nothing moved since, changes into that pack; a new catalog; and last
// files into quarantine. Whatever a crash leaves undone the next repair finds again:
//   before the changes   segments that nothing names
//   before the catalog   changes that the catalog does not have, which nobody trusts by then
//   before the moves     logs of dead sessions, whose leases are given back by then
#include "reprise/repair.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "engine/catalog/control.h"
#include "engine/log/log_reader.h"
#include "engine/log/log_writer.h"
#include "engine/run/session_lock.h"
#include "engine/segment/pack_reader.h"
#include "engine/store/gather.h"
#include "engine/store/layout.h"
#include "engine/store/quarantine.h"
#include "engine/store/repair_plan.h"
#include "engine/store/repair_superblock.h"
#include "format/try.h"

namespace reprise {

namespace {

std::string Text(const std::array<std::uint8_t, 16>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

Status SessionLives(SessionId session) {
  return Status::Error(Code::kBusy, fmt::format("session {} is writing to the store; end its "
                                                "process, then repair",
                                                ToHex(session)));
}

// A writer counts as alive even if it has not written yet.
Status CheckNobodyWrites(Directory& logs, const std::vector<SessionId>& ours) {
  REPRISE_TRY_ASSIGN(const auto sessions, ListSessions(logs));
  for (const SessionId session : sessions) {
    if (std::find(ours.begin(), ours.end(), session) != ours.end()) continue;
    REPRISE_TRY_ASSIGN(const bool alive, IsSessionAlive(logs, session));
    if (alive) return SessionLives(session);
  }
  return {};
}

// From here on the packs have changes that the present catalog lacks, and no session's log tells of
// them: nobody may open it again, in this boot or the next. Whoever would, builds it anew, which
// ends what the repair began. With the catalog's exclusive lock held.
Status DistrustCatalog(Directory& root) {
  REPRISE_TRY_ASSIGN(Control control, Control::Open(root, OpenMode::kReadWrite));
  auto said = control.Read();
  if (!said && said.error().code() == Code::kCorrupt) return {};  // nobody trusts it
  if (!said) return said.error();
  said->clean = false;
  said->boot_id.assign(said->boot_id.size(), '\0');
  said->device = 0;
  said->inode = 0;
  return control.Write(*said, true);
}

class StoreRepair {
 public:
  StoreRepair(const Io& io, std::string path, const RepairOptions& options)
      : path_(std::move(path)), options_(options), io_(io) {
    report_.applied = options.apply;
  }

  Result<RepairReport> Run();

 private:
  Status Open();
  Status Look(RepairContext* context);
  Status CheckReadable(const VerifyContext& found) const;
  static Status CheckReadable(Severity severity, const std::string& message);
  Status MakePlan(RepairContext* context);
  void PlanCatalog(RepairContext* context);
  Status PlanFiles(RepairContext* context);
  Status Apply();
  Status TakeLocks(Directory& logs);
  Status Publish(RepairContext* context, PackWriter* packs);
  Result<ChangeStream> WriteChanges(const RepairContext& context, PackWriter* packs);
  Status MoveAside(const RepairPlan& plan);
  Status CheckResult();
  CatalogOptions OptionsFor(const VerifyContext& found) const;

  const std::string path_;
  const RepairOptions options_;
  const Io io_;
  std::unique_ptr<Directory> root_;
  std::unique_ptr<Quarantine> quarantine_;
  std::vector<SessionId> ours_;
  std::vector<std::unique_ptr<SessionLock>> locks_;
  RepairReport report_;
};

Status StoreRepair::Open() {
  REPRISE_TRY_ASSIGN(root_, io_.files->OpenDirectory(path_));
  for (const std::string_view name : {kSuperblockName, kLogsName, kPacksName}) {
    REPRISE_TRY_ASSIGN(const bool exists, root_->Exists(name));
    if (exists) return {};
  }
  return Status::Error(Code::kNotFound,
                       fmt::format("there is no store: '{}'; say where it is", path_));
}

CatalogOptions StoreRepair::OptionsFor(const VerifyContext& found) const {
  CatalogOptions options;
  options.store_uuid = found.uuid;
  options.boot_id = found.boot_id;
  return options;
}

// What cannot be read now may be whole. A file may refuse once, while changes are gathered, and be
// found sound when it is checked: then some of them are missing, and no finding tells.
Status StoreRepair::CheckReadable(const VerifyContext& found) const {
  for (const Finding& finding : found.report.findings) {
    REPRISE_TRY(CheckReadable(finding.severity, finding.message));
  }
  return CheckReadable(found.missing,
                       fmt::format("a log or pack could not be read: '{}'; check the disk, then "
                                   "repair again",
                                   path_));
}

Status StoreRepair::CheckReadable(Severity severity, const std::string& message) {
  switch (severity) {
    case Severity::kVersion:
      return Status::Error(Code::kUnsupportedVersion, message);
    case Severity::kIo:
      return Status::Error(Code::kIoError, message);
    case Severity::kIncomplete:
      return Status::Error(Code::kBusy, message);
    case Severity::kNote:
    case Severity::kCatalog:
    case Severity::kLost:
      break;
  }
  return {};
}

Status StoreRepair::Look(RepairContext* context) {
  VerifyContext& found = context->found;
  found.io = io_;
  found.boot_id = Text(io_.machine->Self().boot_id);
  REPRISE_TRY_ASSIGN(found.root, io_.files->OpenDirectory(path_));
  if (VerifyNames(&found) && VerifyChanges(&found)) {
    VerifyLogs(&found);
    VerifyCatalog(&found);
    VerifyPacks(&found);
  }
  return CheckReadable(found);
}

void StoreRepair::PlanCatalog(RepairContext* context) {
  RepairPlan& plan = context->plan;
  for (const Finding& finding : context->found.report.findings) {
    if (finding.severity != Severity::kCatalog) continue;
    RepairItem item;
    item.what = "catalog.rebuild";
    item.file = finding.file;
    item.offset = finding.offset;
    item.message =
        fmt::format("the catalog is built anew from logs and packs: {}", finding.message);
    plan.items.push_back(std::move(item));
  }
}

// Packs that cannot be opened: what they held is replaced, or recorded as lost.
Status StoreRepair::PlanFiles(RepairContext* context) {
  REPRISE_TRY_ASSIGN(const auto packs, ListPacks(*context->found.packs));
  for (const std::uint64_t pack : packs) {
    const auto opened = PackFile::Open(*context->found.packs, pack);
    if (!opened && MayBeWhole(opened.error())) return opened.error();
    if (opened || opened.error().code() != Code::kCorrupt) continue;
    RepairItem item;
    item.what = "pack.aside";
    item.file = fmt::format("{}/{}", kPacksName, PackFileName(pack));
    item.lost = "all that it held and nothing else has";
    item.message =
        fmt::format("a pack cannot be read and goes to quarantine: {}", opened.error().message());
    context->plan.items.push_back(std::move(item));
    context->plan.packs.push_back(PackFileName(pack));
  }
  return {};
}

Status StoreRepair::MakePlan(RepairContext* context) {
  PlanCatalog(context);
  REPRISE_TRY(PlanFiles(context));
  REPRISE_TRY(PlanChanges(context));
  REPRISE_TRY(PlanLogs(context));
  return PlanBranches(context);
}

Result<ChangeStream> StoreRepair::WriteChanges(const RepairContext& context, PackWriter* packs) {
  const RepairPlan& plan = context.plan;
  const VerifyContext& found = context.found;
  REPRISE_TRY(CheckNobodyWrites(*found.logs, ours_));
  REPRISE_TRY_ASSIGN(const auto now, CollectReadableChanges(found));
  if (now.last() > plan.last) {
    return Fail(Code::kBusy, "somebody wrote to the store meanwhile; repair again");
  }
  std::vector<std::string> encoded;
  Change change;
  change.number = plan.last;
  change.session = io_.random->Next64() | 1;
  change.boot_nanos = io_.clock->BootNanos();
  change.time = io_.clock->Now();
  for (const auto* part : {&plan.rewrites, &plan.gaps, &plan.ends}) {
    for (const auto& [uid, body] : *part) {
      ++change.number;
      change.uid = uid;
      change.body = body;
      encoded.push_back(EncodeChange(change));
    }
  }
  REPRISE_TRY(DistrustCatalog(*root_));
  const PackMark mark = packs->Mark();
  if (!plan.kept.empty()) REPRISE_TRY(packs->AppendEvents(plan.kept));
  REPRISE_TRY(packs->Sync(mark));  // before those that follow from them
  if (!encoded.empty()) REPRISE_TRY(packs->AppendEvents(encoded));
  REPRISE_TRY(packs->Sync(mark));
  REPRISE_TRY_ASSIGN(auto changes,
                     GatherChanges(*found.logs, *found.packs, found.boot_id, nullptr));
  return StreamOf(std::move(changes));
}

Status StoreRepair::Publish(RepairContext* context, PackWriter* packs) {
  REPRISE_TRY_ASSIGN(Directory * aside, quarantine_->Open());
  CatalogBuild build;
  REPRISE_TRY_ASSIGN(build.replaces, CatalogGeneration(*root_));
  bool done = false;
  build.changes = [&]() -> Result<ChangeStream> {
    done = true;
    return WriteChanges(*context, packs);
  };
  // Each was seen to be possible when the plan was made; verify tells if one is not.
  build.left_out = [](const Change&, const Status&) {};
  context->found.catalog.reset();
  REPRISE_TRY(BuildCatalog(*root_, aside, OptionsFor(context->found), build));
  return done ? Status()
              : Status::Error(Code::kBusy, "the catalog was built anew meanwhile; repair again");
}

Status StoreRepair::MoveAside(const RepairPlan& plan) {
  REPRISE_TRY_ASSIGN(const auto logs, root_->OpenDirectory(kLogsName));
  REPRISE_TRY_ASSIGN(const auto packs, root_->OpenDirectory(kPacksName));
  for (const SessionId session : plan.settled) {
    REPRISE_TRY_ASSIGN(const auto files, ListLogFiles(*logs, session));
    for (const std::string& file : files) REPRISE_TRY(quarantine_->Move(*logs, file));
    REPRISE_TRY(quarantine_->Move(*logs, LockFileName(session)));
  }
  for (const std::string& pack : plan.packs) REPRISE_TRY(quarantine_->Move(*packs, pack));
  return {};
}

Status StoreRepair::CheckResult() {
  locks_.clear();
  REPRISE_TRY_ASSIGN(const VerifyReport after, Verify(io_, path_, {}));
  for (const Finding& finding : after.findings) {
    if (finding.severity != Severity::kNote) report_.remaining.push_back(finding);
  }
  return {};
}

// So that nobody else recovers them meanwhile.
Status StoreRepair::TakeLocks(Directory& logs) {
  REPRISE_TRY_ASSIGN(ours_, ListSessions(logs));
  for (const SessionId session : ours_) {
    REPRISE_TRY_ASSIGN(auto lock, SessionLock::Adopt(logs, session));
    if (!lock) return SessionLives(session);
    locks_.push_back(std::move(lock));
  }
  return {};
}

Status StoreRepair::Apply() {
  RepairContext context;
  REPRISE_TRY(Look(&context));
  REPRISE_TRY(TakeLocks(*context.found.logs));
  PackWriterOptions options;
  options.session = io_.random->Next64() | 1;
  options.store_uuid = context.found.uuid;
  options.new_pack = true;
  const auto packs = PackWriter::Make(io_, *context.found.packs, options);
  context.packs = packs.get();
  const PackMark mark = packs->Mark();
  REPRISE_TRY(MakePlan(&context));
  const bool anything = context.plan.changes_anything();
  std::move(context.plan.items.begin(), context.plan.items.end(),
            std::back_inserter(report_.items));
  if (!anything) return {};
  REPRISE_TRY(packs->Sync(mark));
  REPRISE_TRY(Publish(&context, packs.get()));
  REPRISE_TRY(packs->Close());
  return MoveAside(context.plan);
}

Result<RepairReport> StoreRepair::Run() {
  REPRISE_TRY(Open());
  quarantine_ = std::make_unique<Quarantine>(*root_, io_.clock->Now());
  REPRISE_TRY_ASSIGN(const bool has_logs, root_->Exists(kLogsName));
  if (has_logs) {
    REPRISE_TRY_ASSIGN(const auto logs, root_->OpenDirectory(kLogsName));
    REPRISE_TRY(CheckNobodyWrites(*logs, {}));
  }
  REPRISE_TRY(
      RepairFoundations(io_, *root_, options_.apply ? quarantine_.get() : nullptr, &report_.items));
  if (options_.apply) {
    REPRISE_TRY(Apply());
    REPRISE_TRY(CheckResult());
    report_.quarantine = quarantine_->path();
    return std::move(report_);
  }
  report_.more = !report_.items.empty();
  if (report_.more) return std::move(report_);
  RepairContext context;
  REPRISE_TRY(Look(&context));
  REPRISE_TRY(MakePlan(&context));
  report_.items = std::move(context.plan.items);
  return std::move(report_);
}

}  // namespace

int RepairReport::ExitCode() const {
  if (!applied) return items.empty() ? 0 : 1;
  VerifyReport after;
  after.findings = remaining;
  return after.ExitCode();
}

Result<RepairReport> Repair(const std::string& store_path, const RepairOptions& options) {
  return Repair(SystemIo(), store_path, options);
}

Result<RepairReport> Repair(const Io& io, const std::string& store_path,
                            const RepairOptions& options) {
  return StoreRepair(io, store_path, options).Run();
}

}  // namespace reprise
