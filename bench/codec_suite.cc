#include "bench/codec_suite.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <functional>
#include <limits>
#include <numbers>
#include <random>
#include <utility>

namespace reprise::bench {

namespace {

constexpr double kRows = static_cast<double>(kSuiteRows);

double Rounded(double value, double unit) { return std::round(value / unit) * unit; }

// As text of that many digits after the point would be read.
double Decimal(double value, int digits) {
  const double power = std::pow(10.0, digits);
  return std::round(value * power) / power;
}

double Float(double value) { return static_cast<double>(static_cast<float>(value)); }

// The 16 high bits of a float32, rounded to nearest.
double Bfloat(double value) {
  const auto bits = std::bit_cast<std::uint32_t>(static_cast<float>(value));
  return static_cast<double>(std::bit_cast<float>((bits + 0x8000U) & 0xFFFF0000U));
}

// The sources of chance of one column.
class Noise {
 public:
  explicit Noise(std::uint64_t seed) : random_(seed) {}

  double Normal() { return normal_(random_); }
  double Uniform() { return static_cast<double>(random_() >> 11) * 0x1p-53; }
  std::uint64_t Below(std::uint64_t limit) { return random_() % limit; }
  bool Happens(double probability) { return Uniform() < probability; }
  std::int64_t Hits(std::int64_t trials, double probability) {
    return std::binomial_distribution<std::int64_t>(trials, probability)(random_);
  }

 private:
  std::mt19937_64 random_;
  std::normal_distribution<double> normal_;
};

// A linear classifier of 32 features that really learns, in float32, batch by batch.
class Classifier {
 public:
  struct Step {
    float loss = 0;
    float gradient_norm = 0;
    float weight_norm = 0;
    float accuracy = 0;
  };

  Step Learn(Noise& noise) {
    gradient_.fill(0);
    float loss = 0;
    int correct = 0;
    for (int i = 0; i < kBatch; ++i) LearnFrom(noise, &loss, &correct);
    float gradients = 0;
    float weights = 0;
    for (std::size_t f = 0; f < kFeatures; ++f) {
      weights_[f] -= kRate * gradient_[f];
      gradients += gradient_[f] * gradient_[f];
      weights += weights_[f] * weights_[f];
    }
    const float norm = std::sqrt(gradients);
    return {loss, norm, std::sqrt(weights), static_cast<float>(correct) / kBatch};
  }

 private:
  static constexpr std::size_t kFeatures = 32;
  static constexpr int kBatch = 32;
  static constexpr float kRate = 0.02F;

  void LearnFrom(Noise& noise, float* loss, int* correct) {
    std::array<float, kFeatures> features{};
    float truth = 0;
    float score = 0;
    for (std::size_t f = 0; f < kFeatures; ++f) {
      features[f] = static_cast<float>(noise.Normal());
      truth += features[f] * (f % 2 == 0 ? 0.5F : -0.25F);
      score += features[f] * weights_[f];
    }
    const bool positive = truth + static_cast<float>(noise.Normal()) > 0;
    const float guess = 1 / (1 + std::exp(-score));
    const float error = guess - (positive ? 1.0F : 0.0F);
    *loss -= std::log(std::max(positive ? guess : 1 - guess, 1e-7F)) / kBatch;
    *correct += (guess > 0.5F) == positive ? 1 : 0;
    for (std::size_t f = 0; f < kFeatures; ++f) gradient_[f] += error * features[f] / kBatch;
  }

  std::array<float, kFeatures> weights_{};
  std::array<float, kFeatures> gradient_{};
};

class Suite {
 public:
  std::vector<SuiteColumn> Make() {
    AddLearning();
    AddLosses();
    AddScores();
    AddSchedules();
    AddCounters();
    AddTimes();
    AddSystem();
    AddReinforcement();
    AddSparse();
    return std::move(columns_);
  }

 private:
  using AtRow = std::function<double(std::size_t row, Noise& noise)>;

  void Add(std::string name, const AtRow& value) {
    SuiteColumn column{std::move(name), Type::kDouble, {}};
    Noise noise(columns_.size() + 1);
    for (std::size_t i = 0; i < kSuiteRows; ++i) {
      column.bits.push_back(std::bit_cast<std::uint64_t>(value(i, noise)));
    }
    columns_.push_back(std::move(column));
  }
  void AddInts(std::string name, const AtRow& value) {
    SuiteColumn column{std::move(name), Type::kInt64, {}};
    Noise noise(columns_.size() + 1);
    for (std::size_t i = 0; i < kSuiteRows; ++i) {
      column.bits.push_back(static_cast<std::uint64_t>(static_cast<std::int64_t>(value(i, noise))));
    }
    columns_.push_back(std::move(column));
  }

  void AddLearning();
  void AddLosses();
  void AddScores();
  void AddSchedules();
  void AddCounters();
  void AddTimes();
  void AddSystem();
  void AddReinforcement();
  void AddSparse();

  std::vector<SuiteColumn> columns_;
};

double At(std::size_t row) { return static_cast<double>(row); }

// A language model's loss: a power law with noise that shrinks.
double LanguageLoss(std::size_t row, Noise& noise) {
  const double level = 2.0 + 9.0 * std::pow(At(row) + 10, -0.35);
  return level + 0.04 * noise.Normal();
}

void Suite::AddLearning() {
  Noise noise(1000);
  Classifier classifier;
  std::vector<Classifier::Step> steps(kSuiteRows);
  for (Classifier::Step& step : steps) step = classifier.Learn(noise);
  const auto add = [&](std::string name, float Classifier::Step::*part) {
    Add(std::move(name),
        [&](std::size_t i, Noise&) { return static_cast<double>(steps[i].*part); });
  };
  add("classifier loss, float32", &Classifier::Step::loss);
  add("classifier gradient norm, float32", &Classifier::Step::gradient_norm);
  add("classifier weight norm, float32", &Classifier::Step::weight_norm);
  add("classifier accuracy, k/32", &Classifier::Step::accuracy);
}

void Suite::AddLosses() {
  Add("language loss, float32",
      [](std::size_t i, Noise& noise) { return Float(LanguageLoss(i, noise)); });
  Add("language loss, bfloat16",
      [](std::size_t i, Noise& noise) { return Bfloat(LanguageLoss(i, noise)); });
  Add("loss, 4 decimals",
      [](std::size_t i, Noise& noise) { return Decimal(LanguageLoss(i, noise), 4); });
  Add("loss, 3 decimals as float32",
      [](std::size_t i, Noise& noise) { return Float(Decimal(LanguageLoss(i, noise), 3)); });
  Add("perplexity, float64",
      [](std::size_t i, Noise& noise) { return std::exp(LanguageLoss(i, noise)); });
  Add("smoothed loss, float64", [mean = 5.0](std::size_t i, Noise& noise) mutable {
    return mean = 0.99 * mean + 0.01 * LanguageLoss(i, noise);
  });
  Add("mean loss so far, float64", [sum = 0.0](std::size_t i, Noise& noise) mutable {
    sum += Float(LanguageLoss(i, noise));
    return sum / (At(i) + 1);
  });
  Add("gradient norm with spikes and NaN, float32", [](std::size_t, Noise& noise) {
    if (noise.Happens(0.0005)) return std::numeric_limits<double>::quiet_NaN();
    if (noise.Happens(0.0002)) return std::numeric_limits<double>::infinity();
    const double norm = std::exp(0.25 * noise.Normal());
    return Float(noise.Happens(0.01) ? norm * 40 : norm);
  });
}

void Suite::AddScores() {
  const auto rate = [](std::size_t i) { return 0.9 - 0.6 * std::exp(-At(i) / 9000); };
  Add("accuracy, k/10000", [rate](std::size_t i, Noise& noise) {
    return static_cast<double>(noise.Hits(10'000, rate(i))) / 10'000;
  });
  Add("accuracy, k/1563", [rate](std::size_t i, Noise& noise) {
    return static_cast<double>(noise.Hits(1563, rate(i))) / 1563;
  });
  Add("accuracy, percent of 5000", [rate](std::size_t i, Noise& noise) {
    return 100.0 * static_cast<double>(noise.Hits(5000, rate(i))) / 5000;
  });
  Add("F1 of counts, float64", [rate](std::size_t i, Noise& noise) {
    const double precision = static_cast<double>(noise.Hits(700, rate(i))) / 700;
    const double recall = static_cast<double>(noise.Hits(900, rate(i))) / 900;
    return 2 * precision * recall / (precision + recall);
  });
}

void Suite::AddSchedules() {
  Add("learning rate, cosine", [](std::size_t i, Noise&) {
    return 3e-4 * 0.5 * (1 + std::cos(std::numbers::pi * At(i) / kRows));
  });
  Add("learning rate, linear with warm-up", [](std::size_t i, Noise&) {
    return i < 2000 ? 3e-4 * At(i) / 2000 : 3e-4 * (kRows - At(i)) / (kRows - 2000);
  });
  Add("learning rate, steps",
      [](std::size_t i, Noise&) { return 0.1 * std::pow(0.1, At(i / 20'000)); });
  Add("learning rate, inverse root",
      [](std::size_t i, Noise&) { return 1e-3 / std::sqrt(At(i) + 4000); });
}

void Suite::AddCounters() {
  Add("epoch, i/1563", [](std::size_t i, Noise&) { return At(i) / 1563; });
  AddInts("step", [](std::size_t i, Noise&) { return At(i); });
  Add("tokens seen", [](std::size_t i, Noise&) { return At(i) * 524'288; });
  AddInts("episodes, 0 to 3 at a time", [count = 0.0](std::size_t, Noise& noise) mutable {
    return count += static_cast<double>(noise.Below(4));
  });
}

void Suite::AddTimes() {
  const auto step = [](Noise& noise) { return 0.35 + 0.004 * std::abs(noise.Normal()); };
  Add("time in seconds, float64", [=, now = 1.7e9](std::size_t, Noise& noise) mutable {
    now += step(noise);
    return Rounded(now, 0x1p-22);
  });
  AddInts("time in microseconds", [=, now = 1.7e15](std::size_t, Noise& noise) mutable {
    return now += std::floor(1e6 * step(noise));
  });
  Add("runtime, milliseconds in seconds", [=, now = 0.0](std::size_t, Noise& noise) mutable {
    now += step(noise);
    return Decimal(now, 3);
  });
  Add("step time, float64", [=](std::size_t, Noise& noise) { return step(noise); });
}

void Suite::AddSystem() {
  AddInts("GPU utilisation", [](std::size_t i, Noise& noise) {
    return i % 400 < 12 ? 5.0 : std::min(100.0, std::round(96 + 2 * noise.Normal()));
  });
  Add("GPU memory, percent of bytes", [used = 61e9](std::size_t, Noise& noise) mutable {
    if (noise.Happens(0.02)) used += 2'097'152.0 * std::round(4 * noise.Normal());
    return 100 * used / 85'899'345'920.0;
  });
  Add("GPU power, 3 decimals",
      [](std::size_t, Noise& noise) { return Decimal(385 + 11 * noise.Normal(), 3); });
  AddInts("GPU temperature", [now = 60.0](std::size_t, Noise& noise) mutable {
    if (noise.Happens(0.1)) now += noise.Happens(now < 68 ? 0.6 : 0.4) ? 1 : -1;
    return now;
  });
}

void Suite::AddReinforcement() {
  Add("return, float64",
      [](std::size_t i, Noise& noise) { return 200 * At(i) / kRows - 100 + 30 * noise.Normal(); });
  AddInts("episode length", [](std::size_t i, Noise& noise) {
    return std::min(1000.0, 20 + std::floor(At(i) / 200 * -std::log(1 - noise.Uniform())));
  });
  Add("policy loss, float32",
      [](std::size_t, Noise& noise) { return Float(0.01 * noise.Normal()); });
  Add("entropy, float32", [](std::size_t i, Noise& noise) {
    return Float(1.4 * std::exp(-At(i) / 4e4) + 0.01 * noise.Normal());
  });
}

void Suite::AddSparse() {
  Add("auxiliary loss, 70 % zeros, float32", [](std::size_t, Noise& noise) {
    return noise.Happens(0.7) ? 0.0 : Float(std::exp(noise.Normal()));
  });
  Add("validation loss, held for 500 rows, float32",
      [held = 0.0](std::size_t i, Noise& noise) mutable {
        if (i % 500 == 0) held = Float(LanguageLoss(i, noise));
        return held;
      });
  Add("constant", [](std::size_t, Noise&) { return 0.1; });
  AddInts("flag, 1 in 1000", [](std::size_t, Noise& noise) { return noise.Happens(0.001); });
}

}  // namespace

std::vector<SuiteColumn> MakeCodecSuite() { return Suite().Make(); }

}  // namespace reprise::bench
