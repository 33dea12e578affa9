#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <map>
#include <memory>

#include "tools/command.h"
#include "tools/escape.h"
#include "tools/import/store_sink.h"
#include "tools/import/text_import.h"
#include "tools/import/wandb.h"
#include "tools/run_argument.h"

namespace reprise::tools {
namespace {

struct Arguments {
  std::string kind;
  std::vector<std::string> files;
  std::string run;
  std::string project;
  TextImportOptions text;
  bool json = false;
};

Status Import(const Arguments& arguments, RunSink* sink, ImportReport* report) {
  if (arguments.kind == "wandb") return ImportWandb(arguments.files, sink, report);
  if (arguments.kind == "csv") return ImportCsv(arguments.files, arguments.text, sink, report);
  return ImportJsonl(arguments.files, arguments.text, sink, report);
}

// Whether the input is to blame: then a second try with other arguments must find the name free.
bool InputIsToBlame(const Status& status) {
  return status.code() == Code::kOutOfOrder || status.code() == Code::kInvalidArgument ||
         status.code() == Code::kOutOfRange || status.code() == Code::kUnsupportedVersion ||
         status.code() == Code::kNotFound;
}

int GiveUp(const Status& failure, StoreSink* sink) {
  Report(failure);
  if (sink->run().empty()) return kExitRefused;
  const bool discard = InputIsToBlame(failure);
  const Status status = discard ? sink->Discard() : sink->Release();
  if (!status.ok()) return Report(status);
  Note(discard ? fmt::format("nothing was imported: '{}' was removed again", sink->run())
               : fmt::format("the rows imported so far are in '{}'", sink->run()));
  return kExitRefused;
}

std::string TextFor(const std::string& run, const ImportReport& report) {
  std::string text = Escape(run) + "\n" + report.Text();
  if (!report.finished) text += "state: crashed (the file does not say how the run ended)\n";
  return text;
}

int RunImport(const Invocation& invocation, const Arguments& arguments) {
  // Rows are made durable once, at the end.
  Result<Store> store = OpenStore(invocation, Access::kCreate, Durability::kNone);
  if (!store.has_value()) return Report(store.error());
  RunName name = ParseRunName(arguments.run);
  if (!arguments.project.empty()) name.project = arguments.project;
  StoreSink sink(&*store, name.run_id, name.project);
  ImportReport report;
  const Status imported = Import(arguments, &sink, &report);
  if (!imported.ok()) return GiveUp(imported, &sink);
  const Status released = sink.Release();
  if (!released.ok()) return Report(released);
  Print(arguments.json ? report.Json(sink.run()) : TextFor(sink.run(), report));
  const Status closed = store->Close();
  if (!closed.ok()) return Report(closed);
  return report.skipped.empty() ? kExitDone : kExitRefused;
}

void AddArguments(CLI::App* verb, Arguments* arguments) {
  static const std::map<std::string, OnConflict> conflicts = {
      {"error", OnConflict::kError}, {"last", OnConflict::kLast}, {"rewind", OnConflict::kRewind}};
  verb->add_option("KIND", arguments->kind, "wandb, csv (also TSV) or jsonl")
      ->required()
      ->check(CLI::IsMember({"wandb", "csv", "jsonl"}));
  verb->add_option("FILE", arguments->files, "Pieces of one run, in order")->required();
  verb->add_option("--run", arguments->run, "The run's id; default: the file's, else its name");
  verb->add_option("--project", arguments->project, "The run's project");
  verb->add_option("--step-key", arguments->text.step_key, "csv, jsonl: the step's column or key");
  verb->add_option("--on-conflict", arguments->text.on_conflict,
                   "csv, jsonl: at a step that is not above the one before it: error (default), "
                   "last (merge equal steps), rewind")
      ->transform(CLI::CheckedTransformer(conflicts))
      ->type_name("HOW");
  verb->add_flag("--json", arguments->json, "The report as one JSON object");
}

}  // namespace

void AddImport(CLI::App* app, Invocation* invocation) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* verb = app->add_subcommand("import", "Import a run from another tool's files");
  AddArguments(verb, arguments.get());
  verb->footer("Prints what was imported and what was skipped; exit status 1 if anything was.");
  verb->callback([=] { invocation->run = [=] { return RunImport(*invocation, *arguments); }; });
}

}  // namespace reprise::tools
