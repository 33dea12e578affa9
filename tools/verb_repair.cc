#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "reprise/repair.h"
#include "tools/command.h"
#include "tools/escape.h"
#include "tools/finding_text.h"
#include "tools/json_writer.h"
#include "tools/run_text.h"
#include "tools/store_path.h"

namespace reprise::tools {
namespace {

struct Arguments {
  bool apply = false;
  bool json = false;
};

std::string ItemText(const RepairItem& item) {
  std::string line = fmt::format("{} {}", item.what, item.file);
  if (item.length > 0) line += fmt::format(" byte {} length {}", item.offset, item.length);
  line += ": " + item.message;
  line += PlaceText(item.run, item.steps);
  line += fmt::format(" [lost: {}]", item.lost.empty() ? "nothing" : item.lost);
  return Escape(line) + "\n";
}

std::string ItemJson(const RepairItem& item) {
  JsonObject object(NonFinite::kString);
  object.Add("what", item.what)
      .Add("file", item.file)
      .Add("offset", static_cast<std::int64_t>(item.offset))
      .Add("length", static_cast<std::int64_t>(item.length))
      .Add("run", item.run);
  AddSteps(item.steps, &object);
  object.Add("lost", item.lost).Add("message", item.message);
  return std::move(object).Finish() + "\n";
}

std::string TotalText(const RepairReport& report) {
  if (report.items.empty()) return "nothing to mend\n";
  if (!report.applied) {
    return fmt::format("{} to do{}; 'reprise repair --apply' does it\n",
                       Plural(report.items.size(), "thing"),
                       report.more ? ", and what shows when they are done" : "");
  }
  std::string text = fmt::format("{} done\n", Plural(report.items.size(), "thing"));
  if (!report.quarantine.empty()) text += fmt::format("what was replaced: {}\n", report.quarantine);
  for (const Finding& finding : report.remaining) {
    text += Escape(fmt::format("remains: {} {}: {}", finding.code, finding.file, finding.message)) +
            "\n";
  }
  return text;
}

std::string TotalJson(const RepairReport& report) {
  JsonObject object(NonFinite::kString);
  object.Add("applied", report.applied)
      .Add("items", static_cast<std::int64_t>(report.items.size()))
      .Add("more", report.more)
      .Add("quarantine", report.quarantine)
      .Add("remaining", static_cast<std::int64_t>(report.remaining.size()))
      .Add("exit_code", report.ExitCode());
  return std::move(object).Finish() + "\n";
}

int RunRepair(const Invocation& invocation, const Arguments& arguments) {
  const Result<RepairReport> report =
      Repair(FindStorePath(invocation.store), {.apply = arguments.apply});
  if (!report.has_value()) {
    Report(report.error());
    return ExitCodeOfCheck(report.error());
  }
  for (const RepairItem& item : report->items) {
    Print(arguments.json ? ItemJson(item) : ItemText(item));
  }
  Print(arguments.json ? TotalJson(*report) : TotalText(*report));
  return report->ExitCode();
}

}  // namespace

void AddRepair(CLI::App* app, Invocation* invocation) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* verb =
      app->add_subcommand("repair", "Make what is left of a damaged store readable again");
  verb->footer(
      "Says what would be done; --apply does it. What verifies is kept, what is lost is\n"
      "recorded (verify: history.gap), and replaced bytes go to quarantine/. Nobody may be\n"
      "writing to the store.\n\n"
      "Exit status: 0 nothing to mend, or mended; 1 there is something to mend; else as\n"
      "verify's, of what remains; 5 if the store is being written");
  verb->add_flag("--apply", arguments->apply, "Do it");
  verb->add_flag("--json", arguments->json, "One JSON object a thing to do, then the total");
  verb->callback([=] { invocation->run = [=] { return RunRepair(*invocation, *arguments); }; });
}

}  // namespace reprise::tools
