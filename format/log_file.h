// The bytes of a session's log file: its header, groups, and the records in them. Specified in
// format/log.md; rows in row_part.h, changes in change.h.
#ifndef REPRISE_FORMAT_LOG_FILE_H_
#define REPRISE_FORMAT_LOG_FILE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "format/field_table.h"
#include "format/ids.h"
#include "reprise/status.h"
#include "reprise/value.h"

namespace reprise {

// --- The file ---

inline constexpr std::uint32_t kLogHeaderSize = 96;
inline constexpr std::string_view kLogMagic("\x89RPRL\r\n\x1A", 8);

// What this library writes, and the newest it understands.
inline constexpr std::uint16_t kLogReadVersion = 1;
inline constexpr std::uint16_t kLogWriteVersion = 1;

inline constexpr std::array<FieldRow, 12> kLogHeaderFields{{
    {"magic", 0, 8},
    {"read_version", 8, 2},
    {"write_version", 10, 2},
    {"flags", 12, 4},
    {"file_id", 16, 8},
    {"store_uuid", 24, 16},
    {"session", 40, 8},
    {"first_sequence", 48, 8},
    {"boot_id", 56, 16},
    {"created", 72, 8},
    {"file_number", 80, 8},
    {"checksum", 88, 8},
}};
static_assert(TilesExactly(kLogHeaderFields, kLogHeaderSize));

struct LogHeader {
  std::uint64_t file_id = 0;  // random: seeds every checksum in the file
  std::string store_uuid;     // 16 bytes
  SessionId session = 0;
  std::uint32_t file = 0;       // from 1
  Sequence first_sequence = 0;  // of the file's first group
  std::string boot_id;          // 16 bytes; the machine's boot that the session ran in
  TimeMicros created = 0;
  // The file before this one failed: groups that may be lost there are here again, under the same
  // sequence numbers.
  bool continues = false;

  friend bool operator==(const LogHeader&, const LogHeader&) = default;
};

// The kLogHeaderSize bytes at the start of a file.
std::string EncodeLogHeader(const LogHeader& header);
// Reads the start of a file. kUnsupportedVersion for a newer read_version or an unknown flag;
// kCorrupt for all else that EncodeLogHeader cannot have written. Offsets are in the file.
Result<LogHeader> DecodeLogHeader(std::string_view bytes);

// --- Groups ---

inline constexpr std::uint32_t kGroupHeaderSize = 48;
inline constexpr std::uint32_t kGroupMarker = 0x50475250;  // "PRGP"
inline constexpr std::uint32_t kMaxGroupPayload = std::uint32_t{64} << 20;

inline constexpr std::array<FieldRow, 8> kGroupHeaderFields{{
    {"marker", 0, 4},
    {"header_checksum", 4, 4},
    {"payload_size", 8, 4},
    {"record_count", 12, 4},
    {"sequence", 16, 8},
    {"time", 24, 8},
    {"durable_upto", 32, 8},
    {"payload_checksum", 40, 8},
}};
static_assert(TilesExactly(kGroupHeaderFields, kGroupHeaderSize));

struct GroupHeader {
  std::uint32_t payload_size = 0;
  std::uint32_t record_count = 0;
  Sequence sequence = 0;
  TimeMicros time = 0;        // when the group was begun; times of its rows count from it
  Sequence durable_upto = 0;  // all groups up to this one were on stable storage before
  std::uint64_t payload_checksum = 0;

  friend bool operator==(const GroupHeader&, const GroupHeader&) = default;
};

// Where a group lies: what its checksums are seeded with.
struct GroupPlace {
  std::uint64_t file_id = 0;
  std::uint64_t offset = 0;  // of the group's header
};

// Fills the first kGroupHeaderSize bytes of `group`; the rest of it is the payload. Size and
// checksum of the payload are computed, whatever `header` says of them.
void WriteGroupHeader(const GroupPlace& place, GroupHeader header, std::string* group);
// False unless the first kGroupHeaderSize bytes are a group header of this very place, with a
// payload size within bounds: then the size can be trusted. On failure `damage` says why.
bool ReadGroupHeader(const GroupPlace& place, std::string_view bytes, GroupHeader* header,
                     std::string* damage);
// Whether `payload` is the one that the header was written for.
bool VerifyGroupPayload(const GroupPlace& place, const GroupHeader& header,
                        std::string_view payload, std::string* damage);

// --- Records ---

enum class RecordKind : std::uint8_t {
  kRunDefined = 1,
  kKeyDefined = 2,
  kShapeDefined = 3,
  kRowPart = 4,
  kChange = 5,  // as EncodeChange made it
  kClosed = 6,  // the session's last record
};

inline constexpr std::uint32_t kRecordHeaderSize = 5;  // length u32, kind u8
inline constexpr std::uint32_t kMaxRecordPayload = std::uint32_t{9} << 20;
inline constexpr std::uint32_t kMaxShapeColumns = 1'000'000;

// Room for a record header at the end of `group`; EndRecord fills it when the payload follows it.
// `start` is what BeginRecord returned.
std::size_t BeginRecord(RecordKind kind, std::string* group);
void EndRecord(std::size_t start, std::string* group);

struct Record {
  RecordKind kind = RecordKind::kClosed;
  std::string_view payload;
};

// Walks the records of a group's payload.
class RecordReader {
 public:
  explicit RecordReader(std::string_view payload) : payload_(payload) {}

  // False at the end of the payload or where it is malformed. Kinds are not checked.
  bool Next(Record* record);
  bool malformed() const { return malformed_; }
  // Of the record that Next returned last, or of the malformed one, in the payload.
  std::size_t position() const { return start_; }

 private:
  std::string_view payload_;
  std::size_t start_ = 0;
  std::size_t next_ = 0;
  bool malformed_ = false;
};

// --- Definitions: what the numbers in later records of the same file stand for ---

struct RunDefinition {
  std::uint32_t handle = 0;
  BranchId branch;
  Generation generation = 0;

  friend bool operator==(const RunDefinition&, const RunDefinition&) = default;
};

struct KeyDefinition {
  std::uint32_t id = 0;
  std::string_view key;

  friend bool operator==(const KeyDefinition&, const KeyDefinition&) = default;
};

struct ShapeDefinition {
  struct Column {
    std::uint32_t key = 0;  // the id of a key that was defined before
    Type type = Type::kNull;

    friend bool operator==(const Column&, const Column&) = default;
  };
  std::uint32_t id = 0;
  bool has_time = true;
  std::vector<Column> columns;

  friend bool operator==(const ShapeDefinition&, const ShapeDefinition&) = default;
};

// Each appends a whole record to `group`.
void AppendRunDefinition(const RunDefinition& run, std::string* group);
void AppendKeyDefinition(const KeyDefinition& key, std::string* group);
void AppendShapeDefinition(const ShapeDefinition& shape, std::string* group);
void AppendChange(std::string_view change, std::string* group);
void AppendClosed(Sequence last, std::string* group);

// Each reads a record's payload; false if it is not one that the functions above write.
bool DecodeRunDefinition(std::string_view payload, RunDefinition* run);
bool DecodeKeyDefinition(std::string_view payload, KeyDefinition* key);
bool DecodeShapeDefinition(std::string_view payload, ShapeDefinition* shape);
bool DecodeClosed(std::string_view payload, Sequence* last);

}  // namespace reprise

#endif  // REPRISE_FORMAT_LOG_FILE_H_
