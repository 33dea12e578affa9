// A text falls into words, which are runs of the characters that numbers and names are made of, and
// what lies between. A word is a number or it is none, so every character is looked at a bounded
// number of times.
#include "format/number_list.h"

#include <array>
#include <cstdint>

#include "format/number_text.h"

namespace reprise {
namespace {

enum class Byte : std::uint8_t { kOther, kWord, kDigit };

constexpr std::array<Byte, 256> ClassifyBytes() {
  std::array<Byte, 256> bytes{};
  for (const char c :
       std::string_view("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_.+-")) {
    bytes[static_cast<std::uint8_t>(c)] = Byte::kWord;
  }
  for (const char c : std::string_view("0123456789")) {
    bytes[static_cast<std::uint8_t>(c)] = Byte::kDigit;
  }
  return bytes;
}
constexpr std::array<Byte, 256> kBytes = ClassifyBytes();

bool IsDigit(char c) { return kBytes[static_cast<std::uint8_t>(c)] == Byte::kDigit; }
bool IsOther(char c) { return kBytes[static_cast<std::uint8_t>(c)] == Byte::kOther; }

// Where the word at `at` ends.
std::size_t WordEnd(std::string_view text, std::size_t at) {
  while (at < text.size() && !IsOther(text[at])) ++at;
  return at;
}

// Where the digits at `at` end; `at` itself if there are none.
std::size_t DigitsEnd(std::string_view text, std::size_t at) {
  while (at < text.size() && IsDigit(text[at])) ++at;
  return at;
}

// Where the number at `at` ends: digits, perhaps with a point, perhaps with an exponent, and
// nothing of a word behind it. `at` itself if there is none. Notes its traits.
std::size_t NumberEnd(std::string_view text, std::size_t at, NumberTraits* traits) {
  const auto is = [text](std::size_t i, char c) { return i < text.size() && text[i] == c; };
  const std::size_t whole = is(at, '-') ? at + 1 : at;
  std::size_t end = DigitsEnd(text, whole);
  if (end == whole) return at;
  bool fraction = false;
  bool javascript = false;
  if (is(end, '.')) {
    const std::size_t point = end;
    end = DigitsEnd(text, point + 1);
    if (end == point + 1) return at;
    fraction = true;
    javascript = text.substr(whole, 6) == "0.0000";
  }
  if (is(end, 'e')) {
    const std::size_t exponent = is(end + 1, '-') || is(end + 1, '+') ? end + 2 : end + 1;
    end = DigitsEnd(text, exponent);
    if (end == exponent) return at;
    fraction = true;
    javascript = end == exponent + 1;
  }
  if ((end < text.size() && !IsOther(text[end])) || end - at > kMaxNumberText) return at;
  traits->integer |= !fraction;
  traits->fraction |= fraction;
  traits->javascript |= javascript;
  return end;
}

}  // namespace

bool NumberListReader::Next(NumberList* list) {
  list->numbers.clear();
  list->traits = {};
  const std::string_view text = text_;
  for (std::size_t at = at_; at < text.size(); ++at) {
    if (IsOther(text[at])) continue;
    const std::size_t end = NumberEnd(text, at, &list->traits);
    if (end > at) {
      ReadFrom(at, end, list);
      return true;
    }
    at = WordEnd(text, at) - 1;
  }
  at_ = text.size();
  return false;
}

void NumberListReader::ReadFrom(std::size_t begin, std::size_t end, NumberList* list) {
  list->begin = begin;
  list->numbers.push_back(text_.substr(begin, end - begin));
  list->spaced = end + 1 < text_.size() && text_[end] == ',' && text_[end + 1] == ' ';
  const std::size_t gap = list->spaced ? 2 : 1;
  while (end < text_.size() && text_[end] == ',' &&
         (!list->spaced || (end + 1 < text_.size() && text_[end + 1] == ' '))) {
    const std::size_t next = NumberEnd(text_, end + gap, &list->traits);
    if (next <= end + gap) break;
    list->numbers.push_back(text_.substr(end + gap, next - end - gap));
    end = next;
  }
  list->end = end;
  at_ = end;
}

}  // namespace reprise
