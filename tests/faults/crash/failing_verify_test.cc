// A verify of which one call to a log or a pack fails, and all others do not: it says so. Much is
// read twice, and may be there the second time.
//
// REPRISE_CRASH_SEED: which store.
#include <gtest/gtest.h>

#include <cerrno>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "engine/store/verify_context.h"
#include "format/try.h"
#include "tests/faults/crash/damaged_store.h"
#include "tests/faults/crash/image_world.h"
#include "tests/faults/crash/test_size.h"
#include "tests/faults/crash/workload.h"
#include "tests/faults/disk_watcher.h"
#include "tests/faults/memory_disk.h"
#include "tests/support/temp_dir.h"

namespace reprise {
namespace {

// Makes the call number `failing` fail of those to logs and packs, or to the lists of them. Locks
// are none of them: they tell who lives, and what cannot be locked is looked at all the same.
class OneFault final : public DiskWatcher {
 public:
  explicit OneFault(std::uint64_t failing) : failing_(failing) {}

  DiskFault BeforeCall(DiskCall, std::string_view name, std::uint64_t) override {
    const bool counts = name.ends_with(".log") || name.ends_with(".pack") ||
                        name.ends_with("/log") || name.ends_with("/packs");
    if (!counts || calls_++ != failing_) return {};
    failed_ = name;
    return {EIO, 0};
  }
  void OnEffect(const DiskEffect&) override {}

  // Whose call it was; empty: there were fewer.
  const std::string& failed() const { return failed_; }

 private:
  const std::uint64_t failing_;
  std::uint64_t calls_ = 0;
  std::string failed_;
};

class FailingVerify : public ::testing::TestWithParam<VerifyDepth> {
 protected:
  Result<VerifyReport> Run(const CrashImage& image, OneFault* fault) {
    const std::string path = temp_.Of("store");
    std::filesystem::create_directories(path);
    WriteCatalogFiles(*image.catalog, path);
    MemoryDisk disk(temp_.path(), image.disk);
    ImageWorld world(image, disk, image.Hash());
    disk.SetWatcher(fault);
    auto report = Verify(world.io(), path, {.depth = GetParam()});
    disk.SetWatcher(nullptr);
    return report;
  }

  static bool IsTold(const Result<VerifyReport>& report) {
    constexpr int io = 74;
    return report ? report->ExitCode() == io : report.error().code() == Code::kIoError;
  }

  // Each call in turn.
  void ExpectEachIsTold(const CrashImage& image) {
    std::uint64_t calls = 0;
    for (;; ++calls) {
      OneFault fault(calls);
      const auto report = Run(image, &fault);
      if (fault.failed().empty()) {
        EXPECT_FALSE(IsTold(report)) << "nothing failed";
        break;
      }
      EXPECT_TRUE(IsTold(report)) << "call " << calls << ", of '" << fault.failed() << "'";
    }
    EXPECT_GT(calls, 10U);
  }

 private:
  TempDir temp_;
};

// All of its changes are in one file: without it no number is missing between two others.
Status CloseAStore(Workload& work) {
  REPRISE_TRY_ASSIGN(const int store, work.Open(Durability::kProcess));
  REPRISE_TRY(work.Start(store, "a"));
  REPRISE_TRY(work.LogRows(store, "a", 3));
  REPRISE_TRY(work.Finish(store, "a", 0));
  return work.Close(store);
}

TEST_P(FailingVerify, TellsOfACallThatFailedOnceOnAStoreThatWasClosed) {
  Workload work(CrashSeed(), nullptr);
  const Status closed = CloseAStore(work);
  ASSERT_TRUE(closed.ok()) << closed.ToString();
  CrashImage image;
  image.disk = work.disk().state();
  image.catalog = std::make_shared<const CatalogCopy>(ReadCatalogFiles(work.path()));
  ExpectEachIsTold(image);
}

TEST_P(FailingVerify, TellsOfACallThatFailedOnceWhereProcessesDied) {
  const auto store = MakeDamagedStore(DamageTarget::kLog, CrashSeed());
  ASSERT_TRUE(store) << store.error().ToString();
  ExpectEachIsTold(store->whole);
}

// Not the deepest, which tries again by itself where a pack cannot be opened.
INSTANTIATE_TEST_SUITE_P(Depth, FailingVerify,
                         ::testing::Values(VerifyDepth::kQuick, VerifyDepth::kChecksums),
                         [](const auto& depth) {
                           return std::string(VerifyDepthName(depth.param));
                         });

}  // namespace
}  // namespace reprise
