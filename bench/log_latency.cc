// How long the longest calls of Log take, while what was logged is sealed in the background.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <vector>

#include "bench/bench_store.h"
#include "bench/row_logger.h"
#include "reprise/verify.h"

namespace reprise::bench {
namespace {

constexpr std::size_t kKeys = 10;
constexpr std::size_t kRows = 2'000'000;  // sealed 30 times

using Clock = std::chrono::steady_clock;

// Nanoseconds of each of kRows calls, sorted. A call is between two readings of the clock, so each
// has what one reading takes.
template <typename Call>
std::vector<std::uint32_t> SortedNanos(const Call& call) {
  std::vector<std::uint32_t> nanos(kRows);
  for (std::uint32_t& took : nanos) {
    const auto begin = Clock::now();
    call();
    took = static_cast<std::uint32_t>((Clock::now() - begin).count());
  }
  std::sort(nanos.begin(), nanos.end());
  return nanos;
}

// The time that `share` of the calls stay within.
double Micros(const std::vector<std::uint32_t>& sorted, double share) {
  const auto at = static_cast<std::size_t>(share * static_cast<double>(sorted.size()));
  return sorted[std::min(at, sorted.size() - 1)] * 1e-3;
}

// Under kNone, 10 keys, prepared. `clock_us` is what the clock adds to each figure.
void LogLatency(benchmark::State& state) {
  for (auto unused : state) {
    const ScratchDirectory directory("latency");
    Store store = Must(Store::Open(directory.path(), {.durability = Durability::kNone}));
    RunWriter run = StartOrResume(store, "run");
    RowLogger logger(kKeys, Values::kFloats);
    const auto nanos = SortedNanos([&] { logger.Log(run, Api::kPrepared); });
    Must(run.Finish());
    Must(store.Close());
    const auto clock = SortedNanos([] {});
    state.SetIterationTime(Micros(nanos, 0.5) * 1e-6);
    state.counters["p50_us"] = Micros(nanos, 0.5);
    state.counters["p99_us"] = Micros(nanos, 0.99);
    state.counters["p99_9_us"] = Micros(nanos, 0.999);
    state.counters["p99_99_us"] = Micros(nanos, 0.9999);
    state.counters["max_us"] = Micros(nanos, 1);
    state.counters["clock_us"] = Micros(clock, 0.5);
    state.counters["segments"] =
        static_cast<double>(Must(ReadStoreStat(directory.path())).segments);
  }
}

BENCHMARK(LogLatency)->Iterations(1)->UseManualTime()->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace reprise::bench
