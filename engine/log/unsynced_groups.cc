#include "engine/log/unsynced_groups.h"

#include "format/bytes.h"

namespace reprise {

void UnsyncedGroups::DropThrough(Sequence sequence) {
  constexpr std::size_t kKeptCapacity = std::size_t{4} << 20;
  std::size_t position = 0;
  std::size_t keep_from = 0;
  GroupHeader header;
  std::string_view payload;
  while (Next(&position, &header, &payload) && header.sequence <= sequence) keep_from = position;
  bytes_.erase(0, keep_from);
  if (bytes_.empty() && bytes_.capacity() > kKeptCapacity) bytes_ = std::string();
}

bool UnsyncedGroups::Next(std::size_t* position, GroupHeader* header,
                          std::string_view* payload) const {
  if (*position >= bytes_.size()) return false;
  const char* const at = bytes_.data() + *position;
  header->payload_size = LoadLittle<std::uint32_t>(at + 8);
  header->record_count = LoadLittle<std::uint32_t>(at + 12);
  header->sequence = LoadLittle<std::uint64_t>(at + 16);
  header->time = LoadLittle<std::int64_t>(at + 24);
  *payload = {at + kGroupHeaderSize, header->payload_size};
  *position += kGroupHeaderSize + header->payload_size;
  return true;
}

}  // namespace reprise
