#include "tests/faults/crash/image_check.h"

#include <fmt/format.h>

#include <filesystem>

#include "engine/store/verify_context.h"
#include "format/try.h"
#include "tests/faults/crash/trace_recorder.h"
#include "tests/faults/crash/workload.h"

namespace reprise {

namespace {

// After a kill the boot's clock has gone on; after a power cut it begins anew.
constexpr std::uint64_t kLater = 1'000'000'000'000;

FakeWorld* Prepare(const CrashImage& image, FakeWorld* world) {
  if (image.crash == Crash::kKill) world->clock.SetBootNanos(kLater * (image.position + 1));
  return world;
}

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

Status RecoverAndLook(const Io& io, const std::string& path, bool create, Recovery recovery,
                      StoreText* found) {
  REPRISE_TRY_ASSIGN(auto context, OpenContext(io, path, OptionsFor(create)));
  WorkloadStore opened;
  opened.impl = std::make_shared<Store::Impl>(std::move(context));
  opened.store.emplace(opened.impl);
  REPRISE_TRY_ASSIGN(opened.owner, opened.impl->Writing());
  if (recovery != Recovery::kRace) opened.Drain();
  if (recovery != Recovery::kAdopt) REPRISE_TRY(ResumeCrashedRuns(opened, recovery));
  opened.Drain();
  REPRISE_TRY_ASSIGN(*found, TextOf(*opened.store));
  return opened.store->Close();
}

Result<StoreText> LookOnly(const Io& io, const std::string& path) {
  Options options = OptionsFor(false);
  options.read_only = true;
  REPRISE_TRY_ASSIGN(auto context, OpenContext(io, path, options));
  const Store store(std::make_shared<Store::Impl>(std::move(context)));
  return TextOf(store);
}

}  // namespace

ImageCheck::ImageCheck() : path_(temp_.path() + kStoreName) {
  std::filesystem::create_directory(path_);
}

std::string ImageCheck::FindFault(const CrashImage& image, const Oracle& oracle,
                                  const CheckPlan& plan, DiskTrace* recovery) {
  WriteCatalogFiles(image.catalog == nullptr ? CatalogCopy() : *image.catalog, path_);
  MemoryDisk disk(temp_.path(), image.disk);
  TraceRecorder recorder([this] { return path_; });
  if (recovery != nullptr) disk.SetWatcher(&recorder.tracer());
  std::string fault = Recover(image, oracle, plan, disk);
  disk.SetWatcher(nullptr);
  if (recovery != nullptr) *recovery = recorder.Take(image.disk, image.boot);
  return fault.empty() ? LookAgain(image, plan, disk) : fault;
}

std::string ImageCheck::Recover(const CrashImage& image, const Oracle& oracle,
                                const CheckPlan& plan, MemoryDisk& disk) {
  FakeWorld world(disk, image.Hash(), image.boot);
  const Io io = Prepare(image, &world)->io();
  const bool create = !oracle.IsAcknowledged("open", image.acknowledged);
  found_.clear();
  const Status status = RecoverAndLook(io, path_, create, plan.recovery, &found_);
  if (!status.ok()) return "recovery fails: " + status.ToString();
  const Crash worst = plan.earlier == Crash::kPower ? plan.earlier : image.crash;
  return oracle.FindFault(found_, worst, image.acknowledged);
}

std::string ImageCheck::LookAgain(const CrashImage& image, const CheckPlan& plan,
                                  MemoryDisk& disk) {
  FakeWorld world(disk, ~image.Hash(), image.boot);
  const Io io = Prepare(image, &world)->io();
  const auto again = LookOnly(io, path_);
  if (!again) return "opening again fails: " + again.error().ToString();
  if (*again != found_) return "opening again shows other things";
  if (!plan.verifies) return "";
  const auto report = Verify(io, path_, {.depth = plan.depth});
  if (!report) return "verify fails: " + report.error().ToString();
  if (report->ExitCode() <= 1) return "";
  return fmt::format("verify ends with {}:\n{}", report->ExitCode(), Findings(*report));
}

}  // namespace reprise
