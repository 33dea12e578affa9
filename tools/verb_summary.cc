#include <CLI/CLI.hpp>
#include <memory>

#include "tools/command.h"
#include "tools/run_text.h"

namespace reprise::tools {
namespace {

struct Arguments {
  std::string moment;
  bool all = false;
  bool strict = false;
};

int PrintSummary(const Invocation& invocation, const Arguments& arguments) {
  const Result<Moment> moment = ParseMoment(arguments.moment);
  if (!moment.has_value()) return ReportUsage(moment.error());
  const Result<Store> store = OpenStore(invocation, Access::kRead);
  if (!store.has_value()) return Report(store.error());
  const Result<History> history = store->OpenHistory(*moment);
  if (!history.has_value()) return Report(history.error());
  const Result<Summary> summary = history->ReadSummary();
  if (!summary.has_value()) return Report(summary.error());
  const NonFinite non_finite = arguments.strict ? NonFinite::kString : NonFinite::kBare;
  Print(SummaryJson(*summary, arguments.all, non_finite));
  return kExitDone;
}

}  // namespace

void AddSummary(CLI::App* app, Invocation* invocation) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* verb = app->add_subcommand("summary", "Print a run's summary as JSON");
  verb->add_option("RUN", arguments->moment, "[[entity/]project/]run-id[@branch][?_step=N]")
      ->required();
  verb->add_flag("--all", arguments->all, "All aggregates of each key");
  verb->add_flag("--strict-json", arguments->strict, "NaN and infinities as strings");
  verb->callback([=] { invocation->run = [=] { return PrintSummary(*invocation, *arguments); }; });
}

}  // namespace reprise::tools
