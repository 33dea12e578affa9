// SQLite with the tables of MLflow: a row for each value, with three indexes, and a table of latest
// values that each log compares with.
#include <algorithm>
#include <optional>
#include <set>

#include "bench/peers/mlflow_db.h"
#include "bench/peers/peer.h"
#include "bench/peers/sqlite_db.h"

namespace reprise::bench {
namespace {

constexpr std::string_view kRun = "0123456789abcdef0123456789abcdef";
constexpr std::string_view kFork = "fedcba9876543210fedcba9876543210";
constexpr std::size_t kPage = 25'000;         // rows that the client asks for at once
constexpr std::size_t kMetricsBuffer = 1000;  // as the client's asynchronous logging

// "?2,?3,..." for as many keys.
std::string Places(std::size_t keys) {
  std::string places;
  for (std::size_t i = 0; i < keys; ++i) places += (i > 0 ? ",?" : "?") + std::to_string(i + 2);
  return places;
}

class MlflowWriter : public PeerWriter {
 public:
  MlflowWriter(SqliteDb db, const Keys& keys, std::size_t rows_a_transaction)
      : db_(std::move(db)), keys_(keys), rows_a_transaction_(rows_a_transaction) {
    InsertRun(kRun);
    Prepare();
  }

  Step next_step() override {
    find_run_->Bind(1, kRun);
    if (!find_run_->Step()) GiveUp("MLflow's run is gone");
    find_run_->Reset();
    auto last = db_.Prepare("SELECT max(step) FROM latest_metrics WHERE run_uuid=?");
    last.Bind(1, kRun);
    return last.Step() ? last.Integer(0) + 1 : 0;
  }

  void Log(const LoggedRow& row) override {
    if (open_rows_ == 0) Begin();
    InsertRow(row);
    last_step_ = row.step;
    last_time_ = row.time;
    last_values_.assign(row.values.begin(), row.values.end());
    if (++open_rows_ == rows_a_transaction_) Commit();
  }

  void Rewind(Step step) override {
    db_.Run("BEGIN");
    DeleteAfter(step);
    ComputeLatest(kRun);
    db_.Run("COMMIT");
  }

  void Fork(Step step) override {
    db_.Run("BEGIN");
    InsertRun(kFork);
    CopyUpTo(step);
    ComputeLatest(kFork);
    db_.Run("COMMIT");
  }

  void Finish() override {
    if (open_rows_ > 0) Commit();
  }

 private:
  void InsertRun(std::string_view run) {
    db_.Run("INSERT OR IGNORE INTO runs (run_uuid, status, start_time, lifecycle_stage) VALUES ('" +
            std::string(run) + "', 'RUNNING', 0, 'active')");
  }

  void Prepare() {
    find_run_ = db_.Prepare("SELECT * FROM runs WHERE run_uuid=?");
    insert_ = db_.Prepare(
        "INSERT INTO metrics (key, value, timestamp, run_uuid, step, is_nan) "
        "VALUES (?,?,?,?,?,0)");
    latest_keys_ = db_.Prepare("SELECT key FROM latest_metrics WHERE run_uuid=?1 AND key IN (" +
                               Places(keys_.size()) + ")");
    latest_rows_ = db_.Prepare(
        "SELECT key, value, timestamp, step, is_nan FROM latest_metrics WHERE run_uuid=?1 AND key "
        "IN (" +
        Places(keys_.size()) + ") ORDER BY run_uuid, key");
    put_latest_ = db_.Prepare(
        "INSERT INTO latest_metrics (key, value, timestamp, step, is_nan, run_uuid) VALUES "
        "(?,?,?,?,0,?)");
    update_latest_ = db_.Prepare(
        "UPDATE latest_metrics SET value=?, timestamp=?, step=?, is_nan=0 WHERE key=? AND "
        "run_uuid=?");
  }

  void Begin() {
    db_.Run("BEGIN");
    find_run_->Bind(1, kRun);
    if (!find_run_->Step()) GiveUp("MLflow's run is gone");
    find_run_->Reset();
  }

  void Commit() {
    UpdateLatest();
    db_.Run("COMMIT");
    open_rows_ = 0;
  }

  void InsertRow(const LoggedRow& row) {
    for (std::size_t i = 0; i < keys_.size(); ++i) {
      insert_->Bind(1, std::string_view(keys_[i]));
      insert_->Bind(2, row.values[i]);
      insert_->Bind(3, row.time / 1000);
      insert_->Bind(4, kRun);
      insert_->Bind(5, row.step);
      insert_->Run();
    }
  }

  void BindKeys(SqliteStatement* statement) {
    statement->Bind(1, kRun);
    for (std::size_t i = 0; i < keys_.size(); ++i) {
      statement->Bind(static_cast<int>(i) + 2, std::string_view(keys_[i]));
    }
  }

  // Asks twice, as the client does: which keys are there, then their rows.
  void UpdateLatest() {
    BindKeys(&*latest_keys_);
    while (latest_keys_->Step()) continue;
    BindKeys(&*latest_rows_);
    std::set<std::string, std::less<>> known;
    while (latest_rows_->Step()) {
      if (latest_rows_->Integer(3) > last_step_) GiveUp("MLflow's latest step goes back");
      known.emplace(latest_rows_->Text(0));
    }
    for (std::size_t i = 0; i < keys_.size(); ++i) PutLatest(i, known.contains(keys_[i]));
  }

  void PutLatest(std::size_t key, bool known) {
    const double value = last_values_[key];
    SqliteStatement& statement = known ? *update_latest_ : *put_latest_;
    int at = 1;
    if (!known) statement.Bind(at++, std::string_view(keys_[key]));
    statement.Bind(at++, value);
    statement.Bind(at++, last_time_ / 1000);
    statement.Bind(at++, last_step_);
    if (known) statement.Bind(at++, std::string_view(keys_[key]));
    statement.Bind(at, kRun);
    statement.Run();
  }

  void DeleteAfter(Step step) {
    auto rows = db_.Prepare("DELETE FROM metrics WHERE run_uuid=? AND step>?");
    rows.Bind(1, kRun);
    rows.Bind(2, step);
    rows.Run();
    auto latest = db_.Prepare("DELETE FROM latest_metrics WHERE run_uuid=?");
    latest.Bind(1, kRun);
    latest.Run();
  }

  void CopyUpTo(Step step) {
    auto copy = db_.Prepare(
        "INSERT INTO metrics (key, value, timestamp, run_uuid, step, is_nan) SELECT key, value, "
        "timestamp, ?, step, is_nan FROM metrics WHERE run_uuid=? AND step<=?");
    copy.Bind(1, kFork);
    copy.Bind(2, kRun);
    copy.Bind(3, step);
    copy.Run();
  }

  void ComputeLatest(std::string_view run) {
    auto latest = db_.Prepare(
        "INSERT INTO latest_metrics (key, value, timestamp, step, is_nan, run_uuid) SELECT key, "
        "value, timestamp, step, is_nan, run_uuid FROM metrics WHERE run_uuid=? AND key=? ORDER BY "
        "step DESC LIMIT 1");
    for (const std::string& key : keys_) {
      latest.Bind(1, run);
      latest.Bind(2, std::string_view(key));
      latest.Run();
    }
  }

  SqliteDb db_;
  Keys keys_;
  std::size_t rows_a_transaction_;
  std::size_t open_rows_ = 0;
  Step last_step_ = kNoStep;
  TimeMicros last_time_ = 0;
  std::vector<double> last_values_;
  std::optional<SqliteStatement> find_run_, insert_, latest_keys_, latest_rows_, put_latest_,
      update_latest_;
};

class MlflowReader : public PeerReader {
 public:
  MlflowReader(SqliteDb db, const Keys& keys, MlflowSettings settings, Which which)
      : db_(std::move(db)),
        keys_(keys),
        settings_(settings),
        run_(which == Which::kRun ? kRun : kFork) {}

  NumericSeries ReadCurve(std::size_t key) override {
    return settings_ == MlflowSettings::kReal ? ReadPages(key) : ReadRange(key, {});
  }

  NumericSeries ReadRange(std::size_t key, StepRange range) override {
    auto select = db_.Prepare(
        "SELECT step, value FROM metrics WHERE run_uuid=? AND key=? AND step BETWEEN ? AND ? "
        "ORDER BY step");
    select.Bind(1, run_);
    select.Bind(2, std::string_view(keys_[key]));
    select.Bind(3, range.first);
    select.Bind(4, range.last);
    NumericSeries curve;
    Append(&select, &curve);
    return curve;
  }

  std::vector<Bucket> Sample(std::size_t key, const BucketRule& rule) override {
    auto select = db_.Prepare(
        "SELECT min(value), max(value) FROM metrics WHERE run_uuid=?1 AND key=?2 GROUP BY "
        "(step-?3)*?4/?5 ORDER BY (step-?3)*?4/?5");
    select.Bind(1, run_);
    select.Bind(2, std::string_view(keys_[key]));
    select.Bind(3, rule.first());
    select.Bind(4, rule.buckets());
    select.Bind(5, rule.span());
    std::vector<Bucket> buckets;
    while (select.Step()) buckets.push_back({select.Real(0), select.Real(1)});
    return buckets;
  }

  std::vector<double> ReadLast() override {
    auto select = db_.Prepare("SELECT value FROM latest_metrics WHERE run_uuid=? ORDER BY key");
    select.Bind(1, run_);
    std::vector<double> last;  // the keys rise, so their order is that of the input
    while (select.Step()) last.push_back(select.Real(0));
    return last;
  }

 private:
  // Returns how many rows there were.
  static std::size_t Append(SqliteStatement* select, NumericSeries* curve) {
    const std::size_t before = curve->steps.size();
    while (select->Step()) {
      curve->steps.push_back(select->Integer(0));
      curve->values.push_back(select->Real(1));
    }
    return curve->steps.size() - before;
  }

  // A page begins where an offset says, so each skips the ones before it again.
  NumericSeries ReadPages(std::size_t key) {
    auto select = db_.Prepare(
        "SELECT step, value, timestamp, is_nan, key, run_uuid FROM metrics WHERE run_uuid=? AND "
        "key=? ORDER BY timestamp, step, value LIMIT ? OFFSET ?");
    NumericSeries curve;
    std::size_t read = kPage;
    while (read == kPage) {
      select.Bind(1, run_);
      select.Bind(2, std::string_view(keys_[key]));
      select.Bind(3, static_cast<std::int64_t>(kPage));
      select.Bind(4, static_cast<std::int64_t>(curve.steps.size()));
      read = Append(&select, &curve);
    }
    return curve;
  }

  SqliteDb db_;
  Keys keys_;
  MlflowSettings settings_;
  std::string_view run_;
};

class MlflowPeer : public Peer {
 public:
  MlflowPeer(PeerInfo info, MlflowSettings settings) : Peer(std::move(info)), settings_(settings) {}

  std::unique_ptr<PeerWriter> OpenWriter(const std::string& directory, const Keys& keys,
                                         Flush flush) override {
    std::size_t rows = 1;
    const std::size_t buffered = std::max<std::size_t>(1, kMetricsBuffer / keys.size());
    if (settings_ == MlflowSettings::kTuned) rows = buffered;
    if (flush == Flush::kEachLog) rows = 1;
    if (flush == Flush::kBulk) rows = 10'000;
    return std::make_unique<MlflowWriter>(OpenMlflowDb(directory, settings_, flush), keys, rows);
  }
  std::unique_ptr<PeerReader> OpenReader(const std::string& directory, const Keys& keys,
                                         Which which) override {
    return std::make_unique<MlflowReader>(OpenMlflowDb(directory, settings_, Flush::kOwn), keys,
                                          settings_, which);
  }

 private:
  MlflowSettings settings_;
};

}  // namespace

void AddMlflow(PeerList* peers) {
  PeerInfo info{.name = "sqlite-mlflow/real",
                .settings = "journal DELETE, synchronous FULL, a transaction a log",
                .safe_from = Safety::kPowerCut,
                .log_rows = 100};
  info.syncs_each_log = true;
  info.rewind = "DELETE of the rows, latest values looked up again";
  info.fork = "INSERT of the rows selected, latest values looked up";
  peers->push_back(std::make_unique<MlflowPeer>(info, MlflowSettings::kReal));
  info.name = "sqlite-mlflow/tuned";
  info.settings =
      "WAL, synchronous NORMAL, 1,000 metrics a transaction; FULL and a transaction a "
      "log where each log is synced";
  info.safe_from = Safety::kNothing;
  info.log_rows = 10'000;
  peers->push_back(std::make_unique<MlflowPeer>(info, MlflowSettings::kTuned));
}

}  // namespace reprise::bench
