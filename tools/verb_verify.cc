#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <charconv>
#include <memory>

#include "reprise/verify.h"
#include "tools/command.h"
#include "tools/escape.h"
#include "tools/finding_text.h"
#include "tools/json_writer.h"
#include "tools/run_text.h"
#include "tools/store_path.h"
#include "tools/table.h"

namespace reprise::tools {
namespace {

struct Arguments {
  bool quick = false;
  bool deep = false;
  std::string run;
  bool json = false;

  VerifyDepth depth() const {
    if (deep) return VerifyDepth::kDeep;
    return quick ? VerifyDepth::kQuick : VerifyDepth::kChecksums;
  }
};

std::string FindingText(const Finding& finding) {
  std::string line = fmt::format("{} {} {} byte {}: {}", SeverityName(finding.severity),
                                 finding.code, finding.file, finding.offset, finding.message);
  line += PlaceText(finding.run, finding.steps);
  return Escape(line) + "\n";
}

// "entity/project/id@branch" apart; a finding about a run as a whole has no branch.
void AddRun(const std::string& run, JsonObject* object) {
  const std::size_t at = run.rfind('@');
  object->Add("run", std::string_view(run).substr(0, at));
  std::int64_t branch = 0;
  const char* end = run.data() + run.size();
  const bool named =
      at != std::string::npos && std::from_chars(run.data() + at + 1, end, branch).ptr == end;
  if (named) object->Add("branch", branch);
}

std::string FindingJson(const Finding& finding) {
  JsonObject object(NonFinite::kString);
  object.Add("severity", SeverityName(finding.severity))
      .Add("code", finding.code)
      .Add("file", finding.file)
      .Add("offset", static_cast<std::int64_t>(finding.offset))
      .Add("len", static_cast<std::int64_t>(finding.length));
  AddRun(finding.run, &object);
  AddSteps(finding.steps, &object);
  object.Add("message", finding.message).Add("action", finding.action);
  return std::move(object).Finish() + "\n";
}

std::string TotalText(const VerifyReport& report) {
  return fmt::format("{} ({}): {}, {} branches, {}, {}, {} read\n",
                     report.findings.empty() ? "clean" : Plural(report.findings.size(), "finding"),
                     VerifyDepthName(report.depth), Plural(report.runs, "run"),
                     FormatCount(report.branches), Plural(report.segments, "segment"),
                     Plural(report.rows, "row"), FormatBytes(report.bytes));
}

std::string TotalJson(const VerifyReport& report) {
  const auto count = [](std::uint64_t n) { return static_cast<std::int64_t>(n); };
  JsonObject object(NonFinite::kString);
  object.Add("depth", VerifyDepthName(report.depth))
      .Add("findings", count(report.findings.size()))
      .Add("runs", count(report.runs))
      .Add("branches", count(report.branches))
      .Add("segments", count(report.segments))
      .Add("rows", count(report.rows));
  if (report.depth == VerifyDepth::kDeep) object.Add("values", count(report.values));
  object.Add("bytes", count(report.bytes)).Add("exit_code", report.ExitCode());
  return std::move(object).Finish() + "\n";
}

int RunVerify(const Invocation& invocation, const Arguments& arguments) {
  const bool json = arguments.json;
  VerifyOptions options;
  options.depth = arguments.depth();
  options.run = arguments.run;
  options.on_finding = [json](const Finding& finding) {
    Print(json ? FindingJson(finding) : FindingText(finding));
  };
  const Result<VerifyReport> report = Verify(FindStorePath(invocation.store), options);
  if (!report.has_value()) {
    Report(report.error());
    return ExitCodeOfCheck(report.error());
  }
  Print(json ? TotalJson(*report) : TotalText(*report));
  return report->ExitCode();
}

}  // namespace

void AddVerify(CLI::App* app, Invocation* invocation) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* verb = app->add_subcommand("verify", "Check the store; changes nothing");
  verb->footer(
      "Reads every byte and checks it against its checksum. What was written wrong and\n"
      "checksummed then, only --deep finds.\n\n"
      "Exit status: 0 clean, 1 notes only, 2 data lost, 3 catalog only (rebuildable),\n"
      "4 newer format, 5 busy or incomplete, 64 wrong usage, 70 internal error, 74 I/O error");
  CLI::Option* quick = verb->add_flag(
      "--quick", arguments->quick,
      "Superblock, logs, changes, catalog, and the ends of segments; not the rows in them");
  verb->add_flag("--deep", arguments->deep,
                 "Decode every row too, and compute anew summaries, cells and the catalog")
      ->excludes(quick);
  verb->add_option("--run", arguments->run, "Only this run");
  verb->add_flag("--json", arguments->json, "One JSON object a finding, then the total");
  verb->callback([=] { invocation->run = [=] { return RunVerify(*invocation, *arguments); }; });
}

}  // namespace reprise::tools
