// The header is checked from the outside in: is it a log, is it whole, may this release read it.
// Magic, versions, file id and checksum keep their places in every release.
#include "format/log_file.h"

#include <fmt/format.h>

#include "format/bytes.h"
#include "format/checksum.h"
#include "format/try.h"

namespace reprise {

namespace {

constexpr std::uint32_t kChecksumOffset = 88;
constexpr std::size_t kUuidSize = 16;
constexpr std::uint32_t kContinuesFlag = 1;
constexpr std::uint64_t kMaxFileNumber = 0xFFFFFFFF;

std::string Sixteen(std::string bytes) {
  bytes.resize(kUuidSize);
  return bytes;
}

Status CheckEnvelope(std::string_view bytes) {
  if (bytes.size() < kLogHeaderSize) {
    return Status::Error(Code::kCorrupt, fmt::format("log file ends in its header: at byte {} "
                                                     "(expected {}); it holds no group",
                                                     bytes.size(), kLogHeaderSize));
  }
  if (!bytes.starts_with(kLogMagic)) {
    return Status::Error(
        Code::kCorrupt,
        fmt::format("log magic mismatch: at byte 0 (stored {:016x}, expected {:016x}); run "
                    "`reprise verify`",
                    LoadLittle<std::uint64_t>(bytes.data()),
                    LoadLittle<std::uint64_t>(kLogMagic.data())));
  }
  return {};
}

Status VerifyHeaderChecksum(std::string_view bytes, std::uint64_t file_id) {
  const auto stored = LoadLittle<std::uint64_t>(bytes.data() + kChecksumOffset);
  const std::uint64_t computed = Checksum(bytes.substr(0, kChecksumOffset), file_id, 0);
  if (stored == computed) return {};
  return Status::Error(
      Code::kCorrupt,
      fmt::format("log header checksum mismatch: at byte {} (stored {:016x}, computed {:016x}); "
                  "run `reprise verify`",
                  kChecksumOffset, stored, computed));
}

Status CheckVersion(std::uint16_t read_version, std::uint32_t flags) {
  if (read_version > kLogReadVersion) {
    return Status::Error(Code::kUnsupportedVersion,
                         fmt::format("log needs reader version {}, this library reads up to {}; "
                                     "upgrade reprise",
                                     read_version, kLogReadVersion));
  }
  if ((flags & ~kContinuesFlag) != 0) {
    return Status::Error(Code::kUnsupportedVersion,
                         fmt::format("log has flags that this library does not know: at byte 12 "
                                     "({:#x}); upgrade reprise",
                                     flags));
  }
  return {};
}

Status CheckSense(std::uint16_t read_version, std::uint16_t write_version, std::uint64_t file,
                  Sequence first) {
  const bool versions_fit = read_version != 0 && write_version >= read_version;
  if (versions_fit && file >= 1 && file <= kMaxFileNumber && first != 0) return {};
  return Status::Error(
      Code::kCorrupt,
      fmt::format("log header makes no sense: at byte 8 (read {}, write {}, file {}, "
                  "first group {}); run `reprise verify`",
                  read_version, write_version, file, first));
}

}  // namespace

std::string EncodeLogHeader(const LogHeader& header) {
  std::string bytes;
  bytes.reserve(kLogHeaderSize);
  ByteWriter writer(&bytes);
  writer.Raw(kLogMagic);
  writer.Fixed(kLogReadVersion);
  writer.Fixed(kLogWriteVersion);
  writer.Fixed<std::uint32_t>(header.continues ? kContinuesFlag : 0);
  writer.Fixed(header.file_id);
  writer.Raw(Sixteen(header.store_uuid));
  writer.Fixed(header.session);
  writer.Fixed(header.first_sequence);
  writer.Raw(Sixteen(header.boot_id));
  writer.Fixed(header.created);
  writer.Fixed<std::uint64_t>(header.file);
  writer.Fixed(Checksum(bytes, header.file_id, 0));
  return bytes;
}

Result<LogHeader> DecodeLogHeader(std::string_view bytes) {
  REPRISE_TRY(CheckEnvelope(bytes));
  LogHeader header;
  std::uint16_t read_version = 0;
  std::uint16_t write_version = 0;
  std::uint32_t flags = 0;
  std::uint64_t file = 0;
  std::string_view uuid;
  std::string_view boot;
  ByteReader reader(bytes.substr(0, kLogHeaderSize));
  reader.Skip(kLogMagic.size());
  reader.Fixed(&read_version);
  reader.Fixed(&write_version);
  reader.Fixed(&flags);
  reader.Fixed(&header.file_id);
  reader.Raw(kUuidSize, &uuid);
  reader.Fixed(&header.session);
  reader.Fixed(&header.first_sequence);
  reader.Raw(kUuidSize, &boot);
  reader.Fixed(&header.created);
  reader.Fixed(&file);
  REPRISE_TRY(VerifyHeaderChecksum(bytes, header.file_id));
  REPRISE_TRY(CheckVersion(read_version, flags));
  REPRISE_TRY(CheckSense(read_version, write_version, file, header.first_sequence));
  header.store_uuid = uuid;
  header.boot_id = boot;
  header.file = static_cast<std::uint32_t>(file);
  header.continues = (flags & kContinuesFlag) != 0;
  return header;
}

}  // namespace reprise
