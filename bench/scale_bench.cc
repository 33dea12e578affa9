// The engine at the sizes it is designed for, with the most memory that each took.
//
// The large stores are those that scale_stores built in $REPRISE_SCALE_DIR; without them their
// benchmarks are skipped, loudly. The others write in child processes.
#include <benchmark/benchmark.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>

#include "bench/bench_store.h"
#include "bench/child_figures.h"
#include "bench/scale_work.h"

namespace reprise::bench {
namespace {

namespace fs = std::filesystem;

void Count(benchmark::State& state, const Figures& figures) {
  for (const auto& [name, value] : figures) state.counters[name] = value;
}

// 10,000 runs open in one process; 20 rows of 10 metrics to each, in turns.
void ManyRunsAtOnce(benchmark::State& state) {
  constexpr std::size_t kRows = 20;
  const auto runs = static_cast<std::size_t>(state.range(0));
  for (auto unused : state) {
    const ScratchDirectory directory("many-at-once");
    Count(state, RunInChild([&](Figures* figures) {
            WriteManyRunsAtOnce(directory.path(), runs, kRows, figures);
          }));
  }
}

void ManyKeys(benchmark::State& state) {
  const auto keys = static_cast<std::size_t>(state.range(0));
  for (auto unused : state) {
    const ScratchDirectory directory("many-keys");
    Count(state,
          RunInChild([&](Figures* figures) { WriteManyKeys(directory.path(), keys, figures); }));
  }
}

// A large store, opened for reading; null where there is none.
std::optional<std::string> LargeStore(benchmark::State& state, const std::string& name) {
  const char* directory = std::getenv("REPRISE_SCALE_DIR");
  const fs::path path = fs::path(directory == nullptr ? "" : directory) / name;
  if (directory != nullptr && fs::exists(path)) return path.string();
  const std::string why =
      "SKIPPED: no store '" + name + "' in $REPRISE_SCALE_DIR; run scale_stores";
  std::fprintf(stderr, "%s\n", why.c_str());
  state.SkipWithError(why.c_str());
  return std::nullopt;
}

Store OpenForReading(const std::string& path) {
  Options options;
  options.read_only = true;
  return Must(Store::Open(path, options));
}

// What `reprise ls --limit 20` does: opening the store included.
void ListTwentyRuns(benchmark::State& state) {
  const auto path = LargeStore(state, "many-runs");
  if (!path) return;
  RunQuery query;
  query.limit = 20;
  for (auto unused : state) {
    const Store store = OpenForReading(*path);
    if (Must(store.ListRuns(query)).size() != query.limit) GiveUp("runs are missing");
  }
}

// The store and the history of its one run: what is read before the first value.
void OpenLongRun(benchmark::State& state) {
  const auto path = LargeStore(state, "long-run");
  if (!path) return;
  for (auto unused : state) {
    const Store store = OpenForReading(*path);
    benchmark::DoNotOptimize(Must(store.OpenHistory({"long", {}, {}})));
  }
}

void SampleLongRun(benchmark::State& state, bool snapped) {
  const auto path = LargeStore(state, "long-run");
  if (!path) return;
  const Store store = OpenForReading(*path);
  const History history = Must(store.OpenHistory({"long", {}, {}}));
  SampleOptions options;
  options.buckets = 1000;
  options.snapped = snapped;
  Must(history.Sample("loss", options));
  for (auto unused : state) benchmark::DoNotOptimize(Must(history.Sample("loss", options)));
}

BENCHMARK(ManyRunsAtOnce)->ArgName("runs")->Arg(10'000)->Iterations(1)->Unit(benchmark::kSecond);
BENCHMARK(ManyKeys)->ArgName("keys")->Arg(100'000)->Iterations(1)->Unit(benchmark::kSecond);
BENCHMARK(ListTwentyRuns)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(OpenLongRun)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK_CAPTURE(SampleLongRun, exact, false)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK_CAPTURE(SampleLongRun, snapped, true)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
}  // namespace reprise::bench
