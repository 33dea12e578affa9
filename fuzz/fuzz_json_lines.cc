// Any bytes as a file of JSON lines, and each line as one that `reprise log` is given. Input:
// text_options.h, then the lines.
#include "fuzz/checking_sink.h"
#include "fuzz/text_options.h"
#include "tools/json_reader.h"
#include "tools/json_writer.h"
#include "tools/log_input.h"

namespace reprise::fuzz {
namespace {

// What was read is written, and reads back to the same. Lists and typed maps are text, whose
// spaces may go.
void RequireComesBack(const tools::LogRecord& record) {
  std::string text = "{";
  for (const auto& [path, value] : record.fields) {
    if (text.size() > 1) text += ',';
    tools::AppendJsonString(path, &text);
    text += ':';
    tools::AppendJsonValue(value.view(), tools::NonFinite::kBare, &text);
  }
  text += '}';
  const Result<tools::LogRecord> again = tools::ParseLogLine(text, "");
  Require(again.has_value() && again->fields.size() == record.fields.size(), "a row comes back");
  for (std::size_t i = 0; i < record.fields.size(); ++i) {
    const auto& [path, value] = record.fields[i];
    Require(again->fields[i].first == path, "so do its keys");
    Require(again->fields[i].second.type() == value.type(), "and types");
    Require(value.type() == Type::kJson || again->fields[i].second == value, "and values");
  }
}

void TryLines(std::string_view lines) {
  while (!lines.empty()) {
    const std::string_view line = lines.substr(0, lines.find('\n'));
    const Result<tools::LogRecord> record = tools::ParseLogLine(line, "");
    if (record.has_value()) RequireComesBack(*record);
    lines.remove_prefix(std::min(lines.size(), line.size() + 1));
  }
}

void Try(FuzzInput input) {
  const tools::TextImportOptions options = TakeTextOptions(&input);
  const std::string_view lines = input.Rest();
  TryLines(lines);
  RequireImport(lines,
                [&](const std::string& path, tools::RunSink* sink, tools::ImportReport* report) {
                  return tools::ImportJsonl({path}, options, sink, report);
                });
}

}  // namespace
}  // namespace reprise::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  reprise::fuzz::Try(reprise::fuzz::FuzzInput(data, size));
  return 0;
}
