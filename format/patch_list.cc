#include "format/patch_list.h"

#include <string_view>

namespace reprise {
namespace {

Status Damaged(std::string_view what) { return Status::Error(Code::kCorrupt, std::string(what)); }

}  // namespace

PatchList& PatchList::operator=(const PatchList& other) {
  count = other.count;
  std::copy_n(other.positions.begin(), count, positions.begin());
  std::copy_n(other.values.begin(), count, values.begin());
  return *this;
}

PatchShape PatchList::shape() const {
  PatchRange range;
  for (std::size_t i = 0; i < count; ++i) range.Add(values[i]);
  return range.shape();
}

void AppendPatchHeader(const PatchShape& shape, std::string* out) {
  ByteWriter writer(out);
  writer.Varint(shape.count);
  writer.Fixed(static_cast<std::uint8_t>(shape.width));
  writer.SignedVarint(shape.min);
}

void AppendPatches(const PatchShape& shape, const PatchList& list, std::string* out) {
  std::array<std::uint64_t, kVectorRows> numbers;
  std::copy_n(list.positions.begin(), list.count, numbers.begin());
  PackBits({numbers.data(), list.count}, kPatchPositionBits, out);
  for (std::size_t i = 0; i < list.count; ++i) {
    numbers[i] = static_cast<std::uint64_t>(list.values[i]) - static_cast<std::uint64_t>(shape.min);
  }
  PackBits({numbers.data(), list.count}, shape.width, out);
}

Status ReadPatchHeader(std::size_t rows, ByteReader* reader, PatchShape* shape) {
  std::uint64_t count = 0;
  std::uint8_t width = 0;
  if (!reader->BoundedVarint(rows, &count) || !reader->Fixed(&width) ||
      !reader->SignedVarint(&shape->min)) {
    return Damaged("has a patch list whose header is not readable");
  }
  if (count == 0 || width > 64) return Damaged("has a patch list of an impossible shape");
  shape->count = static_cast<std::size_t>(count);
  shape->width = width;
  return {};
}

Status ReadPatches(const PatchShape& shape, std::size_t rows, ByteReader* reader, PatchList* list) {
  std::string_view packed_positions;
  std::string_view packed_values;
  if (!reader->Raw(PackedBytes(shape.count, kPatchPositionBits), &packed_positions) ||
      !reader->Raw(PackedBytes(shape.count, shape.width), &packed_values)) {
    return Damaged("ends inside a patch list");
  }
  std::array<std::uint64_t, kVectorRows> positions;
  std::array<std::uint64_t, kVectorRows> values;
  UnpackBits(packed_positions, kPatchPositionBits, {positions.data(), shape.count});
  UnpackBits(packed_values, shape.width, {values.data(), shape.count});
  list->count = 0;
  for (std::size_t i = 0; i < shape.count; ++i) {
    if (positions[i] >= rows) return Damaged("patches a row beyond its last");
    list->Add(static_cast<std::size_t>(positions[i]),
              static_cast<std::int64_t>(values[i] + static_cast<std::uint64_t>(shape.min)));
  }
  return {};
}

}  // namespace reprise
