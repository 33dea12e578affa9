#include "fuzz/checking_sink.h"

#include <fstream>

#include "fuzz/fuzz_input.h"
#include "tests/support/temp_dir.h"
#include "tools/escape.h"
#include "tools/json_reader.h"
#include "tools/json_writer.h"

namespace reprise::fuzz {
namespace {

constexpr std::size_t kMaxKeyBytes = 1024;

void RequireKey(std::string_view key) {
  Require(!key.empty() && key.size() <= kMaxKeyBytes, "keys have a length that is allowed");
  Require(tools::IsUtf8(key), "keys are UTF-8");
  for (const char c : key) Require(static_cast<unsigned char>(c) >= 0x20, "keys are printable");
}

std::string Described(const tools::RunDescription& run) {
  std::string text = run.run_id + "|" + run.project + "|" + run.name.value_or("") + "|" +
                     run.notes.value_or("") + "|" + run.group.value_or("") + "|";
  for (const auto& [path, value] : run.config) {
    text += path + "=" + value.text() + std::to_string(value.bits()) + ",";
  }
  return text + "\n";
}

// Whether a terminal would do anything but show it, line by line.
bool IsPlain(std::string_view text) {
  while (!text.empty()) {
    const tools::CodePoint point = tools::DecodeCodePoint(text);
    if (!point.valid || (tools::IsControl(point.value) && point.value != '\n')) return false;
    text.remove_prefix(point.size);
  }
  return true;
}

struct Imported {
  std::string course;
  std::string report;
};

Imported ImportOnce(const std::string& path, const Import& import) {
  CheckingSink sink;
  tools::ImportReport report;
  const Status status = import(path, &sink, &report);
  Require(report.rows <= sink.rows(), "no row is counted that was not logged");
  Imported imported{sink.course() + tools::Escape(status.message()), report.Text()};
  Require(IsPlain(imported.report), "a report is shown as it is");
  const std::string json = report.Json("run");
  Require(tools::ParseJson(std::string_view(json).substr(0, json.size() - 1)).has_value(),
          "a report is JSON");
  return imported;
}

}  // namespace

Status CheckingSink::Start(const tools::RunDescription& run) {
  Require(!started_, "a run starts once");
  started_ = true;
  course_ += "start " + Described(run);
  return {};
}

Status CheckingSink::Update(const tools::RunDescription& run) {
  Require(started_ && !finished_, "a run is updated while it is open");
  course_ += "update " + Described(run);
  return {};
}

Result<Step> CheckingSink::Log(std::span<const Field> fields, const LogOptions& options) {
  Require(started_ && !finished_, "rows come while the run is open");
  Require(options.step.has_value() && *options.step >= 0, "importers know the step");
  Require(*options.step >= last_, "steps do not fall");
  last_ = *options.step;
  ++rows_;
  course_ += std::to_string(last_) + ":";
  for (const Field& field : fields) {
    RequireKey(field.key);
    Require(!IsText(field.value.type()) || field.value.text().size() <= std::size_t{4} << 20,
            "values have a length that is allowed");
    course_ += std::string(field.key) + "=";
    course_ += std::to_string(field.value.bits()) + std::string(field.value.text()) + ",";
  }
  course_ += "\n";
  return last_;
}

Status CheckingSink::Rewind(Step step) {
  Require(step < last_, "a rewind goes back");
  last_ = step;
  course_ += "rewind " + std::to_string(step) + "\n";
  return {};
}

Status CheckingSink::Finish(int exit_code) {
  Require(started_ && !finished_, "a run finishes once");
  finished_ = true;
  course_ += "finish " + std::to_string(exit_code) + "\n";
  return {};
}

void RequireImport(std::string_view bytes, const Import& import) {
  static const TempDir folder;
  const std::string path = folder.Of("input");
  std::ofstream(path, std::ios::binary) << bytes;
  const Imported first = ImportOnce(path, import);
  const Imported second = ImportOnce(path, import);
  Require(first.course == second.course && first.report == second.report,
          "a file is imported the same each time");
}

}  // namespace reprise::fuzz
