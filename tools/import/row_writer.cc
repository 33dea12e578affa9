#include "tools/import/row_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <string_view>
#include <vector>

#include "format/try.h"
#include "tools/escape.h"
#include "tools/json_reader.h"

namespace reprise::tools {
namespace {

constexpr std::size_t kMaxKeyBytes = 1024;
constexpr std::size_t kMaxValueBytes = std::size_t{4} << 20;

// Why no run can hold this, or nothing.
std::string_view Unfitness(std::string_view key, const Value& value) {
  if (key.empty()) return "value with an empty key";
  if (key.size() > kMaxKeyBytes) return "value with a key over 1,024 bytes";
  if (!IsUtf8(key)) return "value with a key that is not UTF-8";
  if (std::any_of(key.begin(), key.end(),
                  [](char c) { return (c >= 0 && c < 0x20) || c == 0x7F; })) {
    return "value with control characters in its key";
  }
  if (value.text().size() > kMaxValueBytes) return "value over 4 MiB";
  return {};
}

}  // namespace

void RowWriter::StartAt(Step step) { last_ = std::max(last_, step - 1); }

void RowWriter::DropUnfit(ImportedRow* row) {
  std::erase_if(row->fields, [&](const auto& field) {
    const std::string_view reason = Unfitness(field.first, field.second);
    if (!reason.empty()) report_->Skip(reason, row->place);
    return !reason.empty();
  });
}

Status RowWriter::ResolveConflict(const ImportedRow& row, Step step) {
  if (on_conflict_ == OnConflict::kLast && step == last_) return {};
  if (on_conflict_ == OnConflict::kRewind) {
    last_ = step - 1;
    return sink_->Rewind(step - 1);
  }
  const std::string_view advice = on_conflict_ == OnConflict::kLast
                                      ? "--on-conflict rewind replays it as a rewind"
                                      : "choose --on-conflict last or rewind";
  return Status::Error(
      Code::kOutOfOrder,
      fmt::format("step is not above the one before it: {} (step {}, after {}); {}", row.place,
                  step, last_, advice));
}

Status RowWriter::Log(const ImportedRow& row, Step step) {
  std::vector<Field> fields;
  fields.reserve(row.fields.size());
  for (const auto& [key, value] : row.fields) fields.push_back({key, value.view()});
  // Under kLast the row stays open, so that the next of the same step can merge into it.
  const LogOptions options{
      .step = step, .time = row.time, .commit = on_conflict_ != OnConflict::kLast};
  const Result<Step> logged = sink_->Log(fields, options);
  if (!logged.has_value() && logged.error().code() == Code::kInvalidArgument) {
    report_->Skip(fmt::format("row refused ({})", logged.error().message()), row.place);
    return {};
  }
  if (!logged.has_value()) return logged.error();
  const bool merged = step == last_;
  last_ = step;
  if (!merged) ++report_->rows;
  report_->values += fields.size();
  for (const auto& [key, value] : row.fields) report_->keys.insert(key);
  return {};
}

Status RowWriter::Add(ImportedRow row) {
  if (!row.step && last_ == std::numeric_limits<Step>::max()) {
    return Status::Error(Code::kOutOfRange, fmt::format("no step is left: {}", row.place));
  }
  const Step step = row.step.value_or(last_ + 1);
  if (step < 0) {
    report_->Skip("row with a step below 0", row.place);
    return {};
  }
  if (step <= last_ && on_conflict_ == OnConflict::kSkip) {
    report_->Skip("row whose step is not above the one before it", row.place);
    return {};
  }
  KeepLastOfEachPath(&row.fields);
  DropUnfit(&row);
  if (step <= last_) REPRISE_TRY(ResolveConflict(row, step));
  return Log(row, step);
}

}  // namespace reprise::tools
