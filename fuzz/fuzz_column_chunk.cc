// Any bytes as a column chunk, of every type. Input: type u8, rows u16, a range (two u16), chunk.
//
// What decodes as a whole decodes in parts, to the same values; and those, which no metric would
// have, can be encoded.
#include "format/column.h"
#include "fuzz/column_promises.h"
#include "fuzz/fuzz_input.h"

namespace reprise::fuzz {
namespace {

// As DecodeColumn, for what is kept without a Column.
void RequireInt64s(std::string_view chunk, const Column& whole) {
  std::vector<std::int64_t> values;
  Require(DecodeInt64s(chunk, whole.rows, &values).ok(), "int64s decode as a column of them");
  Require(std::equal(values.begin(), values.end(), whole.bits.begin(), whole.bits.end(),
                     [](std::int64_t value, std::uint64_t bits) {
                       return static_cast<std::uint64_t>(value) == bits;
                     }),
          "int64s are those of the column");
}

void Try(FuzzInput input) {
  const auto type = static_cast<Type>(input.UpTo(kTypeCount - 1));
  const std::size_t rows = input.Number<std::uint16_t>();
  FuzzInput range = input;
  const std::size_t first = input.Number<std::uint16_t>();
  const std::size_t count = input.Number<std::uint16_t>();
  const std::string_view chunk = input.Rest();
  Column whole;
  if (!DecodeColumn(chunk, type, rows, &whole).ok()) {
    Column part;
    (void)DecodeColumnRange(chunk, type, rows, first, count, &part);
    return;
  }
  RequireRanges(chunk, whole, &range);
  if (type == Type::kInt64) RequireInt64s(chunk, whole);
  RequireRoundTrip(whole);
}

}  // namespace
}  // namespace reprise::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  reprise::fuzz::Try(reprise::fuzz::FuzzInput(data, size));
  return 0;
}
