// Imports CSV, TSV and JSONL files.
#ifndef REPRISE_TOOLS_IMPORT_TEXT_IMPORT_H_
#define REPRISE_TOOLS_IMPORT_TEXT_IMPORT_H_

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "reprise/status.h"
#include "tools/import/report.h"
#include "tools/import/row_writer.h"
#include "tools/import/run_sink.h"

namespace reprise::tools {

struct TextImportOptions {
  std::string step_key{};  // empty: the first of kStepKeys that the file has
  OnConflict on_conflict = OnConflict::kError;
};

// Names a step goes by where none is given, in order of preference.
inline constexpr std::array<std::string_view, 6> kStepKeys = {
    "_step", "step", "Step", "global_step", "training_iteration", "epoch"};

// Both read `files`, pieces of one run in order, into `sink` and finish it with exit code 0. The
// step's column or key becomes the step and no key of its own; without one rows take automatic
// steps. `_timestamp` becomes the row's time; without it the row has none. kOutOfOrder and
// kInvalidArgument name the file and the line.

// The first line that is not a `#` comment names the columns; commas or tabs. Empty cells are
// absent, integers int64, other numbers and the words nan and inf double, the rest strings.
Status ImportCsv(const std::vector<std::string>& files, const TextImportOptions& options,
                 RunSink* sink, ImportReport* report);

// One object a line; nested maps flatten with '.'. A line that is no object is skipped.
Status ImportJsonl(const std::vector<std::string>& files, const TextImportOptions& options,
                   RunSink* sink, ImportReport* report);

}  // namespace reprise::tools

#endif  // REPRISE_TOOLS_IMPORT_TEXT_IMPORT_H_
