// W&B's .wandb files: LevelDB's framing around protobuf records, each value as JSON.
//
// file: 7 bytes of header, then blocks of 32 KiB (the first is 7 bytes shorter) of chunks: u32
//       CRC-32 of type and payload, u16 length, u8 type (1 whole, 2 first, 3 middle, 4 last). Less
//       than 7 bytes at a block's end are zero.
// record: {1: number, 2: History{1: Item{2: key, 16: JSON}, 2: {1: step}}}, or
//         {1: number, 3: Summary{1: Item{2: key, 16: JSON}}}.
#include <optional>

#include "bench/peers/big_endian.h"
#include "bench/peers/crc32.h"
#include "bench/peers/json_numbers.h"
#include "bench/peers/peer.h"
#include "bench/peers/peer_file.h"
#include "bench/peers/proto_wire.h"

namespace reprise::bench {
namespace {

constexpr std::string_view kFileHeader{":W&B\xE1\xBE\0", 7};
constexpr std::size_t kBlockBytes = 32768;
constexpr std::size_t kChunkHeader = 7;
constexpr std::uint32_t kJsonField = 16;
constexpr std::uint32_t kDoubleField = 17;  // of the variant "binary" alone

enum class Values { kJson, kBinary };

enum ChunkType : std::uint8_t { kWhole = 1, kFirst = 2, kMiddle = 3, kLast = 4 };

std::uint32_t ChunkChecksum(char type, std::string_view payload) {
  return Crc32Ieee(payload, Crc32Ieee({&type, 1}));
}

ChunkType TypeOf(bool first, bool last) {
  if (first) return last ? kWhole : kFirst;
  return last ? kLast : kMiddle;
}

class WandbFile {
 public:
  explicit WandbFile(const std::string& path) : file_(path, kBlockBytes) {
    if (file_.size() == 0) file_.Append(kFileHeader);
  }

  void Append(std::string_view record) {
    bool first = true;
    do {
      if (Left() < kChunkHeader) file_.Append(std::string(Left(), '\0'));
      const std::string_view piece = record.substr(0, Left() - kChunkHeader);
      record.remove_prefix(piece.size());
      AppendChunk(TypeOf(first, record.empty()), piece);
      first = false;
    } while (!record.empty());
  }

  PeerFile& file() { return file_; }

 private:
  std::size_t Left() const { return kBlockBytes - file_.size() % kBlockBytes; }

  void AppendChunk(ChunkType type, std::string_view payload) {
    chunk_.clear();
    PutNative(ChunkChecksum(static_cast<char>(type), payload), &chunk_);
    PutNative(static_cast<std::uint16_t>(payload.size()), &chunk_);
    chunk_.push_back(static_cast<char>(type));
    chunk_.append(payload);
    file_.Append(chunk_);
  }

  PeerFile file_;
  std::string chunk_;
};

// Walks the records of a file. What was written whole must be whole.
class WandbRecords {
 public:
  explicit WandbRecords(const std::string& path) : file_(ReadFileWhole(path)) {
    if (!file_.starts_with(kFileHeader)) GiveUp("not a .wandb file");
    at_ = kFileHeader.size();
  }

  bool Next() {
    record_.clear();
    char type = kFirst;
    while (type == kFirst || type == kMiddle) {
      SkipPadding();
      if (at_ == file_.size()) return false;
      type = TakeChunk();
    }
    return true;
  }
  std::string_view record() const { return record_; }
  // Where the next record begins.
  std::uint64_t offset() const { return at_; }

 private:
  void SkipPadding() {
    const std::size_t left = kBlockBytes - at_ % kBlockBytes;
    if (left < kChunkHeader) at_ = std::min(at_ + left, file_.size());
  }

  char TakeChunk() {
    const char* header = file_.data() + at_;
    const auto length = GetNative<std::uint16_t>(header + 4);
    if (at_ + kChunkHeader + length > file_.size()) GiveUp("a .wandb file that is cut short");
    const std::string_view payload(header + kChunkHeader, length);
    if (ChunkChecksum(header[6], payload) != GetNative<std::uint32_t>(header)) {
      GiveUp("a .wandb record's checksum is wrong");
    }
    record_.append(payload);
    at_ += kChunkHeader + length;
    return header[6];
  }

  std::string file_;
  std::size_t at_;
  std::string record_;
};

struct Item {
  std::string_view key;
  std::string_view json;
  double number = 0;
  bool is_number = false;

  double Value() const { return is_number ? number : JsonNumber(json); }
};

Item ReadItem(std::string_view bytes) {
  Item item;
  for (ProtoFields fields(bytes); fields.Next();) {
    if (fields.field() == 2) item.key = fields.bytes();
    if (fields.field() == kJsonField) item.json = fields.bytes();
    item.is_number = fields.field() == kDoubleField;
    if (item.is_number) item.number = fields.as_double();
  }
  return item;
}

// The bytes of a history or a summary; empty if the record is another.
std::string_view PartOf(std::string_view record, std::uint32_t field) {
  for (ProtoFields fields(record); fields.Next();) {
    if (fields.field() == field) return fields.bytes();
  }
  return {};
}
std::string_view HistoryOf(std::string_view record) { return PartOf(record, 2); }
std::string_view SummaryOf(std::string_view record) { return PartOf(record, 3); }

Step StepOf(std::string_view history) {
  for (ProtoFields fields(PartOf(history, 2)); fields.Next();) {
    if (fields.field() == 1) return static_cast<Step>(fields.varint());
  }
  return 0;
}

class WandbWriter : public PeerWriter {
 public:
  WandbWriter(std::string path, const Keys& keys, Values values)
      : path_(std::move(path)), keys_(keys), values_(values), file_(path_) {}

  Step next_step() override {
    Step last = kNoStep;
    for (WandbRecords records(path_); records.Next();) {
      const std::string_view history = HistoryOf(records.record());
      if (!history.empty()) last = StepOf(history);
    }
    return last + 1;
  }

  void Log(const LoggedRow& row) override {
    if (start_ == 0) start_ = row.time;
    const double seconds = static_cast<double>(row.time) * 1e-6;
    const double runtime = static_cast<double>(row.time - start_) * 1e-6;
    LogRuntime(runtime);
    LogSummary(row);
    LogHistory(row, seconds, runtime);
  }

  // Finds the end of the last log that stays, and cuts the file there.
  void Rewind(Step step) override {
    WandbRecords records(path_);
    std::uint64_t end = records.offset();
    while (records.Next()) {
      const std::string_view history = HistoryOf(records.record());
      if (history.empty()) continue;
      if (StepOf(history) > step) break;
      end = records.offset();
    }
    file_.file().Truncate(end);
  }

  void Finish() override { file_.file().Flush(); }

 private:
  void PutItem(std::string_view key, double value, std::string* out) {
    item_.clear();
    PutBytesField(2, key, &item_);
    json_.clear();
    if (values_ == Values::kJson) PutJsonNumber(value, &json_);
    if (values_ == Values::kJson) PutBytesField(kJsonField, json_, &item_);
    if (values_ == Values::kBinary) PutDoubleField(kDoubleField, value, &item_);
    PutBytesField(1, item_, out);
  }

  void LogRuntime(double runtime) {
    part_.clear();
    PutItem("_wandb.runtime", runtime, &part_);
    PutItem("_runtime", runtime, &part_);
    AppendRecord(3);
  }

  void LogSummary(const LoggedRow& row) {
    part_.clear();
    for (std::size_t i = 0; i < keys_.size(); ++i) PutItem(keys_[i], row.values[i], &part_);
    AppendRecord(3);
  }

  void LogHistory(const LoggedRow& row, double seconds, double runtime) {
    part_.clear();
    for (std::size_t i = 0; i < keys_.size(); ++i) PutItem(keys_[i], row.values[i], &part_);
    PutItem("_step", static_cast<double>(row.step), &part_);
    PutItem("_runtime", runtime, &part_);
    PutItem("_timestamp", seconds, &part_);
    item_.clear();
    PutVarintField(1, static_cast<std::uint64_t>(row.step), &item_);
    PutBytesField(2, item_, &part_);
    AppendRecord(2);
  }

  void AppendRecord(std::uint32_t field) {
    record_.clear();
    PutVarintField(1, ++number_, &record_);
    PutBytesField(field, part_, &record_);
    file_.Append(record_);
  }

  std::string path_;
  Keys keys_;
  Values values_;
  WandbFile file_;
  TimeMicros start_ = 0;
  std::uint64_t number_ = 0;
  std::string item_, json_, part_, record_;
};

class WandbReader : public PeerReader {
 public:
  WandbReader(std::string path, const Keys& keys) : path_(std::move(path)), keys_(keys) {}

  // Only the values of the key are parsed.
  NumericSeries ReadCurve(std::size_t key) override {
    NumericSeries curve;
    for (WandbRecords records(path_); records.Next();) {
      const std::string_view history = HistoryOf(records.record());
      if (history.empty()) continue;
      curve.steps.push_back(StepOf(history));
      curve.values.push_back(ValueOf(history, keys_[key]));
    }
    return curve;
  }

  std::vector<double> ReadLast() override {
    std::string last;
    for (WandbRecords records(path_); records.Next();) {
      const std::string_view summary = SummaryOf(records.record());
      if (!summary.empty()) last = summary;
    }
    std::vector<double> values;
    for (const std::string& key : keys_) values.push_back(ValueOf(last, key));
    return values;
  }

 private:
  static double ValueOf(std::string_view part, std::string_view key) {
    for (ProtoFields fields(part); fields.Next();) {
      if (fields.field() != 1) continue;
      const Item item = ReadItem(fields.bytes());
      if (item.key == key) return item.Value();
    }
    GiveUp("a .wandb record without the key " + std::string(key));
  }

  std::string path_;
  Keys keys_;
};

class WandbPeer : public Peer {
 public:
  WandbPeer(PeerInfo info, Values values) : Peer(std::move(info)), values_(values) {}

  std::unique_ptr<PeerWriter> OpenWriter(const std::string& directory, const Keys& keys,
                                         Flush) override {
    return std::make_unique<WandbWriter>(directory + "/run.wandb", keys, values_);
  }
  std::unique_ptr<PeerReader> OpenReader(const std::string& directory, const Keys& keys) override {
    return std::make_unique<WandbReader>(directory + "/run.wandb", keys);
  }

 private:
  Values values_;
};

}  // namespace

void AddWandb(PeerList* peers) {
  PeerInfo info{.name = "wandb/real",
                .settings =
                    "two summaries and a history a log, values as JSON, a write for each "
                    "32 KiB, never synced; CRC checked when read",
                .safe_from = Safety::kNothing,
                .log_rows = 100'000};
  info.rewind = "the file read up to there and cut off";
  peers->push_back(std::make_unique<WandbPeer>(info, Values::kJson));
  info.name = "wandb/binary";
  info.settings = "the same with numbers as 8 bytes: what JSON alone costs";
  peers->push_back(std::make_unique<WandbPeer>(info, Values::kBinary));
}

}  // namespace reprise::bench
