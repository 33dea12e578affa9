#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <optional>

#include "format/try.h"
#include "tools/command.h"
#include "tools/row_printer.h"
#include "tools/step_range.h"
#include "tools/table.h"

namespace reprise::tools {
namespace {

struct Arguments {
  std::string moment;
  RowQuery query;
  std::string steps;
  bool inner = false;
  std::string format = "table";
  bool strict = false;
};

Result<std::unique_ptr<RowPrinter>> MakePrinter(const History& history,
                                                const Arguments& arguments) {
  const NonFinite non_finite = arguments.strict ? NonFinite::kString : NonFinite::kBare;
  if (arguments.format == "jsonl") return MakeJsonlPrinter(non_finite);
  std::vector<std::string> keys = arguments.query.keys;
  if (keys.empty()) {
    REPRISE_TRY_ASSIGN(keys, history.Keys());
    // What the machinery logs of itself comes after what the user logged.
    std::stable_partition(keys.begin(), keys.end(), [](const auto& k) { return k[0] != '_'; });
  }
  if (arguments.format == "csv") return MakeCsvPrinter(keys, isatty(STDOUT_FILENO) != 0);
  std::size_t left_out = 0;
  auto printer = MakeTablePrinter(keys, TerminalWidth(), &left_out);
  if (left_out > 0) Note(fmt::format("{} more keys do not fit; choose with --keys", left_out));
  return printer;
}

Status PrintRows(const History& history, const Arguments& arguments) {
  REPRISE_TRY_ASSIGN(const std::unique_ptr<RowPrinter> printer, MakePrinter(history, arguments));
  REPRISE_TRY_ASSIGN(RowCursor cursor, history.Rows(arguments.query));
  Print(printer->Header());
  while (true) {
    REPRISE_TRY_ASSIGN(const bool more, cursor.Next());
    if (!more) return {};
    Print(printer->Line(cursor.row()));
  }
}

int PrintHistory(const Invocation& invocation, Arguments arguments) {
  const Result<Moment> moment = ParseMoment(arguments.moment);
  if (!moment.has_value()) return ReportUsage(moment.error());
  if (!arguments.steps.empty()) {
    const Result<StepRange> steps = ParseStepRange(arguments.steps);
    if (!steps.has_value()) return ReportUsage(steps.error());
    arguments.query.steps = *steps;
  }
  if (arguments.inner) arguments.query.join = Join::kInner;
  const Result<Store> store = OpenStore(invocation, Access::kRead);
  if (!store.has_value()) return Report(store.error());
  const Result<History> history = store->OpenHistory(*moment);
  if (!history.has_value()) return Report(history.error());
  const Status printed = PrintRows(*history, arguments);
  return printed.ok() ? kExitDone : Report(printed);
}

}  // namespace

void AddHistory(CLI::App* app, Invocation* invocation) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* verb = app->add_subcommand("history", "Print a run's rows");
  verb->add_option("RUN", arguments->moment, "[[entity/]project/]run-id[@branch][?_step=N]")
      ->required();
  verb->add_option("--keys", arguments->query.keys, "Only these keys, and rows with any of them")
      ->delimiter(',');
  verb->add_option("--steps", arguments->steps, "A:B, both included");
  verb->add_flag("--own", arguments->query.own, "Without inherited rows");
  verb->add_flag("--inner", arguments->inner, "Only rows with all of --keys");
  verb->add_option("--tail", arguments->query.last, "Only the last N rows");
  verb->add_option("--format", arguments->format, "table (default), csv or jsonl")
      ->check(CLI::IsMember({"table", "csv", "jsonl"}));
  verb->add_flag("--strict-json", arguments->strict, "NaN and infinities as strings in jsonl");
  verb->callback([=] { invocation->run = [=] { return PrintHistory(*invocation, *arguments); }; });
}

}  // namespace reprise::tools
