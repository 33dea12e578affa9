// A run of Aim in RocksDB: two databases, and the keys and values in them.
#ifndef REPRISE_BENCH_PEERS_AIM_DB_H_
#define REPRISE_BENCH_PEERS_AIM_DB_H_

#include <rocksdb/db.h>

#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bench/bench_store.h"
#include "bench/peers/peer.h"

namespace reprise::bench {

enum class AimSettings { kReal, kTuned };

// Parts of keys.
std::string AimPart(std::string_view text);
std::string AimPart(std::uint64_t number);
// What the values of a metric begin with, and what is said of it.
std::string AimSeriesPrefix(Which which, const std::string& key);
std::string AimTracePrefix(Which which, const std::string& key);
// Mixes as well as the hash of the client's.
std::uint64_t AimStepHash(Step step);

// Values: a type byte and 8 bytes.
std::string AimInt(std::int64_t value);
std::string AimFloat(double value);
template <typename T>
T AimNumber(const rocksdb::Slice& stored) {
  if (stored.size() != 1 + sizeof(T)) GiveUp("not a stored number");
  T value;
  std::memcpy(&value, stored.data() + 1, sizeof value);
  return value;
}

// Of a database of a run, "seqs" or "meta".
std::string AimPath(const std::string& directory, Which which, const std::string& name);

class AimDb {
 public:
  AimDb(const std::string& path, AimSettings settings);

  // As the client sets a key: what may be below it goes, in a batch of its own. Else collected.
  void Set(const std::string& key, const std::string& value, bool one_by_one);
  void Delete(const std::string& key) { batch_.Delete(key); }
  void Write(bool sync);
  // Without the log ahead: gone if the process ends before Flush.
  void WriteUnlogged();
  void Flush();
  // As small as it gets.
  void Compact();

  rocksdb::DB* db() { return db_.get(); }

 private:
  std::unique_ptr<rocksdb::DB> db_;
  rocksdb::WriteBatch batch_;
};

// The metric whose values begin with `prefix`; with kReal all that the client reads.
NumericSeries ReadAimSeries(rocksdb::DB* seqs, const std::string& prefix, AimSettings settings);

}  // namespace reprise::bench

#endif  // REPRISE_BENCH_PEERS_AIM_DB_H_
