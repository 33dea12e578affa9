// Any bytes as the leaves of a config, or as one explicit summary value. Input: 1 for a value (u8),
// then the bytes.
#include "format/leaf_bytes.h"
#include "fuzz/fuzz_input.h"

namespace reprise::fuzz {
namespace {

void TryValue(std::string_view bytes) {
  Value value;
  if (!DecodeValue(bytes, &value)) return;
  Value again;
  Require(DecodeValue(EncodeValue(value), &again) && again == value, "a value comes back");
}

void TryLeaves(std::string_view bytes) {
  ConfigEntries entries;
  if (!DecodeLeaves(bytes, &entries)) return;
  for (std::size_t i = 1; i < entries.size(); ++i) {
    Require(entries[i - 1].first < entries[i].first, "paths ascend");
  }
  ConfigEntries again;
  Require(DecodeLeaves(EncodeLeaves(entries), &again) && again == entries, "leaves come back");
}

}  // namespace
}  // namespace reprise::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  reprise::fuzz::FuzzInput input(data, size);
  const bool is_value = input.UpTo(1) == 1;
  is_value ? reprise::fuzz::TryValue(input.Rest()) : reprise::fuzz::TryLeaves(input.Rest());
  return 0;
}
