#include "format/summary_value.h"

#include <bit>
#include <limits>
#include <string_view>

namespace reprise {

namespace {

// Stored: the numbers never change. The first seven are those of Type.
enum Tag : std::uint8_t {
  kTagNull = 0,
  kTagFalse = 1,
  kTagInt64 = 2,
  kTagDouble = 3,
  kTagString = 4,
  kTagBytes = 5,
  kTagJson = 6,
  kTagTrue = 7,
  kTagFloat = 8,  // a double whose bits are those of a float32, widened
};

constexpr std::uint64_t kFloatLostBits = (std::uint64_t{1} << 29) - 1;
constexpr std::uint64_t kDoubleSpecial = 0x7FF;
constexpr std::uint64_t kFloatSpecial = 0xFF;
constexpr std::uint64_t kBiasDifference = 1023 - 127;

// Narrows without arithmetic, so that NaN payloads stay: true for zeros, infinities, NaNs and
// normal float32 values whose low 29 bits are clear.
bool NarrowBits(std::uint64_t bits, std::uint32_t* narrow) {
  if ((bits & kFloatLostBits) != 0) return false;
  const std::uint64_t sign = bits >> 63;
  std::uint64_t exponent = (bits >> 52) & kDoubleSpecial;
  const std::uint64_t mantissa = (bits & ((std::uint64_t{1} << 52) - 1)) >> 29;
  if (exponent == kDoubleSpecial) {
    exponent = kFloatSpecial;
  } else if (exponent > kBiasDifference && exponent < kBiasDifference + kFloatSpecial) {
    exponent -= kBiasDifference;
  } else if (exponent != 0 || mantissa != 0) {
    return false;
  }
  *narrow = static_cast<std::uint32_t>((sign << 31) | (exponent << 23) | mantissa);
  return true;
}

// The inverse; false for the subnormal float32 values, which NarrowBits leaves alone.
bool WidenBits(std::uint32_t narrow, std::uint64_t* bits) {
  const std::uint64_t sign = narrow >> 31;
  std::uint64_t exponent = (narrow >> 23) & kFloatSpecial;
  const std::uint64_t mantissa = narrow & ((std::uint32_t{1} << 23) - 1);
  if (exponent == 0 && mantissa != 0) return false;
  if (exponent == kFloatSpecial) {
    exponent = kDoubleSpecial;
  } else if (exponent != 0) {
    exponent += kBiasDifference;
  }
  *bits = (sign << 63) | (exponent << 52) | (mantissa << 29);
  return true;
}

void EncodeDouble(std::uint64_t bits, ByteWriter* writer) {
  std::uint32_t narrow = 0;
  const bool is_float = NarrowBits(bits, &narrow);
  writer->Fixed<std::uint8_t>(is_float ? kTagFloat : kTagDouble);
  if (is_float) {
    writer->Fixed(narrow);
  } else {
    writer->Fixed(bits);
  }
}

bool DecodeFloat(ByteReader* reader, ValueView* value) {
  std::uint32_t narrow = 0;
  std::uint64_t bits = 0;
  if (!reader->Fixed(&narrow) || !WidenBits(narrow, &bits)) return false;
  *value = std::bit_cast<double>(bits);
  return true;
}

bool DecodeDouble(ByteReader* reader, ValueView* value) {
  std::uint32_t narrow = 0;
  std::uint64_t bits = 0;
  if (!reader->Fixed(&bits) || NarrowBits(bits, &narrow)) return false;
  *value = std::bit_cast<double>(bits);
  return true;
}

bool DecodeInt64(ByteReader* reader, ValueView* value) {
  std::int64_t number = 0;
  if (!ReadShortestSignedVarint(reader, &number)) return false;
  *value = number;
  return true;
}

bool DecodeText(ByteReader* reader, Type type, ValueView* value) {
  std::uint64_t size = 0;
  std::string_view text;
  if (!ReadShortestVarint(reader, reader->remaining(), &size)) return false;
  if (!reader->Raw(static_cast<std::size_t>(size), &text)) return false;
  *value = ValueView::Stored(type, 0, text);
  return true;
}

}  // namespace

bool ReadShortestVarint(ByteReader* reader, std::uint64_t limit, std::uint64_t* value) {
  const std::size_t start = reader->position();
  if (!reader->BoundedVarint(limit, value)) return false;
  const auto bits = static_cast<std::size_t>(std::bit_width(*value | 1));
  return reader->position() - start == (bits + 6) / 7;
}

bool ReadShortestSignedVarint(ByteReader* reader, std::int64_t* value) {
  std::uint64_t raw = 0;
  if (!ReadShortestVarint(reader, std::numeric_limits<std::uint64_t>::max(), &raw)) return false;
  *value = UnZigZag(raw);
  return true;
}

void EncodeSummaryValue(const ValueView& value, ByteWriter* writer) {
  switch (value.type()) {
    case Type::kNull:
      return writer->Fixed<std::uint8_t>(kTagNull);
    case Type::kBool:
      return writer->Fixed<std::uint8_t>(value.as_bool() ? kTagTrue : kTagFalse);
    case Type::kDouble:
      return EncodeDouble(value.bits(), writer);
    case Type::kInt64:
      writer->Fixed<std::uint8_t>(kTagInt64);
      return writer->SignedVarint(value.as_int64());
    case Type::kString:
    case Type::kBytes:
    case Type::kJson:
      writer->Fixed(static_cast<std::uint8_t>(value.type()));
      return writer->Sized(value.text());
  }
}

bool DecodeSummaryValue(ByteReader* reader, ValueView* value) {
  std::uint8_t tag = 0;
  if (!reader->Fixed(&tag)) return false;
  switch (tag) {
    case kTagNull:
      *value = ValueView();
      return true;
    case kTagFalse:
    case kTagTrue:
      *value = tag == kTagTrue;
      return true;
    case kTagInt64:
      return DecodeInt64(reader, value);
    case kTagDouble:
      return DecodeDouble(reader, value);
    case kTagFloat:
      return DecodeFloat(reader, value);
    case kTagString:
    case kTagBytes:
    case kTagJson:
      return DecodeText(reader, static_cast<Type>(tag), value);
    default:
      return false;
  }
}

}  // namespace reprise
