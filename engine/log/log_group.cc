#include "engine/log/log_group.h"

namespace reprise {

void LogGroup::Clear() {
  constexpr std::size_t kKeptCapacity = std::size_t{1} << 20;
  if (bytes_.capacity() > kKeptCapacity) bytes_ = std::string();
  bytes_.assign(kGroupHeaderSize, '\0');
  records_ = 0;
  sequence_ = 0;
  has_content_ = false;
  BeginCall();
}

void LogGroup::Begin(Sequence sequence, TimeMicros time) {
  sequence_ = sequence;
  time_ = time;
}

void LogGroup::BeginCall() {
  call_start_ = bytes_.size();
  call_records_ = records_;
  call_had_content_ = has_content_;
}

void LogGroup::RollBackCall() {
  bytes_.resize(call_start_);
  records_ = call_records_;
  has_content_ = call_had_content_;
}

void LogGroup::AddRowPart(const RowPartHeader& header, bool has_time, TimeMicros time,
                          std::span<const ValueView> values) {
  AppendRowPart(header, has_time, time, time_, values, &bytes_);
  CountContent();
}

void LogGroup::AddChange(std::string_view change) {
  AppendChange(change, &bytes_);
  CountContent();
}

void LogGroup::AddClosed(Sequence last) {
  AppendClosed(last, &bytes_);
  CountContent();
}

void LogGroup::AddReframed(std::string_view payload, std::size_t call_start,
                           LogDefinitions* definitions) {
  RecordReader reader(payload);
  Record record;
  while (reader.Next(&record)) {
    if (record.kind < RecordKind::kRowPart) continue;  // a definition
    RowPartHeader header;
    if (record.kind == RecordKind::kRowPart && RowPartReader(record.payload).ReadHeader(&header)) {
      AddDefinitions(header.run, header.shape, definitions);
    }
    if (reader.position() == call_start) BeginCall();
    const std::size_t start = BeginRecord(record.kind, &bytes_);
    bytes_.append(record.payload);
    EndRecord(start, &bytes_);
    CountContent();
  }
  if (call_start == payload.size()) BeginCall();
}

void LogGroup::Reframe(LogDefinitions* definitions) {
  if (!begun()) return;
  LogGroup other;
  other.Begin(sequence_, time_);
  other.AddReframed(std::string_view(bytes_).substr(kGroupHeaderSize),
                    call_start_ - kGroupHeaderSize, definitions);
  *this = std::move(other);
}

std::string_view LogGroup::Frame(const GroupPlace& place, Sequence durable_upto) {
  GroupHeader header;
  header.record_count = records_;
  header.sequence = sequence_;
  header.time = time_;
  header.durable_upto = durable_upto;
  WriteGroupHeader(place, header, &bytes_);
  return bytes_;
}

}  // namespace reprise
