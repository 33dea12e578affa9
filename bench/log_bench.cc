// Logging row by row: what a log computes with all that follows from it, and how long a call takes.
// Beside it, in files of their own: the machine's limits, and how long the longest calls take.
#include <benchmark/benchmark.h>

#include <string>

#include "bench/bench_store.h"
#include "bench/row_logger.h"

namespace reprise::bench {
namespace {

Store OpenStore(const ScratchDirectory& directory, Durability durability) {
  return Must(Store::Open(directory.path(), {.durability = durability}));
}

// Rows that are sealed four times.
std::int64_t RowsOf(std::int64_t keys) {
  if (keys == 1000) return 4'096;
  return keys == 100 ? 40'960 : 262'144;
}

// Arguments: keys a row, values, interface. Whole runs under kNone, from their start to their
// finish: the CPU time of the process has the log, the tail and the sealing in the background.
void LogAllIn(benchmark::State& state) {
  const std::int64_t rows = RowsOf(state.range(0));
  const ScratchDirectory directory("log-all-in");
  Store store = OpenStore(directory, Durability::kNone);
  RowLogger logger(static_cast<std::size_t>(state.range(0)), static_cast<Values>(state.range(1)));
  const auto api = static_cast<Api>(state.range(2));
  int runs = 0;
  while (state.KeepRunningBatch(rows)) {
    RunWriter run = StartOrResume(store, "run-" + std::to_string(runs++));
    for (std::int64_t row = 0; row < rows; ++row) logger.Log(run, api);
    Must(run.Finish());
  }
}

// Arguments: keys a row, durability. The calls alone, prepared, of float32 values.
void LogCall(benchmark::State& state) {
  const ScratchDirectory directory("log-call");
  Store store = OpenStore(directory, static_cast<Durability>(state.range(1)));
  RunWriter run = StartOrResume(store, "run");
  RowLogger logger(static_cast<std::size_t>(state.range(0)), Values::kFloats);
  for (auto unused : state) logger.Log(run, Api::kPrepared);
}

BENCHMARK(LogAllIn)
    ->ArgNames({"keys", "doubles", "prepared"})
    ->ArgsProduct({{1, 10, 100, 1000}, {0, 1}, {0, 1}})
    ->MeasureProcessCPUTime()
    ->UseRealTime();
BENCHMARK(LogCall)
    ->ArgNames({"keys", "durability"})
    ->ArgsProduct({{1, 10, 100, 1000}, {0, 1, 2}})
    ->UseRealTime();

}  // namespace
}  // namespace reprise::bench
