#include "engine/run/space_reserve.h"

#include <cstdint>
#include <cstring>
#include <string>

namespace reprise {

namespace {

std::string RandomBytes(Random& random, std::size_t size) {
  std::string bytes(size, '\0');
  for (std::size_t at = 0; at < size; at += sizeof(std::uint64_t)) {
    const std::uint64_t word = random.Next64();
    std::memcpy(bytes.data() + at, &word, sizeof(word));
  }
  return bytes;
}

}  // namespace

void KeepReserve(Random& random, Directory& root) {
  const auto exists = root.Exists(kReserveName);
  if (!exists || *exists) return;
  auto file = root.Create(kReserveName);
  if (!file) return;
  const Status written = (*file)->WriteAt(0, RandomBytes(random, kReserveBytes));
  if (!written.ok()) static_cast<void>(root.Remove(kReserveName));
}

bool ReleaseReserve(Directory& root) { return root.Remove(kReserveName).ok(); }

}  // namespace reprise
