// The values of the catalog's tables. All are derived from changes (change.h).
#ifndef REPRISE_FORMAT_CATALOG_RECORDS_H_
#define REPRISE_FORMAT_CATALOG_RECORDS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "format/branch_node.h"
#include "format/change.h"
#include "format/ids.h"

namespace reprise {

// The one record of the store itself.
struct MetaRecord {
  std::string store_uuid;      // 16 bytes
  ChangeNumber change = 0;     // the last one applied
  std::uint32_t projects = 0;  // numbers given out, from 1
};

struct ProjectRecord {
  std::uint32_t number = 0;
  std::string entity;
  std::string name;
  std::uint64_t runs = 0;  // ever created in it; the next run's ordinal - 1
};

struct RunRecord {
  RunUid uid;
  std::uint32_t project = 0;
  ChangeNumber created_by = 0;  // the change that made it
  std::string run_id;
  std::string name;
  std::string notes;
  std::vector<std::string> tags;
  std::string group;
  std::string job_type;
  TimeMicros created = 0;
  TimeMicros updated = 0;
  std::uint8_t state = 0;  // RunState
  std::optional<std::int32_t> exit_code;
  std::uint32_t head = 0;  // ordinal
  Generation generation = 0;
  std::optional<StoredMoment> forked_from;
  ConfigEntries config;
  bool deleted = false;
};

struct BranchRecord {
  BranchNode node;
  BranchKind kind = BranchKind::kFirst;
  std::optional<StoredMoment> asked;  // before normalisation
  // The last moment on the way here on whose branch explicit summary values had been set, and the
  // change by which it was left. Those up to that step and before that change are seen from here
  // too, and those which that branch itself has from elsewhere.
  std::optional<StoredMoment> values_from;
  ChangeNumber values_before = 0;
  TimeMicros created = 0;
  // When it stopped being the head: when, and the run's state and config at that time.
  bool archived = false;
  TimeMicros archived_at = 0;
  std::uint8_t archived_state = 0;
  ConfigEntries archived_config;
};

// The value of a segment's table row; branch, stream and first position are its key.
struct SegmentRecord {
  std::uint64_t pack = 0;
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
  std::int64_t last = 0;
  std::uint64_t rows = 0;
  Generation generation = 0;
};

struct LeaseRecord {
  Generation generation = 0;
  Holder holder;                 // session 0: nobody
  std::optional<Fence> pending;  // rows of the holder before that are not sealed yet
};

struct SessionRecord {
  Holder holder;
  ChangeNumber last_change = 0;  // the last one of this session that was committed
};

// Something that a repair found lost; the run and the change's number are its key.
struct GapRecord {
  TimeMicros time = 0;
  GapRecorded gap;  // without segments
};

// An explicit summary value as it was set.
struct ExplicitRecord {
  Step step = kNoStep;
  std::string key;
  std::optional<Value> value;
};

std::string EncodeRecord(const MetaRecord& record);
std::string EncodeRecord(const ProjectRecord& record);
std::string EncodeRecord(const RunRecord& record);
std::string EncodeRecord(const BranchRecord& record);
std::string EncodeRecord(const SegmentRecord& record);
std::string EncodeRecord(const LeaseRecord& record);
std::string EncodeRecord(const SessionRecord& record);
std::string EncodeRecord(const ExplicitRecord& record);
std::string EncodeRecord(const GapRecord& record);

// kCorrupt for anything that EncodeRecord does not make.
Status DecodeRecord(std::string_view bytes, MetaRecord* record);
Status DecodeRecord(std::string_view bytes, ProjectRecord* record);
Status DecodeRecord(std::string_view bytes, RunRecord* record);
Status DecodeRecord(std::string_view bytes, BranchRecord* record);
Status DecodeRecord(std::string_view bytes, SegmentRecord* record);
Status DecodeRecord(std::string_view bytes, LeaseRecord* record);
Status DecodeRecord(std::string_view bytes, SessionRecord* record);
Status DecodeRecord(std::string_view bytes, ExplicitRecord* record);
Status DecodeRecord(std::string_view bytes, GapRecord* record);

// Only the generation of an encoded LeaseRecord, without decoding the rest: writers ask after each
// write.
Result<Generation> LeaseGenerationOf(std::string_view bytes);

}  // namespace reprise

#endif  // REPRISE_FORMAT_CATALOG_RECORDS_H_
