#include "format/ids.h"

namespace reprise {

namespace {

constexpr std::string_view kDigits = "0123456789abcdef";

}  // namespace

std::string ToHex(std::uint64_t id) {
  std::string text(16, '0');
  for (std::size_t i = 0; i < 16; ++i) text[15 - i] = kDigits[(id >> (4 * i)) & 0xF];
  return text;
}

std::string ToHex(const RunUid& uid) { return ToHex(uid.high) + ToHex(uid.low); }

bool FromHex(std::string_view text, std::uint64_t* id) {
  if (text.size() != 16) return false;
  std::uint64_t value = 0;
  for (const char c : text) {
    const std::size_t digit = kDigits.find(c);
    if (digit == std::string_view::npos) return false;
    value = (value << 4) | digit;
  }
  *id = value;
  return true;
}

}  // namespace reprise
