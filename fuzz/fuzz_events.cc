// The payload of an events frame. Input: 1 if what follows is to be compressed (u8), then the
// payload, or how much it claims to expand to beyond what it does (u16) and what is compressed.
#include <zlib.h>

#include "format/bytes.h"
#include "format/events.h"
#include "fuzz/fuzz_input.h"

namespace reprise::fuzz {
namespace {

std::string Compressed(FuzzInput* input) {
  const auto more = input->Number<std::uint16_t>();
  const std::string_view raw = input->Rest();
  std::string compressed(compressBound(static_cast<uLong>(raw.size())), '\0');
  uLongf size = static_cast<uLongf>(compressed.size());
  Require(compress2(reinterpret_cast<Bytef*>(compressed.data()), &size,
                    reinterpret_cast<const Bytef*>(raw.data()), static_cast<uLong>(raw.size()),
                    1) == Z_OK,
          "bytes can be compressed");
  std::string payload;
  ByteWriter(&payload).Fixed(static_cast<std::uint32_t>(raw.size() + more));
  return payload + compressed.substr(0, size);
}

Status Read(std::string_view payload, std::vector<std::string>* changes) {
  return ForEachEvent(payload, [&](std::string_view change) {
    changes->emplace_back(change);
    return Status();
  });
}

void Try(FuzzInput input) {
  const std::string payload = input.UpTo(1) == 1 ? Compressed(&input) : std::string(input.Rest());
  std::vector<std::string> changes;
  if (!Read(payload, &changes).ok()) return;
  const Result<std::string> encoded = EncodeEvents(changes);
  Require(encoded.has_value(), "what fitted into a frame does again");
  std::vector<std::string> again;
  Require(Read(*encoded, &again).ok() && again == changes, "changes come back");
}

}  // namespace
}  // namespace reprise::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  reprise::fuzz::Try(reprise::fuzz::FuzzInput(data, size));
  return 0;
}
