// RocksDB's errors end the program, as all do.
#ifndef REPRISE_BENCH_PEERS_ROCKSDB_MUST_H_
#define REPRISE_BENCH_PEERS_ROCKSDB_MUST_H_

#include <rocksdb/status.h>

#include "bench/bench_store.h"

namespace reprise::bench {

inline void Must(const rocksdb::Status& status) {
  if (!status.ok()) GiveUp("RocksDB: " + status.ToString());
}

}  // namespace reprise::bench

#endif  // REPRISE_BENCH_PEERS_ROCKSDB_MUST_H_
