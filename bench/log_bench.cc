// The basic paths: logging, reading one curve, starting again where a run was left.
#include <benchmark/benchmark.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "bench/bench_store.h"

namespace reprise::bench {
namespace {

constexpr std::uint64_t kCurveRows = 100'000;

std::string NewStorePath(std::string_view name) {
  static int made = 0;
  return MakeDirectory(std::string(name) + "-" + std::to_string(made++));
}

RunWriter Start(Store& store, const std::string& run_id) {
  RunOptions options;
  options.run_id = run_id;
  options.resume = Resume::kAllow;
  return Must(store.StartRun(options));
}

// Arguments: keys a row, durability.
void LogRow(benchmark::State& state) {
  Options options;
  options.durability = static_cast<Durability>(state.range(1));
  Store store = Must(Store::Open(NewStorePath("log"), options));
  RunWriter run = Start(store, "logged");
  std::vector<std::string> keys;
  for (std::int64_t i = 0; i < state.range(0); ++i) keys.push_back("train/key" + std::to_string(i));
  double value = 1;
  std::vector<Field> fields;
  for (auto unused : state) {
    fields.clear();
    value *= 0.999;
    for (const std::string& key : keys) fields.push_back({key, value});
    Must(run.Log(fields));
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

void LogShapes(benchmark::internal::Benchmark* benchmark) {
  benchmark->ArgNames({"keys", "durability"});
  for (const auto durability : {Durability::kNone, Durability::kProcess, Durability::kDisk}) {
    for (const std::int64_t keys : {1, 10, 100}) {
      benchmark->Args({keys, static_cast<std::int64_t>(durability)});
    }
  }
}

struct CurveStore {
  CurveStore() : path(NewStorePath("curve")), store(Must(Store::Open(path))) {
    RunWriter run = Start(store, "curve");
    AppendRows(run, kCurveRows);
    Must(run.Finish());
  }
  std::string path;
  Store store;
};

CurveStore& Curve() {
  static CurveStore curve;
  return curve;
}

// Opens the history and reads all values of one key: files are in the page cache.
void ReadCurve(benchmark::State& state) {
  Store& store = Curve().store;
  for (auto unused : state) {
    const History history = Must(store.OpenHistory({"curve", {}, {}}));
    benchmark::DoNotOptimize(Must(history.ReadNumbers("loss")));
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kCurveRows));
}

// From nothing open to a writer that can log, and back: a run of 100,000 rows.
void OpenAndResume(benchmark::State& state) {
  const std::string path = NewStorePath("resume");
  {
    Store store = Must(Store::Open(path));
    RunWriter run = Start(store, "resumed");
    AppendRows(run, kCurveRows);
    Must(run.Finish());
  }
  for (auto unused : state) {
    std::optional<Store> store = Must(Store::Open(path));
    std::optional<RunWriter> run = Start(*store, "resumed");
    benchmark::DoNotOptimize(run->next_step());
    state.PauseTiming();
    Must(run->Finish());
    run.reset();
    store.reset();
    state.ResumeTiming();
  }
}

BENCHMARK(LogRow)->Apply(LogShapes)->UseRealTime();
BENCHMARK(ReadCurve)->Unit(benchmark::kMicrosecond)->UseRealTime();
BENCHMARK(OpenAndResume)->Unit(benchmark::kMicrosecond)->UseRealTime()->Iterations(200);

}  // namespace
}  // namespace reprise::bench
