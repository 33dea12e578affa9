// Little-endian bytes: a writer that appends to a string, and a reader that never leaves its span.
//
// Buffers are std::string and spans are std::string_view, as for text: bytes are bytes.
#ifndef REPRISE_FORMAT_BYTES_H_
#define REPRISE_FORMAT_BYTES_H_

#include <bit>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace reprise {

static_assert(std::endian::native == std::endian::little,
              "stored numbers are little-endian; a big-endian port needs byte swaps here");

// The T stored at `p`, which need not be aligned.
template <std::integral T>
T LoadLittle(const char* p) {
  T value;
  std::memcpy(&value, p, sizeof(T));
  return value;
}

template <std::integral T>
void StoreLittle(char* p, T value) {
  std::memcpy(p, &value, sizeof(T));
}

// Signed numbers near zero as small unsigned ones: 0, -1, 1, -2 ... become 0, 1, 2, 3 ...
constexpr std::uint64_t ZigZag(std::int64_t v) {
  return (static_cast<std::uint64_t>(v) << 1) ^ static_cast<std::uint64_t>(v >> 63);
}
constexpr std::int64_t UnZigZag(std::uint64_t v) {
  return static_cast<std::int64_t>((v >> 1) ^ (~(v & 1) + 1));
}

// Appends to a string that it does not own.
class ByteWriter {
 public:
  explicit ByteWriter(std::string* out) : out_(out) {}

  std::size_t size() const { return out_->size(); }

  template <std::integral T>
  void Fixed(T value) {
    char raw[sizeof(T)];
    StoreLittle(raw, value);
    out_->append(raw, sizeof(T));
  }
  // LEB128: seven bits a byte, least significant first; at most 10 bytes.
  void Varint(std::uint64_t value);
  void SignedVarint(std::int64_t value) { Varint(ZigZag(value)); }
  void Raw(std::string_view bytes) { out_->append(bytes); }
  // A varint length, then the bytes.
  void Sized(std::string_view bytes) {
    Varint(bytes.size());
    Raw(bytes);
  }
  // Puts the length of what was appended since the size was `at` in front of it, so that it is as
  // Sized would have written it.
  void SizeSince(std::size_t at);

 private:
  std::string* out_;
};

// Reads forward through a span. Every read says whether it fitted; after one that did not, the
// reader has failed for good: later reads fail too, so one check at the end is enough.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : bytes_(bytes) {}

  std::size_t position() const { return position_; }
  std::size_t remaining() const { return bytes_.size() - position_; }
  bool failed() const { return failed_; }
  // Everything was read and nothing failed.
  bool AtCleanEnd() const { return !failed_ && remaining() == 0; }

  template <std::integral T>
  bool Fixed(T* value) {
    if (failed_ || remaining() < sizeof(T)) return Overrun();
    *value = LoadLittle<T>(bytes_.data() + position_);
    position_ += sizeof(T);
    return true;
  }
  // Rejects encodings of more than 64 bits.
  bool Varint(std::uint64_t* value);
  // A varint that must be <= limit: use for every count and length.
  bool BoundedVarint(std::uint64_t limit, std::uint64_t* value);
  bool SignedVarint(std::int64_t* value);
  bool Raw(std::size_t size, std::string_view* bytes);
  bool Sized(std::string_view* bytes);
  bool Skip(std::size_t size);

 private:
  bool Overrun() {
    failed_ = true;
    return false;
  }

  std::string_view bytes_;
  std::size_t position_ = 0;
  bool failed_ = false;
};

}  // namespace reprise

#endif  // REPRISE_FORMAT_BYTES_H_
