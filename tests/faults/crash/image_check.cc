#include "tests/faults/crash/image_check.h"

#include <filesystem>

#include "tests/faults/crash/image_world.h"
#include "tests/faults/crash/trace_recorder.h"
#include "tests/faults/crash/workload.h"

namespace reprise {

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
  ImageWorld world(image, disk, image.Hash());
  const bool create = !oracle.IsAcknowledged("open", image.acknowledged);
  const auto found = RecoverAndLook(world.io(), path_, create, plan.recovery);
  if (!found) return "recovery fails: " + found.error().ToString();
  found_ = *found;
  const Crash worst = plan.earlier == Crash::kPower ? plan.earlier : image.crash;
  return oracle.FindFault(found_, worst, image.acknowledged);
}

std::string ImageCheck::LookAgain(const CrashImage& image, const CheckPlan& plan,
                                  MemoryDisk& disk) {
  ImageWorld world(image, disk, ~image.Hash());
  const auto again = LookOnly(world.io(), path_);
  if (!again) return "opening again fails: " + again.error().ToString();
  if (*again != found_) return "opening again shows other things";
  return plan.verifies ? VerifyText(world.io(), path_, plan.depth) : "";
}

}  // namespace reprise
