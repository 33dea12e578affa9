// Makes calls to a disk fail.
#ifndef REPRISE_TESTS_FAULTS_FAULT_INJECTOR_H_
#define REPRISE_TESTS_FAULTS_FAULT_INJECTOR_H_

#include <atomic>
#include <cerrno>
#include <cstdint>

#include "tests/faults/disk_watcher.h"

namespace reprise {

// Which calls fail, and how.
struct FaultPlan {
  static constexpr std::uint64_t kNever = ~std::uint64_t{0};

  std::uint64_t first = kNever;  // the number of the call, from 0
  bool sticky = false;           // all after it fail too
  int error = EIO;
  bool halves = false;      // a write that fails leaves its first half
  bool syncs_only = false;  // only syncs are counted
};

// A way to fail, with a name for people, that has no place yet.
struct FaultKind {
  const char* name;
  int error;
  bool halves;
  bool sticky;

  FaultPlan At(std::uint64_t first) const {
    FaultPlan plan;
    plan.first = first;
    plan.error = error;
    plan.halves = halves;
    plan.sticky = sticky;
    return plan;
  }
};

class FaultInjector final : public DiskWatcher {
 public:
  // `next` is asked about calls that do not fail here, and told of effects; null: nobody is.
  explicit FaultInjector(DiskWatcher* next = nullptr) : next_(next) {}

  // Counts calls from 0 again. While nobody uses the disk.
  void Set(const FaultPlan& plan) {
    plan_ = plan;
    calls_ = 0;
  }
  // From any thread.
  void Stop() { stopped_ = true; }
  std::uint64_t calls() const { return calls_; }
  std::uint64_t fired() const { return fired_; }
  // How many of them were syncs, of files or of names.
  std::uint64_t failed_syncs() const { return failed_syncs_; }

  DiskFault BeforeCall(DiskCall call, std::string_view name, std::uint64_t bytes) override {
    if (IsMeant(call)) {
      ++fired_;
      if (call == DiskCall::kSync || call == DiskCall::kSyncNames) ++failed_syncs_;
      const bool half = plan_.halves && call == DiskCall::kWrite;
      return {plan_.error, half ? static_cast<std::size_t>(bytes / 2) : 0};
    }
    return next_ == nullptr ? DiskFault() : next_->BeforeCall(call, name, bytes);
  }
  void OnEffect(const DiskEffect& effect) override {
    if (next_ != nullptr) next_->OnEffect(effect);
  }

 private:
  bool IsMeant(DiskCall call) {
    if (plan_.syncs_only && call != DiskCall::kSync) return false;
    const std::uint64_t number = calls_++;
    const bool meant = number == plan_.first || (plan_.sticky && number > plan_.first);
    return meant && !stopped_;
  }

  DiskWatcher* const next_;
  FaultPlan plan_;
  std::atomic<bool> stopped_ = false;
  std::atomic<std::uint64_t> calls_ = 0;
  std::atomic<std::uint64_t> fired_ = 0;
  std::atomic<std::uint64_t> failed_syncs_ = 0;
};

}  // namespace reprise

#endif  // REPRISE_TESTS_FAULTS_FAULT_INJECTOR_H_
