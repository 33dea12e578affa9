#include "tests/engine/run/model_op.h"

#include <fmt/format.h>

namespace reprise {

namespace {

std::string FieldList(const ModelFields& fields) {
  std::string text = "{";
  for (const auto& [key, value] : fields) {
    text += fmt::format("{}{{\"{}\", {}}}", text.size() > 1 ? ", " : "", key, ToString(value));
  }
  return text + "}";
}

std::string OptionList(const LogOptions& options) {
  std::string text;
  if (options.step) text += fmt::format(", .step = {}", *options.step);
  if (options.time && *options.time == kNoTime) text += ", .time = kNoTime";
  if (options.time && *options.time != kNoTime) text += fmt::format(", .time = {}", *options.time);
  if (options.commit) text += fmt::format(", .commit = {}", *options.commit);
  return text;
}

std::string StepList(const std::vector<Step>& steps) {
  std::string text;
  for (const Step step : steps) text += fmt::format("{}{}", text.empty() ? "" : ", ", step);
  return "{" + text + "}";
}

std::string_view ResumeText(Resume resume) {
  switch (resume) {
    case Resume::kNever:
      return "kNever";
    case Resume::kAllow:
      return "kAllow";
    case Resume::kMust:
      return "kMust";
    case Resume::kAuto:
      return "kAuto";
  }
  return "?";
}

std::string WriterCall(const ModelOp& op) {
  switch (op.call) {
    case ModelCall::kLog:
      return fmt::format("Log({}{})", FieldList(op.fields), OptionList(op.options));
    case ModelCall::kAppend:
      return fmt::format("AppendColumns(steps {}, all rows {}{})", StepList(op.steps),
                         FieldList(op.fields), OptionList(op.options));
    case ModelCall::kFill:
      return "Log(1.1 MiB)";
    case ModelCall::kSetSummary:
      return fmt::format("SetSummary({})", FieldList(op.fields));
    case ModelCall::kRemoveSummary:
      return fmt::format("RemoveSummary(\"{}\")", op.fields.front().first);
    case ModelCall::kWriterConfig:
      return fmt::format("UpdateConfig({})", FieldList(op.fields));
    case ModelCall::kWriterRewind:
      return fmt::format("Rewind({})", *op.moment.step);
    case ModelCall::kSync:
      return "Sync()";
    case ModelCall::kFinish:
      return fmt::format("Finish({})", op.number);
    default:
      return "~RunWriter()";
  }
}

std::string StartCall(const ModelOp& op) {
  std::string text = fmt::format("{} = StartRun(\"{}\"", op.run, op.run);
  if (op.call == ModelCall::kStart) text += fmt::format(", {}", ResumeText(op.resume));
  if (op.call == ModelCall::kStartRewound) text += ", resume_from " + ToString(op.moment);
  if (op.call == ModelCall::kStartForked) text += ", fork_from " + ToString(op.moment);
  if (!op.fields.empty()) text += ", config " + FieldList(op.fields);
  return text + (op.takeover ? ", takeover)" : ")");
}

std::string StoreCall(const ModelOp& op) {
  const std::string_view taking = op.takeover ? ", kTake" : "";
  switch (op.call) {
    case ModelCall::kRewind:
      return fmt::format("store.Rewind({}{})", ToString(op.moment), taking);
    case ModelCall::kRestore:
      return fmt::format("store.Restore({}{})", ToString(op.moment), taking);
    case ModelCall::kFork:
      return fmt::format("store.Fork({}, \"{}\", config {})", ToString(op.moment), op.run,
                         FieldList(op.fields));
    case ModelCall::kConfig:
      return fmt::format("store.UpdateConfig(\"{}\", {})", op.run, FieldList(op.fields));
    case ModelCall::kFinishOutside:
      return fmt::format("store.Finish(\"{}\", {})", op.run, op.number);
    case ModelCall::kDelete:
      return fmt::format("store.Delete(\"{}\"{})", op.run, taking);
    case ModelCall::kReopen:
      return "store.Close(); Store::Open()";
    case ModelCall::kReclaim:
      return "store.Reclaim()";
    case ModelCall::kRebuild:
      return "store.Close(); RebuildCatalog(); Store::Open()";
    case ModelCall::kHold:
      return fmt::format("held = store.OpenHistory({})", ToString(op.moment));
    case ModelCall::kCheck:
      return fmt::format("check of {} (query {})", ToString(op.moment), op.number);
    default:
      return fmt::format("check of what is told of run \"{}\"", op.run);
  }
}

}  // namespace

std::string ToString(const Moment& moment) {
  std::string text = moment.run;
  if (moment.branch) text += fmt::format("@{}", *moment.branch);
  if (moment.step) text += fmt::format("?_step={}", *moment.step);
  return text;
}

std::string ToString(const ValueView& value) {
  switch (value.type()) {
    case Type::kNull:
      return "null";
    case Type::kBool:
      return value.as_bool() ? "true" : "false";
    case Type::kInt64:
      return fmt::format("int64 {}", value.as_int64());
    case Type::kDouble:
      return fmt::format("{} (0x{:016x})", value.as_double(), value.bits());
    default:
      if (value.text().size() > 100) return fmt::format("{} bytes", value.text().size());
      return fmt::format("{} \"{}\"", static_cast<int>(value.type()), value.text());
  }
}

std::string ToString(const ModelOp& op) {
  if (op.call <= ModelCall::kDrop) return op.run + "." + WriterCall(op);
  if (op.call <= ModelCall::kStartForked) return StartCall(op);
  return StoreCall(op);
}

}  // namespace reprise
