#include "format/bytes.h"

namespace reprise {

namespace {

constexpr std::size_t kMaxVarintBytes = 10;

// Gives how many bytes it takes.
std::size_t StoreVarint(std::uint64_t value, char* raw) {
  std::size_t size = 0;
  while (value >= 0x80) {
    raw[size++] = static_cast<char>(value | 0x80);
    value >>= 7;
  }
  raw[size++] = static_cast<char>(value);
  return size;
}

}  // namespace

void ByteWriter::Varint(std::uint64_t value) {
  char raw[kMaxVarintBytes];
  const std::size_t size = StoreVarint(value, raw);
  out_->append(raw, size);
}

void ByteWriter::SizeSince(std::size_t at) {
  char raw[kMaxVarintBytes];
  const std::size_t size = StoreVarint(out_->size() - at, raw);
  out_->insert(at, raw, size);
}

bool ByteReader::Varint(std::uint64_t* value) {
  std::uint64_t result = 0;
  for (int shift = 0; shift < 64; shift += 7) {
    if (failed_ || remaining() == 0) return Overrun();
    const auto byte = static_cast<std::uint8_t>(bytes_[position_++]);
    if (shift == 63 && byte > 1) return Overrun();
    result |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
    if (byte < 0x80) {
      *value = result;
      return true;
    }
  }
  return Overrun();
}

bool ByteReader::BoundedVarint(std::uint64_t limit, std::uint64_t* value) {
  if (!Varint(value)) return false;
  return *value <= limit || Overrun();
}

bool ByteReader::SignedVarint(std::int64_t* value) {
  std::uint64_t raw = 0;
  if (!Varint(&raw)) return false;
  *value = UnZigZag(raw);
  return true;
}

bool ByteReader::Raw(std::size_t size, std::string_view* bytes) {
  if (failed_ || remaining() < size) return Overrun();
  *bytes = bytes_.substr(position_, size);
  position_ += size;
  return true;
}

bool ByteReader::Sized(std::string_view* bytes) {
  std::uint64_t size = 0;
  return BoundedVarint(remaining(), &size) && Raw(static_cast<std::size_t>(size), bytes);
}

bool ByteReader::Skip(std::size_t size) {
  std::string_view ignored;
  return Raw(size, &ignored);
}

}  // namespace reprise
