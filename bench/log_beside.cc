// Logging beside what it takes at least, in turns, so that a disk's or a neighbour's moods slow
// both alike: kProcess beside a write(2), kDisk beside an append with an fdatasync, and many
// writers beside one.
#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <latch>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "bench/bench_store.h"
#include "bench/clocks.h"
#include "bench/row_logger.h"

namespace reprise::bench {
namespace {

constexpr std::size_t kKeys = 10;
constexpr std::size_t kRecordBytes = 128;  // a log record of about ten values

class WrittenFile {
 public:
  explicit WrittenFile(const std::string& path)
      : descriptor_(::open(path.c_str(), O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0600)) {
    if (descriptor_ < 0) GiveUp("cannot open " + path);
  }
  ~WrittenFile() { ::close(descriptor_); }
  WrittenFile(const WrittenFile&) = delete;
  WrittenFile& operator=(const WrittenFile&) = delete;

  void Append() {
    const std::array<char, kRecordBytes> record{};
    if (::write(descriptor_, record.data(), record.size()) != kRecordBytes) GiveUp("cannot write");
  }

 private:
  int descriptor_;
};

// A store with one run that is logged to.
struct LoggedRun {
  explicit LoggedRun(Durability durability)
      : directory("log-beside"),
        store(Must(Store::Open(directory.path(), {.durability = durability}))),
        run(StartOrResume(store, "run")),
        logger(kKeys, Values::kFloats) {}

  void Log() { logger.Log(run, Api::kPrepared); }

  ScratchDirectory directory;
  Store store;
  RunWriter run;
  RowLogger logger;
};

struct Turns {
  std::vector<double> log_us;
  std::vector<double> bare_us;
};

// `calls` of each a turn; microseconds of one.
template <typename Log, typename Bare>
Turns TakeTurns(std::size_t turns, std::size_t calls, const Log& log, const Bare& bare) {
  const auto one = [&](const auto& call) {
    const Stopwatch watch;
    for (std::size_t i = 0; i < calls; ++i) call();
    return watch.micros() / static_cast<double>(calls);
  };
  Turns took;
  for (std::size_t turn = 0; turn < turns; ++turn) {
    took.log_us.push_back(one(log));
    took.bare_us.push_back(one(bare));
  }
  return took;
}

void Report(benchmark::State& state, Turns took) {
  const double log_us = Median(std::move(took.log_us));
  const double bare_us = Median(std::move(took.bare_us));
  state.SetIterationTime(log_us * 1e-6);
  state.counters["bare_us"] = bare_us;
  state.counters["times_bare"] = log_us / bare_us;
}

// Seals go on in the background, as they do in life.
void ProcessBesideWrite(benchmark::State& state) {
  for (auto unused : state) {
    LoggedRun ours(Durability::kProcess);
    WrittenFile file(ours.directory.path() + "/bare");
    Report(state, TakeTurns(
                      400, 500, [&] { ours.Log(); }, [&] { file.Append(); }));
  }
}

void DiskBesideSync(benchmark::State& state) {
  for (auto unused : state) {
    LoggedRun ours(Durability::kDisk);
    SyncedFile file(ours.directory.path() + "/bare");
    Report(state, TakeTurns(
                      100, 1, [&] { ours.Log(); }, [&] { file.Append(kRecordBytes); }));
  }
}

// Rows a second that `writers` threads log, each to a run of its own of one store.
double RowsPerSecond(std::size_t writers, std::size_t rows) {
  const ScratchDirectory directory("log-threads");
  Store store = Must(Store::Open(directory.path(), {.durability = Durability::kDisk}));
  std::vector<RunWriter> runs;
  for (std::size_t i = 0; i < writers; ++i) {
    runs.push_back(StartOrResume(store, "run-" + std::to_string(i)));
  }
  std::latch ready(static_cast<std::ptrdiff_t>(writers) + 1);
  std::vector<std::thread> threads;
  for (RunWriter& run : runs) {
    threads.emplace_back([&ready, &run, rows] {
      RowLogger logger(kKeys, Values::kFloats);
      ready.arrive_and_wait();
      for (std::size_t row = 0; row < rows; ++row) logger.Log(run, Api::kPrepared);
    });
  }
  ready.arrive_and_wait();
  const Stopwatch watch;
  for (std::thread& thread : threads) thread.join();
  return static_cast<double>(writers * rows) / watch.seconds();
}

void DiskByThreads(benchmark::State& state) {
  const auto writers = static_cast<std::size_t>(state.range(0));
  DrawnValues(Values::kFloats);
  for (auto unused : state) {
    const double one = RowsPerSecond(1, 100);
    const double many = RowsPerSecond(writers, 100);
    state.SetIterationTime(1 / many);
    state.counters["rows_per_second"] = many;
    state.counters["rows_per_second_of_one"] = one;
    state.counters["times_one"] = many / one;
  }
}

void Once(benchmark::internal::Benchmark* benchmark) {
  benchmark->Iterations(1)->UseManualTime()->Unit(benchmark::kMicrosecond);
}

BENCHMARK(ProcessBesideWrite)->Apply(Once);
BENCHMARK(DiskBesideSync)->Apply(Once);
BENCHMARK(DiskByThreads)->ArgName("writers")->Arg(64)->Apply(Once);

}  // namespace
}  // namespace reprise::bench
