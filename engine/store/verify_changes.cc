// Changes: from where they lie to what they say.
#include <fmt/format.h>

#include "engine/store/gather.h"
#include "engine/store/verify_context.h"

namespace reprise {

namespace {

void CheckNumbers(VerifyContext* context) {
  ChangeNumber expected = 1;
  for (const ChangePlace& place : context->changes->places()) {
    expected = SkipVoid(context->changes->void_ranges(), expected);
    if (place.number > expected) {
      context->AddMissing(expected, place.number - 1,
                          "restore the log or pack that held it from a copy");
    }
    expected = place.number + 1;
  }
}

void ReportContradiction(VerifyContext* context, const Change& change, const Status& status) {
  const FoldedRun* run = context->fold.Find(change.uid);
  Finding finding =
      MakeFinding(Severity::kLost, "change.contradiction", "", 0, std::string(status.message()));
  finding.run = run == nullptr ? ToHex(change.uid) : run->name;
  context->Add(std::move(finding));
}

void FoldOne(VerifyContext* context, const Change& change) {
  const FoldedRun* run = context->fold.Find(change.uid);
  const bool told = run != nullptr && run->contradicted;
  const Status applied = context->fold.Apply(change);
  if (applied.ok()) return;
  context->complete = false;
  context->illegal.push_back(change.number);
  // What follows it for the same run often contradicts too: the first tells.
  if (!told) ReportContradiction(context, change, applied);
}

std::string LossText(const GapRecorded& gap) {
  if (!gap.changes.empty()) {
    return fmt::format("{} without effect",
                       ChangesText(gap.changes.front().first, gap.changes.back().last));
  }
  if (gap.last < gap.first) return "groups of a log";
  if (!gap.keys.empty()) return fmt::format("values of {} keys", gap.keys.size());
  return gap.rows == kUnknownRows ? "rows" : fmt::format("{} rows", gap.rows);
}

void ReportGaps(VerifyContext* context) {
  for (const auto& [uid, gap] : context->fold.gaps()) {
    const FoldedRun* run = context->fold.Find(uid);
    if (run != nullptr && run->deleted) continue;
    Finding finding =
        MakeFinding(Severity::kNote, "history.gap", "", 0,
                    fmt::format("a repair recorded a loss ({}): {}; nothing is to be done",
                                GapReasonName(gap.reason), LossText(gap)));
    if (uid != RunUid()) finding.run = context->fold.Name({uid, gap.branch});
    finding.steps = {gap.first, gap.last};
    context->Add(std::move(finding));
  }
}

}  // namespace

bool VerifyChanges(VerifyContext* context) {
  const auto on_problem = [&](const GatherProblem& problem) {
    context->NoteProblem(problem);
    if (!problem.is_change) return;
    context->complete = false;
    const Severity severity = SeverityOf(problem.status, Severity::kLost);
    context->Add(MakeFinding(severity, "change.damaged", problem.file, problem.offset,
                             std::string(problem.status.message())));
  };
  auto changes = CollectChanges(*context->logs, *context->packs, context->boot_id, on_problem);
  if (!changes) {
    context->AddUnreadable(changes.error(), "");
    return false;
  }
  context->changes = std::move(*changes);
  CheckNumbers(context);
  const Status folded =
      context->changes->Read(0, context->last_found(), [&](std::span<const Change> some) {
        for (const Change& change : some) FoldOne(context, change);
        return Status();
      });
  if (!folded.ok()) {
    context->AddUnreadable(folded, "");
    return false;
  }
  ReportGaps(context);
  return true;
}

}  // namespace reprise
