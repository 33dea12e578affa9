#include "tools/row_printer.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "tools/escape.h"
#include "tools/table.h"

namespace reprise::tools {
namespace {

double Seconds(TimeMicros time) { return static_cast<double>(time) / 1e6; }

const Value* Find(const Row& row, const std::string& key) {
  const auto found = std::lower_bound(row.fields.begin(), row.fields.end(), key,
                                      [](const auto& f, const auto& k) { return f.first < k; });
  return found != row.fields.end() && found->first == key ? &found->second : nullptr;
}

class JsonlPrinter : public RowPrinter {
 public:
  explicit JsonlPrinter(NonFinite non_finite) : non_finite_(non_finite) {}

  std::string Header() override { return {}; }
  std::string Line(const Row& row) override {
    JsonObject object(non_finite_);
    object.Add("_step", row.step);
    if (row.time != kNoTime) object.Add("_timestamp", Seconds(row.time));
    for (const auto& [key, value] : row.fields) object.Add(key, value.view());
    return std::move(object).Finish() + "\n";
  }

 private:
  NonFinite non_finite_;
};

class CsvPrinter : public RowPrinter {
 public:
  CsvPrinter(std::vector<std::string> keys, bool escape)
      : keys_(std::move(keys)), escape_(escape) {}

  std::string Header() override {
    std::string line = "_step,_timestamp";
    for (const std::string& key : keys_) line += "," + Quote(key);
    return line + "\n";
  }
  std::string Line(const Row& row) override {
    std::string line = std::to_string(row.step) + ",";
    if (row.time != kNoTime) AppendJsonDouble(Seconds(row.time), NonFinite::kBare, &line);
    for (const std::string& key : keys_) {
      line += ',';
      if (const Value* value = Find(row, key)) line += Cell(value->view());
    }
    return line + "\n";
  }

 private:
  std::string Quote(const std::string& raw) const {
    const std::string text = escape_ ? Escape(raw) : raw;
    if (text.find_first_of(",\"\r\n\t") == std::string::npos) return text;
    std::string quoted = "\"";
    for (const char c : text) quoted += c == '"' ? "\"\"" : std::string(1, c);
    return quoted + "\"";
  }
  std::string Cell(const ValueView& value) const {
    if (value.type() == Type::kString) return Quote(std::string(value.text()));
    std::string text;
    if (value.type() == Type::kDouble && std::isinf(value.as_double())) {
      return value.as_double() < 0 ? "-inf" : "inf";
    }
    if (value.type() == Type::kDouble && std::isnan(value.as_double())) return "nan";
    AppendJsonValue(value, NonFinite::kBare, &text);
    return Quote(text);
  }

  std::vector<std::string> keys_;
  bool escape_;
};

constexpr std::size_t kStepWidth = 10;
constexpr std::size_t kNarrowestColumn = 12;  // holds any double at six digits
constexpr std::size_t kWidestColumn = 24;

class TablePrinter : public RowPrinter {
 public:
  TablePrinter(std::vector<std::string> keys, std::size_t width, std::size_t* left_out) {
    std::size_t used = kStepWidth;
    for (std::string& key : keys) {
      const std::size_t column =
          std::clamp(DisplayWidth(Escape(key)), kNarrowestColumn, kWidestColumn);
      if (used + 2 + column > width) break;
      used += 2 + column;
      columns_.push_back({std::move(key), column});
    }
    *left_out = keys.size() - columns_.size();
  }

  std::string Header() override {
    std::string line = Right("STEP", kStepWidth);
    for (const auto& [key, width] : columns_) line += "  " + Right(key, width);
    return line + "\n";
  }
  std::string Line(const Row& row) override {
    std::string line = Right(std::to_string(row.step), kStepWidth);
    for (const auto& [key, width] : columns_) {
      const Value* value = Find(row, key);
      line += "  " + Right(value == nullptr ? "" : FormatValue(value->view()), width);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    return line + "\n";
  }

 private:
  static std::string Right(const std::string& raw, std::size_t width) {
    const std::string text = CutToWidth(Escape(raw), width);
    return std::string(width - DisplayWidth(text), ' ') + text;
  }

  std::vector<std::pair<std::string, std::size_t>> columns_;
};

}  // namespace

std::unique_ptr<RowPrinter> MakeJsonlPrinter(NonFinite non_finite) {
  return std::make_unique<JsonlPrinter>(non_finite);
}

std::unique_ptr<RowPrinter> MakeCsvPrinter(std::vector<std::string> keys, bool escape) {
  return std::make_unique<CsvPrinter>(std::move(keys), escape);
}

std::unique_ptr<RowPrinter> MakeTablePrinter(std::vector<std::string> keys, std::size_t width,
                                             std::size_t* left_out) {
  return std::make_unique<TablePrinter>(std::move(keys), width, left_out);
}

}  // namespace reprise::tools
