// The basic paths: logging, reading one curve, starting again where a run was left.
#include <benchmark/benchmark.h>

#include <memory>
#include <optional>
#include <random>
#include <span>
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

// What is logged: a decaying loss with noise, as a network's float32 or as a full double.
class Losses {
 public:
  explicit Losses(bool floats) : floats_(floats) {}
  double Next() {
    base_ *= 0.99999;
    const double value = base_ * (1 + 0.1 * noise_(random_));
    return floats_ ? static_cast<double>(static_cast<float>(value)) : value;
  }

 private:
  const bool floats_;
  double base_ = 2.5;
  std::mt19937_64 random_{1};
  std::normal_distribution<double> noise_;
};

// Drawn beforehand, since a random number takes longer than logging it.
std::vector<double> DrawLosses(bool floats) {
  constexpr std::size_t kDrawn = std::size_t{1} << 20;
  Losses losses(floats);
  std::vector<double> drawn(kDrawn);
  for (double& value : drawn) value = losses.Next();
  return drawn;
}

enum class Api : std::int64_t { kKeys, kPrepared };
enum class Values : std::int64_t { kFloats, kDoubles };

// Logs rows of the drawn values through one of the interfaces.
class RowLogger {
 public:
  RowLogger(RunWriter& run, std::size_t keys, Values values)
      : run_(run), drawn_(DrawLosses(values == Values::kFloats)) {
    for (std::size_t i = 0; i < keys; ++i) keys_.push_back("train/key" + std::to_string(i));
    const std::vector<std::string_view> views(keys_.begin(), keys_.end());
    row_.emplace(Must(run.Prepare(views)));
  }

  void Log(Api api) {
    if (at_ + keys_.size() > drawn_.size()) at_ = 0;
    const std::span<const double> values(drawn_.data() + at_, keys_.size());
    at_ += keys_.size();
    if (api == Api::kPrepared) {
      Must(run_.Log(*row_, values));
      return;
    }
    fields_.clear();
    for (std::size_t i = 0; i < keys_.size(); ++i) fields_.push_back({keys_[i], values[i]});
    Must(run_.Log(fields_));
  }

 private:
  RunWriter& run_;
  const std::vector<double> drawn_;
  std::vector<std::string> keys_;
  std::optional<PreparedRow> row_;
  std::vector<Field> fields_;
  std::size_t at_ = 0;
};

// Arguments: keys a row, durability, values, interface. The process's CPU time has all of it: log,
// tail, and the sealing that goes on in the background.
void LogRow(benchmark::State& state) {
  Options options;
  options.durability = static_cast<Durability>(state.range(1));
  Store store = Must(Store::Open(NewStorePath("log"), options));
  RunWriter run = Start(store, "logged");
  RowLogger logger(run, static_cast<std::size_t>(state.range(0)),
                   static_cast<Values>(state.range(2)));
  for (auto unused : state) logger.Log(static_cast<Api>(state.range(3)));
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

void LogShapes(benchmark::internal::Benchmark* benchmark) {
  benchmark->ArgNames({"keys", "durability", "doubles", "prepared"});
  for (const auto durability : {Durability::kNone, Durability::kProcess, Durability::kDisk}) {
    for (const std::int64_t keys : {1, 10, 100}) {
      for (const std::int64_t doubles : {0, 1}) {
        for (const std::int64_t prepared : {0, 1}) {
          if (durability != Durability::kNone && (doubles == 1 || prepared == 0)) continue;
          benchmark->Args({keys, static_cast<std::int64_t>(durability), doubles, prepared});
        }
      }
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

BENCHMARK(LogRow)->Apply(LogShapes)->MeasureProcessCPUTime()->UseRealTime();
BENCHMARK(ReadCurve)->Unit(benchmark::kMicrosecond)->UseRealTime();
BENCHMARK(OpenAndResume)->Unit(benchmark::kMicrosecond)->UseRealTime()->Iterations(200);

}  // namespace
}  // namespace reprise::bench
