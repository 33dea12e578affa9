#include "tests/faults/crash/repair_check.h"

#include <filesystem>
#include <utility>

#include "engine/store/repair_plan.h"
#include "tests/faults/crash/image_world.h"
#include "tests/faults/crash/trace_recorder.h"
#include "tests/faults/crash/workload.h"

namespace reprise {

namespace {

Mended Wrong(std::string what) {
  Mended mended;
  mended.fault = std::move(what);
  return mended;
}

void PutCatalog(const CrashImage& image, const std::string& path) {
  WriteCatalogFiles(image.catalog == nullptr ? CatalogCopy() : *image.catalog, path);
}

}  // namespace

RepairCheck::RepairCheck() : path_(temp_.path() + kStoreName) {
  std::filesystem::create_directory(path_);
}

Mended RepairCheck::Judge(const Result<RepairReport>& report, const Io& io, const CheckPlan& plan) {
  if (!report) return Wrong("repair fails: " + report.error().ToString());
  if (!report->remaining.empty()) return Wrong("remains: " + report->remaining.front().message);
  if (plan.verifies) {
    std::string fault = VerifyText(io, path_, plan.depth);
    if (!fault.empty()) return Wrong(std::move(fault));
    const auto again = Repair(io, path_, {.apply = true});
    if (!again) return Wrong("repairing again fails: " + again.error().ToString());
    if (!again->items.empty()) return Wrong("another repair does " + again->items.front().what);
  }
  const auto found = RecoverAndLook(io, path_, false, plan.recovery);
  if (!found) return Wrong("using it fails: " + found.error().ToString());
  return {"", *report, *found};
}

Mended RepairCheck::Mend(const CrashImage& image, const CheckPlan& plan, First first,
                         DiskTrace* repair) {
  PutCatalog(image, path_);
  MemoryDisk disk(temp_.path(), image.disk);
  TraceRecorder recorder([this] { return path_; });
  if (repair != nullptr) disk.SetWatcher(&recorder.tracer());
  ImageWorld world(image, disk, image.Hash());
  if (first == First::kWriter) {
    const auto opened = RecoverAndLook(world.io(), path_, false, Recovery::kAdopt);
    const Code code = opened ? Code::kOk : opened.error().code();
    if (code != Code::kOk && code != Code::kCorrupt && code != Code::kNotFound) {
      return Wrong("opening it before the repair fails: " + opened.error().ToString());
    }
  }
  const auto report = Repair(world.io(), path_, {.apply = true});
  disk.SetWatcher(nullptr);
  if (repair != nullptr) *repair = recorder.Take(image.disk, image.boot);
  return Judge(report, world.io(), plan);
}

Result<RepairReport> RepairCheck::RepairBetween(const Fault& begin, const Fault& mend,
                                                MemoryDisk& disk, const Io& io) {
  begin(disk);
  auto report = Repair(io, path_, {.apply = true});
  mend(disk);
  return report;
}

Mended RepairCheck::MendOnFaultyDisk(const CrashImage& image, const Fault& begin,
                                     const Fault& mend) {
  PutCatalog(image, path_);
  MemoryDisk disk(temp_.path(), image.disk);
  ImageWorld world(image, disk, image.Hash());
  const auto failed = RepairBetween(begin, mend, disk, world.io());
  if (!failed && failed.error().code() != Code::kIoError &&
      failed.error().code() != Code::kNoSpace) {
    return Wrong("a failing disk is told as " + failed.error().ToString());
  }
  CheckPlan plan;
  plan.verifies = true;
  return Judge(Repair(world.io(), path_, {.apply = true}), world.io(), plan);
}

Result<StoreText> RepairCheck::OpenAfterFailedRepair(const CrashImage& image, const Fault& begin,
                                                     const Fault& mend) {
  PutCatalog(image, path_);
  MemoryDisk disk(temp_.path(), image.disk);
  ImageWorld world(image, disk, image.Hash());
  if (RepairBetween(begin, mend, disk, world.io()))
    return Fail(Code::kInternal, "the repair does not fail");
  return RecoverAndLook(world.io(), path_, false, Recovery::kAdopt);
}

Result<StoreText> RepairCheck::Look(const CrashImage& image) {
  PutCatalog(image, path_);
  MemoryDisk disk(temp_.path(), image.disk);
  ImageWorld world(image, disk, image.Hash());
  return RecoverAndLook(world.io(), path_, false, Recovery::kAdopt);
}

}  // namespace reprise
