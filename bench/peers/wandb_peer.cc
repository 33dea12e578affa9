// W&B's .wandb files: protobuf records in LevelDB's framing, each value as JSON.
//
// record: {1: number, 2: History{1: Item{2: key, 16: JSON}, 2: {1: step}}}, or
//         {1: number, 3: Summary{1: Item{2: key, 16: JSON}}}.
#include <optional>

#include "bench/peers/json_numbers.h"
#include "bench/peers/peer.h"
#include "bench/peers/proto_wire.h"
#include "bench/peers/wandb_file.h"

namespace reprise::bench {
namespace {

constexpr std::uint32_t kJsonField = 16;
constexpr std::uint32_t kDoubleField = 17;  // of the variant "binary" alone

enum class Values { kJson, kBinary };

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

std::string PathOf(const std::string& directory, Which which) {
  return directory + (which == Which::kRun ? "/run.wandb" : "/fork.wandb");
}

class WandbWriter : public PeerWriter {
 public:
  WandbWriter(std::string directory, const Keys& keys, Values values)
      : directory_(std::move(directory)),
        path_(PathOf(directory_, Which::kRun)),
        keys_(keys),
        values_(values),
        file_(path_) {}

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

  // A log's records end with its history: they are copied when that is known to stay.
  void Fork(Step step) override {
    WandbFile copy(PathOf(directory_, Which::kFork));
    std::vector<std::string> log;
    for (WandbRecords records(path_); records.Next();) {
      log.emplace_back(records.record());
      const std::string_view history = HistoryOf(log.back());
      if (history.empty()) continue;
      if (StepOf(history) > step) break;
      for (const std::string& record : log) copy.Append(record);
      log.clear();
    }
    copy.file().Flush();
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

  std::string directory_;
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
    return std::make_unique<WandbWriter>(directory, keys, values_);
  }
  std::unique_ptr<PeerReader> OpenReader(const std::string& directory, const Keys& keys,
                                         Which which) override {
    return std::make_unique<WandbReader>(PathOf(directory, which), keys);
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
  info.fork = "the file read up to there, its records into another file";
  peers->push_back(std::make_unique<WandbPeer>(info, Values::kJson));
  info.name = "wandb/binary";
  info.settings = "the same with numbers as 8 bytes: what JSON alone costs";
  peers->push_back(std::make_unique<WandbPeer>(info, Values::kBinary));
}

}  // namespace reprise::bench
