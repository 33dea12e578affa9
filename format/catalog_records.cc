#include "format/catalog_records.h"

#include <fmt/format.h>

#include "format/flat_helpers.h"
#include "format/leaf_bytes.h"
#include "format/schema/catalog_generated.h"

namespace reprise {
namespace {

using flatbuffers::FlatBufferBuilder;

// A record is a buffer whose root table is `Stored`; Read copies it out.
template <typename Stored, typename Record>
Status DecodeAs(std::string_view bytes, std::string_view what, Record* record,
                void (*read)(const Stored&, FlatReader&, Record*)) {
  const AlignedBytes aligned(bytes);
  const Stored* stored = VerifiedRoot<Stored>(aligned);
  FlatReader in(bytes.size());
  Record decoded;
  if (stored != nullptr) read(*stored, in, &decoded);
  if (stored == nullptr || in.failed() || EncodeRecord(decoded) != bytes) {
    return Status::Error(Code::kCorrupt,
                         fmt::format("{} record does not decode: at byte 0 ({} bytes); run "
                                     "`reprise repair --rebuild-catalog`",
                                     what, bytes.size()));
  }
  *record = std::move(decoded);
  return {};
}

void Read(const schema::MetaEntry& stored, FlatReader& in, MetaRecord* record) {
  record->store_uuid = in.Bytes(stored.store_uuid());
  record->change = stored.change();
  record->projects = stored.projects();
}

void Read(const schema::ProjectEntry& stored, FlatReader& in, ProjectRecord* record) {
  record->number = stored.number();
  record->entity = in.Text(stored.entity());
  record->name = in.Text(stored.name());
  record->runs = stored.runs();
}

void Read(const schema::RunEntry& stored, FlatReader& in, RunRecord* record) {
  record->uid = in.Uid(stored.uid());
  record->project = stored.project();
  record->created_by = stored.created_by();
  record->run_id = in.Text(stored.run_id());
  record->name = in.Text(stored.name());
  record->notes = in.Text(stored.notes());
  record->tags = in.Texts(stored.tags());
  record->group = in.Text(stored.group());
  record->job_type = in.Text(stored.job_type());
  record->created = stored.created();
  record->updated = stored.updated();
  record->state = stored.state();
  if (const auto code = stored.exit_code(); code.has_value()) record->exit_code = *code;
  record->head = stored.head();
  record->generation = stored.generation();
  if (stored.forked_from() != nullptr) record->forked_from = in.Moment(stored.forked_from());
  record->config = in.Leaves(stored.config());
  record->deleted = stored.deleted();
}

void Read(const schema::BranchEntry& stored, FlatReader& in, BranchRecord* record) {
  if (stored.kind() > static_cast<std::uint8_t>(BranchKind::kRestore)) in.Reject();
  record->node = stored.run() != nullptr ? RootNode(in.Uid(stored.run())) : in.Node(stored.node());
  record->kind = static_cast<BranchKind>(stored.kind());
  if (stored.asked() != nullptr) record->asked = in.Moment(stored.asked());
  record->created = stored.created();
  record->archived = stored.archived();
  record->archived_at = stored.archived_at();
  record->archived_state = stored.archived_state();
  record->archived_config = in.Leaves(stored.archived_config());
  if (stored.values_from() != nullptr) record->values_from = in.Moment(stored.values_from());
  record->values_before = stored.values_before();
}

void Read(const schema::SegmentEntry& stored, FlatReader&, SegmentRecord* record) {
  record->pack = stored.pack();
  record->offset = stored.offset();
  record->length = stored.length();
  record->last = stored.last();
  record->rows = stored.rows();
  record->generation = stored.generation();
}

void Read(const schema::LeaseEntry& stored, FlatReader& in, LeaseRecord* record) {
  record->generation = stored.generation();
  record->holder = in.OneHolder(stored.holder());
  if (stored.pending() != nullptr) record->pending = in.OneFence(stored.pending());
}

void Read(const schema::SessionEntry& stored, FlatReader& in, SessionRecord* record) {
  record->holder = in.OneHolder(stored.holder());
  record->last_change = stored.last_change();
}

void Read(const schema::ExplicitEntry& stored, FlatReader& in, ExplicitRecord* record) {
  record->step = stored.step();
  record->key = in.Text(stored.key());
  if (stored.value() != nullptr) record->value = in.OneValue(stored.value());
}

void Read(const schema::GapEntry& stored, FlatReader& in, GapRecord* record) {
  record->time = stored.time();
  if (stored.gap() == nullptr) return in.Reject();
  record->gap = in.Gap(*stored.gap());
}

}  // namespace

std::string EncodeRecord(const MetaRecord& record) {
  FlatBufferBuilder builder(128);
  const FlatBytes uuid = AddBytes(builder, record.store_uuid);
  return FinishFlat(builder,
                    schema::CreateMetaEntry(builder, record.change, record.projects, uuid));
}

std::string EncodeRecord(const ProjectRecord& record) {
  FlatBufferBuilder builder(128);
  const FlatText entity = AddText(builder, record.entity);
  const FlatText name = AddText(builder, record.name);
  return FinishFlat(builder,
                    schema::CreateProjectEntry(builder, record.number, record.runs, entity, name));
}

std::string EncodeRecord(const RunRecord& record) {
  FlatBufferBuilder builder(512);
  const FlatText run_id = AddText(builder, record.run_id);
  const FlatText name = AddText(builder, record.name);
  const FlatText notes = AddText(builder, record.notes);
  const FlatTexts tags = AddTexts(builder, record.tags);
  const FlatText group = AddText(builder, record.group);
  const FlatText job_type = AddText(builder, record.job_type);
  const FlatBytes config = AddBytes(builder, EncodeLeaves(record.config));
  const schema::Uid uid = ToFlat(record.uid);
  const schema::Moment forked_from = ToFlat(record.forked_from.value_or(StoredMoment()));
  schema::RunEntryBuilder run(builder);
  run.add_uid(&uid);
  run.add_created_by(record.created_by);
  run.add_created(record.created);
  run.add_updated(record.updated);
  run.add_generation(record.generation);
  if (record.forked_from) run.add_forked_from(&forked_from);
  run.add_project(record.project);
  run.add_head(record.head);
  if (record.exit_code) run.add_exit_code(*record.exit_code);
  run.add_run_id(run_id);
  run.add_name(name);
  run.add_notes(notes);
  run.add_tags(tags);
  run.add_group(group);
  run.add_job_type(job_type);
  run.add_config(config);
  run.add_state(record.state);
  run.add_deleted(record.deleted);
  return FinishFlat(builder, run.Finish());
}

std::string EncodeRecord(const BranchRecord& record) {
  FlatBufferBuilder builder(256);
  const FlatBytes config = AddBytes(builder, EncodeLeaves(record.archived_config));
  const bool starts_empty = record.node == RootNode(record.node.id.uid);
  const schema::Node node = ToFlat(record.node);
  const schema::Uid run = ToFlat(record.node.id.uid);
  const schema::Moment asked = ToFlat(record.asked.value_or(StoredMoment()));
  const schema::Moment values_from = ToFlat(record.values_from.value_or(StoredMoment()));
  return FinishFlat(
      builder, schema::CreateBranchEntry(builder, starts_empty ? nullptr : &node,
                                         record.asked ? &asked : nullptr, record.created,
                                         record.archived_at, static_cast<std::uint8_t>(record.kind),
                                         record.archived, record.archived_state, config,
                                         record.values_from ? &values_from : nullptr,
                                         record.values_before, starts_empty ? &run : nullptr));
}

std::string EncodeRecord(const SegmentRecord& record) {
  FlatBufferBuilder builder(128);
  return FinishFlat(builder,
                    schema::CreateSegmentEntry(builder, record.pack, record.offset, record.length,
                                               record.last, record.rows, record.generation));
}

std::string EncodeRecord(const LeaseRecord& record) {
  FlatBufferBuilder builder(256);
  const auto holder = AddHolder(builder, record.holder);
  const schema::Fence pending = ToFlat(record.pending.value_or(Fence()));
  return FinishFlat(builder, schema::CreateLeaseEntry(builder, record.generation, holder,
                                                      record.pending ? &pending : nullptr));
}

std::string EncodeRecord(const SessionRecord& record) {
  FlatBufferBuilder builder(256);
  const auto holder = AddHolder(builder, record.holder);
  return FinishFlat(builder, schema::CreateSessionEntry(builder, record.last_change, holder));
}

std::string EncodeRecord(const ExplicitRecord& record) {
  FlatBufferBuilder builder(128);
  const FlatText key = AddText(builder, record.key);
  const FlatBytes value =
      record.value ? AddBytes(builder, EncodeValue(*record.value)) : FlatBytes();
  return FinishFlat(builder, schema::CreateExplicitEntry(builder, record.step, key, value));
}

std::string EncodeRecord(const GapRecord& record) {
  FlatBufferBuilder builder(128);
  const auto gap = AddGap(builder, record.gap);
  return FinishFlat(builder, schema::CreateGapEntry(builder, record.time, gap));
}

Status DecodeRecord(std::string_view bytes, MetaRecord* record) {
  return DecodeAs<schema::MetaEntry>(bytes, "meta", record, Read);
}
Status DecodeRecord(std::string_view bytes, ProjectRecord* record) {
  return DecodeAs<schema::ProjectEntry>(bytes, "project", record, Read);
}
Status DecodeRecord(std::string_view bytes, RunRecord* record) {
  return DecodeAs<schema::RunEntry>(bytes, "run", record, Read);
}
Status DecodeRecord(std::string_view bytes, BranchRecord* record) {
  return DecodeAs<schema::BranchEntry>(bytes, "branch", record, Read);
}
Status DecodeRecord(std::string_view bytes, SegmentRecord* record) {
  return DecodeAs<schema::SegmentEntry>(bytes, "segment", record, Read);
}
Status DecodeRecord(std::string_view bytes, LeaseRecord* record) {
  return DecodeAs<schema::LeaseEntry>(bytes, "lease", record, Read);
}
Status DecodeRecord(std::string_view bytes, SessionRecord* record) {
  return DecodeAs<schema::SessionEntry>(bytes, "session", record, Read);
}
Status DecodeRecord(std::string_view bytes, ExplicitRecord* record) {
  return DecodeAs<schema::ExplicitEntry>(bytes, "explicit summary", record, Read);
}

Status DecodeRecord(std::string_view bytes, GapRecord* record) {
  return DecodeAs<schema::GapEntry>(bytes, "gap", record, Read);
}

Result<Generation> LeaseGenerationOf(std::string_view bytes) {
  const AlignedBytes aligned(bytes);
  const auto* stored = VerifiedRoot<schema::LeaseEntry>(aligned);
  if (stored != nullptr) return stored->generation();
  LeaseRecord record;
  return Fail(DecodeRecord(bytes, &record));
}

}  // namespace reprise
