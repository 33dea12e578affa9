// Prints rows of a history in the form asked for.
#ifndef REPRISE_TOOLS_ROW_PRINTER_H_
#define REPRISE_TOOLS_ROW_PRINTER_H_

#include <memory>
#include <string>
#include <vector>

#include "reprise/history.h"
#include "tools/json_writer.h"

namespace reprise::tools {

// Turns rows into text one by one; holds no rows.
class RowPrinter {
 public:
  virtual ~RowPrinter() = default;
  // What comes before the first row.
  virtual std::string Header() = 0;
  // The row's line, with its newline.
  virtual std::string Line(const Row& row) = 0;
};

// {"_step":N,"_timestamp":T,key:value...}; the time in seconds, left out where there is none.
std::unique_ptr<RowPrinter> MakeJsonlPrinter(NonFinite non_finite);

// RFC 4180 with a line of names: `_step`, `_timestamp`, then `keys`. Absent cells are empty, null
// is `null`; doubles read back to the same bits. `escape` makes control characters visible, for a
// terminal.
std::unique_ptr<RowPrinter> MakeCsvPrinter(std::vector<std::string> keys, bool escape);

// Aligned columns for people, as many of `keys` as fit into `width`. Column widths are fixed
// before the first row. `left_out` is set to the number of keys that found no room.
std::unique_ptr<RowPrinter> MakeTablePrinter(std::vector<std::string> keys, std::size_t width,
                                             std::size_t* left_out);

}  // namespace reprise::tools

#endif  // REPRISE_TOOLS_ROW_PRINTER_H_
