// Where an importer puts what it finds.
#ifndef REPRISE_TOOLS_IMPORT_RUN_SINK_H_
#define REPRISE_TOOLS_IMPORT_RUN_SINK_H_

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "reprise/options.h"
#include "reprise/run_writer.h"
#include "reprise/status.h"
#include "reprise/value.h"

namespace reprise::tools {

// What a file says of its run, apart from rows. Absent: it says nothing.
struct RunDescription {
  std::string run_id{};   // empty: the file does not name its run
  std::string project{};  // "entity/project", "project", or empty
  std::optional<std::string> name{};
  std::optional<std::string> notes{};
  std::optional<std::string> group{};
  std::optional<std::string> job_type{};
  std::optional<std::vector<std::string>> tags{};
  Config config{};
};

// One run being written. The step rules are RunWriter's. Not thread-safe.
class RunSink {
 public:
  virtual ~RunSink() = default;

  // Makes the run. Called once, before anything else.
  virtual Status Start(const RunDescription& run) = 0;
  // Merges what the file says of the run after its start; its id and project stay.
  virtual Status Update(const RunDescription& run) = 0;
  virtual Result<Step> Log(std::span<const Field> fields, const LogOptions& options) = 0;
  virtual Status Rewind(Step step) = 0;
  virtual Status Finish(int exit_code) = 0;
};

}  // namespace reprise::tools

#endif  // REPRISE_TOOLS_IMPORT_RUN_SINK_H_
