// Random calls: few runs, few keys and low steps, so that most calls meet what others did.
#ifndef REPRISE_TESTS_ENGINE_RUN_MODEL_GENERATOR_H_
#define REPRISE_TESTS_ENGINE_RUN_MODEL_GENERATOR_H_

#include <cstdint>
#include <random>
#include <string>

#include "tests/engine/run/model_op.h"
#include "tests/support/model_store.h"

namespace reprise {

// The same seed gives the same calls for the same answers of the model.
class ModelGenerator {
 public:
  explicit ModelGenerator(std::uint64_t seed) : random_(seed) {}

  // Begins a sequence.
  Options NextOptions();
  ModelOp Next(const ModelStore& model);

 private:
  std::uint64_t Below(std::uint64_t limit) { return random_() % limit; }
  bool OneIn(std::uint64_t count) { return Below(count) == 0; }
  ModelCall NextCall(const ModelStore& model);
  std::string RunId();
  std::string WrittenRun(const ModelStore& model);
  Value AnyValue();
  Value ColumnValue();
  ModelFields Fields(std::uint64_t most);
  ModelFields Columns();
  void FillLog(const ModelStore& model, ModelOp* op);
  void FillAppend(const ModelStore& model, ModelOp* op);
  void FillWriterCall(const ModelStore& model, ModelOp* op);
  void FillStoreCall(const ModelStore& model, ModelOp* op);
  // A step at or near one that matters to the branch.
  Step StepNear(const ModelBranch& branch);
  Moment AnyMoment(const ModelStore& model, bool with_step);

  std::mt19937_64 random_;
  bool short_sessions_ = false;  // what the sequence is mostly about
};

}  // namespace reprise

#endif  // REPRISE_TESTS_ENGINE_RUN_MODEL_GENERATOR_H_
