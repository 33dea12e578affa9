// Changes: from where they lie to what they say.
#include <fmt/format.h>

#include "engine/store/gather.h"
#include "engine/store/verify_context.h"

namespace reprise {

namespace {

void ReportMissing(VerifyContext* context, ChangeNumber first, ChangeNumber last) {
  context->complete = false;
  const std::string which = first == last ? fmt::format("change {} is", first)
                                          : fmt::format("changes {} to {} are", first, last);
  context->Add(
      MakeFinding(Severity::kLost, "change.missing", "", 0,
                  which + " in no log and no pack; restore the file that held it from a copy"));
}

void CheckNumbers(VerifyContext* context) {
  ChangeNumber expected = 1;
  for (const Change& change : context->changes) {
    if (change.number > expected) ReportMissing(context, expected, change.number - 1);
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

void VerifyChanges(VerifyContext* context) {
  const auto on_problem = [&](const GatherProblem& problem) {
    // Damage of files is told where they are checked.
    if (!problem.is_change) return;
    context->complete = false;
    context->Add(MakeFinding(SeverityOf(problem.status, Severity::kLost), "change.damaged",
                             problem.file, problem.offset, std::string(problem.status.message())));
  };
  auto changes = CollectChanges(*context->logs, *context->packs, context->boot_id, on_problem);
  if (!changes) {
    context->complete = false;
    return context->AddFailure(changes.error(), Severity::kIncomplete, "change.unreadable", "");
  }
  context->changes = std::move(*changes);
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
}

}  // namespace reprise
