// SQLite with the table of Trackio: a row for each log, its metrics as JSON.
#include <charconv>
#include <ctime>
#include <optional>
#include <random>

#include "bench/peers/json_numbers.h"
#include "bench/peers/peer.h"
#include "bench/peers/sqlite_db.h"

namespace reprise::bench {
namespace {

constexpr std::string_view kRun = "0123456789abcdef0123456789abcdef";
constexpr std::string_view kFork = "fedcba9876543210fedcba9876543210";
constexpr std::size_t kBatch = 500;  // rows a transaction: about what a busy half second gives
constexpr int kStatements = 36;      // of DDL, at each of the client's transactions
constexpr const char* kInsert =
    "INSERT OR IGNORE INTO metrics (run_id, timestamp, run_name, step, metrics, log_id) VALUES "
    "(?,?,'run',?,?,?)";

// Of the client's statements, which make other tables as well, those for metrics.
constexpr std::array<const char*, 5> kSchema{
    "CREATE TABLE IF NOT EXISTS metrics (id INTEGER PRIMARY KEY AUTOINCREMENT, run_id TEXT NOT "
    "NULL, timestamp TEXT NOT NULL, run_name TEXT NOT NULL, step INTEGER NOT NULL, metrics TEXT "
    "NOT NULL, log_id TEXT, space_id TEXT)",
    "CREATE INDEX IF NOT EXISTS idx_metrics_run_step ON metrics (run_id, step)",
    "CREATE INDEX IF NOT EXISTS idx_metrics_run_timestamp ON metrics (run_id, timestamp)",
    "CREATE UNIQUE INDEX IF NOT EXISTS idx_metrics_log_id ON metrics (log_id) WHERE log_id IS NOT "
    "NULL",
    "CREATE INDEX IF NOT EXISTS idx_metrics_pending ON metrics (space_id) WHERE space_id IS NOT "
    "NULL"};

enum class Settings { kReal, kTuned };

SqliteDb OpenDb(const std::string& directory, Flush flush) {
  SqliteDb db(directory + "/trackio.db");
  const std::string synchronous = flush == Flush::kEachLog ? "FULL" : "NORMAL";
  db.Run(
      "PRAGMA journal_mode=WAL; PRAGMA temp_store=MEMORY; PRAGMA cache_size=-20000; PRAGMA "
      "mmap_size=0; PRAGMA synchronous=" +
      (flush == Flush::kBulk ? "OFF" : synchronous));
  return db;
}

// 2026-11-21T12:34:56.123456+00:00
std::string Timestamp(TimeMicros time) {
  const std::time_t seconds = time / 1'000'000;
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 40> text{};
  const std::size_t length = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &parts);
  std::snprintf(text.data() + length, text.size() - length, ".%06d+00:00",
                static_cast<int>(time % 1'000'000));
  return text.data();
}

class TrackioWriter : public PeerWriter {
 public:
  TrackioWriter(std::string directory, const Keys& keys, Settings settings, Flush flush)
      : directory_(std::move(directory)), keys_(keys), settings_(settings), flush_(flush) {
    Connect();
  }

  Step next_step() override {
    auto last = db_->Prepare("SELECT max(step) FROM metrics WHERE run_id=?");
    last.Bind(1, kRun);
    return last.Step() ? last.Integer(0) + 1 : 0;
  }

  void Log(const LoggedRow& row) override {
    json_.clear();
    PutJsonNumbers(keys_, row.values, &json_);
    waiting_.push_back({Timestamp(row.time), json_, LogId(), row.step});
    if (waiting_.size() == BatchRows()) Write();
  }

  void Rewind(Step step) override {
    auto rows = db_->Prepare("DELETE FROM metrics WHERE run_id=? AND step>?");
    rows.Bind(1, kRun);
    rows.Bind(2, step);
    rows.Run();
  }

  void Fork(Step step) override {
    auto copy = db_->Prepare(
        "INSERT INTO metrics (run_id, timestamp, run_name, step, metrics, log_id) SELECT ?, "
        "timestamp, 'fork', step, metrics, lower(hex(randomblob(16))) FROM metrics WHERE run_id=? "
        "AND step<=? ORDER BY id");
    copy.Bind(1, kFork);
    copy.Bind(2, kRun);
    copy.Bind(3, step);
    copy.Run();
  }

  void Finish() override {
    if (!waiting_.empty()) Write();
  }

 private:
  struct WaitingRow {
    std::string timestamp;
    std::string metrics;
    std::string log_id;
    Step step;
  };

  std::size_t BatchRows() const { return flush_ == Flush::kEachLog ? 1 : kBatch; }

  void Connect() {
    insert_.reset();
    db_.reset();
    db_ = OpenDb(directory_, flush_);
    for (int i = 0; i < kStatements; ++i) {
      db_->Run(kSchema[static_cast<std::size_t>(i) % kSchema.size()]);
    }
    insert_ = db_->Prepare(kInsert);
  }

  std::string LogId() {
    std::array<char, 40> text{};
    std::snprintf(text.data(), text.size(), "%016llx%016llx",
                  static_cast<unsigned long long>(random_()),
                  static_cast<unsigned long long>(random_()));
    return text.data();
  }

  void Write() {
    if (settings_ == Settings::kReal && flush_ == Flush::kOwn) Connect();
    db_->Run("BEGIN IMMEDIATE");
    for (const WaitingRow& row : waiting_) {
      insert_->Bind(1, kRun);
      insert_->Bind(2, std::string_view(row.timestamp));
      insert_->Bind(3, row.step);
      insert_->Bind(4, std::string_view(row.metrics));
      insert_->Bind(5, std::string_view(row.log_id));
      insert_->Run();
    }
    db_->Run("COMMIT");
    waiting_.clear();
  }

  std::string directory_;
  Keys keys_;
  Settings settings_;
  Flush flush_;
  std::optional<SqliteDb> db_;
  std::optional<SqliteStatement> insert_;
  std::vector<WaitingRow> waiting_;
  std::mt19937_64 random_{std::random_device{}()};
  std::string json_;
};

class TrackioReader : public PeerReader {
 public:
  TrackioReader(SqliteDb db, const Keys& keys, Settings settings, Which which)
      : db_(std::move(db)),
        keys_(keys),
        settings_(settings),
        run_(which == Which::kRun ? kRun : kFork) {}

  NumericSeries ReadCurve(std::size_t key) override {
    return settings_ == Settings::kReal ? ReadAll(key) : ReadRange(key, {});
  }

  NumericSeries ReadRange(std::size_t key, StepRange range) override {
    if (settings_ == Settings::kReal) return CutOf(ReadAll(key), range);
    auto select = db_.Prepare(
        "SELECT step, metrics FROM metrics WHERE run_id=? AND step BETWEEN ? AND ? ORDER BY step");
    select.Bind(1, run_);
    select.Bind(2, range.first);
    select.Bind(3, range.last);
    NumericSeries curve;
    while (select.Step()) {
      curve.steps.push_back(select.Integer(0));
      curve.values.push_back(JsonNumberOf(select.Text(1), keys_[key]));
    }
    return curve;
  }

  std::vector<double> ReadLast() override {
    auto select =
        db_.Prepare("SELECT metrics FROM metrics WHERE run_id=? ORDER BY step DESC LIMIT 1");
    select.Bind(1, run_);
    if (!select.Step()) GiveUp("Trackio's run is empty");
    return JsonNumbers(select.Text(0), keys_);
  }

 private:
  // The client has each row whole, in its table of metrics.
  NumericSeries ReadAll(std::size_t key) {
    auto select = db_.Prepare(
        "SELECT timestamp, step, metrics FROM metrics WHERE run_id=? ORDER BY timestamp, id");
    select.Bind(1, run_);
    NumericSeries curve;
    while (select.Step()) {
      const std::vector<double> values = JsonNumbers(select.Text(2), keys_);
      curve.steps.push_back(select.Integer(1));
      curve.values.push_back(values[key]);
    }
    return curve;
  }

  SqliteDb db_;
  Keys keys_;
  Settings settings_;
  std::string_view run_;
};

class TrackioPeer : public Peer {
 public:
  TrackioPeer(PeerInfo info, Settings settings) : Peer(std::move(info)), settings_(settings) {}

  std::unique_ptr<PeerWriter> OpenWriter(const std::string& directory, const Keys& keys,
                                         Flush flush) override {
    return std::make_unique<TrackioWriter>(directory, keys, settings_, flush);
  }
  std::unique_ptr<PeerReader> OpenReader(const std::string& directory, const Keys& keys,
                                         Which which) override {
    return std::make_unique<TrackioReader>(OpenDb(directory, Flush::kOwn), keys, settings_, which);
  }

 private:
  Settings settings_;
};

}  // namespace

void AddTrackio(PeerList* peers) {
  PeerInfo info{.name = "sqlite-trackio/real",
                .settings =
                    "WAL, synchronous NORMAL, 500 rows a transaction, before each the "
                    "connection made anew and 36 statements of DDL; all JSON parsed",
                .safe_from = Safety::kNothing,
                .log_rows = 20'000};
  info.rewind = "DELETE of the rows";
  info.fork = "INSERT of the rows selected, with new ids";
  peers->push_back(std::make_unique<TrackioPeer>(info, Settings::kReal));
  info.name = "sqlite-trackio/tuned";
  info.settings =
      "the same, the connection kept, reading by the index on steps and only one key "
      "of the JSON; FULL and a transaction a log where each log is synced";
  info.syncs_each_log = true;
  peers->push_back(std::make_unique<TrackioPeer>(info, Settings::kTuned));
}

}  // namespace reprise::bench
