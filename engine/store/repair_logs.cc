// Dead sessions, as AdoptSession recovers them (engine/run/recovery.h), but for three things:
// damage does not stop it, what is lost is recorded, and no catalog is needed.
#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "engine/log/log_reader.h"
#include "engine/log/log_writer.h"
#include "engine/store/layout.h"
#include "engine/store/log_salvage.h"
#include "engine/store/repair_plan.h"
#include "format/try.h"
#include "reprise/run_info.h"

namespace reprise {

namespace {

// Rows of a holder that was passed come before those of who passed it.
enum class Turn : std::uint8_t { kPending, kHolder };

class LogRepair {
 public:
  explicit LogRepair(RepairContext* context)
      : context_(*context), found_(context->found), plan_(context->plan) {}

  Status Run();

 private:
  Result<bool> IsNeeded(const std::vector<SessionId>& sessions) const;
  bool IsRecorded(SessionId session) const;
  SourcesByRun SourcesOf(SessionId session, Turn turn) const;
  std::optional<Step> KnownUpto(const BranchId& branch) const;
  Status Settle(SessionId session);
  Status Read(SessionId session, Turn turn, SalvagedLog* log);
  void TakeLine(const BranchId& branch, Generation generation, SessionId session,
                SalvagedLine line);
  void RecordGap(const BranchId& branch, SessionId session, const StepRange& steps);
  void RecordDamage(SessionId session, const SalvagedLog& log);
  void EndLeases(SessionId session, Sequence last);

  RepairContext& context_;
  VerifyContext& found_;
  RepairPlan& plan_;
};

bool LogRepair::IsRecorded(SessionId session) const {
  const auto& gaps = found_.fold.gaps();
  return std::any_of(gaps.begin(), gaps.end(), [&](const auto& gap) {
    return gap.second.reason == GapReason::kLogDamaged && gap.second.session == session;
  });
}

SourcesByRun LogRepair::SourcesOf(SessionId session, Turn turn) const {
  SourcesByRun sources;
  for (const auto& [uid, run] : found_.fold.runs()) {
    if (run.deleted) continue;
    if (turn == Turn::kHolder && run.holder == session) {
      sources[uid] = {session, run.generation, kOpenFence};
    }
    if (turn == Turn::kPending && run.pending && run.pending->session == session) {
      sources[uid] = {session, run.pending->generation, run.pending->sequence};
    }
  }
  return sources;
}

// How far the branch is sealed, rows counted that were read from another log before.
std::optional<Step> LogRepair::KnownUpto(const BranchId& id) const {
  const FoldedBranch* branch = found_.fold.Find(id);
  if (branch == nullptr) return std::nullopt;
  const auto unsealed = plan_.unsealed.find(id);
  if (unsealed != plan_.unsealed.end()) return unsealed->second.back().rows.last_step();
  return std::max(branch->sealed_upto(), branch->node.fork_step);
}

void LogRepair::RecordGap(const BranchId& branch, SessionId session, const StepRange& steps) {
  GapRecorded gap;
  gap.reason = GapReason::kLogDamaged;
  gap.branch = branch.ordinal;
  gap.first = steps.first;
  gap.last = steps.last;
  gap.rows = kUnknownRows;
  gap.session = session;
  plan_.gaps.emplace_back(branch.uid, gap);
  plan_.log_gaps[branch].push_back(steps);
  RepairItem item;
  item.what = "log.gap";
  item.file = fmt::format("{}/{}", kLogsName, ToHex(session));
  item.run = found_.fold.Name(branch);
  item.steps = steps;
  item.lost = "rows that were logged there, as many as there were";
  item.message = steps.last == kOpenGap
                     ? fmt::format("rows from step {} on may be missing", steps.first)
                     : fmt::format("rows from step {} to {} are missing if there were any",
                                   steps.first, steps.last);
  plan_.items.push_back(std::move(item));
}

void LogRepair::TakeLine(const BranchId& branch, Generation generation, SessionId session,
                         SalvagedLine line) {
  for (const StepRange& steps : line.gaps) RecordGap(branch, session, steps);
  if (line.rows.empty()) return;
  RepairItem item;
  item.what = "log.seal";
  item.file = fmt::format("{}/{}", kLogsName, ToHex(session));
  item.run = found_.fold.Name(branch);
  item.steps = {line.rows.first_step(), line.rows.last_step()};
  item.message = fmt::format("{} rows of a log become a segment", line.rows.rows());
  plan_.items.push_back(std::move(item));
  plan_.unsealed[branch].push_back({generation, std::move(line.rows)});
}

Status LogRepair::Read(SessionId session, Turn turn, SalvagedLog* log) {
  const SourcesByRun sources = SourcesOf(session, turn);
  if (turn == Turn::kPending && sources.empty()) return {};
  REPRISE_TRY_ASSIGN(*log, SalvageLog(*found_.logs, session, found_.boot_id, sources,
                                      [&](const BranchId& branch) { return KnownUpto(branch); }));
  for (auto& [branch, line] : log->lines) {
    TakeLine(branch, sources.at(branch.uid).generation, session, std::move(line));
  }
  if (!log->damaged) return {};
  // A run without rows in what is left of the log may have had some.
  for (const auto& [uid, source] : sources) {
    const FoldedRun* run = found_.fold.Find(uid);
    const BranchId head{uid, static_cast<std::uint32_t>(run->branches.size() - 1)};
    if (log->lines.contains(head)) continue;
    RecordGap(head, session, {KnownUpto(head).value_or(kNoStep) + 1, kOpenGap});
  }
  return {};
}

void LogRepair::RecordDamage(SessionId session, const SalvagedLog& log) {
  GapRecorded gap;
  gap.reason = GapReason::kLogDamaged;
  gap.session = session;
  plan_.gaps.emplace_back(RunUid(), gap);
  for (const LogFileReport& file : log.files) {
    if (file.end != LogEnd::kCorrupt) continue;
    RepairItem item;
    item.what = "log.damaged";
    item.file = fmt::format("{}/{}", kLogsName, file.name);
    item.offset = file.valid_bytes;
    item.length = file.size - std::min(file.size, file.valid_bytes);
    item.message =
        fmt::format("what verifies is kept, the file goes to quarantine: {}", file.message);
    // Only the catalog knows how many there were.
    if (found_.catalog == nullptr) {
      item.lost = fmt::format("changes after change {}, if there were any", plan_.last);
    }
    plan_.items.push_back(std::move(item));
  }
}

void LogRepair::EndLeases(SessionId session, Sequence last) {
  for (const auto& [uid, source] : SourcesOf(session, Turn::kPending)) {
    const Sequence fence = source.through == kOpenFence ? last : source.through;
    plan_.ends.emplace_back(uid, FenceSet{{session, source.generation, fence}});
  }
  for (const auto& [uid, source] : SourcesOf(session, Turn::kHolder)) {
    LeaseReleased released;
    released.generation = source.generation;
    released.state = static_cast<std::uint8_t>(RunState::kCrashed);
    plan_.ends.emplace_back(uid, released);
  }
}

Status LogRepair::Settle(SessionId session) {
  SalvagedLog log;
  REPRISE_TRY(Read(session, Turn::kHolder, &log));
  if (log.damaged && !IsRecorded(session)) RecordDamage(session, log);
  EndLeases(session, log.last_sequence());
  for (std::string& bytes : log.changes) {
    if (DecodeChange(bytes)) plan_.kept.push_back(std::move(bytes));
  }
  RepairItem item;
  item.what = "session.settle";
  item.file = fmt::format("{}/{}", kLogsName, LockFileName(session));
  item.message =
      "a session that ended without closing the store is recovered; its log goes to "
      "quarantine";
  plan_.items.push_back(std::move(item));
  plan_.settled.push_back(session);
  return {};
}

bool HasDamagedSegment(const VerifyContext& found) {
  for (const auto& [uid, run] : found.fold.runs()) {
    for (const FoldedBranch& branch : run.branches) {
      if (run.deleted) continue;
      for (const auto& [place, ref] : branch.segments) {
        if (found.damaged.contains({ref.pack, ref.offset})) return true;
      }
    }
  }
  return false;
}

// A session that merely died is the next writer's to recover, unless something else is to be
// mended, which may need its rows. A damaged log nobody else recovers, nor a lock without a log.
Result<bool> LogRepair::IsNeeded(const std::vector<SessionId>& sessions) const {
  if (plan_.changes_anything() || HasDamagedSegment(found_)) return true;
  LogVisitor each;  // has parts looked into
  each.on_part = [](const LoggedPart&) { return Status(); };
  for (const SessionId session : sessions) {
    REPRISE_TRY_ASSIGN(const auto files, ScanSession(*found_.logs, session, found_.boot_id, each));
    if (files.empty()) return true;
    const auto damaged = [](const LogFileReport& file) { return file.end == LogEnd::kCorrupt; };
    if (std::any_of(files.begin(), files.end(), damaged)) return true;
  }
  return false;
}

Status LogRepair::Run() {
  REPRISE_TRY_ASSIGN(const auto sessions, ListSessions(*found_.logs));
  REPRISE_TRY_ASSIGN(const bool needed, IsNeeded(sessions));
  if (!needed) return {};
  for (const SessionId session : sessions) {
    SalvagedLog log;
    REPRISE_TRY(Read(session, Turn::kPending, &log));
  }
  for (const SessionId session : sessions) REPRISE_TRY(Settle(session));
  return {};
}

}  // namespace

Status PlanLogs(RepairContext* context) { return LogRepair(context).Run(); }

}  // namespace reprise
