// Bulk work on a store: appending columns, and sealing. Beside it, in files of their own: merging,
// resuming, verifying, rebuilding, and importing.
#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "bench/bench_store.h"
#include "bench/clocks.h"
#include "bench/drawn_values.h"
#include "reprise/verify.h"

namespace reprise::bench {
namespace {

constexpr std::size_t kAppendedValues = 6'553'600;

// Rows of a batch, its columns kept in `columns`.
ColumnBatch Cut(const ColumnBatch& batch, std::size_t at, std::size_t rows,
                std::vector<ColumnBatch::Column>* columns) {
  columns->assign(batch.columns.begin(), batch.columns.end());
  for (ColumnBatch::Column& column : *columns) column.doubles = column.doubles.subspan(at, rows);
  ColumnBatch cut;
  cut.steps = batch.steps.subspan(at, rows);
  cut.times = batch.times.subspan(at, rows);
  cut.columns = *columns;
  return cut;
}

// Arguments: keys, rows a batch. A whole run, its sealing included.
void AppendColumns(benchmark::State& state) {
  const auto keys = static_cast<std::size_t>(state.range(0));
  const auto batch_rows = static_cast<std::size_t>(state.range(1));
  const std::size_t rows = kAppendedValues / keys;
  BatchMaker maker(keys, Values::kFloats);
  const ColumnBatch& whole = maker.Make(0, rows);
  std::vector<ColumnBatch::Column> columns;
  for (auto unused : state) {
    const ScratchDirectory directory("append");
    Store store = Must(Store::Open(directory.path()));
    RunWriter run = StartOrResume(store, "run");
    const double cpu_before = ProcessCpuSeconds();
    const Stopwatch watch;
    for (std::size_t at = 0; at < rows; at += batch_rows) {
      const std::size_t count = std::min(batch_rows, rows - at);
      Must(run.AppendColumns(Cut(whole, at, count, &columns)));
    }
    Must(run.Finish());
    const double seconds = watch.seconds();
    const double cpu = ProcessCpuSeconds() - cpu_before;
    state.SetIterationTime(seconds);
    state.counters["values_per_second"] = static_cast<double>(kAppendedValues) / seconds;
    state.counters["cpu_ns_a_value"] = cpu * 1e9 / static_cast<double>(kAppendedValues);
  }
}

// Arguments: keys, rows, values. One segment, by Finish: to the catalog's commit, with what syncing
// takes. As many rows as a segment holds less one, and of 100 keys less than 8 MiB, so that nothing
// is sealed before.
void Seal(benchmark::State& state) {
  const auto keys = static_cast<std::size_t>(state.range(0));
  const auto rows = static_cast<std::size_t>(state.range(1));
  const auto values = static_cast<Values>(state.range(2));
  const ScratchDirectory directory("seal");
  Store store = Must(Store::Open(directory.path()));
  double seconds = 0;
  double cpu = 0;
  double runs = 0;
  for (auto unused : state) {
    RunWriter run = StartOrResume(store, "run-" + std::to_string(static_cast<int>(runs)));
    AppendDrawnRows(run, rows, keys, values);
    const double cpu_before = ProcessCpuSeconds();
    const Stopwatch watch;
    Must(run.Finish());
    state.SetIterationTime(watch.seconds());
    seconds += watch.seconds();
    cpu += ProcessCpuSeconds() - cpu_before;
    runs += 1;
  }
  const StoreStat stat = Must(ReadStoreStat(directory.path()));
  if (static_cast<double>(stat.segments) != runs) GiveUp("a run was sealed in several segments");
  const double sealed = runs * static_cast<double>(rows);
  state.counters["rows_per_second"] = sealed / seconds;
  state.counters["cpu_ns_a_value"] = cpu * 1e9 / (sealed * static_cast<double>(keys));
  state.counters["bytes_a_value"] =
      static_cast<double>(stat.segment_bytes) / static_cast<double>(stat.values);
}

BENCHMARK(AppendColumns)
    ->ArgNames({"keys", "batch"})
    ->Args({10, 65'536})
    ->Args({10, 1'000})
    ->Args({100, 1'000})
    ->Iterations(1)
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond);

void SealShapes(benchmark::internal::Benchmark* benchmark) {
  benchmark->ArgNames({"keys", "rows", "values"});
  for (const Values values : {Values::kFloats, Values::kDoubles, Values::kDecimals}) {
    const auto kind = static_cast<std::int64_t>(values);
    benchmark->Args({10, 65'535, kind})->Args({10, 4'096, kind});
    benchmark->Args({100, 10'000, kind})->Args({100, 4'096, kind});
  }
}

BENCHMARK(Seal)->Apply(SealShapes)->Iterations(5)->UseManualTime()->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace reprise::bench
