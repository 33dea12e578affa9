// Reads comma- or tab-separated text record by record.
#ifndef REPRISE_TOOLS_IMPORT_CSV_READER_H_
#define REPRISE_TOOLS_IMPORT_CSV_READER_H_

#include <cstdint>
#include <istream>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reprise/value.h"

namespace reprise::tools {

// RFC 4180 and what is seen beside it: tabs, LF or CRLF, a byte order mark, a `#` comment line
// at the start, blank lines (skipped), cells of several lines in double quotes.
class CsvReader {
 public:
  static constexpr std::size_t kMaxRecordBytes = std::size_t{64} << 20;
  static constexpr std::size_t kMaxCells = 1'000'000;

  // `in` must outlive the reader. Reads the column names at once; they are trimmed of spaces.
  explicit CsvReader(std::istream* in);

  const std::vector<std::string>& columns() const { return columns_; }
  // The next record's cells, as many as the line has; false at the end.
  bool Next(std::vector<std::string>* cells);
  // Whether the record, or at first the line of names, is larger than kMaxRecordBytes or has more
  // cells than kMaxCells: then it is incomplete, and of names there are none.
  bool too_large() const { return too_large_; }
  // The line the last record began at, from 1.
  std::uint64_t line() const { return record_line_; }
  // Whether the text ended inside a quoted cell.
  bool ended_in_quotes() const { return ended_in_quotes_; }

 private:
  void ReadHeader();
  bool ReadRecord(std::vector<std::string>* cells);
  void ReadQuoted(std::string* cell);
  // Reads the rest of a plain cell; true if another cell follows on the line.
  bool ReadPlain(std::string* cell);
  void Append(int c, std::string* cell);
  int Take();

  std::streambuf* in_;
  char separator_ = ',';
  std::vector<std::string> columns_;
  std::uint64_t next_line_ = 1;
  std::uint64_t record_line_ = 0;
  bool ended_in_quotes_ = false;
  bool too_large_ = false;
  std::size_t record_bytes_ = 0;
};

// A cell's value: nothing if it is empty or spaces; int64, double, or string.
std::optional<Value> ParseCell(std::string_view cell);

}  // namespace reprise::tools

#endif  // REPRISE_TOOLS_IMPORT_CSV_READER_H_
