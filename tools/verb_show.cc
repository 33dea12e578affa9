#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <limits>
#include <memory>

#include "format/try.h"
#include "tools/command.h"
#include "tools/escape.h"
#include "tools/run_text.h"
#include "tools/table.h"

namespace reprise::tools {
namespace {

struct Arguments {
  std::string moment;
  bool json = false;
};

// All that an overview shows.
struct Overview {
  Lineage lineage;
  History history;
  Config config;
};

Result<Overview> ReadOverview(const Store& store, const Moment& moment) {
  REPRISE_TRY_ASSIGN(Lineage lineage, store.ReadLineage(moment.run));
  REPRISE_TRY_ASSIGN(History history, store.OpenHistory(moment));
  REPRISE_TRY_ASSIGN(Config config, store.ReadConfig(moment));
  return Overview{std::move(lineage), std::move(history), std::move(config)};
}

std::string Join(const std::vector<std::string>& texts) {
  std::string joined;
  for (const std::string& text : texts) joined += (joined.empty() ? "" : ", ") + text;
  return joined;
}

std::string StateText(const RunInfo& run) {
  std::string text(RunStateName(run.state));
  if (run.exit_code) text += fmt::format(" (exit code {})", *run.exit_code);
  return text;
}

void AddFact(const char* name, const std::string& value, Table* table) {
  if (!value.empty()) table->AddRow({name, value});
}

std::string BranchText(const BranchInfo& branch, const RunInfo& run) {
  std::string text =
      fmt::format("@{} {}, {}, to step {}", branch.ordinal, branch.archived ? "archived" : "head",
                  Plural(branch.own_rows, "own row"), FormatStep(branch.last_step));
  if (!branch.base) return text;
  const bool own = branch.base->run_id == run.run_id && branch.base->project == run.project;
  return text + (own ? fmt::format(", from @{} at step {}", branch.base->branch,
                                   FormatStep(branch.base->step))
                     : ", from " + FormatOrigin(*branch.base, run.project));
}

std::string GapText(const Gap& gap) {
  std::string text = fmt::format("@{}", gap.branch);
  if (!gap.steps.empty()) {
    const bool open = gap.steps.last == std::numeric_limits<Step>::max();
    text += fmt::format(" steps {}..{}", gap.steps.first,
                        open ? "end" : fmt::format("{}", gap.steps.last));
  }
  text += fmt::format(", {}", gap.reason);
  if (gap.rows && *gap.rows > 0) text += fmt::format(", {} lost", Plural(*gap.rows, "row"));
  if (!gap.keys.empty()) text += ", values lost: " + Join(gap.keys);
  return text;
}

std::string FactTable(const Overview& overview) {
  const RunInfo& run = overview.lineage.run;
  Table table;
  table.AddColumn("", Table::Align::kLeft, Table::kNeverCut);
  table.AddColumn("");
  AddFact("name", run.name, &table);
  AddFact("state", StateText(run), &table);
  AddFact("created", FormatTime(run.created), &table);
  AddFact("updated", FormatTime(run.updated), &table);
  AddFact("tags", Join(run.tags), &table);
  AddFact("group", run.group, &table);
  AddFact("job type", run.job_type, &table);
  AddFact("notes", run.notes, &table);
  AddFact("uid", run.uid, &table);
  if (run.forked_from) {
    AddFact("forked from", FormatOrigin(*run.forked_from, run.project), &table);
  }
  const char* label = "branches";
  for (const BranchInfo& branch : overview.lineage.branches) {
    if (overview.lineage.branches.size() < 2) break;
    table.AddRow({std::exchange(label, ""), BranchText(branch, run)});
  }
  label = "forks";
  for (const Lineage::Fork& fork : overview.lineage.forks) {
    const std::string project = fork.project == run.project ? "" : fork.project + "/";
    table.AddRow(
        {std::exchange(label, ""), fmt::format("{}{} from @{} at step {}", project, fork.run_id,
                                               fork.at.branch, FormatStep(fork.at.step))});
  }
  label = "gaps";
  for (const Gap& gap : overview.lineage.gaps) {
    table.AddRow({std::exchange(label, ""), GapText(gap)});
  }
  return table.Render(TerminalWidth());
}

std::string ConfigTable(const Config& config) {
  Table table;
  table.AddColumn("CONFIG");
  table.AddColumn("VALUE");
  for (const auto& [path, value] : config) table.AddRow({path, FormatValue(value.view())});
  return table.Render(TerminalWidth());
}

Status PrintText(const Overview& overview) {
  const History& history = overview.history;
  REPRISE_TRY_ASSIGN(const std::uint64_t rows, history.CountRows());
  REPRISE_TRY_ASSIGN(const std::string keys, KeyTable(history));
  const std::string place =
      fmt::format("{}/{}@{}", history.project(), history.run_id(), history.branch());
  Print(CutToWidth(Escape(place), TerminalWidth()) + "\n");
  Print(fmt::format("{}, last step {}\n\n", Plural(rows, "row"), FormatStep(history.last_step())));
  Print(FactTable(overview));
  if (!overview.config.empty()) Print("\n" + ConfigTable(overview.config));
  Print("\n" + keys);
  return {};
}

std::string OriginJson(const Origin& origin) {
  JsonObject object(NonFinite::kString);
  object.Add("project", origin.project)
      .Add("run_id", origin.run_id)
      .Add("branch", static_cast<std::int64_t>(origin.branch))
      .Add("step", origin.step)
      .Add("deleted", origin.deleted);
  return std::move(object).Finish();
}

std::string BranchJson(const BranchInfo& branch) {
  JsonObject object(NonFinite::kString);
  object.Add("branch", static_cast<std::int64_t>(branch.ordinal))
      .Add("archived", branch.archived)
      .AddRaw("base", branch.base ? OriginJson(*branch.base) : "null")
      .Add("fork_step", branch.fork_step)
      .Add("last_step", branch.last_step)
      .Add("own_rows", static_cast<std::int64_t>(branch.own_rows))
      .Add("state", RunStateName(branch.state));
  return std::move(object).Finish();
}

std::string ForkJson(const Lineage::Fork& fork) {
  JsonObject object(NonFinite::kString);
  object.Add("project", fork.project).Add("run_id", fork.run_id).AddRaw("at", OriginJson(fork.at));
  return std::move(object).Finish();
}

std::string KeysJson(const std::vector<std::string>& keys) {
  std::string json = "[";
  for (const std::string& key : keys) {
    if (json.size() > 1) json += ',';
    AppendJsonString(key, &json);
  }
  return json + "]";
}

std::string GapJson(const Gap& gap) {
  JsonObject object(NonFinite::kString);
  object.Add("reason", gap.reason).Add("branch", static_cast<std::int64_t>(gap.branch));
  if (!gap.steps.empty()) {
    object.Add("first_step", gap.steps.first).Add("last_step", gap.steps.last);
  }
  if (gap.rows) object.Add("rows", static_cast<std::int64_t>(*gap.rows));
  object.AddRaw("keys", KeysJson(gap.keys));
  return std::move(object).Finish();
}

template <typename T>
std::string JsonList(const std::vector<T>& items, std::string (*json)(const T&)) {
  std::string text = "[";
  for (const T& item : items) text += (text.size() > 1 ? "," : "") + json(item);
  return text + "]";
}

Status PrintJson(const Overview& overview) {
  const RunInfo& run = overview.lineage.run;
  REPRISE_TRY_ASSIGN(const Summary summary, overview.history.ReadSummary());
  JsonObject object(NonFinite::kString);
  AddRunMembers(run, &object);
  object.AddRaw("forked_from", run.forked_from ? OriginJson(*run.forked_from) : "null")
      .AddRaw("branches", JsonList(overview.lineage.branches, &BranchJson))
      .AddRaw("forks", JsonList(overview.lineage.forks, &ForkJson))
      .AddRaw("gaps", JsonList(overview.lineage.gaps, &GapJson))
      .AddRaw("config", ConfigJson(overview.config, NonFinite::kString))
      .AddRaw("summary", SummaryJson(summary, false, NonFinite::kString));
  Print(std::move(object).Finish() + "\n");
  return {};
}

int Show(const Invocation& invocation, const Arguments& arguments) {
  const Result<Moment> moment = ParseMoment(arguments.moment);
  if (!moment.has_value()) return ReportUsage(moment.error());
  const Result<Store> store = OpenStore(invocation, Access::kRead);
  if (!store.has_value()) return Report(store.error());
  const Result<Overview> overview = ReadOverview(*store, *moment);
  if (!overview.has_value()) return Report(overview.error());
  const Status printed = arguments.json ? PrintJson(*overview) : PrintText(*overview);
  return printed.ok() ? kExitDone : Report(printed);
}

}  // namespace

void AddShow(CLI::App* app, Invocation* invocation) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* verb = app->add_subcommand("show", "Show all that is known of a run at a glance");
  verb->add_option("RUN", arguments->moment, "[[entity/]project/]run-id[@branch][?_step=N]")
      ->required();
  verb->add_flag("--json", arguments->json, "As one JSON object");
  verb->callback([=] { invocation->run = [=] { return Show(*invocation, *arguments); }; });
}

}  // namespace reprise::tools
