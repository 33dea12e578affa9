// A session's log as text: its header, each group, each record.
#include <fmt/format.h>

#include <unordered_map>
#include <vector>

#include "engine/log/group_scanner.h"
#include "engine/store/dump_text.h"
#include "format/log_file.h"
#include "format/row_part.h"
#include "format/try.h"

namespace reprise {

namespace {

class LogDump {
 public:
  explicit LogDump(const DumpLine& line) : line_(line) {}

  Status Run(File& file);

 private:
  struct ShapeEntry {
    std::vector<Type> types;
    std::vector<std::uint32_t> keys;
    bool has_time = true;
  };

  void DumpGroup(const ScannedGroup& group);
  // Each returns the record's text, empty if it makes no sense.
  std::string Text(const Record& record, TimeMicros group_time);
  std::string RunText(std::string_view payload);
  std::string KeyText(std::string_view payload);
  std::string ShapeText(std::string_view payload);
  std::string PartText(std::string_view payload, TimeMicros group_time);
  std::string ChangeText(std::string_view payload);
  std::string KeyName(std::uint32_t id) const;

  const DumpLine& line_;
  std::unordered_map<std::uint32_t, RunDefinition> runs_;
  std::unordered_map<std::uint32_t, std::string> keys_;
  std::unordered_map<std::uint32_t, ShapeEntry> shapes_;
};

std::string LogDump::KeyName(std::uint32_t id) const {
  const auto key = keys_.find(id);
  return key == keys_.end() ? fmt::format("key {}", id) : Escaped(key->second);
}

std::string LogDump::RunText(std::string_view payload) {
  RunDefinition run;
  if (!DecodeRunDefinition(payload, &run)) return "";
  runs_[run.handle] = run;
  return fmt::format("run {} = {} generation={}", run.handle, DumpText(run.branch), run.generation);
}

std::string LogDump::KeyText(std::string_view payload) {
  KeyDefinition key;
  if (!DecodeKeyDefinition(payload, &key)) return "";
  keys_[key.id] = key.key;
  return fmt::format("key {} = {}", key.id, Escaped(key.key));
}

std::string LogDump::ShapeText(std::string_view payload) {
  ShapeDefinition shape;
  if (!DecodeShapeDefinition(payload, &shape)) return "";
  ShapeEntry& entry = shapes_[shape.id];
  entry = ShapeEntry();
  entry.has_time = shape.has_time;
  std::string text = fmt::format("shape {} = time={}", shape.id, shape.has_time);
  for (const ShapeDefinition::Column& column : shape.columns) {
    entry.types.push_back(column.type);
    entry.keys.push_back(column.key);
    text += fmt::format(" {}:{}", KeyName(column.key), static_cast<int>(column.type));
  }
  return text;
}

std::string LogDump::PartText(std::string_view payload, TimeMicros group_time) {
  RowPartReader reader(payload);
  RowPartHeader header;
  if (!reader.ReadHeader(&header)) return "";
  const auto shape = shapes_.find(header.shape);
  const auto run = runs_.find(header.run);
  std::string text = fmt::format(
      "row step={} run={}{}{}", header.step,
      run == runs_.end() ? fmt::format("unknown {}", header.run) : DumpText(run->second.branch),
      header.commit ? " commit" : "", header.restate ? " restate" : "");
  if (shape == shapes_.end()) return text + fmt::format(" of unknown shape {}", header.shape);
  TimeMicros time = kNoTime;
  std::vector<ValueView> values;
  if (!reader.ReadValues(shape->second.has_time, group_time, shape->second.types, &time, &values)) {
    return "";
  }
  if (time != kNoTime) text += fmt::format(" time={}", time);
  for (std::size_t i = 0; i < values.size(); ++i) {
    text += fmt::format(" {}={}", KeyName(shape->second.keys[i]), DumpText(values[i]));
  }
  return text;
}

std::string LogDump::ChangeText(std::string_view payload) {
  const auto change = DecodeChange(payload);
  return change ? DumpText(*change) : "damaged: " + std::string(change.error().message());
}

std::string LogDump::Text(const Record& record, TimeMicros group_time) {
  switch (record.kind) {
    case RecordKind::kRunDefined:
      return RunText(record.payload);
    case RecordKind::kKeyDefined:
      return KeyText(record.payload);
    case RecordKind::kShapeDefined:
      return ShapeText(record.payload);
    case RecordKind::kRowPart:
      return PartText(record.payload, group_time);
    case RecordKind::kChange:
      return ChangeText(record.payload);
    case RecordKind::kClosed:
      break;
  }
  Sequence last = 0;
  if (record.kind != RecordKind::kClosed || !DecodeClosed(record.payload, &last)) return "";
  return fmt::format("closed after group {}", last);
}

void LogDump::DumpGroup(const ScannedGroup& group) {
  const GroupHeader& header = group.header;
  line_(fmt::format("{:>10} group {} records={} payload={} time={} durable_upto={}", group.offset,
                    header.sequence, header.record_count, header.payload_size, header.time,
                    header.durable_upto));
  RecordReader reader(group.payload);
  Record record;
  while (reader.Next(&record)) {
    const std::string text = Text(record, header.time);
    line_(fmt::format("{:>10}   {}", group.offset + kGroupHeaderSize + reader.position(),
                      text.empty()
                          ? fmt::format("damaged record of kind {}, {} bytes",
                                        static_cast<int>(record.kind), record.payload.size())
                          : text));
  }
  if (reader.malformed()) {
    line_(fmt::format("{:>10}   damaged: records do not fit the group",
                      group.offset + kGroupHeaderSize + reader.position()));
  }
}

Status LogDump::Run(File& file) {
  REPRISE_TRY_ASSIGN(const std::uint64_t size, file.Size());
  std::string bytes(kLogHeaderSize, '\0');
  REPRISE_TRY_ASSIGN(const std::size_t read, file.ReadAt(0, bytes.data(), bytes.size()));
  bytes.resize(read);
  const auto header = DecodeLogHeader(bytes);
  if (!header) {
    line_(fmt::format("{:>10} damaged header: {}", 0, header.error().message()));
    // Nothing in the file verifies without the id that seeds its checksums.
    return {};
  }
  line_(
      fmt::format("{:>10} log session={} file={} file_id={:016x} store={} first_sequence={} "
                  "boot={} created={}{}",
                  0, ToHex(header->session), header->file, header->file_id, Hex(header->store_uuid),
                  header->first_sequence, Hex(header->boot_id), header->created,
                  header->continues ? " continues" : ""));
  GroupScanner scanner(file, header->file_id, size);
  for (std::uint64_t at = kLogHeaderSize; at < size;) {
    ScannedGroup group;
    std::string damage;
    REPRISE_TRY_ASSIGN(const bool whole, scanner.ReadAt(at, &group, &damage));
    if (!whole) {
      REPRISE_TRY_ASSIGN(const bool found, scanner.FindFrom(at + 1, &group));
      line_(fmt::format("{:>10} damaged: {} bytes ({})", at, (found ? group.offset : size) - at,
                        damage));
      if (!found) return {};
    }
    DumpGroup(group);
    at = group.end();
  }
  return {};
}

}  // namespace

Status DumpLog(File& file, const DumpLine& line) { return LogDump(line).Run(file); }

}  // namespace reprise
