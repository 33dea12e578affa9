// LMDB alone: an entry for each value, or each metric one key with its values as sorted duplicates.
//
// plain:    key: run u32, metric u32, step u64, big-endian; value: the number and the time.
// dupfixed: key: run u32, metric u32; value: step u64, big-endian, and the number. Times are one
//           more metric.
#include <lmdb.h>

#include <bit>

#include "bench/peers/big_endian.h"
#include "bench/peers/peer.h"

namespace reprise::bench {
namespace {

constexpr std::size_t kMapBytes = std::size_t{4} << 30U;
constexpr std::size_t kRowsATransaction = 100;
constexpr std::size_t kValueBytes = 16;
constexpr std::size_t kStepAt = 8;  // in a key of `plain`; others end here

enum class Layout { kPlain, kDupfixed };

void MustLmdb(int code) {
  if (code != MDB_SUCCESS) GiveUp(std::string("LMDB: ") + mdb_strerror(code));
}

MDB_val View(const std::string& bytes) {
  return {bytes.size(), const_cast<char*>(bytes.data())};  // LMDB only reads it
}

const char* Bytes(const MDB_val& value) { return static_cast<const char*>(value.mv_data); }

std::string MetricKey(Which which, std::size_t metric) {
  std::string key;
  PutBigEndian(which == Which::kRun ? std::uint32_t{1} : std::uint32_t{2}, &key);
  PutBigEndian(static_cast<std::uint32_t>(metric), &key);
  return key;
}

std::string StepBytes(Step step) {
  std::string bytes;
  PutBigEndian(static_cast<std::uint64_t>(step), &bytes);
  return bytes;
}

class LmdbEnv {
 public:
  LmdbEnv(const std::string& directory, Layout layout, unsigned flags) {
    MustLmdb(mdb_env_create(&env_));
    MustLmdb(mdb_env_set_mapsize(env_, kMapBytes));
    MustLmdb(mdb_env_open(env_, directory.c_str(), flags, 0600));
    const unsigned sorted = layout == Layout::kDupfixed ? MDB_DUPSORT | MDB_DUPFIXED : 0U;
    MDB_txn* txn = Begin(0);
    MustLmdb(mdb_dbi_open(txn, nullptr, MDB_CREATE | sorted, &dbi_));
    MustLmdb(mdb_txn_commit(txn));
  }
  ~LmdbEnv() { mdb_env_close(env_); }
  LmdbEnv(const LmdbEnv&) = delete;
  LmdbEnv& operator=(const LmdbEnv&) = delete;

  MDB_txn* Begin(unsigned flags) {
    MDB_txn* txn = nullptr;
    MustLmdb(mdb_txn_begin(env_, nullptr, flags, &txn));
    return txn;
  }
  MDB_dbi dbi() const { return dbi_; }

 private:
  MDB_env* env_ = nullptr;
  MDB_dbi dbi_ = 0;
};

// A cursor in a transaction of its own for reading, or in a given one.
class LmdbCursor {
 public:
  explicit LmdbCursor(LmdbEnv* env) : own_(env->Begin(MDB_RDONLY)) { Open(own_, env->dbi()); }
  LmdbCursor(MDB_txn* txn, MDB_dbi dbi) { Open(txn, dbi); }
  ~LmdbCursor() {
    mdb_cursor_close(cursor_);
    if (own_ != nullptr) mdb_txn_abort(own_);
  }
  LmdbCursor(const LmdbCursor&) = delete;
  LmdbCursor& operator=(const LmdbCursor&) = delete;

  bool Move(MDB_cursor_op op) {
    const int code = mdb_cursor_get(cursor_, &key, &value, op);
    if (code != MDB_NOTFOUND) MustLmdb(code);
    return code == MDB_SUCCESS;
  }
  bool Seek(const std::string& to, MDB_cursor_op op) {
    key = View(to);
    return Move(op);
  }
  void Delete() { MustLmdb(mdb_cursor_del(cursor_, 0)); }

  MDB_val key{};
  MDB_val value{};

 private:
  void Open(MDB_txn* txn, MDB_dbi dbi) { MustLmdb(mdb_cursor_open(txn, dbi, &cursor_)); }

  MDB_txn* own_ = nullptr;
  MDB_cursor* cursor_ = nullptr;
};

bool IsOf(const MDB_val& key, const std::string& metric) {
  return std::string_view(Bytes(key), key.mv_size).starts_with(metric);
}

// Puts the cursor on the last entry of a metric; false if there is none.
bool SeekLast(LmdbCursor* cursor, Which which, std::size_t metric, Layout layout) {
  if (layout == Layout::kDupfixed) {
    return cursor->Seek(MetricKey(which, metric), MDB_SET_KEY) && cursor->Move(MDB_LAST_DUP);
  }
  const bool beyond = cursor->Seek(MetricKey(which, metric + 1), MDB_SET_RANGE);
  const bool found = cursor->Move(beyond ? MDB_PREV : MDB_LAST);
  return found && IsOf(cursor->key, MetricKey(which, metric));
}

// To a metric's first entry, and on from one.
bool SeekFirst(LmdbCursor* cursor, const std::string& metric, Layout layout) {
  return cursor->Seek(metric, layout == Layout::kPlain ? MDB_SET_RANGE : MDB_SET_KEY);
}
bool Next(LmdbCursor* cursor, Layout layout) {
  return cursor->Move(layout == Layout::kPlain ? MDB_NEXT : MDB_NEXT_DUP);
}

Step StepAt(const LmdbCursor& cursor, Layout layout) {
  const char* bytes = layout == Layout::kPlain ? Bytes(cursor.key) + kStepAt : Bytes(cursor.value);
  return static_cast<Step>(GetBigEndian(bytes));
}

double NumberAt(const LmdbCursor& cursor, Layout layout) {
  return GetNative<double>(Bytes(cursor.value) + (layout == Layout::kPlain ? 0 : 8));
}

class LmdbWriter : public PeerWriter {
 public:
  LmdbWriter(const std::string& directory, std::size_t metrics, Layout layout, Flush flush)
      : env_(directory, layout, flush == Flush::kEachLog ? 0 : MDB_NOSYNC),
        metrics_(metrics),
        layout_(layout),
        rows_a_transaction_(flush == Flush::kEachLog ? 1 : kRowsATransaction) {}

  Step next_step() override {
    LmdbCursor cursor(&env_);
    return SeekLast(&cursor, Which::kRun, 0, layout_) ? StepAt(cursor, layout_) + 1 : 0;
  }

  void Log(const LoggedRow& row) override {
    if (open_ == nullptr) open_ = env_.Begin(0);
    for (std::size_t metric = 0; metric < metrics_; ++metric) Put(row, metric);
    if (series() > metrics_) PutDuplicate(metrics_, row.step, std::bit_cast<double>(row.time));
    if (++open_rows_ == rows_a_transaction_) Commit();
  }

  void Rewind(Step step) override {
    open_ = env_.Begin(0);
    for (std::size_t metric = 0; metric < series(); ++metric) {
      LmdbCursor cursor(open_, env_.dbi());
      while (SeekLast(&cursor, Which::kRun, metric, layout_) && StepAt(cursor, layout_) > step) {
        cursor.Delete();
      }
    }
    Commit();
  }

  // The fork's keys are behind all others, so each entry is appended.
  void Fork(Step step) override {
    open_ = env_.Begin(0);
    for (std::size_t metric = 0; metric < series(); ++metric) {
      for (const auto& [key, value] : EntriesUpTo(step, metric)) {
        key_ = MetricKey(Which::kFork, metric) + key.substr(kStepAt);
        value_ = value;
        PutEntry(layout_ == Layout::kPlain ? MDB_APPEND : MDB_APPENDDUP);
      }
    }
    Commit();
  }

  void Finish() override {
    if (open_ != nullptr) Commit();
  }

 private:
  // The times of `dupfixed` are one more.
  std::size_t series() const { return metrics_ + (layout_ == Layout::kDupfixed ? 1 : 0); }

  // Copies, since a put may move what a cursor points to.
  std::vector<std::pair<std::string, std::string>> EntriesUpTo(Step step, std::size_t metric) {
    std::vector<std::pair<std::string, std::string>> entries;
    const std::string key = MetricKey(Which::kRun, metric);
    LmdbCursor at(open_, env_.dbi());
    bool found = SeekFirst(&at, key, layout_);
    for (; found && IsOf(at.key, key) && StepAt(at, layout_) <= step; found = Next(&at, layout_)) {
      entries.emplace_back(std::string(Bytes(at.key), at.key.mv_size),
                           std::string(Bytes(at.value), at.value.mv_size));
    }
    return entries;
  }

  void Put(const LoggedRow& row, std::size_t metric) {
    if (layout_ == Layout::kDupfixed) return PutDuplicate(metric, row.step, row.values[metric]);
    key_ = MetricKey(Which::kRun, metric) + StepBytes(row.step);
    value_.clear();
    PutNative(row.values[metric], &value_);
    PutNative(row.time, &value_);
    PutEntry(0);
  }

  void PutDuplicate(std::size_t metric, Step step, double number) {
    key_ = MetricKey(Which::kRun, metric);
    value_ = StepBytes(step);
    PutNative(number, &value_);
    PutEntry(MDB_APPENDDUP);
  }

  void PutEntry(unsigned flags) {
    MDB_val key = View(key_);
    MDB_val value = View(value_);
    MustLmdb(mdb_put(open_, env_.dbi(), &key, &value, flags));
  }

  void Commit() {
    MustLmdb(mdb_txn_commit(open_));
    open_ = nullptr;
    open_rows_ = 0;
  }

  LmdbEnv env_;
  std::size_t metrics_;
  Layout layout_;
  std::size_t rows_a_transaction_;
  MDB_txn* open_ = nullptr;
  std::size_t open_rows_ = 0;
  std::string key_;
  std::string value_;
};

class LmdbReader : public PeerReader {
 public:
  LmdbReader(const std::string& directory, std::size_t metrics, Layout layout, Which which)
      : env_(directory, layout, 0), metrics_(metrics), layout_(layout), which_(which) {}

  NumericSeries ReadCurve(std::size_t key) override {
    return layout_ == Layout::kPlain ? ReadRange(key, {}) : ReadPages(key);
  }

  NumericSeries ReadRange(std::size_t key, StepRange range) override {
    NumericSeries curve;
    LmdbCursor cursor(&env_);
    const std::string metric = MetricKey(which_, key);
    bool found = SeekStep(&cursor, metric, range.first);
    for (; found && IsOf(cursor.key, metric); found = Next(&cursor, layout_)) {
      const Step step = StepAt(cursor, layout_);
      if (step > range.last) break;
      curve.steps.push_back(step);
      curve.values.push_back(NumberAt(cursor, layout_));
    }
    return curve;
  }

  std::vector<double> ReadLast() override {
    std::vector<double> last;
    LmdbCursor cursor(&env_);
    for (std::size_t metric = 0; metric < metrics_; ++metric) {
      if (!SeekLast(&cursor, which_, metric, layout_)) GiveUp("a metric has no value");
      last.push_back(NumberAt(cursor, layout_));
    }
    return last;
  }

 private:
  bool SeekStep(LmdbCursor* cursor, const std::string& metric, Step step) {
    if (layout_ == Layout::kPlain) return cursor->Seek(metric + StepBytes(step), MDB_SET_RANGE);
    const std::string least = StepBytes(step) + std::string(8, '\0');  // all are of one length
    cursor->value = View(least);
    return cursor->Seek(metric, MDB_GET_BOTH_RANGE);
  }

  // A page of duplicates at a time.
  NumericSeries ReadPages(std::size_t key) {
    NumericSeries curve;
    LmdbCursor cursor(&env_);
    bool found = cursor.Seek(MetricKey(which_, key), MDB_SET_KEY) && cursor.Move(MDB_GET_MULTIPLE);
    for (; found; found = cursor.Move(MDB_NEXT_MULTIPLE)) {
      for (std::size_t at = 0; at < cursor.value.mv_size; at += kValueBytes) {
        const char* entry = Bytes(cursor.value) + at;
        curve.steps.push_back(static_cast<Step>(GetBigEndian(entry)));
        curve.values.push_back(GetNative<double>(entry + 8));
      }
    }
    return curve;
  }

  LmdbEnv env_;
  std::size_t metrics_;
  Layout layout_;
  Which which_;
};

class LmdbPeer : public Peer {
 public:
  LmdbPeer(PeerInfo info, Layout layout) : Peer(std::move(info)), layout_(layout) {}

  std::unique_ptr<PeerWriter> OpenWriter(const std::string& directory, const Keys& keys,
                                         Flush flush) override {
    return std::make_unique<LmdbWriter>(directory, keys.size(), layout_, flush);
  }
  std::unique_ptr<PeerReader> OpenReader(const std::string& directory, const Keys& keys,
                                         Which which) override {
    return std::make_unique<LmdbReader>(directory, keys.size(), layout_, which);
  }

 private:
  Layout layout_;
};

}  // namespace

void AddLmdb(PeerList* peers) {
  PeerInfo info{.name = "lmdb/plain",
                .settings =
                    "an entry a value, 100 logs a transaction, NOSYNC; LMDB's defaults and "
                    "a transaction a log where each log is synced",
                .safe_from = Safety::kNothing,
                .log_rows = 100'000};
  info.syncs_each_log = true;
  info.rewind = "delete of each entry, one transaction";
  info.fork = "copy of each entry, one transaction";
  peers->push_back(std::make_unique<LmdbPeer>(info, Layout::kPlain));
  info.name = "lmdb/dupfixed";
  info.settings = "a key a metric with sorted values of 16 bytes (APPENDDUP), else the same";
  peers->push_back(std::make_unique<LmdbPeer>(info, Layout::kDupfixed));
}

}  // namespace reprise::bench
