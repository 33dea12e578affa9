// RocksDB with the keys of Aim: of each value one entry in each of four columns, and of each metric
// a handful of entries that say how far it has come. Steps are hashed, so nothing is in order.
#include <rocksdb/db.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "bench/peers/aim_db.h"
#include "bench/peers/peer.h"
#include "bench/peers/rocksdb_must.h"

namespace reprise::bench {
namespace {

const std::string kNone(1, '\0');
constexpr std::array<const char*, 4> kColumns{"val", "epoch", "time", "step"};
constexpr std::array<const char*, 4> kSortedColumns{"epoch", "step", "time", "val"};

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
  AimWriter(const std::string& directory, const Keys& keys, AimSettings settings, Flush flush)
      : directory_(directory),
        seqs_(AimPath(directory, Which::kRun, "seqs"), settings),
        meta_(AimPath(directory, Which::kRun, "meta"), settings),
        keys_(keys),
        settings_(settings),
        flush_(flush) {
    for (const std::string& key : keys) {
      traces_.push_back({AimSeriesPrefix(Which::kRun, key), AimTracePrefix(Which::kRun, key)});
    }
  }

  Step next_step() override {
    std::string stored;
    const auto status = meta_.db()->Get({}, traces_[0].trace + AimPart("last_step"), &stored);
    if (status.IsNotFound()) return 0;
    Must(status);
    return AimNumber<std::int64_t>(stored) + 1;
  }

  void Log(const LoggedRow& row) override {
    if (flush_ == Flush::kBulk) return Keep(row);
    for (std::size_t i = 0; i < traces_.size(); ++i) Track(&traces_[i], row, row.values[i]);
    if (OneByOne()) return;
    seqs_.Write(flush_ == Flush::kEachLog);
    meta_.Write(flush_ == Flush::kEachLog);
  }

  void Rewind(Step step) override {
    for (const Trace& trace : traces_) RewindKey(trace, step);
    seqs_.Write(flush_ == Flush::kEachLog);
    meta_.Write(flush_ == Flush::kEachLog);
  }

  // A run has databases of its own.
  void Fork(Step step) override {
    AimDb seqs(AimPath(directory_, Which::kFork, "seqs"), settings_);
    AimDb meta(AimPath(directory_, Which::kFork, "meta"), settings_);
    for (std::size_t i = 0; i < keys_.size(); ++i) {
      CopySeries(traces_[i].series, step, AimSeriesPrefix(Which::kFork, keys_[i]), &seqs);
      const std::string trace = AimTracePrefix(Which::kFork, keys_[i]);
      CopyTrace(traces_[i].trace, trace, &meta);
      PutExtent(CutOf(Curve(traces_[i]), {0, step}), trace, &meta);
    }
    seqs.Write(flush_ == Flush::kEachLog);
    meta.Write(flush_ == Flush::kEachLog);
  }

  void Finish() override {
    if (!kept_.empty()) WriteKept();
    seqs_.Flush();
    meta_.Flush();
  }

 private:
  bool OneByOne() const { return settings_ == AimSettings::kReal && flush_ == Flush::kOwn; }

  void Track(Trace* trace, const LoggedRow& row, double value) {
    const std::string step = AimPart(AimStepHash(row.step));
    SetSeries(trace->series + AimPart("val") + step, AimFloat(value));
    SetSeries(trace->series + AimPart("epoch") + step, kNone);
    SetSeries(trace->series + AimPart("time") + step,
              AimFloat(static_cast<double>(row.time) * 1e-6));
    SetSeries(trace->series + AimPart("step") + step, AimInt(row.step));
    if (!std::exchange(trace->started, true)) Start(trace, row.step, value);
    SetMeta(trace->trace + AimPart("last"), AimFloat(value));
    SetMeta(trace->trace + AimPart("last_step"), AimInt(row.step));
    if (value > trace->max) SetMeta(trace->trace + AimPart("max"), AimFloat(trace->max = value));
    if (value < trace->min) SetMeta(trace->trace + AimPart("min"), AimFloat(trace->min = value));
  }

  void Start(Trace* trace, Step step, double value) {
    SetMeta(trace->trace + AimPart("dtype"), "\5float");
    SetMeta(trace->trace + AimPart("version"), AimInt(2));
    SetMeta(trace->trace + AimPart("first"), AimFloat(value));
    SetMeta(trace->trace + AimPart("first_step"), AimInt(step));
    SetMeta(trace->trace + AimPart("min"), AimFloat(trace->min = value));
    SetMeta(trace->trace + AimPart("max"), AimFloat(trace->max = value));
    SetMeta(
        AimPart("meta") + AimPart("traces_types") + AimPart("float") + AimPart(std::uint64_t{0}),
        "\1");
  }

  void SetSeries(const std::string& key, const std::string& value) {
    seqs_.Set(key, value, OneByOne());
  }
  void SetMeta(const std::string& key, const std::string& value) {
    meta_.Set(key, value, OneByOne());
  }

  struct KeptRow {
    Step step;
    TimeMicros time;
    std::vector<double> values;
  };

  void Keep(const LoggedRow& row) {
    kept_.push_back({row.step, row.time, {row.values.begin(), row.values.end()}});
  }

  // In the order of the keys: RocksDB takes that many times faster.
  void WriteKept() {
    for (std::size_t i = 0; i < traces_.size(); ++i) Start(&traces_[i], kept_[0].step, Kept(0, i));
    std::sort(kept_.begin(), kept_.end(), [](const KeptRow& a, const KeptRow& b) {
      return AimStepHash(a.step) < AimStepHash(b.step);
    });
    for (std::size_t i = 0; i < traces_.size(); ++i) {
      for (const char* column : kSortedColumns) WriteColumn(traces_[i], column, i);
    }
    meta_.WriteUnlogged();
    for (const Trace& trace : traces_) PutExtent(Curve(trace), trace.trace, &meta_);
    meta_.WriteUnlogged();
    seqs_.Compact();
    kept_.clear();
  }

  double Kept(std::size_t row, std::size_t metric) const { return kept_[row].values[metric]; }

  void WriteColumn(const Trace& trace, std::string_view column, std::size_t metric) {
    const std::string prefix = trace.series + AimPart(column);
    for (const KeptRow& row : kept_) {
      const std::string key = prefix + AimPart(AimStepHash(row.step));
      seqs_.Set(key, ColumnValue(column, row, metric), false);
    }
    seqs_.WriteUnlogged();
  }

  static std::string ColumnValue(std::string_view column, const KeptRow& row, std::size_t metric) {
    if (column == "val") return AimFloat(row.values[metric]);
    if (column == "time") return AimFloat(static_cast<double>(row.time) * 1e-6);
    return column == "step" ? AimInt(row.step) : kNone;
  }

  NumericSeries Curve(const Trace& trace) {
    return ReadAimSeries(seqs_.db(), trace.series, AimSettings::kTuned);
  }

  void RewindKey(const Trace& trace, Step step) {
    const NumericSeries curve = Curve(trace);
    const NumericSeries kept = CutOf(curve, {0, step});
    for (std::size_t i = kept.steps.size(); i < curve.steps.size(); ++i) {
      const std::string hash = AimPart(AimStepHash(curve.steps[i]));
      for (const char* column : kColumns) seqs_.Delete(trace.series + AimPart(column) + hash);
    }
    PutExtent(kept, trace.trace, &meta_);
  }

  static void PutExtent(const NumericSeries& kept, const std::string& trace, AimDb* meta) {
    const auto [min, max] = std::minmax_element(kept.values.begin(), kept.values.end());
    meta->Set(trace + AimPart("last"), AimFloat(kept.values.back()), false);
    meta->Set(trace + AimPart("last_step"), AimInt(kept.steps.back()), false);
    meta->Set(trace + AimPart("min"), AimFloat(*min), false);
    meta->Set(trace + AimPart("max"), AimFloat(*max), false);
  }

  // What does not change with the number of values.
  void CopyTrace(const std::string& from, const std::string& to, AimDb* meta) {
    for (const char* field : {"dtype", "version", "first", "first_step"}) {
      std::string value;
      Must(meta_.db()->Get({}, from + AimPart(field), &value));
      meta->Set(to + AimPart(field), value, false);
    }
  }

  // The columns are in the same order, so they are walked side by side.
  void CopySeries(const std::string& from, Step step, const std::string& to, AimDb* seqs) {
    std::array<std::unique_ptr<rocksdb::Iterator>, kColumns.size()> columns;
    for (std::size_t i = 0; i < kColumns.size(); ++i) {
      columns[i].reset(seqs_.db()->NewIterator({}));
      columns[i]->Seek(from + AimPart(kColumns[i]));
    }
    const rocksdb::Iterator& steps = *columns.back();
    const std::string prefix = from + AimPart(kColumns.back());
    while (steps.Valid() && steps.key().starts_with(prefix)) {
      const bool stays = AimNumber<std::int64_t>(steps.value()) <= step;
      for (const auto& column : columns) {
        if (stays) CopyEntry(*column, from, to, seqs);
      }
      for (const auto& column : columns) column->Next();
    }
    Must(steps.status());
  }

  static void CopyEntry(const rocksdb::Iterator& entry, const std::string& from,
                        const std::string& to, AimDb* seqs) {
    if (!entry.Valid() || !entry.key().starts_with(from)) GiveUp("Aim's columns differ");
    const std::string rest = entry.key().ToString().substr(from.size());
    seqs->Set(to + rest, entry.value().ToString(), false);
  }

  std::string directory_;
  AimDb seqs_;
  AimDb meta_;
  Keys keys_;
  AimSettings settings_;
  Flush flush_;
  std::vector<Trace> traces_;
  std::vector<KeptRow> kept_;  // of Flush::kBulk
};

class AimReader : public PeerReader {
 public:
  AimReader(const std::string& directory, const Keys& keys, AimSettings settings, Which which)
      : seqs_(Open(AimPath(directory, which, "seqs"))),
        meta_(Open(AimPath(directory, which, "meta"))),
        keys_(keys),
        settings_(settings),
        which_(which) {}

  NumericSeries ReadCurve(std::size_t key) override {
    return ReadAimSeries(seqs_.get(), AimSeriesPrefix(which_, keys_[key]), settings_);
  }

  std::vector<double> ReadLast() override {
    std::vector<double> last;
    for (const std::string& key : keys_) {
      std::string stored;
      Must(meta_->Get({}, AimTracePrefix(which_, key) + AimPart("last"), &stored));
      last.push_back(AimNumber<double>(stored));
    }
    return last;
  }

 private:
  static std::unique_ptr<rocksdb::DB> Open(const std::string& path) {
    rocksdb::DB* db = nullptr;
    Must(rocksdb::DB::OpenForReadOnly({}, path, &db));
    return std::unique_ptr<rocksdb::DB>(db);
  }

  std::unique_ptr<rocksdb::DB> seqs_;
  std::unique_ptr<rocksdb::DB> meta_;
  Keys keys_;
  AimSettings settings_;
  Which which_;
};

class AimPeer : public Peer {
 public:
  AimPeer(PeerInfo info, AimSettings settings) : Peer(std::move(info)), settings_(settings) {}

  std::unique_ptr<PeerWriter> OpenWriter(const std::string& directory, const Keys& keys,
                                         Flush flush) override {
    return std::make_unique<AimWriter>(directory, keys, settings_, flush);
  }
  std::unique_ptr<PeerReader> OpenReader(const std::string& directory, const Keys& keys,
                                         Which which) override {
    return std::make_unique<AimReader>(directory, keys, settings_, which);
  }

 private:
  AimSettings settings_;
};

}  // namespace

void AddAim(PeerList* peers) {
  PeerInfo info{.name = "rocksdb-aim/real",
                .settings =
                    "the client's options, each entry a batch with two DeleteRange, log "
                    "ahead without sync; reading all four columns",
                .safe_from = Safety::kKill,
                .log_rows = 250};
  info.rewind = "Delete of each entry, last, min and max computed anew";
  info.fork = "copy of each entry into databases of its own, the same computed anew";
  peers->push_back(std::make_unique<AimPeer>(info, AimSettings::kReal));
  info.name = "rocksdb-aim/tuned";
  info.settings =
      "RocksDB's options, LZ4, a batch a log and database without DeleteRange; reading "
      "two columns";
  info.log_rows = 5'000;
  info.syncs_each_log = true;
  peers->push_back(std::make_unique<AimPeer>(info, AimSettings::kTuned));
}

}  // namespace reprise::bench
