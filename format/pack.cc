#include "format/pack.h"

#include <fmt/format.h>

#include "format/bytes.h"
#include "format/checksum.h"
#include "format/try.h"

namespace reprise {

namespace {

constexpr std::uint32_t kPackChecksumOffset = 56;
constexpr std::uint32_t kFrameChecksumOffset = 68;

Status Damaged(std::string_view what, std::size_t at, std::string_view facts) {
  return Status::Error(Code::kCorrupt,
                       fmt::format("{}: at byte {} ({}); run 'reprise verify'", what, at, facts));
}

// Whether the checksum stored behind the first `size` bytes is theirs.
Status CheckSeal(std::string_view what, std::string_view bytes, std::size_t size,
                 std::uint64_t file_id, std::uint64_t offset) {
  const auto stored = LoadLittle<std::uint64_t>(bytes.data() + size);
  const std::uint64_t computed = Checksum(bytes.substr(0, size), file_id, offset);
  if (stored == computed) return {};
  return Damaged(fmt::format("{} checksum mismatch", what), size,
                 fmt::format("stored {:016x}, computed {:016x}", stored, computed));
}

Status CheckSizeAndMagic(std::string_view what, std::string_view bytes, std::size_t size,
                         std::string_view magic) {
  if (bytes.size() < size) {
    return Damaged(fmt::format("{} is cut short", what), 0,
                   fmt::format("{} bytes, expected {}", bytes.size(), size));
  }
  if (bytes.starts_with(magic)) return {};
  return Damaged(
      fmt::format("{} magic mismatch", what), 0,
      fmt::format("stored {:08x}, expected {:08x}", LoadLittle<std::uint32_t>(bytes.data()),
                  LoadLittle<std::uint32_t>(magic.data())));
}

Status CheckPackVersions(const PackHeader& header) {
  if (header.read_version > kPackReadVersion) {
    return Status::Error(Code::kUnsupportedVersion,
                         fmt::format("pack needs reader version {}, this library reads up to {}; "
                                     "upgrade reprise",
                                     header.read_version, kPackReadVersion));
  }
  if (header.read_version != 0 && header.write_version >= header.read_version) return {};
  return Damaged("pack versions make no sense", 8,
                 fmt::format("read {}, write {}", header.read_version, header.write_version));
}

bool IsKind(std::uint8_t kind) {
  return kind >= static_cast<std::uint8_t>(FrameKind::kSegment) &&
         kind <= static_cast<std::uint8_t>(FrameKind::kContinues);
}

// The first thing that no writer writes; empty if the header makes sense.
std::string_view SegmentNonsense(const FrameHeader& header) {
  if (header.first < 0 || header.last < header.first) return "positions are out of order";
  if (header.rows == 0 || header.rows > kMaxSegmentRows) return "rows are out of range";
  if (header.rows - 1 > header.last - header.first) return "there are more rows than positions";
  if (header.payload_checksum != 0) return "a segment has a payload checksum";
  return {};
}

std::string_view EventsNonsense(const FrameHeader& header) {
  if (header.first != 0 || header.last != 0) return "events have positions";
  return {};
}

std::string_view ContinuesNonsense(const FrameHeader& header, std::uint64_t offset) {
  if (header.last < 0 || static_cast<std::uint64_t>(header.last) != offset ||
      header.first < kPackHeaderSize || header.first > header.last) {
    return "the skipped range is wrong";
  }
  if (header.rows != 0 || header.payload_length != 0 || header.payload_checksum != 0) {
    return "a continues frame has content";
  }
  return {};
}

std::string_view FrameNonsense(const FrameHeader& header, std::uint64_t offset) {
  if (header.payload_length > kMaxPayloadBytes) return "the payload is too long";
  if (header.kind == FrameKind::kSegment) return SegmentNonsense(header);
  if (header.branch != BranchId() || header.stream != Stream::kHistory || header.generation != 0) {
    return "a frame without rows names a branch";
  }
  return header.kind == FrameKind::kEvents ? EventsNonsense(header)
                                           : ContinuesNonsense(header, offset);
}

}  // namespace

std::string EncodePackHeader(const PackHeader& header) {
  std::string bytes;
  bytes.reserve(kPackHeaderSize);
  ByteWriter writer(&bytes);
  writer.Raw(kPackMagic);
  writer.Fixed(header.read_version);
  writer.Fixed(header.write_version);
  writer.Fixed<std::uint32_t>(0);
  writer.Fixed(header.file_id);
  writer.Raw(header.store_uuid);
  writer.Fixed(header.pack);
  writer.Fixed(header.created);
  writer.Fixed(Checksum(bytes, header.file_id, 0));
  return bytes;
}

Result<PackHeader> DecodePackHeader(std::string_view bytes) {
  REPRISE_TRY(CheckSizeAndMagic("pack header", bytes, kPackHeaderSize, kPackMagic));
  PackHeader header;
  std::uint32_t reserved = 0;
  std::string_view uuid;
  ByteReader reader(bytes);
  reader.Skip(kPackMagic.size());
  reader.Fixed(&header.read_version);
  reader.Fixed(&header.write_version);
  reader.Fixed(&reserved);
  reader.Fixed(&header.file_id);
  reader.Raw(16, &uuid);
  reader.Fixed(&header.pack);
  reader.Fixed(&header.created);
  header.store_uuid = uuid;
  REPRISE_TRY(CheckSeal("pack header", bytes, kPackChecksumOffset, header.file_id, 0));
  REPRISE_TRY(CheckPackVersions(header));
  if (reserved != 0) return Fail(Damaged("pack header reserved bytes are not zero", 12, "u32"));
  return header;
}

std::string EncodeFrameHeader(const FrameHeader& header, std::uint64_t file_id,
                              std::uint64_t offset) {
  std::string bytes;
  bytes.reserve(kFrameHeaderSize);
  ByteWriter writer(&bytes);
  writer.Raw(kFrameMagic);
  writer.Fixed(static_cast<std::uint8_t>(header.kind));
  writer.Fixed(static_cast<std::uint8_t>(header.stream));
  writer.Fixed<std::uint16_t>(0);
  writer.Fixed(header.branch.uid.high);
  writer.Fixed(header.branch.uid.low);
  writer.Fixed(header.branch.ordinal);
  writer.Fixed(header.rows);
  writer.Fixed(header.generation);
  writer.Fixed(header.first);
  writer.Fixed(header.last);
  writer.Fixed(header.payload_length);
  writer.Fixed(header.payload_checksum);
  writer.Fixed(Checksum(bytes, file_id, offset));
  return bytes;
}

Result<FrameHeader> DecodeFrameHeader(std::string_view bytes, std::uint64_t file_id,
                                      std::uint64_t offset) {
  REPRISE_TRY(CheckSizeAndMagic("frame header", bytes, kFrameHeaderSize, kFrameMagic));
  REPRISE_TRY(CheckSeal("frame header", bytes, kFrameChecksumOffset, file_id, offset));
  FrameHeader header;
  std::uint8_t kind = 0;
  std::uint8_t stream = 0;
  std::uint16_t reserved = 0;
  ByteReader reader(bytes);
  reader.Skip(kFrameMagic.size());
  reader.Fixed(&kind);
  reader.Fixed(&stream);
  reader.Fixed(&reserved);
  reader.Fixed(&header.branch.uid.high);
  reader.Fixed(&header.branch.uid.low);
  reader.Fixed(&header.branch.ordinal);
  reader.Fixed(&header.rows);
  reader.Fixed(&header.generation);
  reader.Fixed(&header.first);
  reader.Fixed(&header.last);
  reader.Fixed(&header.payload_length);
  reader.Fixed(&header.payload_checksum);
  if (!IsKind(kind)) {
    return Fail(Code::kUnsupportedVersion,
                fmt::format("pack has a frame of an unknown kind: at byte {} (kind {}); "
                            "upgrade reprise",
                            offset, kind));
  }
  header.kind = static_cast<FrameKind>(kind);
  if (stream > static_cast<std::uint8_t>(Stream::kConsole) || reserved != 0) {
    return Fail(Damaged("frame header makes no sense", 5,
                        fmt::format("stream {}, reserved {}", stream, reserved)));
  }
  header.stream = static_cast<Stream>(stream);
  const std::string_view nonsense = FrameNonsense(header, offset);
  if (!nonsense.empty()) return Fail(Damaged("frame header makes no sense", 0, nonsense));
  return header;
}

}  // namespace reprise
