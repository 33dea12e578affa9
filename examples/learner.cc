#include "examples/learner.h"

#include <algorithm>
#include <cmath>
#include <span>

namespace example {

namespace {

constexpr float kNoise = 0.03F;

std::vector<float> Copy(std::span<const float> values) { return {values.begin(), values.end()}; }

// Leaves `to` alone if the checkpoint is of another network.
void CopyTo(std::span<float> to, const std::vector<float>& from) {
  if (from.size() == to.size()) std::copy(from.begin(), from.end(), to.begin());
}

float Norm(std::span<const float> values) {
  double squares = 0;
  for (const float value : values) squares += double{value} * double{value};
  return static_cast<float>(std::sqrt(squares));
}

}  // namespace

Learner::Learner(double learning_rate, std::int64_t seed)
    : learning_rate_(learning_rate),
      random_(static_cast<std::uint64_t>(seed)),
      training_(MakeSpirals(1000, kNoise, 1)),
      validation_(MakeSpirals(400, kNoise, 2)),
      network_({32, 32}, &random_),
      optimizer_(network_.weights().size()),
      gradient_(network_.weights().size()) {}

// Rises over the first 100 steps, then falls slowly.
float Learner::LearningRate(std::int64_t step) const {
  const auto time = static_cast<double>(step);
  return static_cast<float>(learning_rate_ * std::min(1.0, time / 100) / (1 + time / 2000));
}

Metrics Learner::Update(std::int64_t step) {
  std::fill(gradient_.begin(), gradient_.end(), 0.0F);
  float loss = 0;
  float right = 0;
  for (std::size_t i = 0; i < kBatch; ++i) {
    const Example& example = training_[random_.Below(training_.size())];
    const Mlp::Outcome outcome = network_.AddGradient(example, 1.0F / kBatch, gradient_);
    loss += outcome.loss;
    right += outcome.right ? 1.0F : 0.0F;
  }
  const float rate = LearningRate(step);
  const Metrics metrics{loss / kBatch, right / kBatch, rate, Norm(gradient_)};
  optimizer_.Update(step, rate, gradient_, network_.weights());
  return metrics;
}

Checkpoint Learner::Save(std::int64_t step) const {
  return {step, random_.state(), Copy(network_.weights()), Copy(optimizer_.mean()),
          Copy(optimizer_.variance())};
}

void Learner::Restore(const Checkpoint& checkpoint) {
  CopyTo(network_.weights(), checkpoint.weights);
  CopyTo(optimizer_.mean(), checkpoint.mean);
  CopyTo(optimizer_.variance(), checkpoint.variance);
  random_ = Random(checkpoint.random_state);
}

}  // namespace example
