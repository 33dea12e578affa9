// Records inside a group, and the small ones among them.
#include <limits>

#include "format/bytes.h"
#include "format/log_file.h"

namespace reprise {

namespace {

constexpr std::uint64_t kMaxNumber = std::numeric_limits<std::uint32_t>::max();

bool ReadNumber(ByteReader* reader, std::uint32_t* number) {
  std::uint64_t value = 0;
  if (!reader->BoundedVarint(kMaxNumber, &value)) return false;
  *number = static_cast<std::uint32_t>(value);
  return true;
}

bool ReadColumn(ByteReader* reader, ShapeDefinition::Column* column) {
  std::uint8_t type = 0;
  if (!ReadNumber(reader, &column->key) || !reader->Fixed(&type)) return false;
  if (type >= kTypeCount) return false;
  column->type = static_cast<Type>(type);
  return true;
}

}  // namespace

std::size_t BeginRecord(RecordKind kind, std::string* group) {
  const std::size_t start = group->size();
  ByteWriter writer(group);
  writer.Fixed<std::uint32_t>(0);
  writer.Fixed(static_cast<std::uint8_t>(kind));
  return start;
}

void EndRecord(std::size_t start, std::string* group) {
  const std::size_t size = group->size() - start - kRecordHeaderSize;
  StoreLittle(group->data() + start, static_cast<std::uint32_t>(size));
}

bool RecordReader::Next(Record* record) {
  start_ = next_;
  if (malformed_ || next_ == payload_.size()) return false;
  ByteReader reader(payload_.substr(next_));
  std::uint32_t length = 0;
  std::uint8_t kind = 0;
  malformed_ = !reader.Fixed(&length) || !reader.Fixed(&kind) || length > kMaxRecordPayload ||
               !reader.Raw(length, &record->payload);
  if (malformed_) return false;
  record->kind = static_cast<RecordKind>(kind);
  next_ += reader.position();
  return true;
}

void AppendRunDefinition(const RunDefinition& run, std::string* group) {
  const std::size_t start = BeginRecord(RecordKind::kRunDefined, group);
  ByteWriter writer(group);
  writer.Varint(run.handle);
  writer.Fixed(run.branch.uid.high);
  writer.Fixed(run.branch.uid.low);
  writer.Varint(run.branch.ordinal);
  writer.Varint(run.generation);
  EndRecord(start, group);
}

bool DecodeRunDefinition(std::string_view payload, RunDefinition* run) {
  ByteReader reader(payload);
  ReadNumber(&reader, &run->handle);
  reader.Fixed(&run->branch.uid.high);
  reader.Fixed(&run->branch.uid.low);
  ReadNumber(&reader, &run->branch.ordinal);
  reader.Varint(&run->generation);
  return reader.AtCleanEnd();
}

void AppendKeyDefinition(const KeyDefinition& key, std::string* group) {
  const std::size_t start = BeginRecord(RecordKind::kKeyDefined, group);
  ByteWriter writer(group);
  writer.Varint(key.id);
  writer.Raw(key.key);
  EndRecord(start, group);
}

bool DecodeKeyDefinition(std::string_view payload, KeyDefinition* key) {
  ByteReader reader(payload);
  return ReadNumber(&reader, &key->id) && reader.Raw(reader.remaining(), &key->key);
}

void AppendShapeDefinition(const ShapeDefinition& shape, std::string* group) {
  const std::size_t start = BeginRecord(RecordKind::kShapeDefined, group);
  ByteWriter writer(group);
  writer.Varint(shape.id);
  writer.Fixed<std::uint8_t>(shape.has_time ? 1 : 0);
  writer.Varint(shape.columns.size());
  for (const ShapeDefinition::Column& column : shape.columns) {
    writer.Varint(column.key);
    writer.Fixed(static_cast<std::uint8_t>(column.type));
  }
  EndRecord(start, group);
}

bool DecodeShapeDefinition(std::string_view payload, ShapeDefinition* shape) {
  ByteReader reader(payload);
  std::uint8_t has_time = 0;
  std::uint64_t count = 0;
  ReadNumber(&reader, &shape->id);
  reader.Fixed(&has_time);
  // A column takes two bytes or more, so the count is bounded by what is there.
  if (!reader.BoundedVarint(reader.remaining() / 2, &count)) return false;
  if (count > kMaxShapeColumns || has_time > 1) return false;
  shape->has_time = has_time == 1;
  shape->columns.resize(static_cast<std::size_t>(count));
  for (ShapeDefinition::Column& column : shape->columns) {
    if (!ReadColumn(&reader, &column)) return false;
  }
  return reader.AtCleanEnd();
}

void AppendChange(std::string_view change, std::string* group) {
  const std::size_t start = BeginRecord(RecordKind::kChange, group);
  group->append(change);
  EndRecord(start, group);
}

void AppendClosed(Sequence last, std::string* group) {
  const std::size_t start = BeginRecord(RecordKind::kClosed, group);
  ByteWriter(group).Varint(last);
  EndRecord(start, group);
}

bool DecodeClosed(std::string_view payload, Sequence* last) {
  ByteReader reader(payload);
  reader.Varint(last);
  return reader.AtCleanEnd();
}

}  // namespace reprise
