// Hot paths through the public API.
//
// Logging is counted alone: the process ends before rows are sealed. One path has the sealing in
// as well, and ValuePaths have it alone.
#include <cstdlib>
#include <numeric>
#include <span>
#include <string_view>

#include "bench/bands/hot_paths.h"
#include "bench/bench_store.h"

namespace reprise::bench {
namespace {

constexpr std::size_t kCurveRows = 100'000;
constexpr std::size_t kFewKeys = 10;
constexpr std::size_t kManyKeys = 100;
constexpr std::uint64_t kRows = 8192;
constexpr std::uint64_t kMostRows = 2 * kRows;  // all in one segment
constexpr std::uint64_t kWideRows = kRows * kFewKeys / kManyKeys;

struct OneRun {
  OneRun() : store(Must(Store::Open(MakeDirectory("store")))), run(Must(store.StartRun(Named()))) {}

  static RunOptions Named() {
    RunOptions options;
    options.run_id = "run";
    return options;
  }

  Store store;
  RunWriter run;
};

std::vector<std::string> MakeKeys(std::size_t count) {
  std::vector<std::string> keys;
  for (std::size_t i = 0; i < count; ++i) keys.push_back("train/key" + std::to_string(i));
  return keys;
}

// Rows of float32 losses, none like another.
void LogRows(OneRun& made, std::size_t width, std::uint64_t rows) {
  const std::vector<double> losses = DrawFloatLosses(kMostRows * kFewKeys);
  const std::vector<std::string> keys = MakeKeys(width);
  std::vector<Field> fields(width);
  auto loss = losses.begin();
  for (std::uint64_t row = 0; row < rows; ++row) {
    for (std::size_t key = 0; key < width; ++key) fields[key] = {keys[key], *loss++};
    Must(made.run.Log(fields));
  }
}

void LogPrepared(OneRun& made, std::uint64_t rows) {
  const std::vector<double> losses = DrawFloatLosses(kMostRows * kFewKeys);
  const std::vector<std::string> keys = MakeKeys(kFewKeys);
  const std::vector<std::string_view> views(keys.begin(), keys.end());
  const PreparedRow prepared = Must(made.run.Prepare(views));
  for (std::uint64_t row = 0; row < rows; ++row) {
    Must(made.run.Log(prepared, std::span(losses).subspan(row * kFewKeys, kFewKeys)));
  }
}

// Does it in a new run, which is left as it is then; its directory stays.
template <typename Log>
std::function<void(std::uint64_t)> Alone(Log log) {
  return [log](std::uint64_t rows) {
    OneRun made;
    log(made, rows);
    std::_Exit(0);
  };
}

void LogAndSeal(std::uint64_t rows) {
  OneRun made;
  LogRows(made, kFewKeys, rows);
  Must(made.run.Finish());
}

// Rows of all keys in one call.
void AppendColumns(std::uint64_t rows) {
  const std::vector<double> losses = DrawFloatLosses(kMostRows * kFewKeys);
  const std::vector<std::string> keys = MakeKeys(kFewKeys);
  std::vector<Step> steps(rows);
  std::iota(steps.begin(), steps.end(), 0);
  std::vector<ColumnBatch::Column> columns(kFewKeys);
  for (std::size_t key = 0; key < kFewKeys; ++key) {
    columns[key].key = keys[key];
    columns[key].doubles = std::span(losses).subspan(key * kMostRows, rows);
  }
  OneRun made;
  ColumnBatch batch;
  batch.steps = steps;
  batch.columns = columns;
  Must(made.run.AppendColumns(batch));
  Must(made.run.Finish());
}

// One branch more each time.
void Rewind(std::uint64_t count) {
  OneRun made;
  AppendRows(made.run, 1000);
  for (std::uint64_t i = 0; i < count; ++i) Must(made.run.Rewind(static_cast<Step>(999 - i)));
  Must(made.run.Finish());
}

// A finished run is opened anew each time and something of it is read.
template <typename Read>
std::function<void(std::uint64_t)> Reading(Read read) {
  return [read](std::uint64_t count) {
    const std::vector<double> losses = DrawFloatLosses(kCurveRows);
    OneRun made;
    AppendRows(made.run, kCurveRows,
               [&](Step step) { return losses[static_cast<std::size_t>(step)]; });
    Must(made.run.Finish());
    for (std::uint64_t i = 0; i < count; ++i) read(Must(made.store.OpenHistory({"run", {}, {}})));
  };
}

}  // namespace

std::vector<HotPath> RunPaths() {
  const auto few = [](OneRun& made, std::uint64_t rows) { LogRows(made, kFewKeys, rows); };
  const auto many = [](OneRun& made, std::uint64_t rows) { LogRows(made, kManyKeys, rows); };
  return {
      {"log_ten_keys_instructions", kRows, 1, Alone(few)},
      {"log_ten_prepared_instructions", kRows, 1, Alone(LogPrepared)},
      {"log_hundred_keys_instructions", kWideRows, 1, Alone(many)},
      {"log_and_seal_ten_keys_instructions", kRows, 1, LogAndSeal},
      {"append_columns_value_instructions", kRows, kFewKeys, AppendColumns},
      {"rewind_instructions", 100, 1, Rewind},
      {"open_history_instructions", 500, 1, Reading([](const History&) {})},
      {"read_numbers_instructions", 20, 1,
       Reading([](const History& from) { Must(from.ReadNumbers("loss")); })},
      {"read_series_instructions", 5, 1,
       Reading([](const History& from) { Must(from.ReadSeries("loss")); })},
      {"sample_instructions", 10, 1,
       Reading([](const History& from) { Must(from.Sample("loss")); })},
      {"read_summary_instructions", 20, 1,
       Reading([](const History& from) { Must(from.ReadSummary()); })},
  };
}

}  // namespace reprise::bench
