// What it takes to rewind and to fork, by the number of rows and by the depth of the lineage.
//
// The claim to check: neither matters. Each operation is measured on four stores of one run,
// with 10^3 or 10^8 rows and 1 or 100,000 rewinds behind it.
#include <benchmark/benchmark.h>
#include <time.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <thread>
#include <utility>

#include "bench/bench_store.h"

namespace reprise::bench {
namespace {

constexpr int kTimed = 300;   // operations on each run
constexpr int kWeighed = 15;  // operations looked at one by one, for what they write

// A run in a store of its own, made once a program: live at first, finished when first asked for.
// Branches 0 to `depth`, each the parent of the next.
class TestedRun {
 public:
  TestedRun(std::uint64_t rows, std::uint32_t depth)
      : path_(MakeDirectory(std::to_string(rows) + "-rows-depth-" + std::to_string(depth))),
        rows_(rows),
        depth_(depth),
        store_(Must(Store::Open(path_))) {
    RunOptions options;
    options.run_id = "tested";
    writer_.emplace(Must(store_.StartRun(options)));
    // Values that are quick to make and take little disk: what they are does not matter.
    AppendRows(*writer_, rows, [](Step step) { return static_cast<double>(step % 1024) / 4; });
    Deepen(*writer_, depth);
    Must(writer_->Sync());
    WaitUntilQuiet(path_);
  }
  TestedRun(const TestedRun&) = delete;
  TestedRun& operator=(const TestedRun&) = delete;

  const std::string& path() const { return path_; }
  Store& store() { return store_; }

  RunWriter& Live() {
    if (finished_) GiveUp("live runs are measured before finished ones: keep that order");
    return *writer_;
  }

  void FinishOnce() {
    if (!std::exchange(finished_, true)) Must(writer_->Finish());
  }

  // In the middle of the deepest branch's history: by branches in a deep lineage, else by rows.
  Moment Middle() const {
    const std::uint64_t step = depth_ > 1 ? rows_ + depth_ / 2 : rows_ / 2;
    return {"tested", depth_, static_cast<Step>(step)};
  }

 private:
  std::string path_;
  std::uint64_t rows_;
  std::uint32_t depth_;
  Store store_;
  std::optional<RunWriter> writer_;
  bool finished_ = false;
};

constexpr std::size_t kShapes = 4;

using TestedRuns = std::array<std::unique_ptr<TestedRun>, kShapes>;

// Side by side: 100,000 rewinds wait for the disk 100,000 times.
TestedRuns MakeRuns() {
  TestedRuns runs;
  const auto make = [&runs](std::size_t shape, std::uint64_t rows, std::uint32_t depth) {
    return std::thread([=, &runs] { runs[shape] = std::make_unique<TestedRun>(rows, depth); });
  };
  constexpr std::uint64_t kMany = 100'000'000;
  std::array<std::thread, kShapes> makers{make(0, 1'000, 1), make(1, kMany, 1),
                                          make(2, 1'000, 100'000), make(3, kMany, 100'000)};
  for (std::thread& maker : makers) maker.join();
  return runs;
}

// The shapes that are compared; the first is what the others are held against.
std::array<TestedRun*, kShapes> Runs() {
  static const TestedRuns runs = MakeRuns();
  return {runs[0].get(), runs[1].get(), runs[2].get(), runs[3].get()};
}
constexpr std::array<const char*, kShapes> kShapeNames = {"1e3x1", "1e8x1", "1e3x1e5", "1e8x1e5"};

using Operation = std::function<void(TestedRun&)>;

// What this thread has computed so far, waiting left out.
double CpuMicros() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_nsec) * 1e-3;
}

struct Took {
  std::vector<double> micros;
  std::vector<double> cpu_micros;
};

double TimeOne(const std::function<void()>& operation, Took* took) {
  const double cpu_begin = CpuMicros();
  const auto begin = std::chrono::steady_clock::now();
  operation();
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - begin;
  took->micros.push_back(elapsed.count() * 1e6);
  took->cpu_micros.push_back(CpuMicros() - cpu_begin);
  return elapsed.count();
}

// The disk's limit for a durable operation: an append with an fdatasync.
void AppendAtTheLimit() {
  static SyncedFile file(MakeDirectory("limit") + "/file");
  file.Append(256);
}

// The limit and all shapes take turns, so what else the machine does slows them alike.
void TimeShapes(benchmark::State& state, const Operation& operation) {
  std::array<Took, kShapes> took;
  Took limit;
  std::size_t round = 0;
  for (auto unused : state) {
    double seconds = 0;
    TimeOne(AppendAtTheLimit, &limit);
    for (std::size_t i = 0; i < kShapes; ++i) {
      const std::size_t shape = (round + i) % kShapes;
      TestedRun& run = *Runs()[shape];
      seconds += TimeOne([&] { operation(run); }, &took[shape]);
    }
    state.SetIterationTime(seconds / kShapes);
    ++round;
  }
  state.counters["limit_us"] = Median(limit.micros);
  state.counters["limit_cpu_us"] = Median(limit.cpu_micros);
  for (std::size_t shape = 0; shape < kShapes; ++shape) {
    const std::string name = kShapeNames[shape];
    state.counters[name + "_us"] = Median(took[shape].micros);
    state.counters[name + "_cpu_us"] = Median(took[shape].cpu_micros);
  }
}

// What operations write, looked at one by one.
void Weigh(benchmark::State& state, const std::string& name, TestedRun& run,
           const Operation& operation) {
  std::vector<double> log_bytes;
  std::vector<double> pages;
  for (int i = 0; i < kWeighed; ++i) {
    const std::string catalog_before = ReadCatalog(run.path());
    const std::uint64_t log_before = LogBytes(run.path());
    operation(run);
    const std::uint64_t log_after = LogBytes(run.path());
    const std::string catalog_after = ReadCatalog(run.path());
    pages.push_back(static_cast<double>(DifferingPages(catalog_before, catalog_after)));
    // A log file may have gone in between.
    if (log_after > log_before) log_bytes.push_back(static_cast<double>(log_after - log_before));
  }
  if (log_bytes.empty()) GiveUp("operations wrote nothing to the log");
  state.counters[name + "_log_bytes"] = Median(std::move(log_bytes));
  state.counters[name + "_pages"] = Median(pages);
  state.counters[name + "_most_pages"] = *std::max_element(pages.begin(), pages.end());
}

void Measure(benchmark::State& state, const Operation& operation) {
  for (TestedRun* run : Runs()) operation(*run);  // the first one also registers the session
  TimeShapes(state, operation);
  for (std::size_t shape = 0; shape < kShapes; ++shape) {
    Weigh(state, kShapeNames[shape], *Runs()[shape], operation);
  }
}

// To the end of what the head inherits, so the lineage stays as deep as it is.
void RewindLive(benchmark::State& state) {
  Measure(state, [](TestedRun& run) {
    RunWriter& writer = run.Live();
    Must(writer.Rewind(writer.next_step() - 1));
  });
}

void ForkHead(TestedRun& run) { Must(run.store().Fork({"tested", {}, {}})); }
void ForkMiddle(TestedRun& run) { Must(run.store().Fork(run.Middle())); }

void FinishAll() {
  for (TestedRun* run : Runs()) run->FinishOnce();
}

void ForkLiveHead(benchmark::State& state) {
  for (TestedRun* run : Runs()) run->Live();
  Measure(state, ForkHead);
}

void ForkLiveMiddle(benchmark::State& state) {
  for (TestedRun* run : Runs()) run->Live();
  Measure(state, ForkMiddle);
}

void ForkFinishedHead(benchmark::State& state) {
  FinishAll();
  Measure(state, ForkHead);
}

void ForkFinishedMiddle(benchmark::State& state) {
  FinishAll();
  Measure(state, ForkMiddle);
}

void RewindFromOutside(benchmark::State& state) {
  FinishAll();
  Measure(state, [](TestedRun& run) { Must(run.store().Rewind(run.Middle())); });
}

void Timed(benchmark::internal::Benchmark* benchmark) {
  benchmark->Iterations(kTimed)->UseManualTime()->Unit(benchmark::kMicrosecond);
}

BENCHMARK(RewindLive)->Apply(Timed);
BENCHMARK(ForkLiveHead)->Apply(Timed);
BENCHMARK(ForkLiveMiddle)->Apply(Timed);
// From here on the runs are finished.
BENCHMARK(ForkFinishedHead)->Apply(Timed);
BENCHMARK(ForkFinishedMiddle)->Apply(Timed);
BENCHMARK(RewindFromOutside)->Apply(Timed);

}  // namespace
}  // namespace reprise::bench
