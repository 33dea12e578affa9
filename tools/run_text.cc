#include "tools/run_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <vector>

#include "format/try.h"
#include "tools/sparkline.h"
#include "tools/table.h"

namespace reprise::tools {
namespace {

constexpr std::size_t kSparklineWidth = 16;

Value Seconds(TimeMicros time) {
  return time == kNoTime ? Value() : Value(static_cast<double>(time) / 1e6);
}

std::int64_t Signed(std::uint64_t count) { return static_cast<std::int64_t>(count); }

std::string JsonStrings(const std::vector<std::string>& texts) {
  std::string json = "[";
  for (const std::string& text : texts) {
    if (json.size() > 1) json += ',';
    AppendJsonString(text, &json);
  }
  return json + "]";
}

// One member of an object that is spread over lines.
void AddLine(std::string_view name, std::string_view json, std::string* out) {
  *out += out->empty() ? "{\n  " : ",\n  ";
  AppendJsonString(name, out);
  *out += ": ";
  *out += json;
}

std::string CloseLines(const std::string& lines) {
  return lines.empty() ? "{}\n" : lines + "\n}\n";
}

std::string Json(const ValueView& value, NonFinite non_finite) {
  std::string json;
  AppendJsonValue(value, non_finite, &json);
  return json;
}

void AddValueAtStep(std::string_view name, const std::optional<ValueAtStep>& at,
                    JsonObject* object) {
  const std::string step_name = fmt::format("{}_step", name);
  object->Add(name, at ? at->value.view() : ValueView());
  object->Add(step_name, at ? ValueView(at->step) : ValueView());
}

void AddAggregates(const SummaryEntry& entry, JsonObject* object) {
  AddValueAtStep("last", entry.last, object);
  AddValueAtStep("first", entry.first, object);
  AddValueAtStep("min", entry.min, object);
  AddValueAtStep("max", entry.max, object);
  object->Add("mean", entry.mean ? ValueView(*entry.mean) : ValueView());
  object->Add("sum", entry.sum ? ValueView(*entry.sum) : ValueView());
  object->Add("count", Signed(entry.count));
  object->Add("nan", Signed(entry.nan));
}

std::string AllAggregatesJson(const Summary& summary, NonFinite non_finite) {
  std::map<std::string, JsonObject> objects;
  for (const auto& [key, entry] : summary.entries) {
    AddAggregates(entry, &objects.try_emplace(key, non_finite).first->second);
  }
  for (const auto& [key, value] : summary.explicit_values) {
    AddValueAtStep("explicit", value, &objects.try_emplace(key, non_finite).first->second);
  }
  std::string lines;
  for (auto& [key, object] : objects) AddLine(key, std::move(object).Finish(), &lines);
  return CloseLines(lines);
}

std::string CellFor(const std::optional<ValueAtStep>& at) {
  return at ? FormatValue(at->value.view()) : "";
}

// Whether a sample has the same picture as all values: buckets between the first and the last
// value, and means of finite numbers.
bool CanBeSampled(const SummaryEntry& entry) {
  return IsNumber(entry.first.value.type()) && IsNumber(entry.last.value.type()) &&
         std::isfinite(entry.min->value.as_number()) && std::isfinite(entry.max->value.as_number());
}

Result<std::string> SparklineOf(const History& history, const std::string& key,
                                const SummaryEntry& entry) {
  if (entry.count == 0) return std::string();
  if (CanBeSampled(entry)) {
    SampleOptions options;
    options.buckets = std::min<std::uint64_t>(kSparklineWidth, entry.count + entry.nan);
    options.steps = {entry.first.step, entry.last.step};
    REPRISE_TRY_ASSIGN(const Buckets buckets, history.Sample(key, options));
    return Sparkline(buckets);
  }
  REPRISE_TRY_ASSIGN(const NumericSeries series, history.ReadNumbers(key));
  return Sparkline(series, kSparklineWidth);
}

}  // namespace

void AddRunMembers(const RunInfo& run, JsonObject* object) {
  object->Add("run_id", run.run_id)
      .Add("project", run.project)
      .Add("name", run.name)
      .Add("state", RunStateName(run.state))
      .Add("branch", static_cast<std::int64_t>(run.branch))
      .Add("rows", Signed(run.rows))
      .Add("last_step", run.last_step)
      .Add("created", Seconds(run.created))
      .Add("updated", Seconds(run.updated))
      .AddRaw("tags", JsonStrings(run.tags))
      .Add("group", run.group)
      .Add("job_type", run.job_type)
      .Add("notes", run.notes)
      .Add("uid", run.uid);
  object->Add("exit_code", run.exit_code ? ValueView(*run.exit_code) : ValueView());
  if (!run.unread.ok()) object->Add("damage", run.unread.message());
}

std::string ConfigJson(const Config& config, NonFinite non_finite) {
  std::string lines;
  for (const auto& [path, value] : config) AddLine(path, Json(value.view(), non_finite), &lines);
  return CloseLines(lines);
}

std::string SummaryJson(const Summary& summary, bool all, NonFinite non_finite) {
  if (all) return AllAggregatesJson(summary, non_finite);
  std::string lines;
  for (const auto& [key, value] : summary.Shown()) {
    AddLine(key, Json(value.view(), non_finite), &lines);
  }
  return CloseLines(lines);
}

Result<std::string> KeyTable(const History& history) {
  REPRISE_TRY_ASSIGN(const Summary summary, history.ReadSummary());
  Table table;
  table.AddColumn("KEY", Table::Align::kLeft, 8);
  table.AddColumn("LAST", Table::Align::kRight, 11);
  table.AddColumn("MIN", Table::Align::kRight, Table::kNeverCut);
  table.AddColumn("MAX", Table::Align::kRight, Table::kNeverCut);
  table.AddColumn("COURSE", Table::Align::kLeft, Table::kNeverCut);
  for (const auto& [key, shown] : summary.Shown()) {
    const auto found = summary.entries.find(key);
    if (found == summary.entries.end()) {
      table.AddRow({key, FormatValue(shown.view())});
      continue;
    }
    REPRISE_TRY_ASSIGN(const std::string course, SparklineOf(history, key, found->second));
    table.AddRow({key, FormatValue(shown.view()), CellFor(found->second.min),
                  CellFor(found->second.max), course});
  }
  return table.Render(TerminalWidth());
}

std::string FormatStep(Step step) { return step == kNoStep ? "-" : GroupDigits(step); }

std::string FormatCount(std::uint64_t count) { return GroupDigits(Signed(count)); }

std::string Plural(std::uint64_t count, std::string_view noun) {
  return fmt::format("{} {}{}", FormatCount(count), noun, count == 1 ? "" : "s");
}

std::string FormatOrigin(const Origin& origin, std::string_view home) {
  if (origin.run_id.empty()) {
    return fmt::format("a deleted run at step {}", FormatStep(origin.step));
  }
  const std::string project = origin.project == home ? "" : origin.project + "/";
  return fmt::format("{}{}@{} at step {}{}", project, origin.run_id, origin.branch,
                     FormatStep(origin.step), origin.deleted ? " (deleted)" : "");
}

}  // namespace reprise::tools
