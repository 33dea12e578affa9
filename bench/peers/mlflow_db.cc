#include "bench/peers/mlflow_db.h"

namespace reprise::bench {

namespace {

constexpr const char* kSchema = R"(
CREATE TABLE IF NOT EXISTS runs (run_uuid VARCHAR(32) NOT NULL, name VARCHAR(250),
  source_type VARCHAR(20), source_name VARCHAR(500), entry_point_name VARCHAR(50),
  user_id VARCHAR(256), status VARCHAR(20), start_time BIGINT, end_time BIGINT, deleted_time BIGINT,
  source_version VARCHAR(50), lifecycle_stage VARCHAR(20), artifact_uri VARCHAR(200),
  experiment_id INTEGER, CONSTRAINT run_pk PRIMARY KEY (run_uuid),
  CHECK (lifecycle_stage IN ('active', 'deleted')));
CREATE TABLE IF NOT EXISTS metrics (key VARCHAR(250) NOT NULL, value FLOAT NOT NULL,
  timestamp BIGINT NOT NULL, run_uuid VARCHAR(32) NOT NULL, step BIGINT DEFAULT '0' NOT NULL,
  is_nan BOOLEAN DEFAULT '0' NOT NULL,
  CONSTRAINT metric_pk PRIMARY KEY (key, timestamp, step, run_uuid, value, is_nan),
  FOREIGN KEY (run_uuid) REFERENCES runs (run_uuid), CHECK (is_nan IN (0, 1)));
CREATE INDEX IF NOT EXISTS index_metrics_run_uuid ON metrics (run_uuid);
CREATE INDEX IF NOT EXISTS index_metrics_run_uuid_key_step ON metrics (run_uuid, key, step);
CREATE TABLE IF NOT EXISTS latest_metrics (key VARCHAR(250) NOT NULL, value FLOAT NOT NULL,
  timestamp BIGINT, step BIGINT NOT NULL, is_nan BOOLEAN NOT NULL, run_uuid VARCHAR(32) NOT NULL,
  CONSTRAINT latest_metric_pk PRIMARY KEY (key, run_uuid),
  FOREIGN KEY (run_uuid) REFERENCES runs (run_uuid), CHECK (is_nan IN (0, 1)));
CREATE INDEX IF NOT EXISTS index_latest_metrics_run_uuid ON latest_metrics (run_uuid);
)";

std::string Pragmas(MlflowSettings settings, Flush flush) {
  std::string pragmas =
      "PRAGMA foreign_keys=ON; PRAGMA busy_timeout=20000; PRAGMA case_sensitive_like=true;";
  if (settings == MlflowSettings::kTuned) pragmas += "PRAGMA journal_mode=WAL;";
  if (flush == Flush::kBulk) return pragmas + "PRAGMA synchronous=OFF;";
  if (settings == MlflowSettings::kTuned && flush == Flush::kOwn)
    pragmas += "PRAGMA synchronous=NORMAL;";
  return pragmas;
}

}  // namespace

SqliteDb OpenMlflowDb(const std::string& directory, MlflowSettings settings, Flush flush) {
  SqliteDb db(directory + "/mlflow.db");
  db.Run(Pragmas(settings, flush));
  db.Run(kSchema);
  return db;
}

}  // namespace reprise::bench
