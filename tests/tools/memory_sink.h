// A run kept in memory, with the step rules of a real one: what importers are tested against.
#ifndef REPRISE_TESTS_TOOLS_MEMORY_SINK_H_
#define REPRISE_TESTS_TOOLS_MEMORY_SINK_H_

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tools/import/run_sink.h"

namespace reprise::tools {

class MemorySink : public RunSink {
 public:
  struct Row {
    TimeMicros time = kNoTime;
    std::map<std::string, Value> fields;
  };

  Status Start(const RunDescription& run) override {
    description = run;
    return {};
  }
  Status Update(const RunDescription& run) override {
    updates.push_back(run);
    return {};
  }
  Result<Step> Log(std::span<const Field> fields, const LogOptions& options) override {
    const Step head = open_.value_or(committed_);
    const Step step = options.step.value_or(open_ ? *open_ : committed_ + 1);
    if (step <= committed_ || step < head) {
      return Fail(Code::kOutOfOrder, "step " + std::to_string(step) + " is not above the head");
    }
    if (open_ && step > *open_) committed_ = *open_;
    Row& row = rows[step];
    if (open_ != step) row.time = options.time.value_or(0);
    for (const Field& field : fields) row.fields[std::string(field.key)] = Value(field.value);
    open_ = step;
    if (options.commit.value_or(!options.step.has_value())) Commit();
    return step;
  }
  Status Rewind(Step step) override {
    Commit();
    if (step > committed_) return Status::Error(Code::kOutOfRange, "above the last step");
    rewinds.push_back(step);
    rows.erase(rows.upper_bound(step), rows.end());
    committed_ = step;
    return {};
  }
  Status Finish(int code) override {
    Commit();
    exit_code = code;
    return {};
  }

  RunDescription description;
  std::vector<RunDescription> updates;
  std::map<Step, Row> rows;
  std::vector<Step> rewinds;
  std::optional<int> exit_code;

 private:
  void Commit() {
    if (open_) committed_ = *open_;
    open_.reset();
  }

  Step committed_ = kNoStep;
  std::optional<Step> open_;
};

}  // namespace reprise::tools

#endif  // REPRISE_TESTS_TOOLS_MEMORY_SINK_H_
