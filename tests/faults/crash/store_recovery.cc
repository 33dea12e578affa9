#include "tests/faults/crash/store_recovery.h"

#include <fmt/format.h>

#include "engine/store/verify_context.h"
#include "format/try.h"
#include "tests/faults/crash/workload.h"

namespace reprise {

namespace {

Options OptionsFor(bool create) {
  Options options;
  options.sync_interval_ms = 3'600'000;
  options.create = create;
  return options;
}

std::string Findings(const VerifyReport& report) {
  std::string text;
  for (const Finding& finding : report.findings) {
    text += fmt::format("{} {} {}: {}\n", SeverityName(finding.severity), finding.code,
                        finding.file, finding.message);
  }
  return text;
}

// Resumes a run, looks whether it goes on where it ended, and leaves it.
Status ResumeRun(WorkloadStore& opened, const std::string& run, Recovery recovery) {
  Store& store = *opened.store;
  RunOptions options;
  options.run_id = run;
  options.resume = Resume::kMust;
  REPRISE_TRY_ASSIGN(RunWriter writer, store.StartRun(options));
  if (recovery != Recovery::kRace) opened.Drain();
  REPRISE_TRY_ASSIGN(const History history, store.OpenHistory({run, {}, {}}));
  if (writer.next_step() == history.last_committed_step() + 1) return {};
  return Status::Error(Code::kInternal,
                       fmt::format("{} goes on at {} after {}", run, writer.next_step(),
                                   history.last_committed_step()));
}

// Those that recovery leaves as they are need not be resumed.
Status ResumeCrashedRuns(WorkloadStore& opened, Recovery recovery) {
  REPRISE_TRY_ASSIGN(const auto runs, opened.store->ListRuns());
  for (const RunInfo& run : runs) {
    const bool crashed = run.state == RunState::kRunning || run.state == RunState::kCrashed;
    if (crashed) REPRISE_TRY(ResumeRun(opened, run.run_id, recovery));
  }
  return {};
}

}  // namespace

Result<StoreText> RecoverAndLook(const Io& io, const std::string& path, bool create,
                                 Recovery recovery) {
  REPRISE_TRY_ASSIGN(auto context, OpenContext(io, path, OptionsFor(create)));
  WorkloadStore opened;
  opened.impl = std::make_shared<Store::Impl>(std::move(context));
  opened.store.emplace(opened.impl);
  REPRISE_TRY_ASSIGN(opened.owner, opened.impl->Writing());
  if (recovery != Recovery::kRace) opened.Drain();
  if (recovery != Recovery::kAdopt) REPRISE_TRY(ResumeCrashedRuns(opened, recovery));
  opened.Drain();
  REPRISE_TRY_ASSIGN(StoreText found, TextOf(*opened.store));
  REPRISE_TRY(opened.store->Close());
  return found;
}

Result<StoreText> LookOnly(const Io& io, const std::string& path) {
  Options options = OptionsFor(false);
  options.read_only = true;
  REPRISE_TRY_ASSIGN(auto context, OpenContext(io, path, options));
  const Store store(std::make_shared<Store::Impl>(std::move(context)));
  return TextOf(store);
}

std::string VerifyText(const Io& io, const std::string& path, VerifyDepth depth) {
  const auto report = Verify(io, path, {.depth = depth});
  if (!report) return "verify fails: " + report.error().ToString();
  if (report->ExitCode() <= 1) return "";
  return fmt::format("verify ends with {}:\n{}", report->ExitCode(), Findings(*report));
}

}  // namespace reprise
