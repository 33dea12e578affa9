// A data set that is made, not loaded: points on two spirals that wind around each other.
#ifndef REPRISE_EXAMPLES_SPIRALS_H_
#define REPRISE_EXAMPLES_SPIRALS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace example {

// A small random generator whose whole state is one number, so that a checkpoint can keep it.
// (SplitMix64.)
class Random {
 public:
  explicit Random(std::uint64_t state) : state_(state) {}

  std::uint64_t state() const { return state_; }
  std::uint64_t Next();
  // In [0, 1).
  float Uniform();
  // With mean 0 and variance 1.
  float Normal();
  // In [0, bound).
  std::size_t Below(std::size_t bound) { return static_cast<std::size_t>(Next() % bound); }

 private:
  std::uint64_t state_;
};

struct Example {
  std::array<float, 2> point{};
  float label = 0;  // 0 or 1: which spiral
};

// `count` points, half of them on each spiral. Same seed, same points.
std::vector<Example> MakeSpirals(std::size_t count, float noise, std::uint64_t seed);

}  // namespace example

#endif  // REPRISE_EXAMPLES_SPIRALS_H_
