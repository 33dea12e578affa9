#include "bench/run_input.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>

#include "bench/bench_store.h"

namespace reprise::bench {

namespace {

constexpr TimeMicros kStart = 1'700'000'000'000'000;
constexpr TimeMicros kPerRow = 50'000;

// About normal, of variance 1. The standard's distributions differ from library to library.
double Noise(std::mt19937_64* random) {
  double sum = 0;
  for (int i = 0; i < 12; ++i) sum += static_cast<double>((*random)() >> 11U) * 0x1p-53;
  return sum - 6;
}

double Loss(std::size_t key, std::size_t row, std::mt19937_64* random) {
  const double decay = 1 / (1 + static_cast<double>(row) / 1000);
  const double level = (1 + 0.1 * static_cast<double>(key)) * (0.2 + 2.8 * decay);
  return static_cast<float>(level * (1 + 0.05 * Noise(random)));
}

template <typename T>
T Number(std::string_view text, const std::string& line) {
  T number{};
  const auto result = std::from_chars(text.data(), text.data() + text.size(), number);
  if (result.ec != std::errc() || result.ptr != text.data() + text.size()) {
    GiveUp("no number in the line: " + line);
  }
  return number;
}

void DropFrom(Step step, RunInput* run) {
  const auto kept = std::lower_bound(run->steps.begin(), run->steps.end(), step);
  const auto rows = static_cast<std::size_t>(kept - run->steps.begin());
  run->steps.resize(rows);
  run->values.resize(rows);
}

void ReadLine(const std::string& line, RunInput* run) {
  const std::size_t tab = line.find('\t');
  if (tab == std::string::npos) GiveUp("no tab in the line: " + line);
  const Step step = Number<Step>(std::string_view(line).substr(tab + 1), line);
  DropFrom(step, run);  // the training was taken back to here
  run->steps.push_back(step);
  run->values.push_back(Number<double>(std::string_view(line).substr(0, tab), line));
}

void MakeTimes(std::uint64_t seed, RunInput* run) {
  std::mt19937_64 random(seed);
  TimeMicros time = kStart;
  for (std::size_t row = 0; row < run->rows(); ++row) {
    time += kPerRow + static_cast<TimeMicros>(random() % 2000);
    run->times.push_back(time);
  }
}

}  // namespace

std::span<const double> RunInput::Row(std::size_t row) const {
  return std::span(values).subspan(row * keys.size(), keys.size());
}

NumericSeries RunInput::Curve(std::size_t key, StepRange range) const {
  NumericSeries curve;
  for (std::size_t row = 0; row < rows(); ++row) {
    if (!range.contains(steps[row])) continue;
    curve.steps.push_back(steps[row]);
    curve.values.push_back(values[row * keys.size() + key]);
  }
  return curve;
}

RunInput RunInput::Head(std::size_t count) const {
  RunInput head = *this;
  count = std::min(count, rows());
  head.steps.resize(count);
  head.times.resize(count);
  head.values.resize(count * keys.size());
  return head;
}

RunInput MadeRun(std::size_t keys, std::size_t rows) {
  RunInput run;
  std::mt19937_64 random(1);
  for (std::size_t key = 0; key < keys; ++key) {
    std::string number = std::to_string(key);
    run.keys.push_back("group/metric_" + std::string(4 - number.size(), '0') + number);
  }
  for (std::size_t row = 0; row < rows; ++row) {
    run.steps.push_back(static_cast<Step>(row));
    for (std::size_t key = 0; key < keys; ++key) run.values.push_back(Loss(key, row, &random));
  }
  MakeTimes(2, &run);
  return run;
}

std::optional<std::string> FindRealData(const std::string& name) {
  const char* chosen = std::getenv("REPRISE_DATA");
  const std::filesystem::path path =
      std::filesystem::path(chosen != nullptr ? chosen : "../shared/data") / name;
  if (std::filesystem::exists(path)) return path.string();
  std::fprintf(stderr, "SKIPPED: real data, as %s is not there; set REPRISE_DATA\n", path.c_str());
  return std::nullopt;
}

std::optional<RunInput> PythiaRun() {
  const auto path = FindRealData("csv/pythia-160m-seed9.tsv");
  if (!path) return std::nullopt;
  std::ifstream file(*path);
  RunInput run;
  run.keys = {"train/lm_loss"};
  std::string line;
  std::getline(file, line);  // names of columns
  while (std::getline(file, line)) ReadLine(line, &run);
  MakeTimes(3, &run);
  return run;
}

}  // namespace reprise::bench
