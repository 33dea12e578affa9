#include "tools/table.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>

#include "tools/escape.h"
#include "tools/json_writer.h"

namespace reprise::tools {
namespace {

constexpr std::size_t kGap = 2;

std::string Pad(const std::string& text, std::size_t width, Table::Align align) {
  const std::string fitted = CutToWidth(text, width);
  const std::string space(width - DisplayWidth(fitted), ' ');
  return align == Table::Align::kLeft ? fitted + space : space + fitted;
}

void TrimRight(std::string* line) {
  while (!line->empty() && line->back() == ' ') line->pop_back();
}

}  // namespace

void Table::AddColumn(std::string title, Align align, std::size_t narrowest) {
  columns_.push_back({std::move(title), align, narrowest});
}

void Table::AddRow(const std::vector<std::string>& cells) {
  std::vector<std::string> row;
  row.reserve(columns_.size());
  for (const std::string& cell : cells) row.push_back(Escape(cell));
  row.resize(columns_.size());
  rows_.push_back(std::move(row));
}

std::vector<std::size_t> Table::FitWidths(std::size_t width) const {
  std::vector<std::size_t> widths;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    std::size_t widest = DisplayWidth(columns_[i].title);
    for (const auto& row : rows_) widest = std::max(widest, DisplayWidth(row[i]));
    widths.push_back(widest);
  }
  if (widths.empty()) return widths;
  std::size_t total = kGap * (widths.size() - 1);
  for (const std::size_t w : widths) total += w;
  for (; total > width; --total) {
    std::size_t* widest = nullptr;
    for (std::size_t i = 0; i < widths.size(); ++i) {
      const bool can_be_cut = widths[i] > columns_[i].narrowest;
      if (can_be_cut && (widest == nullptr || widths[i] > *widest)) widest = &widths[i];
    }
    if (widest == nullptr) break;
    --*widest;
  }
  return widths;
}

std::string Table::RenderRow(const std::vector<std::string>& cells,
                             const std::vector<std::size_t>& widths) const {
  std::string line;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    if (i > 0) line.append(kGap, ' ');
    line += Pad(cells[i], widths[i], columns_[i].align);
  }
  TrimRight(&line);
  return line + "\n";
}

std::string Table::Render(std::size_t width) const {
  const std::vector<std::size_t> widths = FitWidths(width);
  std::vector<std::string> titles;
  for (const Column& column : columns_) titles.push_back(column.title);
  std::string out;
  if (std::any_of(titles.begin(), titles.end(), [](const auto& t) { return !t.empty(); })) {
    out += RenderRow(titles, widths);
  }
  for (const auto& row : rows_) out += RenderRow(row, widths);
  return out;
}

std::size_t TerminalWidth() {
  const char* columns = std::getenv("COLUMNS");
  const long width = columns == nullptr ? 0 : std::strtol(columns, nullptr, 10);
  return width >= 40 && width <= 1000 ? static_cast<std::size_t>(width) : 80;
}

std::string GroupDigits(std::int64_t number) {
  std::string digits = std::to_string(number);
  const std::size_t first = number < 0 ? 1 : 0;
  for (std::size_t i = digits.size(); i > first + 3; i -= 3) digits.insert(i - 3, ",");
  return digits;
}

std::string FormatBytes(std::uint64_t bytes) {
  constexpr std::array kUnits = {"KiB", "MiB", "GiB", "TiB", "PiB"};
  if (bytes < 1024) return fmt::format("{} B", bytes);
  double scaled = static_cast<double>(bytes) / 1024;
  std::size_t unit = 0;
  while (scaled >= 1024 && unit + 1 < kUnits.size()) {
    scaled /= 1024;
    ++unit;
  }
  return fmt::format("{:.1f} {}", scaled, kUnits[unit]);
}

std::string FormatTime(TimeMicros time) {
  if (time == kNoTime) return "-";
  using namespace std::chrono;  // NOLINT(google-build-using-namespace): of this function alone
  const sys_seconds second = floor<seconds>(sys_time<microseconds>(microseconds(time)));
  const sys_days day = floor<days>(second);
  const year_month_day date(day);
  const hh_mm_ss clock(second - day);
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02} UTC", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count());
}

std::string FormatValue(const ValueView& value) {
  if (value.type() == Type::kDouble) return fmt::format("{:.6g}", value.as_double());
  if (value.type() == Type::kString) return std::string(value.text());
  std::string text;
  AppendJsonValue(value, NonFinite::kBare, &text);
  return text;
}

}  // namespace reprise::tools
