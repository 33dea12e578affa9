// A plain table for people: aligned columns that fit a terminal.
#ifndef REPRISE_TOOLS_TABLE_H_
#define REPRISE_TOOLS_TABLE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "reprise/value.h"

namespace reprise::tools {

// Columns of text, two spaces apart. Cells are escaped when they are added. Where the table is
// wider than allowed, its widest columns are cut with '…', but none below its narrowest width.
class Table {
 public:
  enum class Align : std::uint8_t { kLeft, kRight };

  static constexpr std::size_t kNeverCut = 1000;

  void AddColumn(std::string title, Align align = Align::kLeft, std::size_t narrowest = 4);
  // One cell for each column.
  void AddRow(const std::vector<std::string>& cells);
  // With a line of titles if any is not empty; every line ends in a newline, none in a space.
  std::string Render(std::size_t width) const;

 private:
  struct Column {
    std::string title;
    Align align;
    std::size_t narrowest;
  };
  std::vector<std::size_t> FitWidths(std::size_t width) const;
  std::string RenderRow(const std::vector<std::string>& cells,
                        const std::vector<std::size_t>& widths) const;

  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

// Columns to print to: $COLUMNS where it is set to something usable, else 80.
std::size_t TerminalWidth();

// 1234567 as "1,234,567".
std::string GroupDigits(std::int64_t number);
// A byte count as "12.3 MiB".
std::string FormatBytes(std::uint64_t bytes);
// "2024-03-12 10:18:47 UTC"; "-" for kNoTime.
std::string FormatTime(TimeMicros time);
// A value as people read it: six digits of a double, strings as they are. Not escaped.
std::string FormatValue(const ValueView& value);

}  // namespace reprise::tools

#endif  // REPRISE_TOOLS_TABLE_H_
