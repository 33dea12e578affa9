// A patch list: the few values of a vector that get a treatment of their own, as pairs of a
// position and a signed number. A vector may have three of them (format/column.md).
#ifndef REPRISE_FORMAT_PATCH_LIST_H_
#define REPRISE_FORMAT_PATCH_LIST_H_

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string>

#include "format/bit_packing.h"
#include "format/bytes.h"
#include "format/codec_kernels.h"
#include "reprise/status.h"

namespace reprise {

inline constexpr int kPatchPositionBits = 10;

// What a list's header says: how many values, the smallest, and the bits of (value - min).
struct PatchShape {
  std::size_t count = 0;
  std::int64_t min = 0;
  int width = 0;  // 0..64
};

// The shape of a list whose values are added one by one.
class PatchRange {
 public:
  void Add(std::int64_t value) {
    min_ = count_ == 0 ? value : std::min(min_, value);
    max_ = count_ == 0 ? value : std::max(max_, value);
    ++count_;
  }
  PatchShape shape() const {
    const std::uint64_t span = static_cast<std::uint64_t>(max_) - static_cast<std::uint64_t>(min_);
    return {count_, min_, static_cast<int>(std::bit_width(span))};
  }

 private:
  std::size_t count_ = 0;
  std::int64_t min_ = 0;
  std::int64_t max_ = 0;
};

// The values themselves. Copies only those in use.
struct PatchList {
  PatchList() = default;
  PatchList(const PatchList& other) { *this = other; }
  PatchList& operator=(const PatchList& other);

  // Requires count < kVectorRows.
  void Add(std::size_t position, std::int64_t value) {
    positions[count] = static_cast<std::uint16_t>(position);
    values[count++] = value;
  }
  PatchShape shape() const;

  std::size_t count = 0;
  std::array<std::uint16_t, kVectorRows> positions;
  std::array<std::int64_t, kVectorRows> values;
};

// Bytes of a LEB128 varint.
constexpr std::size_t VarintBytes(std::uint64_t value) {
  return (static_cast<std::size_t>(std::bit_width(value | 1)) + 6) / 7;
}

// Bytes that header and values of a list take; 0 for an empty one.
inline std::size_t PatchBytes(const PatchShape& shape) {
  if (shape.count == 0) return 0;
  return VarintBytes(shape.count) + 1 + VarintBytes(ZigZag(shape.min)) +
         PackedBytes(shape.count, kPatchPositionBits) + PackedBytes(shape.count, shape.width);
}

// An empty list is not written: the vector says which lists it has.
void AppendPatchHeader(const PatchShape& shape, std::string* out);
void AppendPatches(const PatchShape& shape, const PatchList& list, std::string* out);

// Both reject counts and positions beyond `rows`, the rows of the vector.
Status ReadPatchHeader(std::size_t rows, ByteReader* reader, PatchShape* shape);
Status ReadPatches(const PatchShape& shape, std::size_t rows, ByteReader* reader, PatchList* list);

}  // namespace reprise

#endif  // REPRISE_FORMAT_PATCH_LIST_H_
