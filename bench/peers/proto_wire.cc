#include "bench/peers/proto_wire.h"

#include <cstring>

#include "bench/bench_store.h"

namespace reprise::bench {

namespace {

enum WireType : std::uint32_t { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };

void PutTag(std::uint32_t field, WireType type, std::string* out) {
  PutVarint(field << 3U | type, out);
}

template <typename T>
void PutFixed(T number, std::string* out) {
  out->append(reinterpret_cast<const char*>(&number), sizeof number);
}

template <typename T>
T Fixed(std::string_view bytes) {
  T number{};
  if (bytes.size() != sizeof number) GiveUp("a protobuf field has another type");
  std::memcpy(&number, bytes.data(), sizeof number);
  return number;
}

}  // namespace

void PutVarint(std::uint64_t number, std::string* out) {
  for (; number >= 0x80; number >>= 7U) out->push_back(static_cast<char>(number | 0x80U));
  out->push_back(static_cast<char>(number));
}

void PutVarintField(std::uint32_t field, std::uint64_t number, std::string* out) {
  PutTag(field, kVarint, out);
  PutVarint(number, out);
}

void PutDoubleField(std::uint32_t field, double number, std::string* out) {
  PutTag(field, kFixed64, out);
  PutFixed(number, out);
}

void PutFloatField(std::uint32_t field, float number, std::string* out) {
  PutTag(field, kFixed32, out);
  PutFixed(number, out);
}

void PutBytesField(std::uint32_t field, std::string_view bytes, std::string* out) {
  PutTag(field, kBytes, out);
  PutVarint(bytes.size(), out);
  out->append(bytes);
}

bool ProtoFields::Next() {
  if (rest_.empty()) return false;
  const std::uint64_t tag = TakeVarint();
  field_ = static_cast<std::uint32_t>(tag >> 3U);
  switch (tag & 7U) {
    case kVarint:
      number_ = TakeVarint();
      return true;
    case kFixed64:
      bytes_ = Take(8);
      return true;
    case kBytes:
      bytes_ = Take(TakeVarint());
      return true;
    case kFixed32:
      bytes_ = Take(4);
      return true;
    default:
      GiveUp("a protobuf field of an unknown type");
  }
}

double ProtoFields::as_double() const { return Fixed<double>(bytes_); }
float ProtoFields::as_float() const { return Fixed<float>(bytes_); }

std::uint64_t ProtoFields::TakeVarint() {
  std::uint64_t number = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    const auto byte = static_cast<unsigned char>(Take(1)[0]);
    number |= static_cast<std::uint64_t>(byte & 0x7FU) << shift;
    if (byte < 0x80) return number;
  }
  GiveUp("a protobuf number that is too long");
}

std::string_view ProtoFields::Take(std::uint64_t length) {
  if (length > rest_.size()) GiveUp("a protobuf message that is cut short");
  const std::string_view taken = rest_.substr(0, length);
  rest_.remove_prefix(length);
  return taken;
}

}  // namespace reprise::bench
