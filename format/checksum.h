// The one checksum of every stored structure: XXH3-64, seeded with the file it belongs to and its
// place there, so that a misplaced, stale or zeroed block never verifies. It guards against
// accidents, not against an attacker.
#ifndef REPRISE_FORMAT_CHECKSUM_H_
#define REPRISE_FORMAT_CHECKSUM_H_

#include <cstdint>
#include <string_view>

namespace reprise {

// `file_id` is the random id in the file's header; `offset` is where `bytes` begin in that file.
// Never 0, so that a run of zero bytes never verifies.
std::uint64_t Checksum(std::string_view bytes, std::uint64_t file_id, std::uint64_t offset);

// The low 32 bits of it, for small records; never 0.
std::uint32_t ShortChecksum(std::string_view bytes, std::uint64_t file_id, std::uint64_t offset);

// Unseeded XXH3-64, for hash tables and content digests that never leave the process.
std::uint64_t Hash(std::string_view bytes);

}  // namespace reprise

#endif  // REPRISE_FORMAT_CHECKSUM_H_
