// Keeps what happened to a disk, in order.
#ifndef REPRISE_TESTS_FAULTS_DISK_TRACER_H_
#define REPRISE_TESTS_FAULTS_DISK_TRACER_H_

#include <atomic>
#include <functional>
#include <utility>
#include <vector>

#include "tests/faults/disk_watcher.h"

namespace reprise {

class DiskTracer final : public DiskWatcher {
 public:
  // `before_effect` is told how many effects came before.
  explicit DiskTracer(std::function<void(std::size_t)> before_effect = {})
      : before_effect_(std::move(before_effect)) {}

  // How many effects there were. From any thread.
  std::size_t position() const { return position_.load(); }
  // When nobody uses the disk.
  const std::vector<DiskEffect>& effects() const { return effects_; }

  DiskFault BeforeCall(DiskCall, std::string_view, std::uint64_t) override { return {}; }
  void OnEffect(const DiskEffect& effect) override {
    if (before_effect_) before_effect_(effects_.size());
    effects_.push_back(effect);
    ++position_;
  }

 private:
  const std::function<void(std::size_t)> before_effect_;
  std::vector<DiskEffect> effects_;
  std::atomic<std::size_t> position_ = 0;
};

}  // namespace reprise

#endif  // REPRISE_TESTS_FAULTS_DISK_TRACER_H_
