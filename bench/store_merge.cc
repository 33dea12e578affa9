// Merging the small segments that short sessions leave. The session's background thread does it,
// and in these programs hardly anything else: what the process computes beside the calling thread
// is counted as merging.
#include <benchmark/benchmark.h>

#include <chrono>
#include <string>
#include <thread>

#include "bench/bench_store.h"
#include "bench/clocks.h"
#include "bench/drawn_values.h"
#include "reprise/verify.h"

namespace reprise::bench {
namespace {

constexpr std::size_t kKeys = 10;
constexpr std::size_t kParts = 4;  // as few as are merged

void LogSession(Store& store, const std::string& run_id, std::size_t rows) {
  RunWriter run = StartOrResume(store, run_id);
  AppendDrawnRows(run, rows, kKeys, Values::kFloats);
  Must(run.Finish());
}

double BackgroundCpuSeconds() { return ProcessCpuSeconds() - ThreadCpuSeconds(); }

StoreStat WaitForSegments(const std::string& path, std::uint64_t segments) {
  const Stopwatch watch;
  while (watch.seconds() < 30) {
    const StoreStat stat = Must(ReadStoreStat(path));
    if (stat.segments == segments) return stat;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  GiveUp("segments were not merged");
}

// Argument: rows of each of four segments that become one when the run is resumed. `bytes` of
// segments, a value.
void MergeFour(benchmark::State& state) {
  const auto rows = static_cast<std::size_t>(state.range(0));
  double cpu = 0;
  for (auto unused : state) {
    const ScratchDirectory directory("merge");
    Store store = Must(Store::Open(directory.path()));
    for (std::size_t i = 0; i < kParts; ++i) LogSession(store, "run", rows);
    const StoreStat before = Must(ReadStoreStat(directory.path()));
    if (before.segments != kParts) GiveUp("segments were merged too early");
    const double cpu_before = BackgroundCpuSeconds();
    const Stopwatch watch;
    RunWriter run = StartOrResume(store, "run");
    const StoreStat after = WaitForSegments(directory.path(), 1);
    state.SetIterationTime(watch.seconds());
    cpu += BackgroundCpuSeconds() - cpu_before;
    Must(run.Finish());
    const auto values = static_cast<double>(kParts * rows * kKeys);
    state.counters["bytes_before"] = static_cast<double>(before.segment_bytes) / values;
    state.counters["bytes_after"] = static_cast<double>(after.segment_bytes) / values;
  }
  const auto merged = static_cast<double>(state.iterations()) * static_cast<double>(kParts * rows);
  state.counters["cpu_ns_a_row"] = cpu * 1e9 / merged;
}

// Arguments: sessions, rows of each. Each session merges what the ones before left, as often as it
// has to.
void ShortSessions(benchmark::State& state) {
  const auto sessions = static_cast<std::size_t>(state.range(0));
  const auto rows = static_cast<std::size_t>(state.range(1));
  for (auto unused : state) {
    const ScratchDirectory directory("sessions");
    Store store = Must(Store::Open(directory.path()));
    const double cpu_before = BackgroundCpuSeconds();
    const Stopwatch watch;
    for (std::size_t i = 0; i < sessions; ++i) LogSession(store, "run", rows);
    state.SetIterationTime(watch.seconds());
    const auto logged = static_cast<double>(sessions * rows);
    state.counters["cpu_ns_a_row"] = (BackgroundCpuSeconds() - cpu_before) * 1e9 / logged;
    const StoreStat stat = Must(ReadStoreStat(directory.path()));
    state.counters["segments"] = static_cast<double>(stat.segments);
    state.counters["bytes_after"] = static_cast<double>(stat.segment_bytes) / (logged * kKeys);
    // With the segments that were merged, which stay in the packs.
    state.counters["pack_bytes"] = static_cast<double>(stat.pack_bytes) / (logged * kKeys);
  }
}

BENCHMARK(MergeFour)
    ->ArgName("rows")
    ->Arg(50)
    ->Arg(1'000)
    ->Arg(16'000)  // no multiple of a vector: only the first part's vectors stay
    ->Arg(16'384)
    ->Iterations(3)
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK(ShortSessions)
    ->ArgNames({"sessions", "rows"})
    ->Args({100, 50})
    ->Iterations(1)
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace reprise::bench
