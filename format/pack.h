// The frame of a pack file: its header, the header of each frame in it, and the frames that hold
// changes. Segments, the other content, are in segment.h. Specified in format/pack.md.
#ifndef REPRISE_FORMAT_PACK_H_
#define REPRISE_FORMAT_PACK_H_

#include <array>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "format/field_table.h"
#include "format/ids.h"
#include "reprise/status.h"
#include "reprise/value.h"

namespace reprise {

inline constexpr std::string_view kPackMagic("\x89RPPK\r\n\x1A", 8);
inline constexpr std::string_view kFrameMagic("\x89RPF", 4);

// What this library writes, and the newest it understands.
inline constexpr std::uint16_t kPackReadVersion = 1;
inline constexpr std::uint16_t kPackWriteVersion = 1;

inline constexpr std::uint32_t kPackHeaderSize = 64;
inline constexpr std::uint32_t kFrameHeaderSize = 76;
// Of a frame, header included.
inline constexpr std::uint32_t kMaxFrameBytes = std::uint32_t{64} << 20;
inline constexpr std::uint32_t kMaxPayloadBytes = kMaxFrameBytes - kFrameHeaderSize;
inline constexpr std::uint32_t kMaxSegmentRows = std::uint32_t{1} << 20;
// A session begins to write at a multiple of this, so that it rewrites no block of another's.
inline constexpr std::uint64_t kPackBlockBytes = 4096;

inline constexpr std::array<FieldRow, 9> kPackHeaderFields{{
    {"magic", 0, 8},
    {"read_version", 8, 2},
    {"write_version", 10, 2},
    {"reserved", 12, 4},
    {"file_id", 16, 8},
    {"store_uuid", 24, 16},
    {"pack", 40, 8},
    {"created", 48, 8},
    {"checksum", 56, 8},
}};
static_assert(TilesExactly(kPackHeaderFields, kPackHeaderSize));

inline constexpr std::array<FieldRow, 13> kFrameHeaderFields{{
    {"magic", 0, 4},
    {"kind", 4, 1},
    {"stream", 5, 1},
    {"reserved", 6, 2},
    {"uid", 8, 16},
    {"branch", 24, 4},
    {"rows", 28, 4},
    {"generation", 32, 8},
    {"first", 40, 8},
    {"last", 48, 8},
    {"payload_length", 56, 4},
    {"payload_checksum", 60, 8},
    {"checksum", 68, 8},
}};
static_assert(TilesExactly(kFrameHeaderFields, kFrameHeaderSize));

struct PackHeader {
  std::uint16_t read_version = kPackReadVersion;
  std::uint16_t write_version = kPackWriteVersion;
  std::uint64_t file_id = 0;  // random; seeds every checksum of the file
  std::string store_uuid;     // 16 bytes
  std::uint64_t pack = 0;     // as in the file's name
  TimeMicros created = 0;

  // False: written by a newer release in a way that this one can read but must not extend.
  bool is_writable() const { return write_version <= kPackWriteVersion; }

  friend bool operator==(const PackHeader&, const PackHeader&) = default;
};

// The kPackHeaderSize bytes that a pack begins with.
std::string EncodePackHeader(const PackHeader& header);
// Reads the first bytes of a pack; any after kPackHeaderSize are ignored. Fails with
//   kUnsupportedVersion  for a newer read_version
//   kCorrupt             for bytes that EncodePackHeader cannot have written
Result<PackHeader> DecodePackHeader(std::string_view bytes);

enum class FrameKind : std::uint8_t {
  kSegment = 1,    // rows of one branch and stream
  kEvents = 2,     // changes (format/events.h)
  kContinues = 3,  // another session goes on here; no payload
};

struct FrameHeader {
  FrameKind kind = FrameKind::kSegment;
  // What a segment covers; null in other frames.
  BranchId branch;
  Stream stream = Stream::kHistory;
  Generation generation = 0;
  // kSegment: positions of the first and last row. kContinues: `first` is the offset of the first
  // byte between the last whole frame and this one; `last` is where this one begins. Else 0.
  std::int64_t first = 0;
  std::int64_t last = 0;
  std::uint32_t rows = 0;  // kEvents: changes; kContinues: 0
  std::uint32_t payload_length = 0;
  std::uint64_t payload_checksum = 0;  // kEvents only: segments check themselves

  friend bool operator==(const FrameHeader&, const FrameHeader&) = default;
};

// The kFrameHeaderSize bytes of a frame's header at `offset` in the file `file_id`.
std::string EncodeFrameHeader(const FrameHeader& header, std::uint64_t file_id,
                              std::uint64_t offset);
// Reads the header that begins `bytes`; what follows is ignored. Fails with
//   kUnsupportedVersion  for a kind of frame of a newer release
//   kCorrupt             for bytes that EncodeFrameHeader cannot have written there
Result<FrameHeader> DecodeFrameHeader(std::string_view bytes, std::uint64_t file_id,
                                      std::uint64_t offset);

}  // namespace reprise

#endif  // REPRISE_FORMAT_PACK_H_
