// Lines of a text that is not trusted: one without end must not fill the memory.
#ifndef REPRISE_TOOLS_LINE_READER_H_
#define REPRISE_TOOLS_LINE_READER_H_

#include <cstddef>
#include <istream>
#include <string>

namespace reprise::tools {

// A row has at most 8 MiB; as JSON, each byte of it may take six.
inline constexpr std::size_t kMaxLineBytes = std::size_t{64} << 20;

class LineReader {
 public:
  // `in` must outlive the reader.
  explicit LineReader(std::istream* in) : in_(in) {}

  // The next line without its end; false at the end of the text.
  bool Next(std::string* line);
  // Whether the line has more than kMaxLineBytes: then its beginning was given.
  bool too_long() const { return too_long_; }

 private:
  std::istream* in_;
  bool too_long_ = false;
};

}  // namespace reprise::tools

#endif  // REPRISE_TOOLS_LINE_READER_H_
