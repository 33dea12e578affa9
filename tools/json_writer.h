// Writing JSON that reads back to the same values, bit for bit.
#ifndef REPRISE_TOOLS_JSON_WRITER_H_
#define REPRISE_TOOLS_JSON_WRITER_H_

#include <string>
#include <string_view>

#include "reprise/value.h"

namespace reprise::tools {

// How NaN and the infinities are written, which JSON has no numbers for.
enum class NonFinite : std::uint8_t {
  kBare,    // NaN, Infinity, -Infinity: the dialect of Python's json
  kString,  // "NaN", "Infinity", "-Infinity": strict JSON
};

// In double quotes. Control characters are escaped, and bytes that are not UTF-8 become U+FFFD, so
// that the result is valid JSON and safe to show.
void AppendJsonString(std::string_view text, std::string* out);

// The shortest digits that read back to the same bits; 1.0 stays recognizable as a double.
void AppendJsonDouble(double value, NonFinite non_finite, std::string* out);

// Any value: json values as they came, bytes as {"_type":"bytes","base64":"..."}.
void AppendJsonValue(const ValueView& value, NonFinite non_finite, std::string* out);

// Writes one JSON object member by member.
class JsonObject {
 public:
  explicit JsonObject(NonFinite non_finite = NonFinite::kBare) : non_finite_(non_finite) {}

  JsonObject& Add(std::string_view name, const ValueView& value);
  // `json` must be JSON text.
  JsonObject& AddRaw(std::string_view name, std::string_view json);
  std::string Finish() &&;

 private:
  NonFinite non_finite_;
  std::string text_ = "{";
};

}  // namespace reprise::tools

#endif  // REPRISE_TOOLS_JSON_WRITER_H_
