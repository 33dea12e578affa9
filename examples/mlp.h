// A multilayer perceptron for two classes, and the optimizer that trains it. Plain loops, float.
#ifndef REPRISE_EXAMPLES_MLP_H_
#define REPRISE_EXAMPLES_MLP_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "examples/spirals.h"

namespace example {

// Two inputs, hidden layers of tanh units, one output: the log-odds of class 1.
// All weights lie in one vector, so that an optimizer and a checkpoint need not know the layers.
class Mlp {
 public:
  // Draws the first weights from `random`.
  Mlp(std::vector<std::size_t> hidden, Random* random);

  std::span<float> weights() { return weights_; }
  std::span<const float> weights() const { return weights_; }

  float LogOdds(const Example& example);
  // How the network did on one example.
  struct Outcome {
    float loss = 0;
    bool right = false;
  };
  // Adds the gradient of the example's loss, times `scale`, to `gradient`.
  Outcome AddGradient(const Example& example, float scale, std::span<float> gradient);

 private:
  struct Layer {
    std::size_t inputs = 0;
    std::size_t outputs = 0;
    std::size_t first_weight = 0;  // outputs x inputs weights, then one bias an output
    std::size_t first_unit = 0;    // of its outputs in units_
  };

  void Forward(const Example& example);
  void Backward(const Layer& layer, std::span<const float> inputs, std::span<float> input_slopes,
                std::span<float> gradient);

  std::vector<Layer> layers_;
  std::vector<float> weights_;
  std::vector<float> units_;   // the two inputs, then the outputs of each layer
  std::vector<float> slopes_;  // of the loss, by unit
};

// How well a network does on a set.
struct Score {
  double loss = 0;
  double accuracy = 0;
};
Score Evaluate(Mlp* network, std::span<const Example> examples);

// Adam (Kingma and Ba, 2015) with its usual constants.
class Adam {
 public:
  explicit Adam(std::size_t weights) : mean_(weights), variance_(weights) {}

  // `time` counts updates from 1.
  void Update(std::int64_t time, float learning_rate, std::span<const float> gradient,
              std::span<float> weights);

  std::span<float> mean() { return mean_; }
  std::span<const float> mean() const { return mean_; }
  std::span<float> variance() { return variance_; }
  std::span<const float> variance() const { return variance_; }

 private:
  std::vector<float> mean_;
  std::vector<float> variance_;
};

}  // namespace example

#endif  // REPRISE_EXAMPLES_MLP_H_
