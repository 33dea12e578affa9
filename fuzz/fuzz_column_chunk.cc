// Any bytes as a column chunk, of every type. Input: type u8, rows u16, a range (two u16), chunk.
//
// What decodes as a whole decodes in parts, to the same values; and those, which no metric would
// have, can be encoded.
#include "format/chunk_kind.h"
#include "format/column.h"
#include "format/vector_chunk.h"
#include "format/vector_codec.h"
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

// Vectors are also decoded one by one, by readers of a file that fetch only those they need.
void RequireVectors(std::string_view chunk, const Column& whole) {
  std::vector<VectorPlace> places;
  Require(LocateVectors(chunk, whole.rows, &places).ok(), "vectors of what decodes are found");
  for (std::size_t i = 0; i < places.size(); ++i) {
    const std::size_t first = i * kVectorRows;
    std::vector<std::uint64_t> bits(std::min(kVectorRows, whole.rows - first));
    const VectorPlace& place = places[i];
    Require(place.offset <= chunk.size() && place.length <= chunk.size() - place.offset,
            "vectors lie within their chunk");
    Require(DecodeVector(chunk.substr(place.offset, place.length), bits).ok(),
            "a vector of what decodes decodes");
    Require(std::equal(bits.begin(), bits.end(),
                       whole.bits.begin() + static_cast<std::ptrdiff_t>(first)),
            "a vector has the values of the whole");
  }
}

bool HasVectors(std::string_view chunk, const Column& whole) {
  return IsNumber(whole.type) && whole.rows > 0 &&
         chunk[0] == static_cast<char>(ChunkKind::kVectors);
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
  if (HasVectors(chunk, whole)) RequireVectors(chunk, whole);
  RequireRoundTrip(whole);
}

}  // namespace
}  // namespace reprise::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  reprise::fuzz::Try(reprise::fuzz::FuzzInput(data, size));
  return 0;
}
