// Importing a real run, as `reprise import wandb` does it.
#include <benchmark/benchmark.h>

#include <filesystem>

#include "bench/bench_store.h"
#include "bench/clocks.h"
#include "bench/run_input.h"
#include "tools/import/store_sink.h"
#include "tools/import/wandb.h"

namespace reprise::bench {
namespace {

constexpr const char* kFile = "wandb/geom3d-xyn3s3m1.wandb";

// From an empty store to one that is closed.
void ImportWandb(benchmark::State& state) {
  const auto path = FindRealData(kFile);
  if (!path) {
    state.SkipWithError("SKIPPED: the real run is not there");
    return;
  }
  const auto bytes = static_cast<double>(std::filesystem::file_size(*path));
  for (auto unused : state) {
    const ScratchDirectory directory("import");
    tools::ImportReport report;
    const double cpu_before = ProcessCpuSeconds();
    const Stopwatch watch;
    Store store = Must(Store::Open(directory.path(), {.durability = Durability::kNone}));
    tools::StoreSink sink(&store, "", "");
    Must(tools::ImportWandb({*path}, &sink, &report));
    Must(sink.Release());
    Must(store.Close());
    const double seconds = watch.seconds();
    state.SetIterationTime(seconds);
    if (report.rows == 0 || !report.skipped.empty()) GiveUp("the import is not whole");
    state.counters["bytes_per_second"] = bytes / seconds;
    state.counters["bytes_per_cpu_second"] = bytes / (ProcessCpuSeconds() - cpu_before);
    state.counters["rows"] = static_cast<double>(report.rows);
  }
}

BENCHMARK(ImportWandb)->Iterations(1)->UseManualTime()->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace reprise::bench
