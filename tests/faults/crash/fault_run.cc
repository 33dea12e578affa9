#include "tests/faults/crash/fault_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "tests/faults/crash/power_cut.h"

namespace reprise {

namespace {

CrashImage ImageOf(Workload& work, Crash crash, std::size_t position) {
  CrashImage image;
  image.disk = work.disk().state();
  image.crash = crash;
  image.acknowledged = position;
  image.position = position;
  if (crash == Crash::kPower) {
    image.boot = 2;
    image.disk = AfterCut(image.disk, {.keeps_writes = false, .keeps_names = false});
  } else {
    image.catalog = std::make_shared<const CatalogCopy>(ReadCatalogFiles(work.path()));
  }
  return image;
}

// An error of the disk is told as one, not as damage or as somebody else's doing.
std::string JudgeStatus(const Status& status) {
  if (status.ok() || status.code() == Code::kIoError) return "";
  return "the script ends with " + status.ToString();
}

std::uint64_t MostBytes(const std::vector<DiskEffect>& effects) {
  DiskState disk;
  std::uint64_t most = 0;
  for (const DiskEffect& effect : effects) {
    disk.Apply(effect);
    most = std::max(most, disk.Bytes());
  }
  return most;
}

}  // namespace

FaultRun RunOnFaultyDisk(const Script& script, std::uint64_t seed, const FaultyDisk& faulty,
                         ImageCheck& check) {
  FaultRun run;
  std::vector<std::pair<const char*, CrashImage>> images;
  Oracle oracle;
  {
    DiskTracer tracer;
    Workload work(seed, &tracer);
    std::string unread;
    work.OnNoSpace([&] {
      ++run.no_space;
      const Status read = work.ReadAll();
      if (!read.ok() && read.code() != Code::kIoError) unread = read.ToString();
      faulty.mend(work);
    });
    faulty.begin(work);
    run.fault = JudgeStatus(script.run(work));
    if (run.fault.empty() && !unread.empty()) run.fault = "reading on a full disk: " + unread;
    run.bytes = MostBytes(tracer.effects());
    const std::size_t position = tracer.position();
    images.emplace_back("killed", ImageOf(work, Crash::kKill, position));
    images.emplace_back("power cut", ImageOf(work, Crash::kPower, position));
    if (position % 2 == 0) work.DropWriters();
    faulty.mend(work);
    work.LeaveInGoodOrder();
    images.emplace_back("closed", ImageOf(work, Crash::kKill, tracer.position()));
    run.calls = work.faults().calls();
    run.fired = work.faults().fired();
    oracle = work.oracle();
  }
  for (const auto& [how, image] : images) {
    if (!run.fault.empty()) return run;
    CheckPlan plan;
    plan.verifies = image.position % 8 == 0;
    const std::string fault = check.FindFault(image, oracle, plan);
    if (!fault.empty()) run.fault = fmt::format("{}: {}", how, fault);
  }
  return run;
}

}  // namespace reprise
