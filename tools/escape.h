// Text from runs, made safe to show: a key or a value is data of strangers, and a terminal obeys
// control characters.
#ifndef REPRISE_TOOLS_ESCAPE_H_
#define REPRISE_TOOLS_ESCAPE_H_

#include <cstddef>
#include <string>
#include <string_view>

namespace reprise::tools {

// One code point of UTF-8 text. `size` is the number of bytes it takes; a byte that begins no
// valid sequence is a code point of its own with `valid` false.
struct CodePoint {
  char32_t value = 0;
  std::size_t size = 1;
  bool valid = false;
};

// The first code point of `text`, which must not be empty.
CodePoint DecodeCodePoint(std::string_view text);

// Whether all of `text` is UTF-8 (no surrogates, no overlong forms).
bool IsUtf8(std::string_view text);

// Whether showing the code point could move the cursor, change colours, or reorder the line: the
// C0 and C1 controls, DEL, line separators, and bidirectional marks, overrides and isolates.
bool IsControl(char32_t code_point);

// Control characters as \n, \t, \x1b or \u202e, broken UTF-8 as \xNN; all else as it is.
std::string Escape(std::string_view text);

// Columns the text takes on a terminal: wide characters two, combining marks none.
std::size_t DisplayWidth(std::string_view text);

// The longest start of `text` that takes at most `width` columns, ending in '…' if it was cut.
std::string CutToWidth(std::string_view text, std::size_t width);

}  // namespace reprise::tools

#endif  // REPRISE_TOOLS_ESCAPE_H_
