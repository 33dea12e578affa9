#include "bench/peers/crc32.h"

#include <array>
#include <cstring>

namespace reprise::bench {

namespace {

// Tables to take 8 bytes at a time: entry [k][b] is what byte b does k bytes further on.
using Tables = std::array<std::array<std::uint32_t, 256>, 8>;

constexpr Tables MakeTables(std::uint32_t reversed_polynomial) {
  Tables tables{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t crc = byte;
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1U ^ (crc & 1U ? reversed_polynomial : 0);
    tables[0][byte] = crc;
  }
  for (std::size_t k = 1; k < 8; ++k) {
    for (std::size_t byte = 0; byte < 256; ++byte) {
      const std::uint32_t crc = tables[k - 1][byte];
      tables[k][byte] = crc >> 8U ^ tables[0][crc & 0xFFU];
    }
  }
  return tables;
}

constexpr Tables kIeee = MakeTables(0xEDB88320U);
constexpr Tables kCastagnoli = MakeTables(0x82F63B78U);

std::uint64_t Load8(const char* bytes) {
  std::uint64_t word = 0;
  std::memcpy(&word, bytes, sizeof word);
  return word;
}

std::uint32_t ByTables(const Tables& tables, std::string_view bytes, std::uint32_t crc) {
  for (; bytes.size() >= 8; bytes.remove_prefix(8)) {
    const std::uint64_t word = Load8(bytes.data()) ^ crc;
    crc = 0;
    for (std::size_t k = 0; k < 8; ++k) crc ^= tables[7 - k][word >> (8 * k) & 0xFFU];
  }
  for (const char byte : bytes) {
    crc = crc >> 8U ^ tables[0][(crc ^ static_cast<unsigned char>(byte)) & 0xFFU];
  }
  return crc;
}

#ifdef __x86_64__
__attribute__((target("sse4.2"))) std::uint32_t ByInstruction(std::string_view bytes,
                                                              std::uint32_t before) {
  std::uint64_t crc = before;
  for (; bytes.size() >= 8; bytes.remove_prefix(8)) {
    crc = __builtin_ia32_crc32di(crc, Load8(bytes.data()));
  }
  auto low = static_cast<std::uint32_t>(crc);
  for (const char byte : bytes) {
    low = __builtin_ia32_crc32qi(low, static_cast<unsigned char>(byte));
  }
  return low;
}

bool HasInstruction() { return __builtin_cpu_supports("sse4.2") != 0; }
#else
std::uint32_t ByInstruction(std::string_view bytes, std::uint32_t before) {
  return ByTables(kCastagnoli, bytes, before);
}
bool HasInstruction() { return false; }
#endif

}  // namespace

std::uint32_t Crc32c(std::string_view bytes) {
  static const bool has_instruction = HasInstruction();
  return has_instruction ? ~ByInstruction(bytes, ~0U) : ~ByTables(kCastagnoli, bytes, ~0U);
}

std::uint32_t Crc32Ieee(std::string_view bytes, std::uint32_t before) {
  return ~ByTables(kIeee, bytes, ~before);
}

}  // namespace reprise::bench
