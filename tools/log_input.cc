#include "tools/log_input.h"

#include <fmt/format.h>

#include "format/try.h"
#include "tools/json_reader.h"

namespace reprise::tools {
namespace {

Status TakeStep(const std::string& key, const Value& value, LogRecord* record) {
  if (value.type() == Type::kNull) return {};
  record->options.step = AsStep(value.view());
  if (record->options.step) return {};
  return Status::Error(Code::kInvalidArgument, fmt::format("step is no integer: key '{}'", key));
}

Status TakeTime(const Value& value, LogRecord* record) {
  if (value.type() == Type::kNull) return {};
  record->options.time = AsTime(value.view());
  if (record->options.time) return {};
  return Status::Error(Code::kInvalidArgument, "time is no number of seconds: key '_timestamp'");
}

}  // namespace

Result<LogRecord> ParseLogLine(std::string_view line, const std::string& step_key) {
  REPRISE_TRY_ASSIGN(const JsonNode node, ParseJson(line));
  if (node.shape != JsonNode::Shape::kMap) return Fail(Code::kInvalidArgument, "not a JSON object");
  Config leaves;
  for (const auto& [name, member] : node.members) FlattenJson(member, name, &leaves);
  KeepLastOfEachPath(&leaves);
  const std::string key = step_key.empty() ? "_step" : step_key;
  LogRecord record;
  for (auto& [path, value] : leaves) {
    if (path == key) {
      REPRISE_TRY(TakeStep(key, value, &record));
    } else if (path == "_timestamp") {
      REPRISE_TRY(TakeTime(value, &record));
    } else if (path == "_step") {
      return Fail(Code::kInvalidArgument,
                  fmt::format("two steps: keys '_step' and '{}'; leave one out", key));
    } else {
      record.fields.emplace_back(std::move(path), std::move(value));
    }
  }
  return record;
}

}  // namespace reprise::tools
