// Shortest digits come from std::to_chars; the styles differ in where they put the point. Most
// numbers need no printing to be known to print as they stand: a decimal of at most 15 digits is
// the shortest form of its double, since no two of them are one double.
#include "format/number_text.h"

#include <array>
#include <bit>
#include <charconv>
#include <cmath>

namespace reprise {
namespace {

// From this power of ten up, and below the other, an exponent is written.
struct PlainRange {
  int least;
  int most;
};
constexpr PlainRange PlainRangeOf(NumberStyle style) {
  return style == NumberStyle::kPython ? PlainRange{-4, 15} : PlainRange{-6, 20};
}

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

constexpr std::array<double, 16> kPowersOfTen = {1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                                 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};

bool ReadInteger(std::string_view text, std::uint64_t* bits) {
  std::int64_t value = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
  const std::size_t digits = text.size() - (text[0] == '-' ? 1 : 0);
  const bool padded = text[text.size() - digits] == '0' && text != "0";
  if (result.ec != std::errc() || result.ptr != text.data() + text.size() || padded) return false;
  *bits = static_cast<std::uint64_t>(value);
  return true;
}

// The parts of a decimal without an exponent, of at most 15 digits.
struct ShortDecimal {
  bool negative = false;
  std::uint64_t digits = 0;
  std::string_view whole;
  std::string_view fraction;  // behind the point; empty where there is none

  bool Parse(std::string_view text);
  // Whether it can be seen to be printed in this form. Where not, it may be all the same.
  bool IsPlain(NumberStyle style) const;
  double value() const;
};

bool ShortDecimal::Parse(std::string_view text) {
  negative = text[0] == '-';
  if (negative) text.remove_prefix(1);
  if (text.size() > 16) return false;
  std::size_t point = text.size();
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (IsDigit(text[i])) {
      digits = digits * 10 + static_cast<std::uint64_t>(text[i] - '0');
    } else if (text[i] == '.' && point == text.size()) {
      point = i;
    } else {
      return false;
    }
  }
  whole = text.substr(0, point);
  fraction = point == text.size() ? std::string_view() : text.substr(point + 1);
  return whole.size() + fraction.size() <= 15 && !whole.empty() &&
         (point == text.size() || !fraction.empty());
}

bool ShortDecimal::IsPlain(NumberStyle style) const {
  if (whole[0] == '0' && whole.size() > 1) return false;
  if (fraction.empty()) return style == NumberStyle::kJavaScript;
  if (fraction == "0") return style == NumberStyle::kPython;
  return fraction.back() != '0' && (whole != "0" || !fraction.starts_with("0000"));
}

double ShortDecimal::value() const {
  const double magnitude = static_cast<double>(digits) / kPowersOfTen[fraction.size()];
  return negative ? -magnitude : magnitude;
}

bool PrintsAs(std::uint64_t bits, NumberStyle style, std::string_view text);

bool ReadDouble(std::string_view text, NumberStyle style, std::uint64_t* bits) {
  ShortDecimal decimal;
  if (decimal.Parse(text) && decimal.IsPlain(style)) {
    *bits = std::bit_cast<std::uint64_t>(decimal.value());
    return true;
  }
  double value = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
  if (result.ec != std::errc() || result.ptr != text.data() + text.size()) return false;
  *bits = std::bit_cast<std::uint64_t>(value);
  return PrintsAs(*bits, style, text);
}

// The fewest digits that tell a double apart, and the power of ten of the first one.
struct ShortestDigits {
  std::array<char, 17> digits{};
  std::size_t count = 0;
  int power = 0;

  std::string_view view() const { return {digits.data(), count}; }
};

ShortestDigits FindDigits(double magnitude) {
  std::array<char, 32> text{};
  const char* const end = std::to_chars(text.data(), text.data() + text.size(), magnitude,
                                        std::chars_format::scientific)
                              .ptr;
  ShortestDigits shortest;
  const char* at = text.data();
  for (; *at != 'e'; ++at) {
    if (*at != '.') shortest.digits[shortest.count++] = *at;
  }
  at += at[1] == '+' ? 2 : 1;
  std::from_chars(at, end, shortest.power);
  return shortest;
}

void AppendExponent(int power, NumberStyle style, std::string* out) {
  *out += power < 0 ? "e-" : "e+";
  const int magnitude = std::abs(power);
  if (style == NumberStyle::kPython && magnitude < 10) *out += '0';
  *out += std::to_string(magnitude);
}

void PrintWithExponent(const ShortestDigits& shortest, NumberStyle style, std::string* out) {
  *out += shortest.digits[0];
  if (shortest.count > 1) *out += '.';
  out->append(shortest.view().substr(1));
  AppendExponent(shortest.power, style, out);
}

void PrintPlain(const ShortestDigits& shortest, NumberStyle style, std::string* out) {
  const std::string_view digits = shortest.view();
  if (shortest.power < 0) {
    *out += "0.";
    out->append(static_cast<std::size_t>(-shortest.power - 1), '0');
    out->append(digits);
    return;
  }
  const auto whole = static_cast<std::size_t>(shortest.power) + 1;
  out->append(digits.substr(0, whole));
  if (whole >= digits.size()) {
    out->append(whole - digits.size(), '0');
    if (style == NumberStyle::kPython) *out += ".0";
    return;
  }
  *out += '.';
  out->append(digits.substr(whole));
}

// What both styles write alike, as most numbers are. Empty for others.
class CommonText {
 public:
  CommonText(double magnitude, NumberStyle style) {
    if (!(magnitude >= 1e-4 && magnitude < 1e15)) return;
    char* end = std::to_chars(text_.data(), text_.data() + text_.size(), magnitude,
                              std::chars_format::fixed)
                    .ptr;
    if (style == NumberStyle::kPython && magnitude == std::floor(magnitude)) {
      *end++ = '.';
      *end++ = '0';
    }
    size_ = static_cast<std::size_t>(end - text_.data());
  }

  std::string_view view() const { return {text_.data(), size_}; }

 private:
  std::array<char, 32> text_;
  std::size_t size_ = 0;
};

void PrintDouble(double value, NumberStyle style, std::string* out) {
  if (std::isnan(value)) {
    *out += "NaN";
    return;
  }
  if (std::signbit(value)) *out += '-';
  const double magnitude = std::abs(value);
  if (std::isinf(value)) {
    *out += "Infinity";
    return;
  }
  const CommonText common(magnitude, style);
  if (!common.view().empty()) {
    out->append(common.view());
    return;
  }
  const ShortestDigits shortest = FindDigits(magnitude);
  const PlainRange plain = PlainRangeOf(style);
  if (shortest.power >= plain.least && shortest.power <= plain.most) {
    PrintPlain(shortest, style, out);
  } else {
    PrintWithExponent(shortest, style, out);
  }
}

// Whether a double that was read from `text` is printed so.
bool PrintsAs(std::uint64_t bits, NumberStyle style, std::string_view text) {
  const auto value = std::bit_cast<double>(bits);
  const CommonText common(std::abs(value), style);
  if (!common.view().empty()) {
    return text.ends_with(common.view()) &&
           text.size() == common.view().size() + (std::signbit(value) ? 1 : 0);
  }
  std::string printed;
  PrintNumber(bits, style, &printed);
  return printed == text;
}

void PrintInteger(std::int64_t value, std::string* out) {
  std::array<char, 24> text{};
  out->append(text.data(), std::to_chars(text.data(), text.data() + text.size(), value).ptr);
}

}  // namespace

bool ReadNumber(std::string_view text, NumberStyle style, std::uint64_t* bits) {
  return style == NumberStyle::kInteger ? ReadInteger(text, bits) : ReadDouble(text, style, bits);
}

void PrintNumber(std::uint64_t bits, NumberStyle style, std::string* out) {
  if (style == NumberStyle::kInteger) return PrintInteger(static_cast<std::int64_t>(bits), out);
  PrintDouble(std::bit_cast<double>(bits), style, out);
}

}  // namespace reprise
