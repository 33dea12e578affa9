#include "tools/import/csv_reader.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstdlib>
#include <limits>
#include <sstream>
#include <utility>

#include "tools/json_reader.h"

namespace reprise::tools {
namespace {

constexpr int kEnd = std::char_traits<char>::eof();

std::string_view Trim(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") + 1 - first);
}

std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return lower;
}

// nan, inf, -inf and infinity, in any case.
std::optional<double> ParseWord(std::string_view text) {
  if (text.size() < 3 || text.size() > 9) return std::nullopt;
  const std::string word = Lower(text);
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  if (word == "nan" || word == "-nan" || word == "+nan") {
    return std::numeric_limits<double>::quiet_NaN();
  }
  if (word == "inf" || word == "+inf" || word == "infinity" || word == "+infinity") {
    return kInfinity;
  }
  if (word == "-inf" || word == "-infinity") return -kInfinity;
  return std::nullopt;
}

// Decimals beyond JSON's grammar: "+1.5", ".5", "5.". Digits with a leading zero and no dot or
// exponent ("007") are a name, not a number.
std::optional<Value> ParseLooseDecimal(std::string_view text) {
  if (text.front() == '+') text.remove_prefix(1);
  if (text.empty() || text.find_first_of(".eE") == std::string_view::npos) return std::nullopt;
  if (text.find_first_not_of("0123456789.eE+-") != std::string_view::npos) return std::nullopt;
  double value = 0;
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, value);
  if (parsed.ptr != end || parsed.ec == std::errc::invalid_argument) return std::nullopt;
  if (parsed.ec == std::errc::result_out_of_range) {
    value = std::strtod(std::string(text).c_str(), nullptr);
  }
  return Value(value);
}

}  // namespace

std::optional<Value> ParseCell(std::string_view cell) {
  const std::string_view text = Trim(cell);
  if (text.empty()) return std::nullopt;
  const bool digits = text.find_first_of("0123456789") != std::string_view::npos;
  if (digits) {
    if (std::optional<Value> number = ParseJsonNumber(text)) return number;
    if (std::optional<Value> number = ParseLooseDecimal(text)) return number;
    return Value(cell);
  }
  if (const std::optional<double> word = ParseWord(text)) return Value(*word);
  return Value(cell);
}

CsvReader::CsvReader(std::istream* in) : in_(in->rdbuf()) { ReadHeader(); }

int CsvReader::Take() {
  const int c = in_->sbumpc();
  if (c == '\n') ++next_line_;
  return c;
}

// The separator is known only after the line of names was seen: it is read as one piece first.
void CsvReader::ReadHeader() {
  std::string line;
  for (int c = Take();; c = Take()) {
    if (c != '\n' && c != kEnd) {
      Append(c, &line);
      continue;
    }
    if (too_large_) return;
    if (line.rfind("\xEF\xBB\xBF", 0) == 0) line.erase(0, 3);
    const bool skip = Trim(line).empty() || line.front() == '#';
    if (c == kEnd || !skip) break;
    line.clear();
    record_bytes_ = 0;
  }
  if (line.empty() || line.front() == '#') return;
  const auto tabs = std::count(line.begin(), line.end(), '\t');
  separator_ = tabs > 0 && tabs >= std::count(line.begin(), line.end(), ',') ? '\t' : ',';
  std::stringbuf names(line);
  std::streambuf* const file = std::exchange(in_, &names);
  const std::uint64_t line_number = next_line_;
  ReadRecord(&columns_);
  in_ = file;
  next_line_ = line_number;
  if (too_large_) columns_.clear();
  for (std::string& name : columns_) name = std::string(Trim(name));
}

void CsvReader::Append(int c, std::string* cell) {
  too_large_ = too_large_ || ++record_bytes_ > kMaxRecordBytes;
  if (!too_large_) *cell += static_cast<char>(c);
}

void CsvReader::ReadQuoted(std::string* cell) {
  while (true) {
    const int c = Take();
    if (c == kEnd) {
      ended_in_quotes_ = true;
      return;
    }
    if (c != '"') {
      Append(c, cell);
    } else if (in_->sgetc() == '"') {
      Append(Take(), cell);
    } else {
      return;
    }
  }
}

bool CsvReader::ReadPlain(std::string* cell) {
  while (true) {
    const int c = Take();
    if (c == separator_) return true;
    if (c == '\n' || c == kEnd) {
      if (!cell->empty() && cell->back() == '\r') cell->pop_back();
      return false;
    }
    Append(c, cell);
  }
}

bool CsvReader::ReadRecord(std::vector<std::string>* cells) {
  cells->clear();
  if (in_->sgetc() == kEnd) return false;
  record_line_ = next_line_;
  record_bytes_ = 0;
  too_large_ = false;
  bool more = true;
  while (more) {
    std::string cell;
    if (in_->sgetc() == '"') {
      Take();
      ReadQuoted(&cell);
    }
    more = ReadPlain(&cell);
    too_large_ = too_large_ || cells->size() == kMaxCells;
    if (!too_large_) cells->push_back(std::move(cell));
  }
  return true;
}

bool CsvReader::Next(std::vector<std::string>* cells) {
  while (ReadRecord(cells)) {
    if (too_large_ || cells->size() > 1 || !Trim(cells->front()).empty()) return true;
    if (columns_.size() == 1) continue;  // a blank line
  }
  return false;
}

}  // namespace reprise::tools
