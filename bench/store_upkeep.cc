// Coming back to a store: resuming a run, verifying every byte, building the catalog anew.
#include <benchmark/benchmark.h>

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "bench/bench_store.h"
#include "bench/clocks.h"
#include "bench/drawn_values.h"
#include "bench/scale_work.h"
#include "reprise/verify.h"

namespace reprise::bench {
namespace {

constexpr std::size_t kKeys = 10;
constexpr std::size_t kSegmentRows = 65'536;
constexpr std::size_t kLargeSegments = 125;  // some 230 MB
constexpr double kLargeBytes = 200e6;
constexpr std::size_t kSmallRuns = 2'000;
constexpr std::size_t kStarters = 64;

// A store with one finished run, made when first asked for and then kept.
const std::string& StoreOf(std::size_t segments) {
  static std::map<std::size_t, std::string> stores;
  const auto [at, is_new] = stores.try_emplace(segments);
  if (!is_new) return at->second;
  at->second = MakeDirectory("store-of-" + std::to_string(segments));
  Store store = Must(Store::Open(at->second));
  RunWriter run = StartOrResume(store, "run");
  AppendDrawnRows(run, segments * kSegmentRows, kKeys, Values::kFloats);
  Must(run.Finish());
  Must(store.Close());
  if (Must(ReadStoreStat(at->second)).segments != segments) GiveUp("segments are missing");
  return at->second;
}

const std::string& StoreOfSmallRuns() {
  static const std::string path = [] {
    std::string made = MakeDirectory("small-runs");
    Figures unused;
    WriteManyRuns(made, kSmallRuns, kStarters, &unused);
    return made;
  }();
  return path;
}

// Argument: segments. From nothing open to a writer that knows its next step.
void OpenAndResume(benchmark::State& state) {
  const auto segments = static_cast<std::size_t>(state.range(0));
  const std::string& path = StoreOf(segments);
  for (auto unused : state) {
    const Stopwatch watch;
    Store store = Must(Store::Open(path));
    RunWriter run = StartOrResume(store, "run");
    const Step next = run.next_step();
    state.SetIterationTime(watch.seconds());
    if (next != static_cast<Step>(segments * kSegmentRows)) GiveUp("the next step is wrong");
    Must(run.Finish());
    Must(store.Close());
  }
}

// Argument: a VerifyDepth. Files are in the page cache.
void VerifyLarge(benchmark::State& state) {
  const std::string& path = StoreOf(kLargeSegments);
  VerifyOptions options;
  options.depth = static_cast<VerifyDepth>(state.range(0));
  const bool reads_all = options.depth != VerifyDepth::kQuick;
  for (auto unused : state) {
    const double cpu_before = ProcessCpuSeconds();
    const Stopwatch watch;
    const VerifyReport report = Must(Verify(path, options));
    state.SetIterationTime(watch.seconds());
    const double cpu = ProcessCpuSeconds() - cpu_before;
    const auto bytes = static_cast<double>(report.bytes);
    if (report.ExitCode() != 0) GiveUp("verify found: " + report.findings.front().message);
    if (reads_all && bytes < kLargeBytes) GiveUp("the store to be verified is too small");
    state.counters["bytes"] = bytes;
    state.counters["bytes_per_cpu_second"] = bytes / cpu;
  }
}

void Rebuild(benchmark::State& state, const std::string& path) {
  const std::string before = Must(DumpCatalog(path));
  for (auto unused : state) {
    const double cpu_before = ProcessCpuSeconds();
    const Stopwatch watch;
    Must(RebuildCatalog(path));
    state.SetIterationTime(watch.seconds());
    state.counters["cpu_ms"] = (ProcessCpuSeconds() - cpu_before) * 1e3;
  }
  if (Must(DumpCatalog(path)) != before) GiveUp("the rebuilt catalog differs");
}

void RebuildOfSmallRuns(benchmark::State& state) {
  Rebuild(state, StoreOfSmallRuns());
  state.counters["runs"] = kSmallRuns;
}

void RebuildOfLargeStore(benchmark::State& state) {
  Rebuild(state, StoreOf(kLargeSegments));
  state.counters["segments"] = kLargeSegments;
}

BENCHMARK(OpenAndResume)
    ->ArgName("segments")
    ->Arg(1)
    ->Arg(10)
    ->Arg(100)
    ->Iterations(20)
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK(VerifyLarge)
    ->ArgName("depth")
    ->DenseRange(0, 2)
    ->Iterations(1)
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK(RebuildOfSmallRuns)->Iterations(3)->UseManualTime()->Unit(benchmark::kMillisecond);
BENCHMARK(RebuildOfLargeStore)->Iterations(3)->UseManualTime()->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace reprise::bench
