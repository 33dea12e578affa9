// Records what is done to a disk, and where the catalog stands meanwhile.
#ifndef REPRISE_TESTS_FAULTS_CRASH_TRACE_RECORDER_H_
#define REPRISE_TESTS_FAULTS_CRASH_TRACE_RECORDER_H_

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "tests/faults/crash/crash_image.h"
#include "tests/faults/disk_tracer.h"

namespace reprise {

// While it records nobody may change the catalog but who is about to change the disk.
class TraceRecorder {
 public:
  // `store_path` says where the real catalog is now.
  explicit TraceRecorder(std::function<std::string()> store_path)
      : store_path_(std::move(store_path)), tracer_([this](std::size_t) { KeepCatalog(); }) {}

  DiskTracer& tracer() { return tracer_; }
  // When all is over: what happened to a disk that was `before`.
  DiskTrace Take(DiskState before, std::uint8_t boot) {
    KeepCatalog();
    return {std::move(before), tracer_.effects(), std::move(catalogs_), boot};
  }

 private:
  void KeepCatalog() {
    CatalogCopy copy = ReadCatalogFiles(store_path_());
    if (!catalogs_.empty() && *catalogs_.back() == copy) {
      catalogs_.push_back(catalogs_.back());
    } else {
      catalogs_.push_back(std::make_shared<const CatalogCopy>(std::move(copy)));
    }
  }

  const std::function<std::string()> store_path_;
  std::vector<std::shared_ptr<const CatalogCopy>> catalogs_;
  DiskTracer tracer_;
};

}  // namespace reprise

#endif  // REPRISE_TESTS_FAULTS_CRASH_TRACE_RECORDER_H_
