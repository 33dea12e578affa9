#include <fmt/format.h>

#include <fstream>
#include <optional>

#include "format/try.h"
#include "tools/import/input_file.h"
#include "tools/import/text_import.h"
#include "tools/json_reader.h"
#include "tools/line_reader.h"

namespace reprise::tools {
namespace {

class JsonlImporter {
 public:
  JsonlImporter(const TextImportOptions& options, RunSink* sink, ImportReport* report)
      : report_(report),
        rows_(sink, report, options.on_conflict),
        step_key_(options.step_key),
        step_key_given_(!options.step_key.empty()) {}

  Status ReadFile(const std::string& path);

 private:
  Status ReadLine(const std::string& line, const std::string& place);
  void ChooseStepKey(const Config& fields);
  Status TakeStep(ImportedRow* row);
  void TakeTime(ImportedRow* row);

  ImportReport* report_;
  RowWriter rows_;
  std::string step_key_;  // empty until a line had one
  bool step_key_given_;
};

const Value* Find(const Config& fields, std::string_view key) {
  for (const auto& [name, value] : fields) {
    if (name == key) return &value;
  }
  return nullptr;
}

// The first line that holds one of the usual names as an integer decides for the rest.
void JsonlImporter::ChooseStepKey(const Config& fields) {
  for (const std::string_view name : kStepKeys) {
    const Value* value = Find(fields, name);
    if (step_key_.empty() && value != nullptr && AsStep(value->view())) step_key_ = name;
  }
}

Status JsonlImporter::TakeStep(ImportedRow* row) {
  if (step_key_.empty()) ChooseStepKey(row->fields);
  // `_step` is the step wherever it stands, unless another key was asked for.
  const bool plain = !step_key_given_ && Find(row->fields, "_step") != nullptr;
  const std::string key = plain ? "_step" : step_key_;
  const Value* value = key.empty() ? nullptr : Find(row->fields, key);
  if (value != nullptr && value->type() != Type::kNull) {
    row->step = AsStep(value->view());
    if (!row->step) {
      return Status::Error(Code::kInvalidArgument,
                           fmt::format("step '{}' is no integer: {}; name the step's key with "
                                       "--step-key",
                                       key, row->place));
    }
  }
  std::erase_if(row->fields, [&](const auto& field) {
    if (!key.empty() && field.first == key) return true;
    if (field.first != "_step") return false;
    report_->Skip("_step beside the step key", row->place);
    return true;
  });
  return {};
}

void JsonlImporter::TakeTime(ImportedRow* row) {
  std::erase_if(row->fields, [&](const auto& field) {
    if (field.first != "_timestamp") return false;
    const std::optional<TimeMicros> time = AsTime(field.second.view());
    if (time) row->time = *time;
    if (!time && field.second.type() != Type::kNull) {
      report_->Skip("_timestamp that is no time", row->place);
    }
    return true;
  });
}

Status JsonlImporter::ReadLine(const std::string& line, const std::string& place) {
  const Result<JsonNode> node = ParseJson(line);
  if (!node.has_value()) {
    report_->Skip(fmt::format("line that is {}", node.error().message()), place);
    return {};
  }
  if (node->shape != JsonNode::Shape::kMap) {
    report_->Skip("line that is no JSON object", place);
    return {};
  }
  ImportedRow row;
  row.place = place;
  for (const auto& [name, member] : node->members) FlattenJson(member, name, &row.fields);
  KeepLastOfEachPath(&row.fields);
  REPRISE_TRY(TakeStep(&row));
  TakeTime(&row);
  return rows_.Add(std::move(row));
}

Status JsonlImporter::ReadFile(const std::string& path) {
  REPRISE_TRY_ASSIGN(std::ifstream file, OpenInput(path));
  LineReader reader(&file);
  std::string line;
  for (std::uint64_t number = 1; reader.Next(&line); ++number) {
    const std::string place = fmt::format("'{}' line {}", path, number);
    if (reader.too_long()) {
      report_->Skip("line over 64 MiB", place);
      continue;
    }
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    REPRISE_TRY(ReadLine(line, place));
  }
  return {};
}

}  // namespace

Status ImportJsonl(const std::vector<std::string>& files, const TextImportOptions& options,
                   RunSink* sink, ImportReport* report) {
  REPRISE_TRY(sink->Start({.run_id = RunIdFromPath(files.front())}));
  JsonlImporter importer(options, sink, report);
  for (const std::string& file : files) REPRISE_TRY(importer.ReadFile(file));
  report->finished = true;
  return sink->Finish(0);
}

}  // namespace reprise::tools
