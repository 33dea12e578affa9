// Writes imported rows to a sink, the same way for every format.
#ifndef REPRISE_TOOLS_IMPORT_ROW_WRITER_H_
#define REPRISE_TOOLS_IMPORT_ROW_WRITER_H_

#include <optional>
#include <string>

#include "reprise/options.h"
#include "reprise/status.h"
#include "tools/import/report.h"
#include "tools/import/run_sink.h"

namespace reprise::tools {

// What to do with a row whose step is not above the one before it.
enum class OnConflict : std::uint8_t {
  kError,   // fail
  kLast,    // equal steps merge, the last value of each key wins; a lower step fails
  kRewind,  // rewind the run to just below the step and go on
  kSkip,    // leave the row out and say so
};

struct ImportedRow {
  Config fields{};             // keys with values; for equal keys the last counts
  std::optional<Step> step{};  // absent: the next automatic one
  TimeMicros time = kNoTime;
  std::string place{};  // for messages: "'runs.csv' line 12"
};

class RowWriter {
 public:
  // `sink` and `report` must outlive the writer.
  RowWriter(RunSink* sink, ImportReport* report, OnConflict on_conflict)
      : sink_(sink), report_(report), on_conflict_(on_conflict) {}

  // Logs the row. Values that no run can hold are left out and reported; so is a row that the
  // sink refuses as such. kOutOfOrder as OnConflict says; other failures are the sink's.
  Status Add(ImportedRow row);
  // Automatic steps go on from `step` at the earliest.
  void StartAt(Step step);
  Step last_step() const { return last_; }

 private:
  Status ResolveConflict(const ImportedRow& row, Step step);
  void DropUnfit(ImportedRow* row);
  Status Log(const ImportedRow& row, Step step);

  RunSink* sink_;
  ImportReport* report_;
  OnConflict on_conflict_;
  Step last_ = kNoStep;
};

}  // namespace reprise::tools

#endif  // REPRISE_TOOLS_IMPORT_ROW_WRITER_H_
