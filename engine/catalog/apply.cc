#include "engine/catalog/apply.h"

#include <fmt/format.h>

#include <map>

#include "format/try.h"
#include "reprise/run_info.h"

namespace reprise {
namespace {

constexpr auto kPending = static_cast<std::uint8_t>(RunState::kPending);
constexpr auto kRunning = static_cast<std::uint8_t>(RunState::kRunning);
constexpr auto kLastState = static_cast<std::uint8_t>(RunState::kPreempted);

using ConfigTree = std::map<std::string, Value, std::less<>>;

void EraseBelow(ConfigTree* tree, const std::string& path) {
  const std::string below = path + '.';
  auto leaf = tree->lower_bound(below);
  while (leaf != tree->end() && leaf->first.starts_with(below)) leaf = tree->erase(leaf);
}

void EraseAbove(ConfigTree* tree, std::string_view path) {
  for (std::size_t dot = path.find('.'); dot != std::string_view::npos;
       dot = path.find('.', dot + 1)) {
    const auto leaf = tree->find(path.substr(0, dot));
    if (leaf != tree->end()) tree->erase(leaf);
  }
}

// The holder, and the one before whose rows are not fenced yet.
std::vector<SessionId> SessionsIn(const LeaseRecord& lease) {
  std::vector<SessionId> sessions;
  if (lease.holder.session != 0) sessions.push_back(lease.holder.session);
  if (lease.pending) sessions.push_back(lease.pending->session);
  return sessions;
}

}  // namespace

ConfigEntries MergeConfig(ConfigEntries config, const ConfigEntries& entries) {
  if (entries.empty()) return config;
  ConfigTree tree(std::make_move_iterator(config.begin()), std::make_move_iterator(config.end()));
  for (const auto& [path, value] : entries) {
    EraseAbove(&tree, path);
    EraseBelow(&tree, path);
    tree[path] = value;
  }
  return {std::make_move_iterator(tree.begin()), std::make_move_iterator(tree.end())};
}

Status Folder::Contradiction(std::string_view why) const {
  return Status::Error(
      Code::kInternal,
      fmt::format("change contradicts the catalog: number {} ({} of run {}, {}); run "
                  "`reprise verify`",
                  change_->number, ChangeName(*change_), ToHex(change_->uid), why));
}

Status Folder::Apply(const Change& change) {
  change_ = &change;
  REPRISE_TRY_ASSIGN(meta_, view_.Meta());
  if (change.number <= meta_.change) {
    return Contradiction(fmt::format("the last change is {}", meta_.change));
  }
  REPRISE_TRY(std::visit([this](const auto& body) { return Dispatch(body); }, change.body));
  meta_.change = change.number;
  REPRISE_TRY(txn_.Put(MetaKey(), EncodeRecord(meta_)));
  return NoteSession();
}

Status Folder::NoteSession() {
  REPRISE_TRY_ASSIGN(std::optional<SessionRecord> session, view_.GetSession(change_->session));
  if (!session) return {};
  session->last_change = change_->number;
  return txn_.Put(SessionKey(change_->session), EncodeRecord(*session));
}

Result<RunRecord> Folder::LivingRun() {
  REPRISE_TRY_ASSIGN(std::optional<RunRecord> run, view_.GetRun(change_->uid));
  if (!run) return Fail(Contradiction("no such run"));
  if (run->deleted) return Fail(Contradiction("the run is deleted"));
  return *std::move(run);
}

Result<LeaseRecord> Folder::Lease() {
  REPRISE_TRY_ASSIGN(std::optional<LeaseRecord> lease, view_.GetLease(change_->uid));
  return std::move(lease).value_or(LeaseRecord());
}

Status Folder::PutRun(RunRecord run) {
  run.updated = change_->time;
  return txn_.Put(RunKey(run.uid), EncodeRecord(run));
}

// Also keeps the table of who is named in which lease: nobody is session 0. A lease that names
// nobody is no entry: the run knows its generation.
Status Folder::PutLease(const LeaseRecord& lease) {
  const RunUid& uid = change_->uid;
  REPRISE_TRY_ASSIGN(const LeaseRecord old, Lease());
  for (const SessionId session : SessionsIn(old)) {
    REPRISE_TRY(txn_.Delete(HeldKey(session, uid)));
  }
  for (const SessionId session : SessionsIn(lease)) {
    REPRISE_TRY(txn_.Put(HeldKey(session, uid), {}));
  }
  if (SessionsIn(lease).empty()) return txn_.Delete(LeaseKey(uid));
  return txn_.Put(LeaseKey(uid), EncodeRecord(lease));
}

Status Folder::CheckParent(const BranchNode& node) {
  if (!node.has_parent) return {};
  REPRISE_TRY_ASSIGN(const std::optional<BranchRecord> parent, view_.GetBranch(node.parent));
  return parent ? Status() : Contradiction("the parent branch does not exist");
}

Status Folder::CheckNewRun(const RunCreated& body) {
  if (body.node.id != BranchId{change_->uid, 0}) return Contradiction("branch 0 is another run's");
  REPRISE_TRY_ASSIGN(const bool taken, txn_.Has(RunKey(change_->uid)));
  if (taken) return Contradiction("the uid is taken");
  return CheckParent(body.node);
}

Result<ProjectRecord> Folder::ProjectOf(const RunCreated& body) {
  REPRISE_TRY_ASSIGN(std::optional<ProjectRecord> project,
                     view_.FindProject(body.entity, body.project));
  if (!project) return ProjectRecord{meta_.projects + 1, body.entity, body.project, 0};
  REPRISE_TRY_ASSIGN(const std::optional<RunUid> taken,
                     view_.FindRun(project->number, body.run_id));
  if (taken) return Fail(Contradiction("the run id is taken"));
  return *std::move(project);
}

Result<ConfigEntries> Folder::ConfigAt(const BranchId& id) {
  REPRISE_TRY_ASSIGN(std::optional<BranchRecord> branch, view_.GetBranch(id));
  if (!branch) return Fail(Contradiction("the branch asked for does not exist"));
  if (branch->archived) return std::move(branch->archived_config);
  REPRISE_TRY_ASSIGN(std::optional<RunRecord> run, view_.GetRun(id.uid));
  if (!run) return Fail(Contradiction("the run asked for does not exist"));
  return std::move(run->config);
}

Result<bool> Folder::HasExplicitValues(const BranchId& branch) {
  bool found = false;
  REPRISE_TRY(
      txn_.Scan(ExplicitKeys(branch), [&](std::string_view, std::string_view) -> Result<bool> {
        found = true;
        return false;
      }));
  return found;
}

Result<BranchRecord> Folder::NewBranch(const BranchNode& node,
                                       const std::optional<StoredMoment>& asked) {
  BranchRecord branch;
  branch.node = node;
  branch.asked = asked;
  branch.created = change_->time;
  if (!asked) return branch;
  REPRISE_TRY_ASSIGN(const auto base, view_.GetBranch(asked->branch));
  if (!base) return Fail(Contradiction("the branch asked for does not exist"));
  REPRISE_TRY_ASSIGN(const bool has_values, HasExplicitValues(asked->branch));
  branch.values_from = has_values ? asked : base->values_from;
  branch.values_before = has_values ? change_->number : base->values_before;
  if (branch.values_from) {
    branch.values_from->step = std::min(branch.values_from->step, asked->step);
  }
  return branch;
}

Status Folder::Dispatch(const RunCreated& body) {
  REPRISE_TRY(CheckNewRun(body));
  REPRISE_TRY_ASSIGN(ProjectRecord project, ProjectOf(body));
  RunRecord run;
  if (body.forked_from) {
    REPRISE_TRY_ASSIGN(run.config, ConfigAt(body.forked_from->branch));
  }
  run.config = MergeConfig(std::move(run.config), body.config);
  ++project.runs;
  return PutNewRun(body, project, std::move(run));
}

Status Folder::PutNewRun(const RunCreated& body, const ProjectRecord& project, RunRecord run) {
  const RunUid& uid = change_->uid;
  run.uid = uid;
  run.project = project.number;
  run.created_by = change_->number;
  run.run_id = body.run_id;
  run.name = body.name;
  run.notes = body.notes;
  run.tags = body.tags;
  run.group = body.group;
  run.job_type = body.job_type;
  run.created = change_->time;
  run.state = kPending;
  run.forked_from = body.forked_from;

  REPRISE_TRY_ASSIGN(const BranchRecord branch, NewBranch(body.node, body.forked_from));
  if (project.number > meta_.projects) {
    meta_.projects = project.number;
    REPRISE_TRY(txn_.Put(ProjectNameKey(body.entity, body.project, project.number), {}));
  }
  REPRISE_TRY(txn_.Put(ProjectKey(project.number), EncodeRecord(project)));
  REPRISE_TRY(txn_.Put(RunIdKey(project.number, body.run_id), EncodeUid(uid)));
  if (body.forked_from) {
    const Key fork = ForkKey(body.forked_from->branch.uid, change_->number);
    REPRISE_TRY(txn_.Put(fork, EncodeUid(uid)));
  }
  // In the order of their keys, at the tree's end: LMDB then leaves full pages behind.
  REPRISE_TRY(PutRun(std::move(run)));
  return txn_.Put(BranchKey(branch.node.id), EncodeRecord(branch));
}

Status Folder::Dispatch(const LeaseGranted& body) {
  REPRISE_TRY_ASSIGN(RunRecord run, LivingRun());
  REPRISE_TRY_ASSIGN(LeaseRecord lease, Lease());
  if (body.generation != lease.generation + 1) {
    return Contradiction(
        fmt::format("generation {} follows {}", body.generation, lease.generation));
  }
  const bool open = body.fence && body.fence->sequence == kOpenFence;
  // Two holders whose rows are not fenced yet cannot be told apart later.
  if (open && lease.pending) return Contradiction("an earlier fence is still open");
  if (open) lease.pending = body.fence;
  lease.generation = body.generation;
  lease.holder = body.holder;
  run.generation = body.generation;
  run.state = kRunning;
  run.exit_code.reset();
  REPRISE_TRY(PutRun(std::move(run)));
  return PutLease(lease);
}

Status Folder::Dispatch(const FenceSet& body) {
  REPRISE_TRY_ASSIGN(RunRecord run, LivingRun());
  REPRISE_TRY_ASSIGN(LeaseRecord lease, Lease());
  if (!lease.pending || lease.pending->session != body.fence.session ||
      lease.pending->generation != body.fence.generation) {
    return Contradiction("no such fence is open");
  }
  lease.pending.reset();
  REPRISE_TRY(PutLease(lease));
  return PutRun(std::move(run));
}

Status Folder::Dispatch(const LeaseReleased& body) {
  REPRISE_TRY_ASSIGN(RunRecord run, LivingRun());
  REPRISE_TRY_ASSIGN(LeaseRecord lease, Lease());
  if (body.generation != lease.generation || lease.generation == 0) {
    return Contradiction(
        fmt::format("generation {} is not the holder's, {}", body.generation, lease.generation));
  }
  if (body.state > kLastState) return Contradiction("no such state");
  lease.holder = Holder();
  run.state = body.state;
  run.exit_code = body.exit_code;
  REPRISE_TRY(PutLease(lease));
  return PutRun(std::move(run));
}

Status Folder::Dispatch(const ConfigMerged& body) {
  REPRISE_TRY_ASSIGN(RunRecord run, LivingRun());
  run.config = MergeConfig(std::move(run.config), body.entries);
  return PutRun(std::move(run));
}

Status Folder::Dispatch(const SummarySet& body) {
  REPRISE_TRY_ASSIGN(RunRecord run, LivingRun());
  if (body.branch > run.head) return Contradiction("no such branch");
  const ExplicitRecord value{body.step, body.key, body.value};
  const Key key = ExplicitKey({run.uid, body.branch}, change_->number);
  REPRISE_TRY(txn_.Put(key, EncodeRecord(value)));
  return PutRun(std::move(run));
}

Status Folder::Dispatch(const BranchMade& body) {
  REPRISE_TRY_ASSIGN(RunRecord run, LivingRun());
  if (body.kind == BranchKind::kFirst || body.state > kLastState) {
    return Contradiction("a first branch, or no such state");
  }
  if (body.node.id != BranchId{run.uid, run.head + 1}) {
    return Contradiction(fmt::format("branch {} follows {}", body.node.id.ordinal, run.head));
  }
  if (body.asked.branch.uid != run.uid) return Contradiction("the moment is another run's");
  REPRISE_TRY(CheckParent(body.node));
  REPRISE_TRY_ASSIGN(std::optional<BranchRecord> old, view_.GetBranch({run.uid, run.head}));
  if (!old) return Contradiction("the run has no head");
  REPRISE_TRY_ASSIGN(ConfigEntries asked_config, ConfigAt(body.asked.branch));
  REPRISE_TRY_ASSIGN(BranchRecord head, NewBranch(body.node, body.asked));

  head.kind = body.kind;
  old->archived = true;
  old->archived_at = change_->time;
  old->archived_state = run.state;
  old->archived_config = run.config;
  run.head = body.node.id.ordinal;
  run.state = body.state;
  if (body.kind == BranchKind::kRestore) run.config = std::move(asked_config);
  REPRISE_TRY(txn_.Put(BranchKey(old->node.id), EncodeRecord(*old)));
  REPRISE_TRY(txn_.Put(BranchKey(head.node.id), EncodeRecord(head)));
  return PutRun(std::move(run));
}

Status Folder::Dispatch(const MetadataSet& body) {
  REPRISE_TRY_ASSIGN(RunRecord run, LivingRun());
  if (body.name) run.name = *body.name;
  if (body.notes) run.notes = *body.notes;
  if (body.group) run.group = *body.group;
  if (body.job_type) run.job_type = *body.job_type;
  if (body.tags) run.tags = *body.tags;
  return PutRun(std::move(run));
}

Status Folder::Dispatch(const RunDeleted&) {
  REPRISE_TRY_ASSIGN(RunRecord run, LivingRun());
  REPRISE_TRY_ASSIGN(LeaseRecord lease, Lease());
  // A new generation without a holder: a writer that is still at work finds itself fenced.
  ++lease.generation;
  lease.holder = Holder();
  lease.pending.reset();
  run.generation = lease.generation;
  run.deleted = true;
  REPRISE_TRY(PutLease(lease));
  REPRISE_TRY(txn_.Delete(RunIdKey(run.project, run.run_id)));
  if (run.forked_from) {
    REPRISE_TRY(txn_.Delete(ForkKey(run.forked_from->branch.uid, run.created_by)));
  }
  return PutRun(std::move(run));
}

}  // namespace reprise
