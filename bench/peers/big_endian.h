// Numbers in the order in which sorted stores compare keys.
#ifndef REPRISE_BENCH_PEERS_BIG_ENDIAN_H_
#define REPRISE_BENCH_PEERS_BIG_ENDIAN_H_

#include <cstdint>
#include <cstring>
#include <string>

namespace reprise::bench {

inline void PutBigEndian(std::uint32_t number, std::string* key) {
  number = __builtin_bswap32(number);
  key->append(reinterpret_cast<const char*>(&number), sizeof number);
}

inline void PutBigEndian(std::uint64_t number, std::string* key) {
  number = __builtin_bswap64(number);
  key->append(reinterpret_cast<const char*>(&number), sizeof number);
}

inline std::uint64_t GetBigEndian(const char* bytes) {
  std::uint64_t number = 0;
  std::memcpy(&number, bytes, sizeof number);
  return __builtin_bswap64(number);
}

// Of the same bits, in the machine's order: values are not compared.
template <typename T>
void PutNative(T value, std::string* bytes) {
  bytes->append(reinterpret_cast<const char*>(&value), sizeof value);
}
template <typename T>
T GetNative(const char* bytes) {
  T value;
  std::memcpy(&value, bytes, sizeof value);
  return value;
}

}  // namespace reprise::bench

#endif  // REPRISE_BENCH_PEERS_BIG_ENDIAN_H_
