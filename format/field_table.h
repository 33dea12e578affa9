// The layout of a fixed-size structure as data, so that its specification page can be checked.
#ifndef REPRISE_FORMAT_FIELD_TABLE_H_
#define REPRISE_FORMAT_FIELD_TABLE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace reprise {

// One field: its name on the page, and its place in bytes.
struct FieldRow {
  std::string_view name;
  std::uint32_t offset;
  std::uint32_t size;
};

// Whether the fields fill `size` bytes in order, without gap or overlap.
template <std::size_t N>
constexpr bool TilesExactly(const std::array<FieldRow, N>& rows, std::uint32_t size) {
  std::uint32_t end = 0;
  for (const FieldRow& row : rows) {
    if (row.offset != end) return false;
    end += row.size;
  }
  return end == size;
}

}  // namespace reprise

#endif  // REPRISE_FORMAT_FIELD_TABLE_H_
