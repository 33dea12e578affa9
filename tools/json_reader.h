// Reading JSON as logs hold it: bare NaN and Infinity are numbers, integers stay integers.
#ifndef REPRISE_TOOLS_JSON_READER_H_
#define REPRISE_TOOLS_JSON_READER_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reprise/options.h"
#include "reprise/status.h"
#include "reprise/value.h"

namespace reprise::tools {

struct JsonMember;

// One JSON value. A list is kept as its text alone; a map has its members as well.
struct JsonNode {
  enum class Shape : std::uint8_t { kScalar, kList, kMap };
  Shape shape = Shape::kScalar;
  Value scalar;                     // null, bool, int64, double or string
  std::string_view text;            // of a list or a map: the part of the parsed text it came from
  std::vector<JsonMember> members;  // of a map, in order

  // The last member of that name, or null.
  const JsonNode* Find(std::string_view name) const;
};

struct JsonMember {
  std::string name;
  JsonNode value;
};

// Parses one value with nothing but space around it. The node's texts point into `text`.
// kInvalidArgument says what is wrong and at which byte. At most 500 levels deep, and 256 MiB of
// members and the paths that FlattenJson makes of them.
Result<JsonNode> ParseJson(std::string_view text);

// Appends the leaves of `node` under `path`: nested maps are joined with '.', lists and maps with
// "_type" are kept whole as json values, an empty map as the json value {}.
void FlattenJson(const JsonNode& node, const std::string& path, Config* leaves);

// Leaves only the last of the values given for each path.
void KeepLastOfEachPath(Config* leaves);

// A number's exact value: int64 if it is an integer that fits, else the nearest double. NaN,
// Infinity and -Infinity are doubles. Nothing if the text is no JSON number.
std::optional<Value> ParseJsonNumber(std::string_view text);

// An integer, or a double that is one exactly: what may serve as a step.
std::optional<Step> AsStep(const ValueView& value);
// Seconds since 1970 as microseconds, to the nearest; nothing if it is no number or out of range.
std::optional<TimeMicros> AsTime(const ValueView& seconds);

}  // namespace reprise::tools

#endif  // REPRISE_TOOLS_JSON_READER_H_
