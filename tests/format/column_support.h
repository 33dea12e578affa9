// What the codec's tests share: making columns, encoding and decoding them.
#ifndef REPRISE_TESTS_FORMAT_COLUMN_SUPPORT_H_
#define REPRISE_TESTS_FORMAT_COLUMN_SUPPORT_H_

#include <gtest/gtest.h>

#include <bit>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "format/column.h"

namespace reprise {

using Sizes = std::vector<std::size_t>;
using Bits = std::vector<std::uint64_t>;
using Texts = std::vector<std::string_view>;

inline Bits MakeDoubles(std::size_t rows, const std::function<double(std::size_t)>& value) {
  Bits bits(rows);
  for (std::size_t i = 0; i < rows; ++i) bits[i] = std::bit_cast<std::uint64_t>(value(i));
  return bits;
}

inline ColumnView NumberView(Type type, const Bits& bits) {
  return {.type = type, .rows = bits.size(), .bits = bits, .texts = {}};
}

inline ColumnView TextView(Type type, const Texts& texts) {
  return {.type = type, .rows = texts.size(), .bits = {}, .texts = texts};
}

inline std::string Encode(const ColumnView& view) {
  std::string chunk;
  EncodeColumn(view, &chunk);
  return chunk;
}

// Encodes, decodes and compares every value bit for bit; gives the chunk.
inline std::string ExpectRoundTrip(const ColumnView& view) {
  std::string chunk = Encode(view);
  Column column;
  const Status status = DecodeColumn(chunk, view.type, view.rows, &column);
  EXPECT_TRUE(status.ok()) << status.ToString();
  if (!status.ok()) return chunk;
  EXPECT_EQ(column.rows, view.rows);
  for (std::size_t i = 0; i < view.rows; ++i) {
    if (column.value(i) == view.value(i)) continue;
    ADD_FAILURE() << "row " << i << " of " << view.rows << ": bits " << view.value(i).bits()
                  << " became " << column.value(i).bits();
    break;
  }
  return chunk;
}

}  // namespace reprise

#endif  // REPRISE_TESTS_FORMAT_COLUMN_SUPPORT_H_
