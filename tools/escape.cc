#include "tools/escape.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace reprise::tools {
namespace {

struct Range {
  char32_t first;
  char32_t last;
};

// East Asian wide and full-width blocks, and the pictographs terminals draw two columns wide.
constexpr std::array kWide = {
    Range{0x1100, 0x115F},   Range{0x231A, 0x231B},   Range{0x23E9, 0x23EC},
    Range{0x2E80, 0x303E},   Range{0x3041, 0x33FF},   Range{0x3400, 0x4DBF},
    Range{0x4E00, 0x9FFF},   Range{0xA000, 0xA4CF},   Range{0xA960, 0xA97F},
    Range{0xAC00, 0xD7A3},   Range{0xF900, 0xFAFF},   Range{0xFE30, 0xFE6F},
    Range{0xFF00, 0xFF60},   Range{0xFFE0, 0xFFE6},   Range{0x1F300, 0x1F64F},
    Range{0x1F680, 0x1F6FF}, Range{0x1F900, 0x1F9FF}, Range{0x1FA70, 0x1FAFF},
    Range{0x20000, 0x3FFFD},
};

// Combining marks and joiners, drawn over the character before them.
constexpr std::array kZeroWidth = {
    Range{0x0300, 0x036F}, Range{0x0483, 0x0489}, Range{0x0591, 0x05BD}, Range{0x064B, 0x065F},
    Range{0x0E34, 0x0E3A}, Range{0x1AB0, 0x1AFF}, Range{0x1DC0, 0x1DFF}, Range{0x200B, 0x200F},
    Range{0x20D0, 0x20FF}, Range{0x3099, 0x309A}, Range{0xFE00, 0xFE0F}, Range{0xFE20, 0xFE2F},
};

template <std::size_t N>
bool IsIn(const std::array<Range, N>& ranges, char32_t c) {
  const auto* after = std::upper_bound(ranges.begin(), ranges.end(), c,
                                       [](char32_t v, const Range& r) { return v < r.first; });
  return after != ranges.begin() && c <= std::prev(after)->last;
}

unsigned char Byte(char c) { return static_cast<unsigned char>(c); }

// The length a lead byte announces, and the bits of the code point it holds; 0 if it leads none.
std::size_t LeadLength(unsigned char lead, char32_t* bits) {
  if (lead >= 0xC2 && lead <= 0xDF) return *bits = lead & 0x1Fu, 2;
  if (lead >= 0xE0 && lead <= 0xEF) return *bits = lead & 0x0Fu, 3;
  if (lead >= 0xF0 && lead <= 0xF4) return *bits = lead & 0x07u, 4;
  return 0;
}

bool IsShortest(char32_t c, std::size_t size) {
  if (size == 3) return c >= 0x800 && (c < 0xD800 || c > 0xDFFF);
  if (size == 4) return c >= 0x10000 && c <= 0x10FFFF;
  return true;
}

std::size_t CodePointWidth(char32_t c) {
  if (IsIn(kZeroWidth, c)) return 0;
  return IsIn(kWide, c) ? 2 : 1;
}

void AppendEscaped(const CodePoint& point, char first_byte, std::string* out) {
  if (!point.valid) {
    *out += fmt::format("\\x{:02x}", Byte(first_byte));
  } else if (point.value == '\n') {
    *out += "\\n";
  } else if (point.value == '\t') {
    *out += "\\t";
  } else if (point.value == '\r') {
    *out += "\\r";
  } else if (point.value < 0x80) {
    *out += fmt::format("\\x{:02x}", static_cast<unsigned>(point.value));
  } else {
    *out += fmt::format("\\u{:04x}", static_cast<unsigned>(point.value));
  }
}

}  // namespace

CodePoint DecodeCodePoint(std::string_view text) {
  const unsigned char lead = Byte(text.front());
  if (lead < 0x80) return {lead, 1, true};
  char32_t value = 0;
  const std::size_t size = LeadLength(lead, &value);
  if (size == 0 || text.size() < size) return {};
  for (std::size_t i = 1; i < size; ++i) {
    if ((Byte(text[i]) & 0xC0u) != 0x80) return {};
    value = (value << 6) | (Byte(text[i]) & 0x3Fu);
  }
  if (!IsShortest(value, size)) return {};
  return {value, size, true};
}

bool IsUtf8(std::string_view text) {
  while (!text.empty()) {
    const CodePoint point = DecodeCodePoint(text);
    if (!point.valid) return false;
    text.remove_prefix(point.size);
  }
  return true;
}

bool IsControl(char32_t c) {
  return c < 0x20 || (c >= 0x7F && c <= 0x9F) || c == 0x061C || c == 0x200E || c == 0x200F ||
         (c >= 0x2028 && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
}

std::string Escape(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const CodePoint point = DecodeCodePoint(text);
    if (point.valid && !IsControl(point.value)) {
      out += text.substr(0, point.size);
    } else {
      AppendEscaped(point, text.front(), &out);
    }
    text.remove_prefix(point.size);
  }
  return out;
}

std::size_t DisplayWidth(std::string_view text) {
  std::size_t width = 0;
  while (!text.empty()) {
    const CodePoint point = DecodeCodePoint(text);
    width += point.valid ? CodePointWidth(point.value) : 1;
    text.remove_prefix(point.size);
  }
  return width;
}

std::string CutToWidth(std::string_view text, std::size_t width) {
  if (DisplayWidth(text) <= width) return std::string(text);
  if (width == 0) return {};
  std::size_t used = 0;
  std::string_view rest = text;
  while (!rest.empty()) {
    const CodePoint point = DecodeCodePoint(rest);
    const std::size_t more = point.valid ? CodePointWidth(point.value) : 1;
    if (used + more > width - 1) break;
    used += more;
    rest.remove_prefix(point.size);
  }
  return std::string(text.substr(0, text.size() - rest.size())) + "…";
}

}  // namespace reprise::tools
