// The two checksums of the peers' files, as fast as their own clients compute them.
#ifndef REPRISE_BENCH_PEERS_CRC32_H_
#define REPRISE_BENCH_PEERS_CRC32_H_

#include <cstdint>
#include <string_view>

namespace reprise::bench {

// Castagnoli's polynomial: with the processor's instruction where it has one.
std::uint32_t Crc32c(std::string_view bytes);
// IEEE's, as in zip. `before` is the checksum of what comes before.
std::uint32_t Crc32Ieee(std::string_view bytes, std::uint32_t before = 0);

}  // namespace reprise::bench

#endif  // REPRISE_BENCH_PEERS_CRC32_H_
