// A run that an importer fills, and what importers promise of it.
#ifndef REPRISE_FUZZ_CHECKING_SINK_H_
#define REPRISE_FUZZ_CHECKING_SINK_H_

#include <functional>
#include <string>
#include <string_view>

#include "tools/import/report.h"
#include "tools/import/run_sink.h"

namespace reprise::fuzz {

// Keeps no rows, only what says which there were. Refuses what a RunWriter would.
class CheckingSink final : public tools::RunSink {
 public:
  Status Start(const tools::RunDescription& run) override;
  Status Update(const tools::RunDescription& run) override;
  Result<Step> Log(std::span<const Field> fields, const LogOptions& options) override;
  Status Rewind(Step step) override;
  Status Finish(int exit_code) override;

  // All that the importer said, as text.
  const std::string& course() const { return course_; }
  std::uint64_t rows() const { return rows_; }

 private:
  std::string course_;
  bool started_ = false;
  bool finished_ = false;
  Step last_ = kNoStep;
  std::uint64_t rows_ = 0;  // logged, rewound ones included
};

using Import =
    std::function<Status(const std::string& path, tools::RunSink* sink, tools::ImportReport*)>;

// Writes `bytes` to a file and imports it twice: what comes in is the same both times, fits a run,
// and is told rightly.
void RequireImport(std::string_view bytes, const Import& import);

}  // namespace reprise::fuzz

#endif  // REPRISE_FUZZ_CHECKING_SINK_H_
