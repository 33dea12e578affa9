#include "engine/log/log_decoder.h"

#include <fmt/format.h>

#include "format/try.h"

namespace reprise {

namespace {

void NoteDamage(const ScannedGroup& group, const RecordReader& reader, std::string* damage) {
  if (!damage->empty()) return;
  *damage = fmt::format("record makes no sense: at byte {} (in group {})",
                        group.offset + kGroupHeaderSize + reader.position(), group.header.sequence);
}

// Generation 0 is nobody's: a part whose run is not known.
LostRecord LostPart(const LoggedPart& part) {
  if (part.generation == 0) return {};
  return {part.branch, part.generation, part.step};
}

}  // namespace

Status LogDecoder::Visit(const ScannedGroup& group, const LogVisitor& visitor, bool visible,
                         std::string* damage) {
  RecordReader reader(group.payload);
  Record record;
  std::uint32_t count = 0;
  for (; reader.Next(&record); ++count) {
    bool makes_sense = true;
    if (record.kind < RecordKind::kRowPart) {
      makes_sense = Define(record);
    } else if (visible) {
      REPRISE_TRY(VisitRecord(group, record, visitor, &makes_sense));
    }
    if (!makes_sense) NoteDamage(group, reader, damage);
  }
  if (reader.malformed() || count != group.header.record_count) {
    NoteDamage(group, reader, damage);
    if (visible && visitor.on_lost) visitor.on_lost({});
  }
  return {};
}

Status LogDecoder::VisitRecord(const ScannedGroup& group, const Record& record,
                               const LogVisitor& visitor, bool* makes_sense) {
  if (record.kind == RecordKind::kRowPart) {
    if (!visitor.on_part) return {};
    LoggedPart part;
    part.sequence = group.header.sequence;
    bool wanted = true;
    *makes_sense = DecodePart(record.payload, group.header.time, visitor, &part, &wanted);
    if (!*makes_sense && visitor.on_lost) visitor.on_lost(LostPart(part));
    return *makes_sense && wanted ? visitor.on_part(part) : Status();
  }
  if (record.kind == RecordKind::kChange) {
    if (!visitor.on_change) return {};
    return visitor.on_change({group.header.sequence, record.payload});
  }
  Sequence last = 0;
  *makes_sense = record.kind == RecordKind::kClosed && DecodeClosed(record.payload, &last);
  closed_ = closed_ || *makes_sense;
  return {};
}

bool LogDecoder::DecodePart(std::string_view payload, TimeMicros group_time,
                            const LogVisitor& visitor, LoggedPart* part, bool* wanted) {
  RowPartReader reader(payload);
  RowPartHeader header;
  if (!reader.ReadHeader(&header)) return false;
  const auto run = runs_.find(header.run);
  if (run == runs_.end()) return false;
  *wanted = !visitor.only.has_value() || *visitor.only == run->second.branch.uid;
  if (!*wanted) return true;
  part->branch = run->second.branch;
  part->generation = run->second.generation;
  part->step = header.step;
  const auto shape = shapes_.find(header.shape);
  if (shape == shapes_.end()) return false;
  part->shape = &shape->second.shape;
  part->commit = header.commit;
  part->restate = header.restate;
  const bool fits = reader.ReadValues(shape->second.shape->has_time, group_time,
                                      shape->second.types, &part->time, &values_);
  part->values = values_;
  return fits;
}

bool LogDecoder::Define(const Record& record) {
  switch (record.kind) {
    case RecordKind::kRunDefined:
      return DefineRun(record.payload);
    case RecordKind::kKeyDefined:
      return DefineKey(record.payload);
    case RecordKind::kShapeDefined:
      return DefineShape(record.payload);
    default:
      return false;
  }
}

bool LogDecoder::DefineRun(std::string_view payload) {
  RunDefinition run;
  if (!DecodeRunDefinition(payload, &run)) return false;
  runs_[run.handle] = {run.branch, run.generation};
  return true;
}

bool LogDecoder::DefineKey(std::string_view payload) {
  KeyDefinition key;
  if (!DecodeKeyDefinition(payload, &key)) return false;
  keys_[key.id] = key.key;
  return true;
}

bool LogDecoder::DefineShape(std::string_view payload) {
  ShapeDefinition definition;
  if (!DecodeShapeDefinition(payload, &definition)) return false;
  Shape shape;
  shape.has_time = definition.has_time;
  ShapeEntry entry;
  for (const ShapeDefinition::Column& column : definition.columns) {
    const auto key = keys_.find(column.key);
    if (key == keys_.end()) return false;
    if (!shape.columns.empty() && shape.columns.back().key >= key->second) return false;
    shape.columns.push_back({key->second, column.type});
    entry.types.push_back(column.type);
  }
  entry.shape = std::make_shared<const Shape>(std::move(shape));
  shapes_[definition.id] = std::move(entry);
  return true;
}

}  // namespace reprise
