// RocksDB as one would use it for run histories today: a key that sorts, and options to match.
//
// key: run u64, metric u32, step u64, big-endian; value: the number and the time, 8 bytes each.
#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/table.h>

#include <limits>

#include "bench/peers/big_endian.h"
#include "bench/peers/peer.h"
#include "bench/peers/rocksdb_must.h"

namespace reprise::bench {
namespace {

constexpr std::size_t kStepAt = 12;

rocksdb::Options PlainOptions() {
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = rocksdb::NewLRUCache(std::size_t{64} << 20U);
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  rocksdb::Options options;
  options.create_if_missing = true;
  options.compression = rocksdb::kZSTD;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return options;
}

std::string KeyOf(Which which, std::size_t metric, Step step) {
  std::string key;
  PutBigEndian(which == Which::kRun ? std::uint64_t{1} : std::uint64_t{2}, &key);
  PutBigEndian(static_cast<std::uint32_t>(metric), &key);
  PutBigEndian(static_cast<std::uint64_t>(step), &key);
  return key;
}

Step StepOf(const rocksdb::Slice& key) {
  return static_cast<Step>(GetBigEndian(key.data() + kStepAt));
}

bool IsOf(const rocksdb::Slice& key, Which which, std::size_t metric) {
  return key.starts_with(rocksdb::Slice(KeyOf(which, metric, 0).data(), kStepAt));
}

// The last entry of a metric; its iterator must stand on one.
std::unique_ptr<rocksdb::Iterator> SeekLast(rocksdb::DB* db, Which which, std::size_t metric) {
  std::unique_ptr<rocksdb::Iterator> it(db->NewIterator({}));
  it->SeekForPrev(KeyOf(which, metric, std::numeric_limits<Step>::max()));
  Must(it->status());
  return it;
}

class PlainWriter : public PeerWriter {
 public:
  PlainWriter(const std::string& path, std::size_t metrics, bool sync)
      : metrics_(metrics), sync_(sync) {
    rocksdb::DB* db = nullptr;
    Must(rocksdb::DB::Open(PlainOptions(), path, &db));
    db_.reset(db);
  }

  Step next_step() override {
    const auto it = SeekLast(db_.get(), Which::kRun, 0);
    return it->Valid() && IsOf(it->key(), Which::kRun, 0) ? StepOf(it->key()) + 1 : 0;
  }

  void Log(const LoggedRow& row) override {
    for (std::size_t metric = 0; metric < metrics_; ++metric) {
      value_.clear();
      PutNative(row.values[metric], &value_);
      PutNative(row.time, &value_);
      batch_.Put(KeyOf(Which::kRun, metric, row.step), value_);
    }
    Write();
  }

  void Rewind(Step step) override {
    for (std::size_t metric = 0; metric < metrics_; ++metric) {
      batch_.DeleteRange(KeyOf(Which::kRun, metric, step + 1), KeyOf(Which::kRun, metric + 1, 0));
    }
    Write();
  }

  // One batch, so that the fork is there whole or not at all.
  void Fork(Step step) override {
    const std::unique_ptr<rocksdb::Iterator> it(db_->NewIterator({}));
    for (std::size_t metric = 0; metric < metrics_; ++metric) {
      it->Seek(KeyOf(Which::kRun, metric, 0));
      for (; it->Valid() && IsOf(it->key(), Which::kRun, metric); it->Next()) {
        if (StepOf(it->key()) > step) break;
        batch_.Put(KeyOf(Which::kFork, metric, StepOf(it->key())), it->value());
      }
    }
    Must(it->status());
    Write();
  }

  void Finish() override {
    Must(db_->Flush({}));
    Must(db_->Close());
  }

 private:
  void Write() {
    rocksdb::WriteOptions options;
    options.sync = sync_;
    Must(db_->Write(options, &batch_));
    batch_.Clear();
  }

  std::size_t metrics_;
  bool sync_;
  std::unique_ptr<rocksdb::DB> db_;
  rocksdb::WriteBatch batch_;
  std::string value_;
};

class PlainReader : public PeerReader {
 public:
  PlainReader(const std::string& path, std::size_t metrics, Which which)
      : metrics_(metrics), which_(which) {
    rocksdb::DB* db = nullptr;
    Must(rocksdb::DB::OpenForReadOnly(PlainOptions(), path, &db));
    db_.reset(db);
  }

  NumericSeries ReadCurve(std::size_t key) override { return ReadRange(key, {}); }

  NumericSeries ReadRange(std::size_t key, StepRange range) override {
    const std::string end = KeyOf(which_, key + 1, 0);
    const rocksdb::Slice bound(end);
    rocksdb::ReadOptions options;
    options.iterate_upper_bound = &bound;
    const std::unique_ptr<rocksdb::Iterator> it(db_->NewIterator(options));
    NumericSeries curve;
    for (it->Seek(KeyOf(which_, key, range.first)); it->Valid(); it->Next()) {
      const Step step = StepOf(it->key());
      if (step > range.last) break;
      curve.steps.push_back(step);
      curve.values.push_back(GetNative<double>(it->value().data()));
    }
    Must(it->status());
    return curve;
  }

  std::vector<double> ReadLast() override {
    std::vector<double> last;
    for (std::size_t metric = 0; metric < metrics_; ++metric) {
      const auto it = SeekLast(db_.get(), which_, metric);
      if (!it->Valid() || !IsOf(it->key(), which_, metric)) GiveUp("a metric has no value");
      last.push_back(GetNative<double>(it->value().data()));
    }
    return last;
  }

 private:
  std::size_t metrics_;
  Which which_;
  std::unique_ptr<rocksdb::DB> db_;
};

class PlainPeer : public Peer {
 public:
  using Peer::Peer;
  std::unique_ptr<PeerWriter> OpenWriter(const std::string& directory, const Keys& keys,
                                         Flush flush) override {
    return std::make_unique<PlainWriter>(directory + "/db", keys.size(), flush == Flush::kEachLog);
  }
  std::unique_ptr<PeerReader> OpenReader(const std::string& directory, const Keys& keys,
                                         Which which) override {
    return std::make_unique<PlainReader>(directory + "/db", keys.size(), which);
  }
};

}  // namespace

void AddPlainRocksdb(PeerList* peers) {
  PeerInfo info{.name = "rocksdb-plain/tuned",
                .settings =
                    "key run, metric, step; ZSTD, bloom filter, block cache of 64 MiB; a "
                    "batch a log, log ahead without sync",
                .safe_from = Safety::kKill,
                .log_rows = 25'000};
  info.syncs_each_log = true;
  info.rewind = "DeleteRange for each metric";
  info.fork = "Put of each entry, one batch";
  peers->push_back(std::make_unique<PlainPeer>(info));
}

}  // namespace reprise::bench
