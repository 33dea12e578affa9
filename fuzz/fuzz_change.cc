// Any bytes as a change.
#include "engine/store/dump_text.h"
#include "format/change.h"
#include "fuzz/fuzz_input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using reprise::fuzz::Require;
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  const auto change = reprise::DecodeChange(bytes);
  if (!change.has_value()) return 0;
  Require(reprise::EncodeChange(*change) == bytes, "equal changes have equal bytes");
  // Where the bytes lie makes no difference.
  const std::string moved = "x" + bytes;
  Require(reprise::DecodeChange(std::string_view(moved).substr(1)).has_value(),
          "what decodes, decodes at any address");
  for (const char c : reprise::DumpText(*change)) {
    Require(c >= 0x20 && c < 0x7F, "a terminal may be shown the change");
  }
  return 0;
}
