// Reading runs: summaries, curves, rows, and what is known of a run without reading its rows.
//
// Each reading opens the history anew, as a program does that is asked for one thing; what that
// takes is measured by itself. Files are in the page cache.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bench/bench_store.h"
#include "bench/run_input.h"
#include "bench/scale_work.h"

namespace reprise::bench {
namespace {

constexpr std::size_t kKeys = 10;
constexpr std::size_t kRows = 100'000;
constexpr std::size_t kCutRow = 32'767;  // the middle of the first segment
constexpr Step kRangeSteps = 1'000;
constexpr std::uint64_t kLastRows = 100;
constexpr std::size_t kSmallRuns = 1'000;
constexpr std::size_t kStarters = 64;

// What is read: all rows of the run `whole`, and of the run `cut` those up to kCutRow, as it was
// rewound to there.
class ReadStore {
 public:
  ReadStore(const std::string& name, RunInput input)
      : input_(std::move(input)), store_(Must(Store::Open(MakeDirectory(name)))) {
    Write("whole");
    Write("cut");
    Must(store_.Rewind({"cut", {}, input_.steps[kCutRow]}));
    Check();
  }

  const RunInput& input() const { return input_; }
  History Open(const std::string& run = "whole") const {
    return Must(store_.OpenHistory({run, {}, {}}));
  }
  StepRange MiddleSteps() const {
    const Step first = input_.steps[input_.rows() / 2];
    return {first, first + kRangeSteps - 1};
  }

 private:
  void Write(const std::string& run_id) {
    RunWriter run = StartOrResume(store_, run_id);
    std::vector<std::vector<double>> curves;
    std::vector<ColumnBatch::Column> columns;
    for (std::size_t key = 0; key < input_.keys.size(); ++key) {
      curves.push_back(input_.Curve(key).values);
      columns.emplace_back().key = input_.keys[key];
      columns.back().doubles = curves.back();
    }
    ColumnBatch batch;
    batch.steps = input_.steps;
    batch.times = input_.times;
    batch.columns = columns;
    Must(run.AppendColumns(batch));
    Must(run.Finish());
  }

  void Check() const {
    for (std::size_t key = 0; key < input_.keys.size(); ++key) {
      const NumericSeries read = Must(Open().ReadNumbers(input_.keys[key]));
      const NumericSeries logged = input_.Curve(key);
      if (read.steps != logged.steps || read.values != logged.values) GiveUp("a curve is wrong");
    }
    if (Must(Open("cut").CountRows()) != kCutRow + 1) GiveUp("the rewound run is not cut");
  }

  RunInput input_;
  Store store_;
};

const ReadStore& Made() {
  static const ReadStore store("made", MadeRun(kKeys, kRows));
  return store;
}

// Null where the data is not there.
const ReadStore* Real() {
  static const std::unique_ptr<ReadStore> store = [] {
    std::optional<RunInput> run = PythiaRun();
    return run ? std::make_unique<ReadStore>("real", *std::move(run)) : nullptr;
  }();
  return store.get();
}

std::size_t CountRows(const History& history, const RowQuery& query) {
  RowCursor cursor = Must(history.Rows(query));
  std::size_t rows = 0;
  while (Must(cursor.Next())) ++rows;
  return rows;
}

void MustBe(std::size_t found, std::size_t expected) {
  if (found != expected) {
    GiveUp("read " + std::to_string(found) + " instead of " + std::to_string(expected));
  }
}

void ReadSummaryOf(const ReadStore& store, const std::string& run) {
  MustBe(Must(store.Open(run).ReadSummary()).entries.size(), store.input().keys.size());
}

struct Reading {
  const char* name;
  std::function<void(const ReadStore&)> read;
};

const std::vector<Reading>& Readings() {
  static const std::vector<Reading> readings{
      {"OpenHistory", [](const ReadStore& store) { benchmark::DoNotOptimize(store.Open()); }},
      {"SummaryAtEnd", [](const ReadStore& store) { ReadSummaryOf(store, "whole"); }},
      {"SummaryAfterRewind", [](const ReadStore& store) { ReadSummaryOf(store, "cut"); }},
      {"ReadNumbers",
       [](const ReadStore& store) {
         const auto curve = Must(store.Open().ReadNumbers(store.input().keys[0]));
         MustBe(curve.values.size(), store.input().rows());
       }},
      {"ReadNumbersOfMiddle",
       [](const ReadStore& store) {
         const auto curve =
             Must(store.Open().ReadNumbers(store.input().keys[0], store.MiddleSteps()));
         MustBe(curve.values.size(), kRangeSteps);
       }},
      {"ReadSeries",
       [](const ReadStore& store) {
         const auto curve = Must(store.Open().ReadSeries(store.input().keys[0]));
         MustBe(curve.values.size(), store.input().rows());
       }},
      {"RowsOfAllKeys",
       [](const ReadStore& store) { MustBe(CountRows(store.Open(), {}), store.input().rows()); }},
      {"RowsOfMiddle",
       [](const ReadStore& store) {
         RowQuery query;
         query.steps = store.MiddleSteps();
         MustBe(CountRows(store.Open(), query), kRangeSteps);
       }},
      {"LastRows",
       [](const ReadStore& store) {
         RowQuery query;
         query.last = kLastRows;
         MustBe(CountRows(store.Open(), query), kLastRows);
       }},
  };
  return readings;
}

void Measure(benchmark::State& state, const ReadStore& store, const Reading& reading) {
  for (auto unused : state) reading.read(store);
  state.counters["keys"] = static_cast<double>(store.input().keys.size());
}

Store& SmallRuns() {
  static Store store = [] {
    const std::string path = MakeDirectory("small-runs");
    Figures unused;
    WriteManyRuns(path, kSmallRuns, kStarters, &unused);
    return Must(Store::Open(path));
  }();
  return store;
}

void ReadRun(benchmark::State& state) {
  const Store& store = SmallRuns();
  std::size_t at = 0;
  for (auto unused : state) {
    const std::string id = "run-" + std::to_string(at++ * 7 % kSmallRuns);
    benchmark::DoNotOptimize(Must(store.ReadRun(id)));
  }
}

// Argument: how many; 0 for all.
void ListRuns(benchmark::State& state) {
  const Store& store = SmallRuns();
  RunQuery query;
  query.limit = static_cast<std::uint64_t>(state.range(0));
  const std::size_t expected = query.limit == 0 ? kSmallRuns : query.limit;
  for (auto unused : state) MustBe(Must(store.ListRuns(query)).size(), expected);
}

BENCHMARK(ReadRun)->Unit(benchmark::kMicrosecond)->UseRealTime();
BENCHMARK(ListRuns)
    ->ArgName("limit")
    ->Arg(20)
    ->Arg(0)
    ->Unit(benchmark::kMicrosecond)
    ->UseRealTime();

void RegisterReadings(const std::string& run, const ReadStore& store) {
  for (const Reading& reading : Readings()) {
    benchmark::RegisterBenchmark(
        (std::string(reading.name) + "/" + run).c_str(),
        [&store, &reading](benchmark::State& state) { Measure(state, store, reading); })
        ->Unit(benchmark::kMicrosecond)
        ->UseRealTime();
  }
}

}  // namespace
}  // namespace reprise::bench

int main(int argc, char** argv) {
  using namespace reprise::bench;
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  RegisterReadings("made", Made());
  if (const ReadStore* real = Real()) RegisterReadings("real", *real);
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
