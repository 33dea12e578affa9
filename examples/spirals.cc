#include "examples/spirals.h"

#include <cmath>
#include <numbers>

namespace example {

std::uint64_t Random::Next() {
  state_ += 0x9E3779B97F4A7C15;
  std::uint64_t z = state_;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
  return z ^ (z >> 31);
}

float Random::Uniform() { return static_cast<float>(Next() >> 40) * 0x1p-24F; }

float Random::Normal() {
  const float radius = std::sqrt(-2 * std::log(1 - Uniform()));
  return radius * std::cos(2 * std::numbers::pi_v<float> * Uniform());
}

std::vector<Example> MakeSpirals(std::size_t count, float noise, std::uint64_t seed) {
  constexpr float kTurns = 1.5F;
  Random random(seed);
  std::vector<Example> examples(count);
  for (std::size_t i = 0; i < count; ++i) {
    const float label = i % 2 == 0 ? 0.0F : 1.0F;
    const float along = std::sqrt(random.Uniform());
    const float angle = std::numbers::pi_v<float> * (2 * kTurns * along + label);
    examples[i].point = {along * std::cos(angle) + noise * random.Normal(),
                         along * std::sin(angle) + noise * random.Normal()};
    examples[i].label = label;
  }
  return examples;
}

}  // namespace example
