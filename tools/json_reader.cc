#include "tools/json_reader.h"

#include <fmt/format.h>
#include <rapidjson/error/en.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <unordered_map>

#include "tools/escape.h"

namespace reprise::tools {
namespace {

constexpr std::size_t kMaxDepth = 500;
// What a tree and the leaves that are made of it may take (bytes): a member with its leaf, and the
// paths of all leaves, which repeat the names above them.
constexpr std::size_t kMaxTreeBytes = std::size_t{256} << 20;
constexpr std::size_t kMemberBytes = 256;
constexpr unsigned kParseFlags = rapidjson::kParseIterativeFlag | rapidjson::kParseNanAndInfFlag |
                                 rapidjson::kParseNumbersAsStringsFlag |
                                 rapidjson::kParseValidateEncodingFlag;

// The parser refuses the first half of a pair of surrogates alone, but makes three bytes that are
// no UTF-8 of the second, which Python writes for bytes of file names. Nothing else can be broken
// here.
std::string Mended(std::string_view text) {
  constexpr std::string_view kReplacement = "\xEF\xBF\xBD";
  constexpr std::size_t kSurrogateBytes = 3;
  if (text.find('\xED') == std::string_view::npos || IsUtf8(text)) return std::string(text);
  std::string mended;
  while (!text.empty()) {
    const CodePoint point = DecodeCodePoint(text);
    const std::size_t size = std::min(text.size(), point.valid ? point.size : kSurrogateBytes);
    mended += point.valid ? text.substr(0, size) : kReplacement;
    text.remove_prefix(size);
  }
  return mended;
}

// Builds the tree from the parser's events. Inside a list nothing is built: only its depth is
// followed, to find its end.
class TreeBuilder : public rapidjson::BaseReaderHandler<rapidjson::UTF8<>, TreeBuilder> {
 public:
  TreeBuilder(std::string_view text, const rapidjson::MemoryStream* stream)
      : text_(text), stream_(stream) {}

  JsonNode TakeRoot() { return std::move(root_); }
  bool too_deep() const { return too_deep_; }
  bool too_large() const { return tree_bytes_ > kMaxTreeBytes; }

  bool Null() { return Add(Value()); }
  bool Bool(bool v) { return Add(Value(v)); }
  bool RawNumber(const char* s, rapidjson::SizeType size, bool) {
    if (list_depth_ > 0) return true;
    const std::optional<Value> number = ParseJsonNumber({s, size});
    return number.has_value() && Add(*number);
  }
  bool String(const char* s, rapidjson::SizeType size, bool) {
    return list_depth_ > 0 || Add(Value(Mended({s, size})));
  }
  bool Key(const char* s, rapidjson::SizeType size, bool) {
    if (list_depth_ > 0) return true;
    std::string& key = open_.back().key;
    key = Mended({s, size});
    path_bytes_ += key.size() + 1;
    return true;
  }
  bool StartObject() { return Open(JsonNode::Shape::kMap); }
  bool EndObject(rapidjson::SizeType) { return Close(); }
  bool StartArray() { return Open(JsonNode::Shape::kList); }
  bool EndArray(rapidjson::SizeType) { return Close(); }

 private:
  struct Frame {
    JsonNode node;
    std::size_t begin = 0;
    std::string key;  // of the member being read
  };

  bool Add(Value value) {
    if (list_depth_ > 0) return true;
    JsonNode node;
    node.scalar = std::move(value);
    return Place(std::move(node));
  }

  bool Place(JsonNode node) {
    if (open_.empty()) {
      root_ = std::move(node);
      return true;
    }
    Frame& parent = open_.back();
    tree_bytes_ += kMemberBytes + path_bytes_;
    path_bytes_ -= parent.key.size() + 1;
    parent.node.members.push_back({std::move(parent.key), std::move(node)});
    return !too_large();
  }

  bool Open(JsonNode::Shape shape) {
    if (open_.size() + list_depth_ >= kMaxDepth) {
      too_deep_ = true;
      return false;
    }
    if (list_depth_ > 0 || shape == JsonNode::Shape::kList) ++list_depth_;
    if (list_depth_ > 1) return true;
    Frame frame;
    frame.node.shape = shape;
    frame.begin = stream_->Tell();
    open_.push_back(std::move(frame));
    return true;
  }

  // The parser reports the end before it takes the closing bracket.
  bool Close() {
    if (list_depth_ > 0 && --list_depth_ > 0) return true;
    Frame frame = std::move(open_.back());
    open_.pop_back();
    frame.node.text = text_.substr(frame.begin, stream_->Tell() + 1 - frame.begin);
    return Place(std::move(frame.node));
  }

  std::string_view text_;
  const rapidjson::MemoryStream* stream_;
  std::vector<Frame> open_;
  std::size_t list_depth_ = 0;
  bool too_deep_ = false;
  std::size_t path_bytes_ = 0;  // of the names above the member being read, its own included
  std::size_t tree_bytes_ = 0;
  JsonNode root_;
};

bool StartsLikeNumber(std::string_view text) {
  return !text.empty() && (text[0] == '-' || (text[0] >= '0' && text[0] <= '9'));
}

// JSON forbids what from_chars allows: a leading zero, a bare or final dot, "inf" and "nan".
bool IsJsonNumber(std::string_view text) {
  std::size_t i = 0;
  const auto digits = [&] {
    const std::size_t start = i;
    while (i < text.size() && text[i] >= '0' && text[i] <= '9') ++i;
    return i - start;
  };
  if (i < text.size() && text[i] == '-') ++i;
  const bool zero = i < text.size() && text[i] == '0';
  const std::size_t whole = digits();
  if (whole == 0 || (zero && whole > 1)) return false;
  if (i < text.size() && text[i] == '.' && (++i, digits()) == 0) return false;
  if (i < text.size() && (text[i] == 'e' || text[i] == 'E')) {
    ++i;
    if (i < text.size() && (text[i] == '+' || text[i] == '-')) ++i;
    if (digits() == 0) return false;
  }
  return i == text.size();
}

std::optional<Value> ParseNonFinite(std::string_view text) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  if (text == "NaN") return Value(std::numeric_limits<double>::quiet_NaN());
  if (text == "Infinity" || text == "Inf") return Value(kInfinity);
  if (text == "-Infinity" || text == "-Inf") return Value(-kInfinity);
  if (text == "-NaN") return Value(std::numeric_limits<double>::quiet_NaN());
  return std::nullopt;
}

// from_chars leaves the value alone where it is out of range; the nearest double is then 0 or
// infinity, which strtod gives.
double ParseDouble(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc::result_out_of_range) {
    return std::strtod(std::string(text).c_str(), nullptr);
  }
  return value;
}

}  // namespace

const JsonNode* JsonNode::Find(std::string_view name) const {
  for (auto it = members.rbegin(); it != members.rend(); ++it) {
    if (it->name == name) return &it->value;
  }
  return nullptr;
}

std::optional<Value> ParseJsonNumber(std::string_view text) {
  if (!IsJsonNumber(text)) return ParseNonFinite(text);
  if (text.find_first_of(".eE") == std::string_view::npos) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error == std::errc() && end == text.data() + text.size()) return Value(value);
  }
  return Value(ParseDouble(text));
}

Result<JsonNode> ParseJson(std::string_view text) {
  // Most logged values are one number: they need no parser.
  if (StartsLikeNumber(text)) {
    if (std::optional<Value> number = ParseJsonNumber(text)) {
      JsonNode node;
      node.scalar = std::move(*number);
      return node;
    }
  }
  rapidjson::MemoryStream stream(text.data(), text.size());
  TreeBuilder builder(text, &stream);
  rapidjson::Reader reader;
  const rapidjson::ParseResult parsed = reader.Parse<kParseFlags>(stream, builder);
  if (builder.too_deep()) {
    return Fail(Code::kInvalidArgument,
                fmt::format("JSON is nested too deeply: byte {} (over {} levels)", parsed.Offset(),
                            kMaxDepth));
  }
  if (builder.too_large()) {
    return Fail(Code::kInvalidArgument,
                fmt::format("JSON takes too much memory: byte {} (over {} bytes)", parsed.Offset(),
                            kMaxTreeBytes));
  }
  if (parsed.IsError()) {
    return Fail(Code::kInvalidArgument, fmt::format("not JSON: byte {} ({})", parsed.Offset(),
                                                    rapidjson::GetParseError_En(parsed.Code())));
  }
  return builder.TakeRoot();
}

void FlattenJson(const JsonNode& node, const std::string& path, Config* leaves) {
  if (node.shape == JsonNode::Shape::kScalar) {
    leaves->emplace_back(path, node.scalar);
    return;
  }
  if (node.shape == JsonNode::Shape::kList || node.Find("_type") != nullptr) {
    leaves->emplace_back(path, ValueView::Json(node.text));
    return;
  }
  if (node.members.empty()) leaves->emplace_back(path, ValueView::Json("{}"));
  for (const auto& [name, member] : node.members) {
    FlattenJson(member, path.empty() ? name : fmt::format("{}.{}", path, name), leaves);
  }
}

void KeepLastOfEachPath(Config* leaves) {
  std::unordered_map<std::string_view, std::size_t> last;
  last.reserve(leaves->size());
  for (std::size_t i = 0; i < leaves->size(); ++i) last[(*leaves)[i].first] = i;
  if (last.size() == leaves->size()) return;
  Config kept;
  kept.reserve(last.size());
  for (std::size_t i = 0; i < leaves->size(); ++i) {
    if (last[(*leaves)[i].first] == i) kept.push_back((*leaves)[i]);
  }
  *leaves = std::move(kept);
}

std::optional<Step> AsStep(const ValueView& value) {
  if (value.type() == Type::kInt64) return value.as_int64();
  if (value.type() != Type::kDouble) return std::nullopt;
  constexpr double kLimit = 9007199254740992.0;  // 2^53: beyond it doubles skip integers
  const double number = value.as_double();
  if (!(std::fabs(number) <= kLimit) || number != std::floor(number)) return std::nullopt;
  return static_cast<Step>(number);
}

std::optional<TimeMicros> AsTime(const ValueView& seconds) {
  if (seconds.type() != Type::kInt64 && seconds.type() != Type::kDouble) return std::nullopt;
  constexpr double kLimit = 9.2e12;  // seconds; int64 microseconds end just above
  const double number = seconds.as_number();
  if (!(std::fabs(number) < kLimit)) return std::nullopt;
  return static_cast<TimeMicros>(std::nearbyint(number * 1e6));
}

}  // namespace reprise::tools
