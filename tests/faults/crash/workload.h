// A store that is worked on call by call on a disk in memory, beside a model of it: what each call
// may leave behind is known before it is made.
#ifndef REPRISE_TESTS_FAULTS_CRASH_WORKLOAD_H_
#define REPRISE_TESTS_FAULTS_CRASH_WORKLOAD_H_

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/store/store_impl.h"
#include "tests/faults/crash/oracle.h"
#include "tests/faults/disk_tracer.h"
#include "tests/faults/fake_world.h"
#include "tests/faults/fault_injector.h"
#include "tests/faults/memory_disk.h"
#include "tests/support/model_store.h"
#include "tests/support/temp_dir.h"

namespace reprise {

// The store's directory in the home of its disk.
inline constexpr const char* kStoreName = "/store";

// One open store, with a session of its own: as a process has it.
class WorkloadStore {
 public:
  Session& session() { return *owner->session(); }
  // Waits until the background has done all that it was asked for, so that a trace is the same
  // each time.
  void Drain();

  int number = 0;
  Durability level = Durability::kProcess;
  std::shared_ptr<Store::Impl> impl;
  std::optional<Store> store;
  std::shared_ptr<SessionOwner> owner;
  std::map<std::string, RunWriter> writers;
};

// Every verb returns what the engine did. A call that fails is not made again, but for one that met
// a full disk: see OnNoSpace.
class Workload {
 public:
  // `observer` sees every effect; null: nobody does. It may ask for the path.
  Workload(std::uint64_t seed, DiskTracer* observer);
  ~Workload();

  MemoryDisk& disk() { return disk_; }
  FaultInjector& faults() { return injector_; }
  FakeWorld& world() { return world_; }
  const Oracle& oracle() const { return oracle_; }
  // Also while the disk's mutex is held: by a watcher.
  const std::string& path() const { return path_; }
  const TempDir& temp() const { return temp_; }

  // Called when a call returned kNoSpace: makes room. The call must work then. Without it the
  // workload ends with the first failure.
  void OnNoSpace(std::function<void()> make_room) { make_room_ = std::move(make_room); }

  // A number below `count`, by the seed: scripts differ by it.
  std::uint64_t Choose(std::uint64_t count) { return choices_.Next64() % count; }

  // The number of the store that is opened. All dead sessions are adopted when it returns.
  Result<int> Open(Durability level);
  Status Close(int store);
  // Every writer goes without being finished; what it could not seal is the stores'.
  void DropWriters() {
    for (auto& [number, store] : stores_) store.writers.clear();
  }
  // The process ends: whatever is open is closed.
  void LeaveInGoodOrder() { stores_.clear(); }
  // The process dies, with all stores that are open, and the next begins.
  void Kill();
  Status Rebuild();

  Status Start(int store, const std::string& run, bool takeover = false);
  // One key, at the next step.
  Status Log(int store, const std::string& run, Value value);
  // So many rows of it, or one or two more.
  Status LogRows(int store, const std::string& run, int rows);
  Status LogAt(int store, const std::string& run, Step step, const ModelFields& fields,
               std::optional<bool> commit);
  // Rows of x and y in one call.
  Status Append(int store, const std::string& run, std::size_t rows);
  Status Sync(int store);
  Status Rewind(int store, const std::string& run, Step step);
  Status RewindOutside(int store, const std::string& run, Step step);
  Status Restore(int store, const std::string& run, std::uint32_t branch);
  Status Fork(int store, const std::string& parent, Step step, const std::string& child);
  Status Configure(int store, const std::string& run, const Config& config);
  Status Annotate(int store, const std::string& run, const std::string& name,
                  const std::string& notes);
  Status Finish(int store, const std::string& run, int exit_code);
  Status Delete(int store, const std::string& run);

  // What can be read of every store that is open; what a full disk keeps from being read is left
  // out, and a store that just failed to be closed.
  Status ReadAll();

  // What the background does when there is much to do, now.
  Status Seal(int store, const std::string& run);
  Status Merge(int store, const std::string& run);
  Status Rotate(int store);
  Status Reclaim(int store);
  // The next sync, of whatever file, fails.
  void FailNextSync();
  // For a call that must fail so, and changes nothing.
  Status ExpectFenced(int store, const std::string& run);

 private:
  using Engine = std::function<Status(WorkloadStore&)>;
  using Model = std::function<Code()>;

  // Makes the call on the model and on the engine.
  Status Call(int store, const std::string& text, Promise promise,
              const std::vector<std::string>& runs, const std::vector<Model>& models,
              const Engine& engine);
  Status Meet(WorkloadStore& store, const Engine& engine);
  // Work that changes nothing that is seen.
  Status Quietly(int store, const Engine& engine);
  StoreText TextsOf(const std::vector<std::string>& runs) const;
  Promise RowPromise(int store) const;
  Result<std::shared_ptr<SessionWriter>> FindWriter(WorkloadStore& store, const std::string& run);
  std::size_t position() const { return observer_ == nullptr ? 0 : observer_->position(); }
  TimeMicros NextTime() { return ++row_time_; }

  TempDir temp_;
  int lives_ = 1;
  DiskTracer* const observer_;
  FaultInjector scripted_;  // for FailNextSync
  FaultInjector injector_;
  MemoryDisk disk_;
  std::string path_;
  FakeWorld world_;
  FakeRandom choices_;
  ModelStore model_;
  std::map<std::string, std::pair<std::string, std::string>> notes_;  // name and notes of each run
  Oracle oracle_;
  std::map<int, WorkloadStore> stores_;
  int next_store_ = 0;
  TimeMicros row_time_ = 1'000'000;
  std::function<void()> make_room_;
};

}  // namespace reprise

#endif  // REPRISE_TESTS_FAULTS_CRASH_WORKLOAD_H_
