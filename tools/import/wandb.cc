#include "tools/import/wandb.h"

#include <fmt/format.h>

#include <fstream>
#include <optional>
#include <string_view>
#include <utility>

#include "format/try.h"
#include "tools/import/input_file.h"
#include "tools/import/row_writer.h"
#include "tools/import/wandb.pb.h"
#include "tools/import/wandb_framing.h"
#include "tools/json_reader.h"

namespace reprise::tools {
namespace {

using wandb::Record;

std::string_view KindName(Record::KindCase kind) {
  switch (kind) {
    case Record::kSummary:
      return "summary";
    case Record::kOutput:
      return "output";
    case Record::kFiles:
      return "files";
    case Record::kStats:
      return "stats";
    case Record::kArtifact:
      return "artifact";
    case Record::kTbrecord:
      return "tbrecord";
    case Record::kAlert:
      return "alert";
    case Record::kTelemetry:
      return "telemetry";
    case Record::kMetric:
      return "metric";
    case Record::kOutputRaw:
      return "output_raw";
    case Record::kPreempting:
      return "preempting";
    case Record::kNoopLinkArtifact:
      return "link_artifact";
    case Record::kUseArtifact:
      return "use_artifact";
    case Record::kEnvironment:
      return "environment";
    case Record::kOutputLogger:
      return "output_logger";
    case Record::kRequest:
      return "request";
    default:
      return {};  // file structure: header, footer, final
  }
}

std::string ItemPath(const wandb::Item& item) {
  if (!item.key().empty() || item.nested_key_size() == 0) return item.key();
  std::string path;
  for (const std::string& part : item.nested_key()) {
    if (!path.empty()) path += '.';
    path += part;
  }
  return path;
}

// Reads the pieces of one run, file after file.
class WandbImporter {
 public:
  WandbImporter(RunSink* sink, ImportReport* report)
      : sink_(sink), report_(report), rows_(sink, report, OnConflict::kSkip) {}

  Status ReadFile(const std::string& path);
  Status Finish();

 private:
  Status ReadRecord(const WandbFraming::Record& framed);
  void CheckNumber(std::int64_t number);
  Status ReadHistory(const wandb::HistoryRecord& history);
  Status ReadRun(const wandb::RunRecord& run);
  Status ReadConfig(const wandb::ConfigRecord& config);
  void Flatten(const wandb::Item& item, Config* leaves);
  void AddConfig(const wandb::ConfigRecord& config, RunDescription* run);
  void TakeStepAndTime(ImportedRow* row, bool step_is_known);
  Status EnsureStarted();
  Status Describe(RunDescription description);
  std::string Place() const;

  RunSink* sink_;
  ImportReport* report_;
  RowWriter rows_;
  std::string path_;
  std::uint64_t offset_ = 0;
  RunDescription run_;  // what is known before the first row
  bool started_ = false;
  bool damaged_ = false;          // since the last record
  std::int64_t last_number_ = 0;  // 0: none, or not numbered
  std::optional<int> exit_code_;
};

std::string WandbImporter::Place() const { return fmt::format("'{}' byte {}", path_, offset_); }

void WandbImporter::Flatten(const wandb::Item& item, Config* leaves) {
  const Result<JsonNode> node = ParseJson(item.value_json());
  if (!node.has_value()) {
    report_->Skip(fmt::format("value that is {}", node.error().message()), Place());
    return;
  }
  FlattenJson(*node, ItemPath(item), leaves);
}

// `_step` and `_timestamp` are properties of the row; every other item is a key.
void WandbImporter::TakeStepAndTime(ImportedRow* row, bool step_is_known) {
  std::erase_if(row->fields, [&](const auto& field) {
    const auto& [key, value] = field;
    if (key == "_timestamp") {
      const std::optional<TimeMicros> time = AsTime(value.view());
      if (time) row->time = *time;
      if (!time && value.type() != Type::kNull) {
        report_->Skip("_timestamp that is no time", Place());
      }
      return true;
    }
    if (key != "_step") return false;
    if (step_is_known) return true;
    row->step = AsStep(value.view());
    if (!row->step && value.type() != Type::kNull) {
      report_->Skip("_step that is no integer (the row took the next step)", Place());
    }
    return true;
  });
}

Status WandbImporter::ReadHistory(const wandb::HistoryRecord& history) {
  REPRISE_TRY(EnsureStarted());
  ImportedRow row;
  row.place = Place();
  row.fields.reserve(static_cast<std::size_t>(history.item_size()));
  for (const wandb::Item& item : history.item()) Flatten(item, &row.fields);
  if (history.has_step()) row.step = history.step().num();
  TakeStepAndTime(&row, history.has_step());
  return rows_.Add(std::move(row));
}

void WandbImporter::AddConfig(const wandb::ConfigRecord& config, RunDescription* run) {
  for (const wandb::Item& item : config.update()) {
    const std::string path = ItemPath(item);
    if (path == "_wandb" || path.rfind("_wandb.", 0) == 0) continue;
    Flatten(item, &run->config);
  }
  if (config.remove_size() > 0) report_->not_imported["config removal"] += 1;
}

Status WandbImporter::ReadConfig(const wandb::ConfigRecord& config) {
  RunDescription update;
  AddConfig(config, &update);
  return Describe(std::move(update));
}

Status WandbImporter::ReadRun(const wandb::RunRecord& run) {
  if (!run.run_id().empty() && !run_.run_id.empty() && run.run_id() != run_.run_id) {
    return Status::Error(Code::kInvalidArgument,
                         fmt::format("files of different runs: {} (run '{}', after '{}'); import "
                                     "them one by one",
                                     Place(), run.run_id(), run_.run_id));
  }
  RunDescription update;
  update.run_id = run.run_id();
  if (!run.project().empty()) {
    update.project = run.entity().empty() ? run.project() : run.entity() + "/" + run.project();
  }
  if (!run.display_name().empty()) update.name = run.display_name();
  if (!run.notes().empty()) update.notes = run.notes();
  if (!run.run_group().empty()) update.group = run.run_group();
  if (!run.job_type().empty()) update.job_type = run.job_type();
  if (run.tags_size() > 0) update.tags.emplace(run.tags().begin(), run.tags().end());
  AddConfig(run.config(), &update);
  if (run.starting_step() > 0) rows_.StartAt(run.starting_step());
  return Describe(std::move(update));
}

// Before the first row everything goes into the run's start; afterwards the sink is told.
Status WandbImporter::Describe(RunDescription update) {
  KeepLastOfEachPath(&update.config);
  if (started_) return sink_->Update(update);
  if (!update.run_id.empty()) run_.run_id = update.run_id;
  if (!update.project.empty()) run_.project = update.project;
  if (update.name) run_.name = update.name;
  if (update.notes) run_.notes = update.notes;
  if (update.group) run_.group = update.group;
  if (update.job_type) run_.job_type = update.job_type;
  if (update.tags) run_.tags = update.tags;
  run_.config.insert(run_.config.end(), update.config.begin(), update.config.end());
  KeepLastOfEachPath(&run_.config);
  return {};
}

Status WandbImporter::EnsureStarted() {
  if (std::exchange(started_, true)) return {};
  if (run_.run_id.empty()) run_.run_id = RunIdFromPath(path_);
  return sink_->Start(run_);
}

// Numbers rise by one: a jump where nothing was damaged means records that were never written.
void WandbImporter::CheckNumber(std::int64_t number) {
  const bool gap = last_number_ > 0 && number > 0 && number > last_number_ + 1;
  if (gap && !damaged_) {
    report_->Skip(
        fmt::format("records {} to {}, which the file lacks", last_number_ + 1, number - 1),
        Place());
  }
  last_number_ = number;
  damaged_ = false;
}

Status WandbImporter::ReadRecord(const WandbFraming::Record& framed) {
  offset_ = framed.offset;
  Record record;
  if (framed.bytes.size() > std::size_t{1} << 30 ||
      !record.ParseFromArray(framed.bytes.data(), static_cast<int>(framed.bytes.size()))) {
    report_->Skip("record that is no valid message", Place());
    damaged_ = true;
    return {};
  }
  CheckNumber(record.num());
  switch (record.kind_case()) {
    case Record::kHistory:
      return ReadHistory(record.history());
    case Record::kRun:
      return ReadRun(record.run());
    case Record::kConfig:
      return ReadConfig(record.config());
    case Record::kExit:
      exit_code_ = record.exit().exit_code();
      return {};
    default:
      break;
  }
  const std::string_view kind = KindName(record.kind_case());
  if (!kind.empty()) ++report_->not_imported[std::string(kind)];
  return {};
}

Status WandbImporter::ReadFile(const std::string& path) {
  path_ = path;
  last_number_ = 0;
  exit_code_.reset();
  REPRISE_TRY_ASSIGN(std::ifstream file, OpenInput(path));
  WandbFraming framing(&file, [&](const FramingDamage& damage) {
    damaged_ = true;
    report_->Skip(damage.what,
                  fmt::format("'{}' byte {}, {} bytes lost", path_, damage.offset, damage.lost));
  });
  const Status header = framing.ReadHeader();
  if (!header.ok()) {
    return Status::Error(header.code(), fmt::format("{}: '{}'", header.message(), path));
  }
  while (const std::optional<WandbFraming::Record> record = framing.Next()) {
    REPRISE_TRY(ReadRecord(*record));
  }
  return {};
}

Status WandbImporter::Finish() {
  REPRISE_TRY(EnsureStarted());
  report_->finished = exit_code_.has_value();
  return exit_code_ ? sink_->Finish(*exit_code_) : Status();
}

}  // namespace

Status ImportWandb(const std::vector<std::string>& files, RunSink* sink, ImportReport* report) {
  WandbImporter importer(sink, report);
  for (const std::string& file : files) REPRISE_TRY(importer.ReadFile(file));
  return importer.Finish();
}

}  // namespace reprise::tools
