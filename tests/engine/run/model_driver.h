// Applies calls to a store and to the model, and says where they differ.
#ifndef REPRISE_TESTS_ENGINE_RUN_MODEL_DRIVER_H_
#define REPRISE_TESTS_ENGINE_RUN_MODEL_DRIVER_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "reprise/store.h"
#include "tests/engine/run/model_op.h"
#include "tests/support/model_store.h"
#include "tests/support/temp_dir.h"

namespace reprise {

class ModelDriver {
 public:
  explicit ModelDriver(const Options& options);

  const ModelStore& model() const { return model_; }
  bool HasWriter(const std::string& run) const { return writers_.contains(run); }

  // Empty if the store did as the model says, else what differs.
  std::string Apply(const ModelOp& op);
  // Checks every moment of every run, verifies, rebuilds the catalog.
  std::string End();

 private:
  struct Held {
    History history;
    ModelView view;
  };

  std::string ApplyToWriter(const ModelOp& op, RunWriter& writer);
  std::string ApplyToStore(const ModelOp& op);
  std::string Log(const ModelOp& op, RunWriter& writer);
  std::string Append(const ModelOp& op, RunWriter& writer);
  std::string Finish(const ModelOp& op, RunWriter& writer);
  std::string Start(const ModelOp& op);
  std::string CheckWriters();
  // Checks that the writer that the run had, if it had one, is fenced now that another session
  // took the run, and drops or keeps it.
  std::string RetirePassed(const std::string& run, int number);
  // The same if the model has no writer of the run any more.
  std::string RetireFenced(const std::string& run, int number);

  std::string Open();
  std::string Close();
  std::string Rebuild();
  std::string Hold(const ModelOp& op);
  std::string Check(const Moment& moment, int seed);
  std::string CheckRun(const std::string& run);
  std::string CheckAll();
  std::string CheckHeld();

  TempDir dir_;
  const Options options_;
  ModelStore model_;
  std::optional<Store> store_;
  std::map<std::string, RunWriter> writers_;
  std::vector<RunWriter> fenced_;
  std::vector<Held> held_;
};

}  // namespace reprise

#endif  // REPRISE_TESTS_ENGINE_RUN_MODEL_DRIVER_H_
