// What the training program trains: network, optimizer and data, with nothing of Reprise in it
// but the number of the step.
#ifndef REPRISE_EXAMPLES_LEARNER_H_
#define REPRISE_EXAMPLES_LEARNER_H_

#include <cstdint>
#include <vector>

#include "examples/checkpoint.h"
#include "examples/mlp.h"
#include "examples/spirals.h"

namespace example {

// An update's outcome, over its examples.
struct Metrics {
  float loss = 0;
  float accuracy = 0;
  float learning_rate = 0;
  float gradient_norm = 0;
};

// Everything that a step does follows from the seed, or from a checkpoint: a step that is computed
// again comes out the same, bit for bit.
class Learner {
 public:
  static constexpr std::size_t kBatch = 32;

  Learner(double learning_rate, std::int64_t seed);

  // One update of the weights; steps count from 1.
  Metrics Update(std::int64_t step);
  // On examples that no update sees.
  Score Validate() { return Evaluate(&network_, validation_); }

  Checkpoint Save(std::int64_t step) const;
  void Restore(const Checkpoint& checkpoint);

 private:
  float LearningRate(std::int64_t step) const;

  const double learning_rate_;
  Random random_;
  const std::vector<Example> training_;
  const std::vector<Example> validation_;
  Mlp network_;
  Adam optimizer_;
  std::vector<float> gradient_;
};

}  // namespace example

#endif  // REPRISE_EXAMPLES_LEARNER_H_
