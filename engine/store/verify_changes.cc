// Changes: from where they lie to what they say.
#include "engine/store/gather.h"
#include "engine/store/verify_context.h"

namespace reprise {

namespace {

void CheckNumbers(VerifyContext* context) {
  ChangeNumber expected = 1;
  for (const Change& change : context->changes) {
    if (change.number > expected) {
      context->AddMissing(expected, change.number - 1,
                          "restore the log or pack that held it from a copy");
    }
    expected = change.number + 1;
  }
}

void ReportContradiction(VerifyContext* context, const Change& change, const Status& status) {
  const FoldedRun* run = context->fold.Find(change.uid);
  Finding finding =
      MakeFinding(Severity::kLost, "change.contradiction", "", 0, std::string(status.message()));
  finding.run = run == nullptr ? ToHex(change.uid) : run->name;
  context->Add(std::move(finding));
}

}  // namespace

bool VerifyChanges(VerifyContext* context) {
  const auto on_problem = [&](const GatherProblem& problem) {
    const Severity severity = SeverityOf(problem.status, Severity::kLost);
    if (severity != Severity::kLost) context->missing = severity;
    // Damage of files is told where they are checked.
    if (!problem.is_change) return;
    context->complete = false;
    context->Add(MakeFinding(severity, "change.damaged", problem.file, problem.offset,
                             std::string(problem.status.message())));
  };
  auto changes = CollectChanges(*context->logs, *context->packs, context->boot_id, on_problem);
  if (!changes) {
    context->AddUnreadable(changes.error(), "");
    return false;
  }
  context->changes = std::move(*changes);
  if (!context->changes.empty()) context->last_found = context->changes.back().number;
  CheckNumbers(context);
  std::erase_if(context->changes, [&](const Change& change) {
    const FoldedRun* run = context->fold.Find(change.uid);
    const bool told = run != nullptr && run->contradicted;
    const Status applied = context->fold.Apply(change);
    if (applied.ok()) return false;
    context->complete = false;
    // What follows it for the same run often contradicts too: the first tells.
    if (!told) ReportContradiction(context, change, applied);
    return true;
  });
  return true;
}

}  // namespace reprise
