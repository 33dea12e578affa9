// Finds lists of numbers in text, by their characters alone.
#ifndef REPRISE_FORMAT_NUMBER_LIST_H_
#define REPRISE_FORMAT_NUMBER_LIST_H_

#include <cstddef>
#include <string_view>
#include <vector>

namespace reprise {

// What the characters of some numbers tell of the style that they are written in.
struct NumberTraits {
  bool integer = false;     // one has neither a point nor an exponent
  bool fraction = false;    // one has
  bool javascript = false;  // one is written as JavaScript does and Python never does

  void Add(const NumberTraits& other) {
    integer |= other.integer;
    fraction |= other.fraction;
    javascript |= other.javascript;
  }
  friend bool operator==(const NumberTraits&, const NumberTraits&) = default;
};

// Numbers with the same separator between any two. A single number is a list too.
struct NumberList {
  std::size_t begin = 0;  // in the text
  std::size_t end = 0;
  bool spaced = false;  // separated by ", ", else by ","
  std::vector<std::string_view> numbers;
  NumberTraits traits;
};

// Hands out the lists of a text in order. Digits within words and dates ("v1.2", "2024-05-01") are
// no numbers.
class NumberListReader {
 public:
  explicit NumberListReader(std::string_view text) : text_(text) {}

  // False after the last one. The list's memory is reused.
  bool Next(NumberList* list);

 private:
  // Reads the list at `begin`, whose first number ends at `end`.
  void ReadFrom(std::size_t begin, std::size_t end, NumberList* list);

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace reprise

#endif  // REPRISE_FORMAT_NUMBER_LIST_H_
