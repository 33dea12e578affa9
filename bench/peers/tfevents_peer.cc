// TensorBoard's event files: every reading scans them from the beginning.
//
// record: u64 length, u32 masked CRC-32C of these 8 bytes, data, u32 masked CRC-32C of the data.
// data: Event{1: wall_time, 2: step, 3: file_version, 5: Summary, 7: SessionLog}, with
//       Summary{1: Value{1: tag, 2: simple_value}}. A SessionLog that says START takes back, in the
//       reader's eyes, what has its step or a higher one.
#include <algorithm>
#include <filesystem>
#include <optional>

#include "bench/peers/big_endian.h"
#include "bench/peers/crc32.h"
#include "bench/peers/peer.h"
#include "bench/peers/peer_file.h"
#include "bench/peers/proto_wire.h"

namespace reprise::bench {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kBufferBytes = 8192;  // as Python's files
constexpr std::size_t kHeaderBytes = 12;
constexpr std::size_t kChecksumBytes = 4;
constexpr std::uint64_t kSessionStart = 1;

enum class Events { kOneEachValue, kOneEachRow };
enum class Checksums { kIgnored, kChecked };

std::uint32_t Mask(std::uint32_t crc) { return (crc >> 15U | crc << 17U) + 0xa282ead8U; }

void PutRecord(std::string_view data, std::string* out) {
  std::string length;
  PutNative(static_cast<std::uint64_t>(data.size()), &length);
  out->append(length);
  PutNative(Mask(Crc32c(length)), out);
  out->append(data);
  PutNative(Mask(Crc32c(data)), out);
}

std::vector<std::string> FilesIn(const std::string& directory) {
  std::vector<std::string> paths;
  for (const auto& entry : fs::directory_iterator(directory)) {
    if (entry.is_regular_file()) paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

std::string NextPath(const std::string& directory) {
  const std::string number = std::to_string(1'700'000'000 + FilesIn(directory).size());
  return directory + "/events.out.tfevents." + number + ".host.1";
}

// A run is a directory; the fork's lies in that of the run.
std::string DirectoryOf(const std::string& directory, Which which) {
  return which == Which::kRun ? directory : directory + "/fork";
}

// A record at the beginning of a file.
struct Record {
  std::string_view header;
  std::string_view data;
  std::string_view whole;
};

Record ReadRecord(std::string_view file) {
  if (file.size() < kHeaderBytes) GiveUp("an event's header is cut short");
  const auto length = GetNative<std::uint64_t>(file.data());
  if (file.size() - kHeaderBytes < length + kChecksumBytes) GiveUp("an event is cut short");
  return {file.substr(0, kHeaderBytes), file.substr(kHeaderBytes, length),
          file.substr(0, kHeaderBytes + length + kChecksumBytes)};
}

Step StepOf(std::string_view event) {
  for (ProtoFields fields(event); fields.Next();) {
    if (fields.field() == 2) return static_cast<Step>(fields.varint());
  }
  return 0;
}

class TfeventsScan {
 public:
  // Reads one key, or all. Curves of the others stay empty.
  TfeventsScan(const Keys& keys, std::optional<std::size_t> only, Checksums checksums)
      : keys_(keys), only_(only), checksums_(checksums), curves_(keys.size()) {}

  std::vector<NumericSeries> Run(const std::string& directory) {
    for (const std::string& path : FilesIn(directory)) ScanFile(ReadFileWhole(path));
    return std::move(curves_);
  }

 private:
  void ScanFile(std::string_view file) {
    while (!file.empty()) {
      const Record record = ReadRecord(file);
      if (checksums_ == Checksums::kChecked) Check(record.header, record.data);
      ScanEvent(record.data);
      file.remove_prefix(record.whole.size());
    }
  }

  // The data's checksum follows it.
  static void Check(std::string_view header, std::string_view data) {
    const auto of_length = GetNative<std::uint32_t>(header.data() + 8);
    const auto of_data = GetNative<std::uint32_t>(data.data() + data.size());
    if (Mask(Crc32c(header.substr(0, 8))) != of_length || Mask(Crc32c(data)) != of_data) {
      GiveUp("an event's checksum is wrong");
    }
  }

  void ScanEvent(std::string_view event) {
    Step step = 0;
    for (ProtoFields fields(event); fields.Next();) {
      if (fields.field() == 2) step = static_cast<Step>(fields.varint());
      if (fields.field() == 5) ScanSummary(fields.bytes(), step);
      if (fields.field() == 7) ScanSessionLog(fields.bytes(), step);
    }
  }

  void ScanSummary(std::string_view summary, Step step) {
    for (ProtoFields values(summary); values.Next();) {
      if (values.field() == 1) ScanValue(values.bytes(), step);
    }
  }

  void ScanValue(std::string_view value, Step step) {
    NumericSeries* curve = nullptr;
    for (ProtoFields fields(value); fields.Next();) {
      if (fields.field() == 1) curve = CurveOf(fields.bytes());
      if (fields.field() != 2 || curve == nullptr) continue;
      curve->steps.push_back(step);
      curve->values.push_back(static_cast<double>(fields.as_float()));
    }
  }

  NumericSeries* CurveOf(std::string_view tag) {
    if (only_) return keys_[*only_] == tag ? &curves_[*only_] : nullptr;
    std::size_t at = next_;
    while (keys_[at] != tag) {
      at = (at + 1) % keys_.size();
      if (at == next_) GiveUp("an event of an unknown tag: " + std::string(tag));
    }
    next_ = (at + 1) % keys_.size();
    return &curves_[at];
  }

  void ScanSessionLog(std::string_view log, Step step) {
    for (ProtoFields fields(log); fields.Next();) {
      if (fields.field() != 1 || fields.varint() != kSessionStart) continue;
      for (NumericSeries& curve : curves_) curve = CutOf(curve, {0, step - 1});
    }
  }

  const Keys& keys_;
  std::optional<std::size_t> only_;
  Checksums checksums_;
  std::vector<NumericSeries> curves_;
  std::size_t next_ = 0;  // the key that most probably comes next
};

class TfeventsWriter : public PeerWriter {
 public:
  TfeventsWriter(std::string directory, const Keys& keys, Events events)
      : directory_(std::move(directory)),
        keys_(keys),
        events_(events),
        file_(NextPath(directory_), kBufferBytes) {
    std::string event;
    PutDoubleField(1, 1.7e9, &event);
    PutBytesField(3, "brain.Event:2", &event);
    Append(event);
  }

  // The client never asks: the training program must know. Who does not has to read all.
  Step next_step() override {
    const auto curves = TfeventsScan(keys_, 0, Checksums::kIgnored).Run(directory_);
    return curves[0].steps.empty() ? 0 : curves[0].steps.back() + 1;
  }

  void Log(const LoggedRow& row) override {
    summary_.clear();
    for (std::size_t i = 0; i < keys_.size(); ++i) {
      PutValue(keys_[i], row.values[i]);
      if (events_ == Events::kOneEachValue || i + 1 == keys_.size()) PutEvent(row);
    }
  }

  void Rewind(Step step) override {
    std::string log;
    PutVarintField(1, kSessionStart, &log);
    std::string event;
    PutDoubleField(1, 1.7e9, &event);
    PutVarintField(2, static_cast<std::uint64_t>(step + 1), &event);
    PutBytesField(7, log, &event);
    Append(event);
    file_.Flush();
  }

  // Events are copied as they are: a file header, or of a step that stays.
  void Fork(Step step) override {
    const std::string fork = DirectoryOf(directory_, Which::kFork);
    fs::create_directory(fork);
    PeerFile copy(NextPath(fork), kBufferBytes);
    for (const std::string& path : FilesIn(directory_)) {
      const std::string file = ReadFileWhole(path);
      for (std::string_view rest = file; !rest.empty();) {
        const Record record = ReadRecord(rest);
        if (StepOf(record.data) <= step) copy.Append(record.whole);
        rest.remove_prefix(record.whole.size());
      }
    }
    copy.Flush();
  }

  void Finish() override { file_.Flush(); }

 private:
  void PutValue(const std::string& key, double value) {
    value_.clear();
    PutBytesField(1, key, &value_);
    PutFloatField(2, static_cast<float>(value), &value_);
    PutBytesField(1, value_, &summary_);
  }

  void PutEvent(const LoggedRow& row) {
    event_.clear();
    PutDoubleField(1, static_cast<double>(row.time) * 1e-6, &event_);
    PutVarintField(2, static_cast<std::uint64_t>(row.step), &event_);
    PutBytesField(5, summary_, &event_);
    Append(event_);
    summary_.clear();
  }

  void Append(std::string_view event) {
    record_.clear();
    PutRecord(event, &record_);
    file_.Append(record_);
  }

  std::string directory_;
  Keys keys_;
  Events events_;
  PeerFile file_;
  std::string value_, summary_, event_, record_;
};

class TfeventsReader : public PeerReader {
 public:
  TfeventsReader(std::string directory, const Keys& keys, Checksums checksums)
      : directory_(std::move(directory)), keys_(keys), checksums_(checksums) {}

  NumericSeries ReadCurve(std::size_t key) override {
    return TfeventsScan(keys_, key, checksums_).Run(directory_)[key];
  }
  std::vector<double> ReadLast() override {
    std::vector<double> last;
    for (const auto& curve : TfeventsScan(keys_, {}, checksums_).Run(directory_)) {
      last.push_back(curve.values.back());
    }
    return last;
  }

 private:
  std::string directory_;
  Keys keys_;
  Checksums checksums_;
};

class TfeventsPeer : public Peer {
 public:
  TfeventsPeer(PeerInfo info, Events events, Checksums checksums)
      : Peer(std::move(info)), events_(events), checksums_(checksums) {}

  std::unique_ptr<PeerWriter> OpenWriter(const std::string& directory, const Keys& keys,
                                         Flush) override {
    return std::make_unique<TfeventsWriter>(directory, keys, events_);
  }
  std::unique_ptr<PeerReader> OpenReader(const std::string& directory, const Keys& keys,
                                         Which which) override {
    return std::make_unique<TfeventsReader>(DirectoryOf(directory, which), keys, checksums_);
  }

 private:
  Events events_;
  Checksums checksums_;
};

}  // namespace

void AddTfevents(PeerList* peers) {
  PeerInfo info{.name = "tfevents/real",
                .settings =
                    "an event a value, no compression, never synced; CRC not checked when "
                    "read, as TensorBoard's fast reader",
                .safe_from = Safety::kNothing,
                .log_rows = 100'000};
  info.float32 = true;
  info.rewind = "its own: an event that tells readers to drop what is behind it";
  info.fork = "copy of the events into another directory";
  peers->push_back(
      std::make_unique<TfeventsPeer>(info, Events::kOneEachValue, Checksums::kIgnored));
  PeerInfo checked = info;
  checked.name = "tfevents/crc";
  checked.settings = "the same files, CRC checked when read";
  checked.logs = false;
  peers->push_back(
      std::make_unique<TfeventsPeer>(checked, Events::kOneEachValue, Checksums::kChecked));
  info.name = "tfevents/tuned";
  info.settings = "an event a row with all its values; CRC not checked when read";
  peers->push_back(std::make_unique<TfeventsPeer>(info, Events::kOneEachRow, Checksums::kIgnored));
}

}  // namespace reprise::bench
