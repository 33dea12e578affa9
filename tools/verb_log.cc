#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <iostream>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "tools/command.h"
#include "tools/line_reader.h"
#include "tools/log_input.h"
#include "tools/run_argument.h"
#include "tools/run_text.h"

namespace reprise::tools {
namespace {

struct Arguments {
  std::string run;
  std::string step_key;
  std::optional<Resume> resume;
  Durability durability = Durability::kProcess;
  bool no_finish = false;
};

// Whether only this record was refused: the next one may be right again.
bool RefusesOneRecord(const Status& status) {
  return status.code() == Code::kInvalidArgument || status.code() == Code::kOutOfOrder;
}

Status LogLine(RunWriter* writer, std::string_view line, const std::string& step_key) {
  const Result<LogRecord> record = ParseLogLine(line, step_key);
  if (!record.has_value()) return record.error();
  std::vector<Field> fields;
  for (const auto& [key, value] : record->fields) fields.push_back({key, value.view()});
  const Result<Step> step = writer->Log(fields, record->options);
  return step.has_value() ? Status() : step.error();
}

Status LineTooLong() {
  return Status::Error(Code::kInvalidArgument,
                       fmt::format("it has more than {} bytes", kMaxLineBytes));
}

// Logs line after line as they come. A refused record is told of and the rest goes on, because a
// training run must not lose what follows one bad line.
int LogInput(RunWriter* writer, const std::string& step_key) {
  int exit_status = kExitDone;
  LineReader reader(&std::cin);
  std::string line;
  for (std::uint64_t number = 1; reader.Next(&line); ++number) {
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    const Status status = reader.too_long() ? LineTooLong() : LogLine(writer, line, step_key);
    if (status.ok()) continue;
    exit_status = kExitRefused;
    Note(fmt::format("reprise: line {} was not logged: {}", number, status.message()));
    if (!RefusesOneRecord(status)) break;
  }
  return exit_status;
}

// A resumed run that is named without a project may be in any.
std::string FindProject(const Store& store, const RunName& name) {
  if (!name.project.empty()) return name.project;
  const Result<RunInfo> found = store.ReadRun(name.run_id);
  return found.has_value() ? found->project : "";
}

Result<RunWriter> StartRun(Store* store, const Arguments& arguments) {
  RunName name = ParseRunName(arguments.run);
  const bool resumes = arguments.resume && *arguments.resume != Resume::kNever;
  if (resumes) name.project = FindProject(*store, name);
  RunOptions options;
  options.project = name.project;
  options.run_id = name.run_id;
  options.resume = arguments.resume;
  if (arguments.resume == Resume::kAuto) options.run_directory = ".";
  return store->StartRun(options);
}

void PrintOverview(const Store& store, const std::string& run) {
  const Result<History> history = store.OpenHistory({.run = run});
  if (!history.has_value()) return;
  const Result<std::string> table = KeyTable(*history);
  if (table.has_value()) std::fputs(table->c_str(), stderr);
}

int Log(const Invocation& invocation, const Arguments& arguments) {
  Result<Store> store = OpenStore(invocation, Access::kCreate, arguments.durability);
  if (!store.has_value()) return Report(store.error());
  Result<RunWriter> writer = StartRun(&*store, arguments);
  if (!writer.has_value()) return Report(writer.error());
  const std::string run = writer->project() + "/" + writer->run_id();
  Note(fmt::format("{} {} at step {}", writer->resumed() ? "resuming" : "logging", run,
                   writer->next_step()));
  const int exit_status = LogInput(&*writer, arguments.step_key);
  const Status ended = arguments.no_finish ? writer->Sync() : writer->Finish(0);
  if (!ended.ok()) return Report(ended);
  PrintOverview(*store, run);
  return exit_status;
}

void AddArguments(CLI::App* verb, Arguments* arguments) {
  static const std::map<std::string, Resume> modes = {{"never", Resume::kNever},
                                                      {"allow", Resume::kAllow},
                                                      {"must", Resume::kMust},
                                                      {"auto", Resume::kAuto}};
  static const std::map<std::string, Durability> levels = {
      {"none", Durability::kNone}, {"process", Durability::kProcess}, {"disk", Durability::kDisk}};
  verb->add_option("RUN", arguments->run, "[[entity/]project/]run-id")->required();
  verb->add_option("--step-key", arguments->step_key, "The key that holds the step");
  verb->add_option_function<Resume>(
          "--resume", [=](const Resume& mode) { arguments->resume = mode; },
          "never (default: the run must not exist), allow, must, auto (from ./resume.json)")
      ->transform(CLI::CheckedTransformer(modes))
      ->type_name("MODE");
  verb->add_option("--durability", arguments->durability,
                   "none, process (default) or disk: what a logged line survives")
      ->transform(CLI::CheckedTransformer(levels))
      ->type_name("LEVEL");
  verb->add_flag("--no-finish", arguments->no_finish, "Leave the run unfinished at the end");
}

}  // namespace

void AddLog(CLI::App* app, Invocation* invocation) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* verb = app->add_subcommand("log", "Log each line of standard input, a JSON object");
  AddArguments(verb, arguments.get());
  verb->callback([=] { invocation->run = [=] { return Log(*invocation, *arguments); }; });
}

}  // namespace reprise::tools
