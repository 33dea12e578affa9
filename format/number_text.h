// Numbers as text: reads them, and prints them again as they were written.
//
// A number is read only if printing it gives exactly its characters. Nothing here depends on the
// locale or on the machine.
#ifndef REPRISE_FORMAT_NUMBER_TEXT_H_
#define REPRISE_FORMAT_NUMBER_TEXT_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace reprise {

// How numbers are written. Doubles have the fewest digits that tell them apart from all others.
// Stored on disk (format/column.md): the values never change.
enum class NumberStyle : std::uint8_t {
  kInteger = 0,     // 64 bits, signed
  kPython = 1,      // 2.0, 0.0001, 1e-05, 1e+16
  kJavaScript = 2,  // 2, 0.000001, 1e-7, 1e+21; Go's JSON too
};
inline constexpr int kNumberStyleCount = 3;

// Reads a number of at least one character into the 64 bits of an int64 or a double. False if it
// would not be printed as exactly `text`.
bool ReadNumber(std::string_view text, NumberStyle style, std::uint64_t* bits);

// The longest is -0.0000012345678901234567.
inline constexpr std::size_t kMaxNumberText = 25;

// Appends at least one character, at most kMaxNumberText.
void PrintNumber(std::uint64_t bits, NumberStyle style, std::string* out);

}  // namespace reprise

#endif  // REPRISE_FORMAT_NUMBER_TEXT_H_
