#include "examples/mlp.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace example {

namespace {

// log(1 + e^x) without overflow.
float SoftPlus(float x) { return std::max(x, 0.0F) + std::log1p(std::exp(-std::abs(x))); }

// -log of the probability that the network gives the right class.
float Loss(float log_odds, float label) { return SoftPlus(log_odds) - label * log_odds; }

bool IsRight(float log_odds, float label) { return (log_odds > 0) == (label > 0.5F); }

float Sigmoid(float x) { return 1 / (1 + std::exp(-x)); }

}  // namespace

Mlp::Mlp(std::vector<std::size_t> hidden, Random* random) {
  hidden.push_back(1);
  std::size_t inputs = 2;
  std::size_t units = inputs;
  for (const std::size_t outputs : hidden) {
    layers_.push_back({inputs, outputs, weights_.size(), units});
    const float spread = 1 / std::sqrt(static_cast<float>(inputs));
    for (std::size_t i = 0; i < inputs * outputs; ++i) {
      weights_.push_back(spread * random->Normal());
    }
    weights_.resize(weights_.size() + outputs);
    units += outputs;
    inputs = outputs;
  }
  units_.resize(units);
  slopes_.resize(units);
}

void Mlp::Forward(const Example& example) {
  std::copy(example.point.begin(), example.point.end(), units_.begin());
  for (const Layer& layer : layers_) {
    const float* weight = &weights_[layer.first_weight];
    const float* bias = weight + layer.inputs * layer.outputs;
    const float* input = &units_[layer.first_unit - layer.inputs];
    for (std::size_t o = 0; o < layer.outputs; ++o) {
      float sum = bias[o];
      for (std::size_t i = 0; i < layer.inputs; ++i) sum += *weight++ * input[i];
      const bool last = &layer == &layers_.back();
      units_[layer.first_unit + o] = last ? sum : std::tanh(sum);
    }
  }
}

float Mlp::LogOdds(const Example& example) {
  Forward(example);
  return units_.back();
}

void Mlp::Backward(const Layer& layer, std::span<const float> inputs, std::span<float> input_slopes,
                   std::span<float> gradient) {
  std::fill(input_slopes.begin(), input_slopes.end(), 0.0F);
  const std::size_t first_bias = layer.first_weight + layer.inputs * layer.outputs;
  for (std::size_t o = 0; o < layer.outputs; ++o) {
    const float slope = slopes_[layer.first_unit + o];
    const std::size_t row = layer.first_weight + o * layer.inputs;
    gradient[first_bias + o] += slope;
    for (std::size_t i = 0; i < layer.inputs; ++i) {
      gradient[row + i] += slope * inputs[i];
      input_slopes[i] += slope * weights_[row + i];
    }
  }
  // Through the tanh that made the inputs; the first layer's slopes are not used.
  for (std::size_t i = 0; i < layer.inputs; ++i) input_slopes[i] *= 1 - inputs[i] * inputs[i];
}

Mlp::Outcome Mlp::AddGradient(const Example& example, float scale, std::span<float> gradient) {
  const float log_odds = LogOdds(example);
  slopes_.back() = scale * (Sigmoid(log_odds) - example.label);
  for (auto layer = layers_.rbegin(); layer != layers_.rend(); ++layer) {
    const std::size_t first_input = layer->first_unit - layer->inputs;
    Backward(*layer, std::span(units_).subspan(first_input, layer->inputs),
             std::span(slopes_).subspan(first_input, layer->inputs), gradient);
  }
  return {Loss(log_odds, example.label), IsRight(log_odds, example.label)};
}

Score Evaluate(Mlp* network, std::span<const Example> examples) {
  double loss = 0;
  double right = 0;
  for (const Example& example : examples) {
    const float log_odds = network->LogOdds(example);
    loss += Loss(log_odds, example.label);
    right += IsRight(log_odds, example.label) ? 1 : 0;
  }
  const auto count = static_cast<double>(examples.size());
  return {loss / count, right / count};
}

void Adam::Update(std::int64_t time, float learning_rate, std::span<const float> gradient,
                  std::span<float> weights) {
  constexpr float kMeanDecay = 0.9F;
  constexpr float kVarianceDecay = 0.999F;
  constexpr float kEpsilon = 1e-8F;
  const float mean_bias = 1 - std::pow(kMeanDecay, static_cast<float>(time));
  const float variance_bias = 1 - std::pow(kVarianceDecay, static_cast<float>(time));
  for (std::size_t i = 0; i < weights.size(); ++i) {
    mean_[i] += (1 - kMeanDecay) * (gradient[i] - mean_[i]);
    variance_[i] += (1 - kVarianceDecay) * (gradient[i] * gradient[i] - variance_[i]);
    weights[i] -= learning_rate * (mean_[i] / mean_bias) /
                  (std::sqrt(variance_[i] / variance_bias) + kEpsilon);
  }
}

}  // namespace example
