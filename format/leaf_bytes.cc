#include "format/leaf_bytes.h"

#include <algorithm>

namespace reprise {
namespace {

// The shortest leaf: an empty path's length, and a type.
constexpr std::size_t kShortestLeaf = 2;

bool ReadScalar(ByteReader* in, Type type, std::uint64_t* bits) {
  std::uint8_t flag = 0;
  std::int64_t number = 0;
  switch (type) {
    case Type::kBool:
      if (!in->Fixed(&flag) || flag > 1) return false;
      *bits = flag;
      return true;
    case Type::kInt64:
      if (!in->SignedVarint(&number)) return false;
      *bits = static_cast<std::uint64_t>(number);
      return true;
    case Type::kDouble:
      return in->Fixed(bits);
    default:
      return true;  // null
  }
}

bool ByPath(const ConfigEntries::value_type& a, const ConfigEntries::value_type& b) {
  return a.first < b.first;
}

}  // namespace

void WriteValue(ValueView value, ByteWriter* out) {
  out->Fixed(static_cast<std::uint8_t>(value.type()));
  switch (value.type()) {
    case Type::kNull:
      return;
    case Type::kBool:
      out->Fixed(static_cast<std::uint8_t>(value.as_bool() ? 1 : 0));
      return;
    case Type::kInt64:
      out->SignedVarint(value.as_int64());
      return;
    case Type::kDouble:
      out->Fixed(value.bits());
      return;
    default:
      out->Sized(value.text());
  }
}

bool ReadValue(ByteReader* in, Value* value) {
  std::uint8_t number = 0;
  if (!in->Fixed(&number) || number >= kTypeCount) return false;
  const Type type = static_cast<Type>(number);
  std::uint64_t bits = 0;
  std::string_view text;
  if (!(IsText(type) ? in->Sized(&text) : ReadScalar(in, type, &bits))) return false;
  *value = Value(ValueView::Stored(type, bits, text));
  return true;
}

std::string EncodeValue(const Value& value) {
  std::string bytes;
  ByteWriter out(&bytes);
  WriteValue(value, &out);
  return bytes;
}

bool DecodeValue(std::string_view bytes, Value* value) {
  ByteReader in(bytes);
  return ReadValue(&in, value) && in.AtCleanEnd();
}

std::string EncodeLeaves(const ConfigEntries& entries) {
  std::string bytes;
  if (entries.empty()) return bytes;
  if (!std::is_sorted(entries.begin(), entries.end(), ByPath)) {
    ConfigEntries sorted = entries;
    std::stable_sort(sorted.begin(), sorted.end(), ByPath);
    return EncodeLeaves(sorted);
  }
  ByteWriter out(&bytes);
  out.Varint(entries.size());
  for (const auto& [path, value] : entries) {
    out.Sized(path);
    WriteValue(value, &out);
  }
  return bytes;
}

bool DecodeLeaves(std::string_view bytes, ConfigEntries* entries) {
  entries->clear();
  if (bytes.empty()) return true;
  ByteReader in(bytes);
  std::uint64_t count = 0;
  if (!in.BoundedVarint(in.remaining() / kShortestLeaf, &count)) return false;
  for (std::uint64_t i = 0; i < count; ++i) {
    std::string_view path;
    Value value;
    if (!in.Sized(&path) || !ReadValue(&in, &value)) return false;
    if (!entries->empty() && entries->back().first >= path) return false;
    entries->emplace_back(path, std::move(value));
  }
  return in.AtCleanEnd();
}

}  // namespace reprise
