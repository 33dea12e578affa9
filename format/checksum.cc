#include "format/checksum.h"

#include "format/codec_kernels.h"

namespace reprise {

namespace {

// Spreads the offset over all bits before it meets the file id (the finaliser of SplitMix64),
// so that (file, offset) pairs near each other get unrelated seeds.
std::uint64_t Seed(std::uint64_t file_id, std::uint64_t offset) {
  std::uint64_t z = offset + 0x9E3779B97F4A7C15ULL;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
  return file_id ^ (z ^ (z >> 31));
}

}  // namespace

std::uint64_t Checksum(std::string_view bytes, std::uint64_t file_id, std::uint64_t offset) {
  const std::uint64_t sum = Kernels().xxh3(bytes.data(), bytes.size(), Seed(file_id, offset));
  return sum == 0 ? 1 : sum;
}

std::uint32_t ShortChecksum(std::string_view bytes, std::uint64_t file_id, std::uint64_t offset) {
  const auto sum = static_cast<std::uint32_t>(Checksum(bytes, file_id, offset));
  return sum == 0 ? 1 : sum;
}

std::uint64_t Hash(std::string_view bytes) { return Kernels().xxh3(bytes.data(), bytes.size(), 0); }

}  // namespace reprise
