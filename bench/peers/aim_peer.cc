// RocksDB with the keys of Aim: of each value one entry in each of four columns, and of each metric
// a handful of entries that say how far it has come. Steps are hashed, so nothing is in order.
#include <rocksdb/db.h>
#include <rocksdb/table.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <filesystem>
#include <numeric>

#include "bench/peers/peer.h"
#include "bench/peers/rocksdb_must.h"

namespace reprise::bench {
namespace {

namespace fs = std::filesystem;

constexpr const char* kHash = "0123456789abcdef01234567";
constexpr char kSentinel = '\xFE';
const std::string kBlobs = std::string("BLOBS") + kSentinel;

enum class Settings { kReal, kTuned };

std::string Part(std::string_view text) { return std::string(text) + kSentinel; }

std::string Part(std::uint64_t number) {
  std::string part(1, kSentinel);
  for (int shift = 56; shift >= 0; shift -= 8) part.push_back(static_cast<char>(number >> shift));
  return part + kSentinel;
}

// A type byte and 8 bytes.
template <typename T>
std::string Stored(char type, T value) {
  std::string stored(1 + sizeof value, type);
  std::memcpy(stored.data() + 1, &value, sizeof value);
  return stored;
}
std::string StoredInt(std::int64_t value) { return Stored('\2', value); }
std::string StoredFloat(double value) { return Stored('\3', value); }
const std::string kNone(1, '\0');

template <typename T>
T Unstore(const rocksdb::Slice& stored) {
  if (stored.size() != 9) GiveUp("not a stored number");
  T value;
  std::memcpy(&value, stored.data() + 1, sizeof value);
  return value;
}

// Mixes as well as the hash of the client's; the finalizer of SplitMix64.
std::uint64_t StepHash(Step step) {
  auto x = static_cast<std::uint64_t>(step) + 0x9E3779B97F4A7C15U;
  x = (x ^ (x >> 30U)) * 0xBF58476D1CE4E5B9U;
  x = (x ^ (x >> 27U)) * 0x94D049BB133111EBU;
  return x ^ (x >> 31U);
}

std::string SeriesPrefix(const std::string& key) {
  return Part("seqs") + Part("v2") + Part("chunks") + Part(kHash) + Part(std::uint64_t{0}) +
         Part(key);
}

std::string TracePrefix(const std::string& key) {
  return Part("meta") + Part("chunks") + Part(kHash) + Part("traces") + Part(std::uint64_t{0}) +
         Part(key);
}

rocksdb::Options AimOptions() {
  rocksdb::Options options;
  options.create_if_missing = true;
  options.write_buffer_size = 1 << 20;
  options.db_write_buffer_size = 1 << 20;
  options.max_write_buffer_number = 1;
  options.level0_file_num_compaction_trigger = 8;
  options.level0_slowdown_writes_trigger = 17;
  options.level0_stop_writes_trigger = 24;
  options.num_levels = 4;
  options.max_bytes_for_level_base = 512 << 20;
  options.max_bytes_for_level_multiplier = 8;
  options.target_file_size_base = 64 << 20;
  options.max_open_files = -1;
  options.paranoid_checks = false;
  options.max_background_compactions = 4;
  return options;
}

rocksdb::Options TunedOptions() {
  rocksdb::Options options;
  options.create_if_missing = true;
  options.compression = rocksdb::kLZ4Compression;
  return options;
}

// One of the two databases of a run.
class AimDb {
 public:
  AimDb(const std::string& directory, const std::string& name, Settings settings)
      : settings_(settings) {
    const std::string path = directory + "/" + name + "/chunks/" + kHash;
    fs::create_directories(path);
    rocksdb::DB* db = nullptr;
    const bool real = settings == Settings::kReal;
    Must(rocksdb::DB::Open(real ? AimOptions() : TunedOptions(), path, &db));
    db_.reset(db);
  }

  // As the client sets a key: what may be below it goes, in a batch of its own. Else collected.
  void Set(const std::string& key, const std::string& value, bool one_by_one) {
    if (one_by_one) {
      batch_.DeleteRange(key, key + '\xFF');
      batch_.DeleteRange(kBlobs + key, kBlobs + key + '\xFF');
    }
    batch_.Put(key, value);
    if (one_by_one) batch_.Delete(kBlobs + key);
    if (one_by_one) Write(false);
  }

  void Delete(const std::string& key) { batch_.Delete(key); }

  void Write(bool sync) {
    rocksdb::WriteOptions options;
    options.sync = sync;
    Must(db_->Write(options, &batch_));
    batch_.Clear();
  }

  void Flush() {
    Must(db_->Flush({}));
    Must(db_->FlushWAL(false));
  }

  rocksdb::DB* db() { return db_.get(); }

 private:
  Settings settings_;
  std::unique_ptr<rocksdb::DB> db_;
  rocksdb::WriteBatch batch_;
};

double LastOf(rocksdb::DB* meta, const std::string& key) {
  std::string stored;
  Must(meta->Get({}, TracePrefix(key) + Part("last"), &stored));
  return Unstore<double>(stored);
}

// All of one column, in the order of the hashes, which is the same for each.
template <typename T>
std::vector<T> ReadColumn(rocksdb::DB* db, const std::string& prefix) {
  std::vector<T> values;
  const std::unique_ptr<rocksdb::Iterator> it(db->NewIterator({}));
  for (it->Seek(prefix); it->Valid() && it->key().starts_with(prefix); it->Next()) {
    values.push_back(Unstore<T>(it->value()));
  }
  Must(it->status());
  return values;
}

std::size_t CountColumn(rocksdb::DB* db, const std::string& prefix) {
  std::size_t count = 0;
  const std::unique_ptr<rocksdb::Iterator> it(db->NewIterator({}));
  for (it->Seek(prefix); it->Valid() && it->key().starts_with(prefix); it->Next()) ++count;
  return count;
}

NumericSeries ReadSorted(rocksdb::DB* seqs, const std::string& key, Settings settings) {
  const std::string prefix = SeriesPrefix(key);
  const auto values = ReadColumn<double>(seqs, prefix + Part("val"));
  const auto steps = ReadColumn<std::int64_t>(seqs, prefix + Part("step"));
  if (settings == Settings::kReal) {  // the client reads these as well
    const auto times = ReadColumn<double>(seqs, prefix + Part("time"));
    const std::size_t epochs = CountColumn(seqs, prefix + Part("epoch"));
    if (times.size() != steps.size() || epochs != steps.size()) GiveUp("Aim's columns differ");
  }
  std::vector<std::size_t> order(steps.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return steps[a] < steps[b]; });
  NumericSeries curve;
  for (const std::size_t i : order) {
    curve.steps.push_back(steps[i]);
    curve.values.push_back(values[i]);
  }
  return curve;
}

// What the client keeps in memory of a metric.
struct Trace {
  std::string series;
  std::string trace;
  bool started = false;
  double min = 0;
  double max = 0;
};

class AimWriter : public PeerWriter {
 public:
  AimWriter(const std::string& directory, const Keys& keys, Settings settings, Flush flush)
      : seqs_(directory, "seqs", settings),
        meta_(directory, "meta", settings),
        keys_(keys),
        settings_(settings),
        flush_(flush) {
    for (const std::string& key : keys) traces_.push_back({SeriesPrefix(key), TracePrefix(key)});
  }

  Step next_step() override {
    std::string stored;
    const auto status = meta_.db()->Get({}, traces_[0].trace + Part("last_step"), &stored);
    if (status.IsNotFound()) return 0;
    Must(status);
    return Unstore<std::int64_t>(stored) + 1;
  }

  void Log(const LoggedRow& row) override {
    for (std::size_t i = 0; i < traces_.size(); ++i) Track(&traces_[i], row, row.values[i]);
    if (OneByOne()) return;
    seqs_.Write(flush_ == Flush::kEachLog);
    meta_.Write(flush_ == Flush::kEachLog);
  }

  void Rewind(Step step) override {
    for (std::size_t i = 0; i < keys_.size(); ++i) RewindKey(keys_[i], traces_[i], step);
    seqs_.Write(false);
    meta_.Write(false);
  }

  void Finish() override {
    seqs_.Flush();
    meta_.Flush();
  }

 private:
  bool OneByOne() const { return settings_ == Settings::kReal && flush_ == Flush::kOwn; }

  void Track(Trace* trace, const LoggedRow& row, double value) {
    const std::string step = Part(StepHash(row.step));
    SetSeries(trace->series + Part("val") + step, StoredFloat(value));
    SetSeries(trace->series + Part("epoch") + step, kNone);
    SetSeries(trace->series + Part("time") + step,
              StoredFloat(static_cast<double>(row.time) * 1e-6));
    SetSeries(trace->series + Part("step") + step, StoredInt(row.step));
    if (!std::exchange(trace->started, true)) Start(trace, row.step, value);
    SetMeta(trace->trace + Part("last"), StoredFloat(value));
    SetMeta(trace->trace + Part("last_step"), StoredInt(row.step));
    if (value > trace->max) SetMeta(trace->trace + Part("max"), StoredFloat(trace->max = value));
    if (value < trace->min) SetMeta(trace->trace + Part("min"), StoredFloat(trace->min = value));
  }

  void Start(Trace* trace, Step step, double value) {
    SetMeta(trace->trace + Part("dtype"), "\5float");
    SetMeta(trace->trace + Part("version"), StoredInt(2));
    SetMeta(trace->trace + Part("first"), StoredFloat(value));
    SetMeta(trace->trace + Part("first_step"), StoredInt(step));
    SetMeta(trace->trace + Part("min"), StoredFloat(trace->min = value));
    SetMeta(trace->trace + Part("max"), StoredFloat(trace->max = value));
    SetMeta(Part("meta") + Part("traces_types") + Part("float") + Part(std::uint64_t{0}), "\1");
  }

  void SetSeries(const std::string& key, const std::string& value) {
    seqs_.Set(key, value, OneByOne());
  }
  void SetMeta(const std::string& key, const std::string& value) {
    meta_.Set(key, value, OneByOne());
  }

  void RewindKey(const std::string& key, const Trace& trace, Step step) {
    const NumericSeries curve = ReadSorted(seqs_.db(), key, Settings::kTuned);
    const NumericSeries kept = CutOf(curve, {0, step});
    for (std::size_t i = kept.steps.size(); i < curve.steps.size(); ++i) {
      const std::string hash = Part(StepHash(curve.steps[i]));
      for (const char* column : {"val", "epoch", "time", "step"}) {
        seqs_.Delete(trace.series + Part(column) + hash);
      }
    }
    const auto [min, max] = std::minmax_element(kept.values.begin(), kept.values.end());
    meta_.Set(trace.trace + Part("last"), StoredFloat(kept.values.back()), false);
    meta_.Set(trace.trace + Part("last_step"), StoredInt(kept.steps.back()), false);
    meta_.Set(trace.trace + Part("min"), StoredFloat(*min), false);
    meta_.Set(trace.trace + Part("max"), StoredFloat(*max), false);
  }

  AimDb seqs_;
  AimDb meta_;
  Keys keys_;
  Settings settings_;
  Flush flush_;
  std::vector<Trace> traces_;
};

class AimReader : public PeerReader {
 public:
  AimReader(const std::string& directory, const Keys& keys, Settings settings)
      : seqs_(Open(directory, "seqs")),
        meta_(Open(directory, "meta")),
        keys_(keys),
        settings_(settings) {}

  NumericSeries ReadCurve(std::size_t key) override {
    return ReadSorted(seqs_.get(), keys_[key], settings_);
  }
  std::vector<double> ReadLast() override {
    std::vector<double> last;
    for (const std::string& key : keys_) last.push_back(LastOf(meta_.get(), key));
    return last;
  }

 private:
  static std::unique_ptr<rocksdb::DB> Open(const std::string& directory, const std::string& name) {
    rocksdb::DB* db = nullptr;
    Must(rocksdb::DB::OpenForReadOnly({}, directory + "/" + name + "/chunks/" + kHash, &db));
    return std::unique_ptr<rocksdb::DB>(db);
  }

  std::unique_ptr<rocksdb::DB> seqs_;
  std::unique_ptr<rocksdb::DB> meta_;
  Keys keys_;
  Settings settings_;
};

class AimPeer : public Peer {
 public:
  AimPeer(PeerInfo info, Settings settings) : Peer(std::move(info)), settings_(settings) {}

  std::unique_ptr<PeerWriter> OpenWriter(const std::string& directory, const Keys& keys,
                                         Flush flush) override {
    return std::make_unique<AimWriter>(directory, keys, settings_, flush);
  }
  std::unique_ptr<PeerReader> OpenReader(const std::string& directory, const Keys& keys) override {
    return std::make_unique<AimReader>(directory, keys, settings_);
  }

 private:
  Settings settings_;
};

}  // namespace

void AddAim(PeerList* peers) {
  PeerInfo info{.name = "rocksdb-aim/real",
                .settings =
                    "the client's options, each entry a batch with two DeleteRange, log "
                    "ahead without sync; reading all four columns",
                .safe_from = Safety::kKill,
                .log_rows = 500};
  info.rewind = "Delete of each entry, last, min and max computed anew";
  peers->push_back(std::make_unique<AimPeer>(info, Settings::kReal));
  info.name = "rocksdb-aim/tuned";
  info.settings =
      "RocksDB's options, LZ4, a batch a log and database without DeleteRange; reading "
      "two columns";
  info.log_rows = 5'000;
  info.syncs_each_log = true;
  peers->push_back(std::make_unique<AimPeer>(info, Settings::kTuned));
}

}  // namespace reprise::bench
