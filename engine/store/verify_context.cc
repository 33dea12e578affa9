#include "engine/store/verify_context.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "engine/run/session_lock.h"
#include "engine/segment/pack_writer.h"
#include "engine/store/layout.h"

namespace reprise {

void VerifyContext::Add(Finding finding) {
  if (options.on_finding) options.on_finding(finding);
  report.findings.push_back(std::move(finding));
}

void VerifyContext::AddFailure(const Status& status, Severity damage, std::string_view code,
                               std::string file) {
  Add(MakeFinding(SeverityOf(status, damage), code, std::move(file), 0,
                  std::string(status.message())));
}

void VerifyContext::AddMissing(ChangeNumber first, ChangeNumber last, std::string_view advice) {
  complete = false;
  const std::string which = ChangesText(first, last);
  Add(MakeFinding(missing, "change.missing", "", 0,
                  missing == Severity::kLost
                      ? fmt::format("no log and no pack has {}; {}", which, advice)
                      : fmt::format("no log and no pack that can be read has {}", which)));
}

void VerifyContext::NoteProblem(const GatherProblem& problem) {
  const Severity severity = SeverityOf(problem.status, Severity::kLost);
  if (severity != Severity::kLost) missing = severity;
  if (IsDamage(problem.status)) return;
  complete = false;
  unread.push_back(problem);
}

void VerifyContext::ReportUnread() {
  for (const GatherProblem& problem : unread) {
    const Severity severity = SeverityOf(problem.status, Severity::kIncomplete);
    const bool told =
        std::any_of(report.findings.begin(), report.findings.end(), [&](const Finding& finding) {
          return finding.severity == severity && finding.file.starts_with(problem.file);
        });
    if (told) continue;
    Add(MakeFinding(severity, "change.unread", problem.file, problem.offset,
                    fmt::format("changes could not be read: {}", problem.status.message())));
  }
}

void VerifyContext::AddUnreadable(const Status& status, std::string_view directory) {
  AddFailure(status, Severity::kIncomplete, "store.unreadable", std::string(directory));
}

void VerifyContext::AddSegmentFailure(const Status& status, Severity damage, std::string_view code,
                                      const SegmentRef& segment) {
  if (!damaged.insert({segment.pack, segment.offset}).second) return;
  Finding finding = MakeFinding(SeverityOf(status, damage), code,
                                fmt::format("{}/{}", kPacksName, PackFileName(segment.pack)),
                                segment.offset, std::string(status.message()));
  finding.length = segment.length;
  finding.run = fold.Name(segment.branch);
  finding.steps = {segment.first, segment.last};
  Add(std::move(finding));
}

bool VerifyContext::IsLegal(ChangeNumber number) const {
  return !std::binary_search(illegal.begin(), illegal.end(), number);
}

Status VerifyContext::ReadLegal(ChangeNumber last,
                                const std::function<Status(std::span<const Change>)>& visit) const {
  if (!changes) return {};
  return changes->Read(0, last, [&](std::span<const Change> some) -> Status {
    if (illegal.empty()) return visit(some);
    std::vector<Change> legal;
    std::copy_if(some.begin(), some.end(), std::back_inserter(legal),
                 [&](const Change& change) { return IsLegal(change.number); });
    return visit(legal);
  });
}

bool VerifyContext::IsAlive(SessionId session) const {
  return logs != nullptr && session != 0 && IsSessionAlive(*logs, session).value_or(false);
}

std::string ChangesText(ChangeNumber first, ChangeNumber last) {
  return first == last ? fmt::format("change {}", first)
                       : fmt::format("changes {} to {}", first, last);
}

}  // namespace reprise
