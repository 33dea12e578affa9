// Sampling a curve for a plot: 1,000 buckets of one key, exact and snapped, the first time and
// warm, beside a scan of all its values.
//
// REPRISE_BENCH_ROWS adds a curve of so many rows to those of 10^6 and 10^7.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "bench/bench_store.h"

namespace reprise::bench {
namespace {

constexpr std::uint64_t kBuckets = 1000;

// A falling curve with noise, as float32 has it.
void AppendLoss(RunWriter& run, std::uint64_t rows) {
  std::mt19937_64 random(1);
  AppendRows(run, rows, [&random](Step step) {
    const double noise = static_cast<double>(random() % 100'000) / 1e6;
    const double trend = 2.0 / (1.0 + static_cast<double>(step) * 1e-6);
    return static_cast<double>(static_cast<float>(trend + noise));
  });
}

struct CurveStore {
  explicit CurveStore(std::uint64_t rows)
      : store(Must(Store::Open(MakeDirectory("curve" + std::to_string(rows))))) {
    RunOptions options;
    options.run_id = "curve";
    RunWriter run = Must(store.StartRun(options));
    AppendLoss(run, rows);
    Must(run.Finish());
  }
  History Open() { return Must(store.OpenHistory({"curve", {}, {}})); }

  Store store;
};

// Made when first asked for.
CurveStore& Curve(const benchmark::State& state) {
  static std::map<std::uint64_t, CurveStore> curves;
  return curves
      .try_emplace(static_cast<std::uint64_t>(state.range(0)),
                   static_cast<std::uint64_t>(state.range(0)))
      .first->second;
}

SampleOptions OptionsOf(bool snapped) {
  SampleOptions options;
  options.buckets = kBuckets;
  options.snapped = snapped;
  return options;
}

// A history that was just opened: cells are read from the file, which is in the page cache.
void SampleFirst(benchmark::State& state, bool snapped) {
  CurveStore& curve = Curve(state);
  for (auto unused : state) {
    const History history = curve.Open();
    benchmark::DoNotOptimize(Must(history.Sample("loss", OptionsOf(snapped))));
  }
}

void SampleWarm(benchmark::State& state, bool snapped) {
  const History history = Curve(state).Open();
  Must(history.Sample("loss", OptionsOf(snapped)));
  for (auto unused : state) {
    benchmark::DoNotOptimize(Must(history.Sample("loss", OptionsOf(snapped))));
  }
}

// Warm, and each time of other steps, so that the edges of the buckets cut other cells.
void SampleZoomed(benchmark::State& state) {
  const History history = Curve(state).Open();
  std::mt19937_64 random(1);
  SampleOptions options = OptionsOf(false);
  for (int i = 0; i < 3; ++i) Must(history.Sample("loss", options));
  for (auto unused : state) {
    const auto first = static_cast<Step>(random() % static_cast<std::uint64_t>(state.range(0) / 2));
    options.steps = {first, first + state.range(0) / 2};
    benchmark::DoNotOptimize(Must(history.Sample("loss", options)));
  }
}

struct Extent {
  double min = 0, max = 0, sum = 0;
  std::uint64_t count = 0;
};

// What a program does that has all values at hand: one pass.
std::vector<Extent> Scan(const NumericSeries& series, std::uint64_t width) {
  std::vector<Extent> buckets(kBuckets);
  for (std::size_t i = 0; i < series.values.size(); ++i) {
    const auto step = static_cast<std::uint64_t>(series.steps[i]);
    Extent& bucket = buckets[step * kBuckets / width];
    const double value = series.values[i];
    bucket.min = bucket.count == 0 ? value : std::min(bucket.min, value);
    bucket.max = bucket.count == 0 ? value : std::max(bucket.max, value);
    bucket.sum += value;
    ++bucket.count;
  }
  return buckets;
}

void ScanInMemory(benchmark::State& state) {
  const NumericSeries series = Must(Curve(state).Open().ReadNumbers("loss"));
  for (auto unused : state) {
    benchmark::DoNotOptimize(Scan(series, static_cast<std::uint64_t>(state.range(0))));
  }
}

void ReadAndScan(benchmark::State& state) {
  const History history = Curve(state).Open();
  for (auto unused : state) {
    const NumericSeries series = Must(history.ReadNumbers("loss"));
    benchmark::DoNotOptimize(Scan(series, static_cast<std::uint64_t>(state.range(0))));
  }
}

void Rows(benchmark::internal::Benchmark* benchmark) {
  benchmark->ArgName("rows")->Unit(benchmark::kMicrosecond)->Arg(1'000'000)->Arg(10'000'000);
  const char* more = std::getenv("REPRISE_BENCH_ROWS");
  if (more != nullptr) benchmark->Arg(std::strtoll(more, nullptr, 10));
}

BENCHMARK_CAPTURE(SampleWarm, exact, false)->Apply(Rows);
BENCHMARK_CAPTURE(SampleWarm, snapped, true)->Apply(Rows);
BENCHMARK(SampleZoomed)->Apply(Rows);
BENCHMARK_CAPTURE(SampleFirst, exact, false)->Apply(Rows);
BENCHMARK_CAPTURE(SampleFirst, snapped, true)->Apply(Rows);
BENCHMARK(ScanInMemory)->Apply(Rows);
BENCHMARK(ReadAndScan)->Apply(Rows);

}  // namespace
}  // namespace reprise::bench
