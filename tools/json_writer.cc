#include "tools/json_writer.h"

#include <fmt/format.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

#include <array>
#include <charconv>
#include <cmath>

#include "tools/escape.h"

namespace reprise::tools {
namespace {

void AppendEscapedCodePoint(char32_t c, std::string* out) {
  switch (c) {
    case '\n':
      *out += "\\n";
      return;
    case '\r':
      *out += "\\r";
      return;
    case '\t':
      *out += "\\t";
      return;
    default:
      *out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
  }
}

// Writes JSON anew from a parser's events: numbers keep their text, NaN and the infinities take
// the form asked for, space goes.
class Rewriter : public rapidjson::BaseReaderHandler<rapidjson::UTF8<>, Rewriter> {
 public:
  Rewriter(NonFinite non_finite, std::string* out) : non_finite_(non_finite), out_(out) {}

  bool Null() { return Put("null"); }
  bool Bool(bool v) { return Put(v ? "true" : "false"); }
  bool RawNumber(const char* s, rapidjson::SizeType size, bool) {
    const std::string_view text(s, size);
    const bool finite = text.find_first_of("NI") == std::string_view::npos;
    if (finite || non_finite_ == NonFinite::kBare) return Put(text);
    return Put(fmt::format("\"{}\"", text));
  }
  bool String(const char* s, rapidjson::SizeType size, bool) {
    Separate();
    AppendJsonString({s, size}, out_);
    return true;
  }
  bool Key(const char* s, rapidjson::SizeType size, bool) {
    Separate();
    AppendJsonString({s, size}, out_);
    *out_ += ':';
    first_ = true;
    return true;
  }
  bool StartObject() { return Open('{'); }
  bool EndObject(rapidjson::SizeType) { return Close('}'); }
  bool StartArray() { return Open('['); }
  bool EndArray(rapidjson::SizeType) { return Close(']'); }

 private:
  void Separate() {
    if (!first_) *out_ += ',';
    first_ = false;
  }
  bool Put(std::string_view text) {
    Separate();
    *out_ += text;
    return true;
  }
  bool Open(char bracket) {
    Separate();
    *out_ += bracket;
    first_ = true;
    return true;
  }
  bool Close(char bracket) {
    *out_ += bracket;
    first_ = false;
    return true;
  }

  NonFinite non_finite_;
  std::string* out_;
  bool first_ = true;
};

// A json value is text that someone logged: it is written only as what it parses to, so that it
// can break neither the line nor the terminal. Text that is no JSON is written as a string.
void AppendJsonText(std::string_view text, NonFinite non_finite, std::string* out) {
  constexpr unsigned kFlags = rapidjson::kParseIterativeFlag | rapidjson::kParseNanAndInfFlag |
                              rapidjson::kParseNumbersAsStringsFlag |
                              rapidjson::kParseValidateEncodingFlag;
  const std::size_t start = out->size();
  Rewriter rewriter(non_finite, out);
  rapidjson::MemoryStream stream(text.data(), text.size());
  rapidjson::Reader reader;
  if (!reader.Parse<kFlags>(stream, rewriter).IsError()) return;
  out->resize(start);
  AppendJsonString(text, out);
}

void AppendBase64(std::string_view bytes, std::string* out) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t group = 0;
    const std::size_t have = std::min<std::size_t>(3, bytes.size() - i);
    for (std::size_t j = 0; j < 3; ++j) {
      group = group << 8 | (j < have ? static_cast<unsigned char>(bytes[i + j]) : 0u);
    }
    for (std::size_t j = 0; j < 4; ++j) {
      *out += j <= have ? kDigits[group >> (18 - 6 * j) & 0x3Fu] : '=';
    }
  }
}

}  // namespace

void AppendJsonString(std::string_view text, std::string* out) {
  *out += '"';
  while (!text.empty()) {
    const CodePoint point = DecodeCodePoint(text);
    if (!point.valid) {
      *out += "\xEF\xBF\xBD";
    } else if (point.value == '"' || point.value == '\\') {
      *out += '\\';
      *out += text.front();
    } else if (IsControl(point.value)) {
      AppendEscapedCodePoint(point.value, out);
    } else {
      *out += text.substr(0, point.size);
    }
    text.remove_prefix(point.size);
  }
  *out += '"';
}

void AppendJsonDouble(double value, NonFinite non_finite, std::string* out) {
  if (!std::isfinite(value)) {
    const std::string_view word = std::isnan(value) ? "NaN" : value < 0 ? "-Infinity" : "Infinity";
    *out += non_finite == NonFinite::kBare ? std::string(word) : fmt::format("\"{}\"", word);
    return;
  }
  std::array<char, 32> digits{};
  const auto result = std::to_chars(digits.data(), digits.data() + digits.size(), value);
  const std::string_view text(digits.data(), static_cast<std::size_t>(result.ptr - digits.data()));
  *out += text;
  if (text.find_first_of(".e") == std::string_view::npos) *out += ".0";
}

void AppendJsonValue(const ValueView& value, NonFinite non_finite, std::string* out) {
  switch (value.type()) {
    case Type::kNull:
      *out += "null";
      return;
    case Type::kBool:
      *out += value.as_bool() ? "true" : "false";
      return;
    case Type::kInt64:
      *out += std::to_string(value.as_int64());
      return;
    case Type::kDouble:
      AppendJsonDouble(value.as_double(), non_finite, out);
      return;
    case Type::kString:
      AppendJsonString(value.text(), out);
      return;
    case Type::kBytes:
      *out += R"({"_type":"bytes","base64":")";
      AppendBase64(value.text(), out);
      *out += "\"}";
      return;
    case Type::kJson:
      AppendJsonText(value.text(), non_finite, out);
      return;
  }
}

JsonObject& JsonObject::Add(std::string_view name, const ValueView& value) {
  std::string json;
  AppendJsonValue(value, non_finite_, &json);
  return AddRaw(name, json);
}

JsonObject& JsonObject::AddRaw(std::string_view name, std::string_view json) {
  if (text_.size() > 1) text_ += ',';
  AppendJsonString(name, &text_);
  text_ += ':';
  text_ += json;
  return *this;
}

std::string JsonObject::Finish() && {
  text_ += '}';
  return std::move(text_);
}

}  // namespace reprise::tools
