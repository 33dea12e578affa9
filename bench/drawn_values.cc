#include "bench/drawn_values.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <random>

#include "bench/bench_store.h"

namespace reprise::bench {

namespace {

constexpr std::size_t kBetweenKeys = 104'729;  // a prime: keys begin apart from one another
constexpr TimeMicros kStart = 1'700'000'000'000'000;
constexpr TimeMicros kPerRow = 50'000;

double As(Values values, double value) {
  if (values == Values::kFloats) return static_cast<double>(static_cast<float>(value));
  return values == Values::kDecimals ? std::round(value * 1e4) / 1e4 : value;
}

std::vector<double> Draw(Values values) {
  std::mt19937_64 random(1);
  std::normal_distribution<double> noise;
  std::vector<double> drawn;
  drawn.reserve(2 * kDrawnValues);
  double level = 2.5;
  for (std::size_t i = 0; i < kDrawnValues; ++i) {
    level *= 0.99999;
    drawn.push_back(As(values, level * (1 + 0.1 * noise(random))));
  }
  for (std::size_t i = 0; i < kDrawnValues; ++i) drawn.push_back(drawn[i]);
  return drawn;
}

}  // namespace

const std::vector<double>& DrawnValues(Values values) {
  static const std::array<std::vector<double>, 3> drawn{
      Draw(Values::kFloats), Draw(Values::kDoubles), Draw(Values::kDecimals)};
  return drawn[static_cast<std::size_t>(values)];
}

std::vector<std::string> MadeKeys(std::size_t count) {
  std::vector<std::string> keys;
  for (std::size_t i = 0; i < count; ++i) keys.push_back("train/key" + std::to_string(i));
  return keys;
}

BatchMaker::BatchMaker(std::size_t keys, Values values)
    : drawn_(DrawnValues(values)), keys_(MadeKeys(keys)), columns_(keys) {
  for (std::size_t i = 0; i < keys; ++i) columns_[i].key = keys_[i];
}

const ColumnBatch& BatchMaker::Make(Step first, std::size_t rows) {
  if (rows > kDrawnValues) GiveUp("a batch of drawn values is too long");
  std::mt19937_64 random(static_cast<std::uint64_t>(first));
  steps_.clear();
  times_.clear();
  for (std::size_t row = 0; row < rows; ++row) {
    const Step step = first + static_cast<Step>(row);
    steps_.push_back(step);
    times_.push_back(kStart + step * kPerRow + static_cast<TimeMicros>(random() % 2000));
  }
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    const std::size_t at = (static_cast<std::size_t>(first) + i * kBetweenKeys) % kDrawnValues;
    columns_[i].doubles = std::span(drawn_).subspan(at, rows);
  }
  batch_.steps = steps_;
  batch_.times = times_;
  batch_.columns = columns_;
  return batch_;
}

void AppendDrawnRows(RunWriter& run, std::size_t rows, std::size_t keys, Values values,
                     std::size_t batch_rows) {
  BatchMaker maker(keys, values);
  for (std::size_t left = rows; left > 0;) {
    const std::size_t count = std::min(batch_rows, left);
    if (Must(run.AppendColumns(maker.Make(run.next_step(), count))) != count) {
      GiveUp("AppendColumns left rows out");
    }
    left -= count;
  }
}

}  // namespace reprise::bench
