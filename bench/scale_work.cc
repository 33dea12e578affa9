#include "bench/scale_work.h"

#include <atomic>
#include <filesystem>
#include <random>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "bench/bench_store.h"
#include "bench/clocks.h"

namespace reprise::bench {

namespace {

namespace fs = std::filesystem;

double MicrosEach(const Stopwatch& watch, std::size_t count) {
  return watch.micros() / static_cast<double>(count);
}

std::vector<std::string> Names(std::string_view prefix, std::size_t count) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < count; ++i) names.push_back(std::string(prefix) + std::to_string(i));
  return names;
}

RunWriter Start(Store& store, const std::string& run_id) {
  RunOptions options;
  options.run_id = run_id;
  return Must(store.StartRun(options));
}

// A falling value with noise, as float32 has it.
class Loss {
 public:
  explicit Loss(std::uint64_t seed) : random_(seed) {}
  double At(Step step) {
    const double noise = static_cast<double>(random_() % 100'000) / 1e6;
    const double trend = 2.0 / (1.0 + static_cast<double>(step) * 1e-6);
    return static_cast<double>(static_cast<float>(trend + noise));
  }

 private:
  std::mt19937_64 random_;
};

void LogRow(RunWriter& run, const std::vector<std::string>& keys, Loss& loss, Step step) {
  std::vector<Field> fields;
  for (const std::string& key : keys) fields.push_back({key, loss.At(step)});
  Must(run.Log(fields));
}

// `work(i)` for i below `count`, by `threads` threads.
template <typename Work>
void InThreads(std::size_t threads, std::size_t count, const Work& work) {
  std::atomic<std::size_t> next = 0;
  std::vector<std::thread> workers;
  for (std::size_t i = 0; i < threads; ++i) {
    workers.emplace_back([&] {
      for (std::size_t item = next++; item < count; item = next++) work(item);
    });
  }
  for (std::thread& worker : workers) worker.join();
}

double CatalogAndPackBytes(const std::string& path) {
  std::uintmax_t bytes = 0;
  for (const auto& entry : fs::recursive_directory_iterator(path)) {
    if (!entry.is_regular_file()) continue;
    const std::string name = entry.path().filename().string();
    const bool counts = (name.starts_with("catalog") && !name.ends_with("lock")) ||
                        entry.path().extension() == ".pack";
    if (counts) bytes += entry.file_size();
  }
  return static_cast<double>(bytes);
}

constexpr std::size_t kStarters = 64;

}  // namespace

void WriteManyRunsAtOnce(const std::string& path, std::size_t runs, std::size_t rows,
                         Figures* figures) {
  Store store = Must(Store::Open(path));
  const std::vector<std::string> keys = Names("train/key", 10);
  std::vector<std::optional<RunWriter>> writers(runs);
  const Stopwatch starting;
  InThreads(kStarters, runs,
            [&](std::size_t i) { writers[i] = Start(store, "run-" + std::to_string(i)); });
  (*figures)["start_us"] = MicrosEach(starting, runs);
  const Stopwatch logging;
  Loss loss(1);
  for (std::size_t row = 0; row < rows; ++row) {
    for (auto& writer : writers) LogRow(*writer, keys, loss, static_cast<Step>(row));
  }
  (*figures)["log_us"] = MicrosEach(logging, runs * rows);
  const Stopwatch finishing;
  InThreads(kStarters, runs, [&](std::size_t i) { Must(writers[i]->Finish()); });
  (*figures)["finish_us"] = MicrosEach(finishing, runs);
  writers.clear();
  Must(store.Close());
}

void WriteManyKeys(const std::string& path, std::size_t keys, Figures* figures) {
  constexpr std::size_t kKeysARow = 1000;
  constexpr Step kRowsAKey = 10;
  Store store = Must(Store::Open(path));
  RunWriter run = Start(store, "wide");
  Loss loss(1);
  const Stopwatch logging;
  std::size_t rows = 0;
  for (Step repeat = 0; repeat < kRowsAKey; ++repeat) {
    for (std::size_t first = 0; first < keys; first += kKeysARow, ++rows) {
      LogRow(run, Names("layer/" + std::to_string(first) + "/", kKeysARow), loss, repeat);
    }
  }
  (*figures)["log_us"] = MicrosEach(logging, rows);
  Must(run.Finish());
  const History history = Must(store.OpenHistory({"wide", {}, {}}));
  const Stopwatch summarizing;
  if (Must(history.ReadSummary()).entries.size() != keys) GiveUp("a summary lacks keys");
  (*figures)["summary_ms"] = MicrosEach(summarizing, 1000);
  const Stopwatch reading;
  if (Must(history.ReadNumbers("layer/0/1")).values.size() != kRowsAKey) GiveUp("rows are missing");
  (*figures)["curve_ms"] = MicrosEach(reading, 1000);
  Must(store.Close());
}

void WriteManyRuns(const std::string& path, std::size_t runs, std::size_t threads,
                   Figures* figures) {
  const std::vector<std::string> keys = {"loss", "accuracy", "lr", "epoch", "val/loss"};
  {
    Store store = Must(Store::Open(path));
    const Stopwatch writing;
    InThreads(threads, runs, [&](std::size_t i) {
      RunWriter run = Start(store, "run-" + std::to_string(i));
      Loss loss(i);
      for (Step step = 0; step < 3; ++step) LogRow(run, keys, loss, step);
      Must(run.Finish());
    });
    (*figures)["run_us"] = MicrosEach(writing, runs);
    Must(store.Close());
  }
  (*figures)["bytes_a_run"] = CatalogAndPackBytes(path) / static_cast<double>(runs);
}

void WriteLongRun(const std::string& path, std::uint64_t steps, Figures* figures) {
  {
    Store store = Must(Store::Open(path));
    RunWriter run = Start(store, "long");
    Loss loss(1);
    AppendRows(run, steps, [&](Step step) { return loss.At(step); });
    Must(run.Finish());
    Must(store.Close());
  }
  (*figures)["bytes_a_row"] = CatalogAndPackBytes(path) / static_cast<double>(steps);
}

}  // namespace reprise::bench
