// The tables of MLflow in SQLite, and the settings they are used with.
#ifndef REPRISE_BENCH_PEERS_MLFLOW_DB_H_
#define REPRISE_BENCH_PEERS_MLFLOW_DB_H_

#include <string>

#include "bench/peers/peer.h"
#include "bench/peers/sqlite_db.h"

namespace reprise::bench {

enum class MlflowSettings { kReal, kTuned };

// Makes the tables where they are not there.
SqliteDb OpenMlflowDb(const std::string& directory, MlflowSettings settings, Flush flush);

}  // namespace reprise::bench

#endif  // REPRISE_BENCH_PEERS_MLFLOW_DB_H_
