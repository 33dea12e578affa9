// Any bytes as one vector of the codec. Input: rows u16, kind u8, vector.
//
// The range of a vector is a vector, so there is none to compare; but what decodes can be encoded
// by every plan.
#include <array>

#include "format/vector_codec.h"
#include "fuzz/fuzz_input.h"

namespace reprise::fuzz {
namespace {

void RequireRoundTrip(std::span<const std::uint64_t> bits, const VectorPlans& plans) {
  std::string encoded;
  EncodeVector(bits, plans, &encoded);
  Require(encoded.size() < (std::size_t{1} << 16U), "the size of a vector fits 16 bits");
  std::array<std::uint64_t, kVectorRows> decoded{};
  Require(DecodeVector(encoded, {decoded.data(), bits.size()}).ok(), "what was encoded decodes");
  Require(std::equal(bits.begin(), bits.end(), decoded.begin()), "all bits come back");
}

void Try(FuzzInput input) {
  const std::size_t rows = 1 + input.UpTo(kVectorRows - 1);
  const VectorPlans all = VectorPlans::AllFor(input.UpTo(1) == 1);
  std::array<std::uint64_t, kVectorRows> room{};
  const std::span<std::uint64_t> bits(room.data(), rows);
  if (!DecodeVector(input.Rest(), bits).ok()) return;
  RequireRoundTrip(bits, all);
  for (const VectorPlan& plan : all) {
    VectorPlans one;
    one.Add(plan);
    RequireRoundTrip(bits, one);
  }
}

}  // namespace
}  // namespace reprise::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  reprise::fuzz::Try(reprise::fuzz::FuzzInput(data, size));
  return 0;
}
