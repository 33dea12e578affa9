#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "tools/command.h"
#include "tools/json_writer.h"
#include "tools/run_text.h"
#include "tools/table.h"

namespace reprise::tools {
namespace {

struct Arguments {
  RunQuery query;
  bool json = false;
};

std::string RunLine(const RunInfo& run) {
  JsonObject line(NonFinite::kString);
  AddRunMembers(run, &line);
  return std::move(line).Finish() + "\n";
}

std::string RunTable(const std::vector<RunInfo>& runs) {
  Table table;
  table.AddColumn("RUN", Table::Align::kLeft, 16);
  table.AddColumn("PROJECT", Table::Align::kLeft, 8);
  table.AddColumn("NAME", Table::Align::kLeft, 8);
  table.AddColumn("STATE", Table::Align::kLeft, Table::kNeverCut);
  table.AddColumn("ROWS", Table::Align::kRight, Table::kNeverCut);
  table.AddColumn("STEP", Table::Align::kRight, Table::kNeverCut);
  table.AddColumn("CREATED", Table::Align::kLeft, Table::kNeverCut);
  for (const RunInfo& run : runs) {
    // To the minute: the zone is UTC everywhere.
    table.AddRow({run.run_id, run.project, run.name, std::string(RunStateName(run.state)),
                  run.unread.ok() ? FormatCount(run.rows) : "damaged", FormatStep(run.last_step),
                  FormatTime(run.created).substr(0, 16)});
  }
  return table.Render(TerminalWidth());
}

int Ls(const Invocation& invocation, const Arguments& arguments) {
  const Result<Store> store = OpenStore(invocation, Access::kRead);
  if (!store.has_value()) return Report(store.error());
  const Result<std::vector<RunInfo>> runs = store->ListRuns(arguments.query);
  if (!runs.has_value()) return Report(runs.error());
  if (arguments.json) {
    for (const RunInfo& run : *runs) Print(RunLine(run));
  } else if (runs->empty()) {
    Note("no runs");
  } else {
    Print(RunTable(*runs));
  }
  int exit_status = kExitDone;
  for (const RunInfo& run : *runs) {
    if (!run.unread.ok()) exit_status = Report(run.unread);
  }
  return exit_status;
}

}  // namespace

void AddLs(CLI::App* app, Invocation* invocation) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* verb = app->add_subcommand("ls", "List runs, newest first");
  verb->add_option("--project", arguments->query.project, "Only this project");
  verb->add_option("--limit", arguments->query.limit, "At most this many");
  verb->add_flag("--json", arguments->json, "One JSON object a line");
  verb->callback([=] { invocation->run = [=] { return Ls(*invocation, *arguments); }; });
}

}  // namespace reprise::tools
