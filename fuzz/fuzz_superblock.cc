// A superblock that decodes is one that the writer could have written, to the last byte.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "format/superblock.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto superblock = reprise::DecodeSuperblock(bytes);
  if (superblock && reprise::EncodeSuperblock(*superblock) != bytes) std::abort();
  return 0;
}
