// Logs: every group and record, and whether their rows are history.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>

#include "engine/log/log_reader.h"
#include "engine/store/layout.h"
#include "engine/store/verify_context.h"

namespace reprise {

namespace {

// How often the files of a session are listed anew because one went away.
constexpr int kMaxAttempts = 100;

enum class Standing : std::uint8_t {
  kHistory,   // live, or in a segment
  kOrphan,    // behind a fence, or of a holder that was passed and recovered
  kUnsealed,  // of a lease that was given back, which seals everything
};

class SessionCheck {
 public:
  SessionCheck(VerifyContext* context, SessionId session)
      : context_(context), session_(session), alive_(context->IsAlive(session)) {}

  void Run();

 private:
  // Rows of one branch and lease that are not history.
  struct Line {
    BranchId branch;
    Generation generation = 0;
    Standing standing = Standing::kOrphan;

    friend auto operator<=>(const Line&, const Line&) = default;
  };
  struct Rows {
    std::uint64_t parts = 0;
    StepRange steps;
  };

  Result<std::vector<LogFileReport>> Scan();
  Standing StandingOf(const LoggedPart& part) const;
  void Count(const LoggedPart& part, Standing standing);
  void ReportFile(const LogFileReport& file);
  void ReportRows(const Line& line, const Rows& rows);

  VerifyContext* context_;
  const SessionId session_;
  const bool alive_;
  std::map<Line, Rows> strays_;
};

// Judged by the changes gathered before. A lease that is newer than those is nobody's fault.
Standing SessionCheck::StandingOf(const LoggedPart& part) const {
  const FoldedRun* run = context_->fold.Find(part.branch.uid);
  const FoldedBranch* branch = context_->fold.Find(part.branch);
  if (run == nullptr || branch == nullptr) return alive_ ? Standing::kHistory : Standing::kOrphan;
  if (run->deleted || run->contradicted) return Standing::kHistory;
  const auto fence = run->fences.find({session_, part.generation});
  if (fence != run->fences.end() && part.sequence > fence->second) return Standing::kOrphan;
  if (part.step <= branch->sealed_upto() || part.generation > run->generation) {
    return Standing::kHistory;
  }
  const auto& pending = run->pending;
  if (pending && pending->session == session_ && pending->generation == part.generation) {
    return part.sequence <= pending->sequence ? Standing::kHistory : Standing::kOrphan;
  }
  if (part.generation < run->generation) return Standing::kOrphan;
  return run->holder == 0 ? Standing::kUnsealed : Standing::kHistory;
}

void SessionCheck::Count(const LoggedPart& part, Standing standing) {
  const auto [stray, is_new] =
      strays_.try_emplace(Line{part.branch, part.generation, standing}, Rows());
  Rows& rows = stray->second;
  ++rows.parts;
  if (is_new) rows.steps = {part.step, part.step};
  rows.steps.first = std::min(rows.steps.first, part.step);
  rows.steps.last = std::max(rows.steps.last, part.step);
}

Result<std::vector<LogFileReport>> SessionCheck::Scan() {
  LogVisitor visitor;
  visitor.only = context_->only;
  visitor.on_part = [&](const LoggedPart& part) -> Status {
    const Standing standing = StandingOf(part);
    if (standing != Standing::kHistory) Count(part, standing);
    return {};
  };
  auto files = ScanSession(*context_->logs, session_, context_->boot_id, visitor);
  for (int attempt = 1; attempt < kMaxAttempts; ++attempt) {
    if (files || files.error().code() != Code::kNotFound) break;
    strays_.clear();
    files = ScanSession(*context_->logs, session_, context_->boot_id, visitor);
  }
  return files;
}

void SessionCheck::ReportFile(const LogFileReport& file) {
  context_->report.bytes += file.valid_bytes;
  // The end of a log that is being written is no finding.
  if (file.end == LogEnd::kClean || (file.end == LogEnd::kTorn && alive_)) return;
  const bool torn = file.end == LogEnd::kTorn;
  Finding finding =
      MakeFinding(torn ? Severity::kNote : Severity::kLost, torn ? "log.torn_tail" : "log.damaged",
                  fmt::format("{}/{}", kLogsName, file.name), file.valid_bytes, file.message);
  finding.length = file.size - std::min(file.size, file.valid_bytes);
  context_->Add(std::move(finding));
}

void SessionCheck::ReportRows(const Line& line, const Rows& rows) {
  const bool orphan = line.standing == Standing::kOrphan;
  Finding finding = MakeFinding(
      orphan ? Severity::kNote : Severity::kLost, orphan ? "log.orphan_rows" : "log.unsealed_rows",
      fmt::format("{}/{}", kLogsName, ToHex(session_)), 0,
      orphan ? fmt::format("rows were never acknowledged: {} parts of lease {}, which another "
                           "holder had passed; nothing is to be done",
                           rows.parts, line.generation)
             : fmt::format("rows were left in a log: {} parts of lease {}, which was given back; "
                           "keep the log and report this",
                           rows.parts, line.generation));
  finding.run = context_->fold.Name(line.branch);
  finding.steps = rows.steps;
  context_->Add(std::move(finding));
}

void SessionCheck::Run() {
  const auto files = Scan();
  if (!files) {
    return context_->AddFailure(files.error(), Severity::kLost, "log.unreadable",
                                fmt::format("{}/{}", kLogsName, ToHex(session_)));
  }
  for (const LogFileReport& file : *files) ReportFile(file);
  for (const auto& [line, rows] : strays_) ReportRows(line, rows);
}

}  // namespace

void VerifyLogs(VerifyContext* context) {
  const auto sessions = ListSessions(*context->logs);
  if (!sessions) return context->AddUnreadable(sessions.error(), kLogsName);
  for (const SessionId session : *sessions) SessionCheck(context, session).Run();
}

}  // namespace reprise
