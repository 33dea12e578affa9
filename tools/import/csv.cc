#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <optional>

#include "format/try.h"
#include "tools/import/csv_reader.h"
#include "tools/import/input_file.h"
#include "tools/import/text_import.h"
#include "tools/json_reader.h"

namespace reprise::tools {
namespace {

class CsvImporter {
 public:
  CsvImporter(const TextImportOptions& options, RunSink* sink, ImportReport* report)
      : options_(options), report_(report), rows_(sink, report, options.on_conflict) {}

  Status ReadFile(const std::string& path);

 private:
  Status FindStepColumn(const CsvReader& reader);
  Status ReadRow(const CsvReader& reader, const std::vector<std::string>& cells);
  Status TakeStep(const Value& value, ImportedRow* row) const;
  std::string Place(const CsvReader& reader) const;

  const TextImportOptions& options_;
  ImportReport* report_;
  RowWriter rows_;
  std::string path_;
  std::optional<std::size_t> step_column_;
};

std::string CsvImporter::Place(const CsvReader& reader) const {
  return fmt::format("'{}' line {}", path_, reader.line());
}

Status CsvImporter::FindStepColumn(const CsvReader& reader) {
  const auto find = [&](std::string_view name) -> std::optional<std::size_t> {
    const auto found = std::find(reader.columns().begin(), reader.columns().end(), name);
    if (found == reader.columns().end()) return std::nullopt;
    return static_cast<std::size_t>(found - reader.columns().begin());
  };
  step_column_.reset();
  if (!options_.step_key.empty()) {
    step_column_ = find(options_.step_key);
    if (step_column_ || reader.columns().empty()) return {};
    return Status::Error(Code::kInvalidArgument,
                         fmt::format("no column '{}': '{}'", options_.step_key, path_));
  }
  for (const std::string_view name : kStepKeys) {
    if (!step_column_) step_column_ = find(name);
  }
  return {};
}

Status CsvImporter::TakeStep(const Value& value, ImportedRow* row) const {
  row->step = AsStep(value.view());
  if (row->step) return {};
  return Status::Error(
      Code::kInvalidArgument,
      fmt::format("step is no integer: {}; name the step's column with --step-key", row->place));
}

Status CsvImporter::ReadRow(const CsvReader& reader, const std::vector<std::string>& cells) {
  ImportedRow row;
  row.place = Place(reader);
  for (std::size_t i = 0; i < cells.size(); ++i) {
    std::optional<Value> value = ParseCell(cells[i]);
    if (!value) continue;
    if (i >= reader.columns().size()) {
      report_->Skip("cell beyond the last column", row.place);
    } else if (i == step_column_) {
      REPRISE_TRY(TakeStep(*value, &row));
    } else if (reader.columns()[i] == "_timestamp") {
      const std::optional<TimeMicros> time = AsTime(value->view());
      if (time) row.time = *time;
      if (!time) report_->Skip("_timestamp that is no time", row.place);
    } else if (reader.columns()[i] == "_step") {
      report_->Skip("_step beside the step key", row.place);
    } else {
      row.fields.emplace_back(reader.columns()[i], std::move(*value));
    }
  }
  return rows_.Add(std::move(row));
}

Status CsvImporter::ReadFile(const std::string& path) {
  path_ = path;
  REPRISE_TRY_ASSIGN(std::ifstream file, OpenInput(path));
  CsvReader reader(&file);
  if (reader.columns().empty()) report_->Skip("file without a line of column names", path);
  REPRISE_TRY(FindStepColumn(reader));
  std::vector<std::string> cells;
  while (reader.Next(&cells)) {
    if (reader.ended_in_quotes()) {
      report_->Skip("row whose quoted cell has no end", Place(reader));
      break;
    }
    if (reader.too_large()) {
      report_->Skip("row over 64 MiB or 1,000,000 cells", Place(reader));
      continue;
    }
    REPRISE_TRY(ReadRow(reader, cells));
  }
  return {};
}

}  // namespace

Status ImportCsv(const std::vector<std::string>& files, const TextImportOptions& options,
                 RunSink* sink, ImportReport* report) {
  REPRISE_TRY(sink->Start({.run_id = RunIdFromPath(files.front())}));
  CsvImporter importer(options, sink, report);
  for (const std::string& file : files) REPRISE_TRY(importer.ReadFile(file));
  report->finished = true;
  return sink->Finish(0);
}

}  // namespace reprise::tools
