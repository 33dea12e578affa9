// What Reprise takes over what the machine or a peer takes, measured in turns within one second, so
// that a slow or a busy machine slows both alike. And the bytes a value of the codec's suite.
//
// Prints a name and a number a line, or a name, `skipped` and why; smaller numbers are better.
//
// The shortest of many short turns stands for each side, since what else the machine does only
// adds. Where the disk is waited for it is one that a tenth are shorter than: a disk may be 30
// times slower from one turn to the next, and its shortest turns are rare.
#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "bench/bench_store.h"
#include "bench/codec_suite.h"
#include "bench/peers/peer.h"
#include "bench/run_input.h"
#include "format/column.h"

namespace reprise::bench {
namespace {

constexpr std::size_t kKeys = 10;
constexpr std::size_t kCurveRows = 100'000;
constexpr std::size_t kLogsATurn = 200;
constexpr std::size_t kLogTurns = 250;
constexpr std::size_t kReadTurns = 100;
constexpr std::size_t kDecodeTurns = 9;
constexpr std::size_t kSyncTurns = 200;
constexpr std::size_t kRecordBytes = 128;  // a log record of ten values
constexpr std::size_t kSyncBytes = 256;
constexpr std::size_t kCopyBytes = std::size_t{64} << 20U;
constexpr std::size_t kSliceBytes = std::size_t{4} << 20U;

// Where syncing is faster, what a rewind computes would decide; its instructions are counted.
constexpr double kLeastSyncSeconds = 5e-5;

using Work = std::function<void()>;

double SecondsOf(const Work& work) {
  const auto begin = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

struct Turns {
  std::vector<double> ours;  // seconds
  std::vector<double> theirs;
};

Turns TakeTurns(std::size_t turns, const Work& ours, const Work& theirs) {
  Turns took;
  for (std::size_t turn = 0; turn < turns; ++turn) {
    took.ours.push_back(SecondsOf(ours));
    took.theirs.push_back(SecondsOf(theirs));
  }
  return took;
}

double Least(const std::vector<double>& seconds) {
  return *std::min_element(seconds.begin(), seconds.end());
}

// A tenth of them are shorter.
double FastTenth(std::vector<double> seconds) {
  const auto tenth = seconds.begin() + static_cast<std::ptrdiff_t>(seconds.size() / 10);
  std::nth_element(seconds.begin(), tenth, seconds.end());
  return *tenth;
}

double RatioOfLeast(const Turns& took) { return Least(took.ours) / Least(took.theirs); }

void Print(const char* name, double value) { std::printf("%s %.7f\n", name, value); }

const RunInput& Input() {
  static const RunInput input = MadeRun(kKeys, kCurveRows);
  return input;
}

// Logs the rows of the input by string keys, each at the time of the call.
class RowLogger {
 public:
  RowLogger(const std::string& directory, Durability durability)
      : store_(Must(Store::Open(directory, {.durability = durability}))),
        run_(Must(store_.StartRun({.run_id = "run"}))) {}

  void LogSome() {
    for (std::size_t i = 0; i < kLogsATurn; ++i, ++at_) {
      const auto values = Input().Row(at_);
      for (std::size_t key = 0; key < kKeys; ++key) fields_[key] = {Input().keys[key], values[key]};
      Must(run_.Log(fields_));
    }
  }

 private:
  Store store_;
  RunWriter run_;
  std::array<Field, kKeys> fields_{};
  std::size_t at_ = 0;
};
static_assert(kLogsATurn * kLogTurns <= kCurveRows);

class BareFile {
 public:
  explicit BareFile(const std::string& path)
      : descriptor_(::open(path.c_str(), O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0600)) {
    if (descriptor_ < 0) GiveUp("cannot open " + path);
  }
  ~BareFile() { ::close(descriptor_); }
  BareFile(const BareFile&) = delete;
  BareFile& operator=(const BareFile&) = delete;

  void WriteSome() {
    const std::array<char, kRecordBytes> record{};
    for (std::size_t i = 0; i < kLogsATurn; ++i) {
      const bool written = ::write(descriptor_, record.data(), record.size()) == kRecordBytes;
      if (!written) GiveUp("cannot write");
    }
  }

 private:
  int descriptor_;
};

void LogToWrite() {
  RowLogger logger(MakeDirectory("log"), Durability::kProcess);
  BareFile file(MakeDirectory("write") + "/file");
  const Turns took = TakeTurns(
      kLogTurns, [&] { logger.LogSome(); }, [&] { file.WriteSome(); });
  Print("log_ten_keys_to_write_ratio", RatioOfLeast(took));
}

// LMDB with a key a metric and its values as sorted duplicates: the peer that reads fastest.
std::unique_ptr<Peer> LmdbDupfixed() {
  PeerList peers;
  AddLmdb(&peers);
  return std::move(peers.back());
}

void LogRows(PeerWriter* writer, const RunInput& input, std::size_t first, std::size_t count) {
  for (std::size_t row = first; row < first + count; ++row) {
    writer->Log({input.steps[row], input.times[row], input.Row(row)});
  }
}

void LogToLmdb() {
  RowLogger logger(MakeDirectory("unsynced-log"), Durability::kNone);
  const auto peer = LmdbDupfixed();
  const auto writer = peer->OpenWriter(MakeDirectory("lmdb-log"), Input().keys, Flush::kOwn);
  std::size_t at = 0;
  const Turns took = TakeTurns(
      kLogTurns, [&] { logger.LogSome(); },
      [&] {
        LogRows(writer.get(), Input(), at, kLogsATurn);
        at += kLogsATurn;
      });
  Print("log_ten_keys_to_lmdb_ratio", RatioOfLeast(took));
}

// Copies one buffer larger than caches into another, a slice a call.
class Copier {
 public:
  void CopySlice() {
    std::memcpy(to_.data() + at_, from_.data() + at_, kSliceBytes);
    benchmark::ClobberMemory();
    at_ = (at_ + kSliceBytes) % kCopyBytes;
  }

 private:
  std::vector<char> from_ = std::vector<char>(kCopyBytes, 'x');
  std::vector<char> to_ = std::vector<char>(kCopyBytes);
  std::size_t at_ = 0;
};

void DecodeSuite() {
  Copier copier;
  std::vector<double> copies;
  double seconds = 0;
  std::size_t values = 0;
  std::size_t encoded = 0;
  for (const SuiteColumn& column : MakeCodecSuite()) {
    std::string chunk;
    EncodeColumn({column.type, column.bits.size(), column.bits, {}}, &chunk);
    Column decoded;
    const auto decode = [&] {
      Must(DecodeColumn(chunk, column.type, column.bits.size(), &decoded));
    };
    const Turns took = TakeTurns(kDecodeTurns, decode, [&] { copier.CopySlice(); });
    if (decoded.bits != column.bits) GiveUp(column.name + " came back differently");
    copies.insert(copies.end(), took.theirs.begin(), took.theirs.end());
    seconds += Least(took.ours);
    values += column.bits.size();
    encoded += chunk.size();
  }
  const double ours = seconds / static_cast<double>(values * sizeof(double));
  Print("decode_to_memcpy_ratio", ours / (Least(copies) / static_cast<double>(kSliceBytes)));
  Print("suite_bytes_a_value", static_cast<double>(encoded) / static_cast<double>(values));
}

Store StoreOf(const RunInput& input) {
  Store store = Must(Store::Open(MakeDirectory("curve")));
  RunWriter run = Must(store.StartRun({.run_id = "run"}));
  ColumnBatch::Column column;
  column.key = input.keys[0];
  column.doubles = input.values;
  Must(run.AppendColumns({input.steps, input.times, {&column, 1}}));
  Must(run.Finish());
  return store;
}

void ReadCurve() {
  const RunInput input = MadeRun(1, kCurveRows);
  const NumericSeries curve = input.Curve(0);
  const Store store = StoreOf(input);
  const auto read = [&] {
    const History history = Must(store.OpenHistory({"run", {}, {}}));
    const NumericSeries numbers = Must(history.ReadNumbers(input.keys[0]));
    if (numbers.steps.size() != kCurveRows) GiveUp("the curve is not what was logged");
  };
  const auto copy = [&] {
    NumericSeries copied = curve;
    benchmark::DoNotOptimize(copied.values.data());
  };
  Print("curve_to_memcpy_ratio", RatioOfLeast(TakeTurns(kReadTurns, read, copy)));

  const auto peer = LmdbDupfixed();
  const std::string directory = MakeDirectory("lmdb-curve");
  const auto writer = peer->OpenWriter(directory, input.keys, Flush::kBulk);
  LogRows(writer.get(), input, 0, kCurveRows);
  writer->Finish();
  const auto reader = peer->OpenReader(directory, input.keys);
  const auto peer_read = [&] { benchmark::DoNotOptimize(reader->ReadCurve(0)); };
  Print("curve_to_lmdb_ratio", RatioOfLeast(TakeTurns(kReadTurns, read, peer_read)));
}

void RewindToSync() {
  Store store = Must(Store::Open(MakeDirectory("rewind")));
  RunWriter run = Must(store.StartRun({.run_id = "run"}));
  AppendRows(run, kSyncTurns + 1);
  SyncedFile file(MakeDirectory("sync") + "/file");
  Step step = kSyncTurns;
  const Turns took = TakeTurns(
      kSyncTurns, [&] { Must(run.Rewind(--step)); }, [&] { file.Append(kSyncBytes); });
  const double sync = FastTenth(took.theirs);
  if (sync < kLeastSyncSeconds) {
    std::puts("rewind_to_sync_ratio skipped an fdatasync takes less than 50 us here");
  } else {
    Print("rewind_to_sync_ratio", FastTenth(took.ours) / sync);
  }
}

}  // namespace
}  // namespace reprise::bench

int main() {
  reprise::bench::LogToWrite();
  reprise::bench::LogToLmdb();
  reprise::bench::DecodeSuite();
  reprise::bench::ReadCurve();
  reprise::bench::RewindToSync();
}
