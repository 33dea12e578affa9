// The sink that writes into a store.
#ifndef REPRISE_TOOLS_IMPORT_STORE_SINK_H_
#define REPRISE_TOOLS_IMPORT_STORE_SINK_H_

#include <optional>
#include <string>

#include "reprise/store.h"
#include "tools/import/run_sink.h"

namespace reprise::tools {

// Makes one new run in a store. Destroyed without Finish it leaves the run `crashed`, with every
// row kept.
class StoreSink : public RunSink {
 public:
  // `run_id` and `project` win over what the file says, where they are not empty. `store` must
  // outlive the sink.
  StoreSink(Store* store, std::string run_id, std::string project);

  Status Start(const RunDescription& run) override;
  Status Update(const RunDescription& run) override;
  Result<Step> Log(std::span<const Field> fields, const LogOptions& options) override;
  Status Rewind(Step step) override;
  Status Finish(int exit_code) override;

  // Makes what was logged durable and gives the run back as it is.
  Status Release();
  // Gives the run up and deletes it, if it was made.
  Status Discard();
  // "entity/project/run-id"; empty before Start.
  const std::string& run() const { return run_; }

 private:
  Store* store_;
  std::string run_id_;
  std::string project_;
  std::string run_;
  std::optional<RunWriter> writer_;
};

}  // namespace reprise::tools

#endif  // REPRISE_TOOLS_IMPORT_STORE_SINK_H_
