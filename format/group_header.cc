// A group's header guards itself, so that a reader may trust the payload size before it reads the
// payload, and can find the next group after damage. One checksum guards the whole payload rather
// than one each record: a group is whole or absent, and after a write that failed half-way and was
// done again with other records, single records of both attempts could verify side by side.
#include <fmt/format.h>

#include "format/bytes.h"
#include "format/checksum.h"
#include "format/log_file.h"

namespace reprise {

namespace {

constexpr std::size_t kGuardedFrom = 8;  // what follows marker and checksum

std::uint32_t HeaderChecksum(const GroupPlace& place, std::string_view header) {
  return ShortChecksum(header.substr(kGuardedFrom, kGroupHeaderSize - kGuardedFrom), place.file_id,
                       place.offset);
}

std::uint64_t PayloadChecksum(const GroupPlace& place, std::string_view payload) {
  return Checksum(payload, place.file_id, place.offset + kGroupHeaderSize);
}

}  // namespace

void WriteGroupHeader(const GroupPlace& place, GroupHeader header, std::string* group) {
  const std::string_view payload = std::string_view(*group).substr(kGroupHeaderSize);
  char* to = group->data();
  StoreLittle(to, kGroupMarker);
  StoreLittle(to + 8, static_cast<std::uint32_t>(payload.size()));
  StoreLittle(to + 12, header.record_count);
  StoreLittle(to + 16, header.sequence);
  StoreLittle(to + 24, header.time);
  StoreLittle(to + 32, header.durable_upto);
  StoreLittle(to + 40, PayloadChecksum(place, payload));
  StoreLittle(to + 4, HeaderChecksum(place, *group));
}

bool ReadGroupHeader(const GroupPlace& place, std::string_view bytes, GroupHeader* header,
                     std::string* damage) {
  ByteReader reader(bytes);
  std::uint32_t marker = 0;
  std::uint32_t checksum = 0;
  reader.Fixed(&marker);
  reader.Fixed(&checksum);
  reader.Fixed(&header->payload_size);
  reader.Fixed(&header->record_count);
  reader.Fixed(&header->sequence);
  reader.Fixed(&header->time);
  reader.Fixed(&header->durable_upto);
  if (!reader.Fixed(&header->payload_checksum)) {
    *damage = fmt::format("group ends in its header: at byte {} ({} bytes of {})", place.offset,
                          bytes.size(), kGroupHeaderSize);
    return false;
  }
  if (marker != kGroupMarker) {
    *damage = fmt::format("group marker mismatch: at byte {} (stored {:08x}, expected {:08x})",
                          place.offset, marker, kGroupMarker);
    return false;
  }
  const std::uint32_t computed = HeaderChecksum(place, bytes);
  if (checksum != computed) {
    *damage = fmt::format(
        "group header checksum mismatch: at byte {} (stored {:08x}, computed "
        "{:08x})",
        place.offset + 4, checksum, computed);
    return false;
  }
  if (header->payload_size > kMaxGroupPayload || header->sequence == 0) {
    *damage = fmt::format("group header makes no sense: at byte {} ({} bytes, group {})",
                          place.offset, header->payload_size, header->sequence);
    return false;
  }
  return true;
}

bool VerifyGroupPayload(const GroupPlace& place, const GroupHeader& header,
                        std::string_view payload, std::string* damage) {
  if (payload.size() != header.payload_size) {
    *damage = fmt::format("group {} is cut short: at byte {} ({} bytes of {})", header.sequence,
                          place.offset, payload.size(), header.payload_size);
    return false;
  }
  const std::uint64_t computed = PayloadChecksum(place, payload);
  if (computed == header.payload_checksum) return true;
  *damage = fmt::format("group {} checksum mismatch: at byte {} (stored {:016x}, computed {:016x})",
                        header.sequence, place.offset + kGroupHeaderSize, header.payload_checksum,
                        computed);
  return false;
}

}  // namespace reprise
