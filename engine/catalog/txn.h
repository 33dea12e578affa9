// One LMDB transaction with checked values.
//
// A stored value is a payload and the checksum of (key, payload); the key begins with its table's
// byte. What does not verify is kCorrupt. One entry keeps the sum of all these checksums: values
// verify one by one, and only the sum tells that one of them is an older one.
// Not thread-safe. Made by Env, and gone when its callback returns.
#ifndef REPRISE_ENGINE_CATALOG_TXN_H_
#define REPRISE_ENGINE_CATALOG_TXN_H_

#include <lmdb.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "engine/catalog/keys.h"
#include "reprise/status.h"

namespace reprise {

class Env;

class Txn {
 public:
  Txn(Env& env, MDB_txn* txn, MDB_dbi table) : env_(env), txn_(txn), table_(table) {}
  Txn(const Txn&) = delete;
  Txn& operator=(const Txn&) = delete;

  // The payload of `key`, copied.
  Result<std::optional<std::string>> Get(const Key& key);
  Result<bool> Has(const Key& key);
  Status Put(const Key& key, std::string_view payload);
  // Ok if there is no such key.
  Status Delete(const Key& key);

  // Gets key and payload; valid only during the call. False ends the scan early.
  using Visitor = std::function<Result<bool>(std::string_view key, std::string_view payload)>;
  // Brings the sum up to date. The last call before a commit.
  Status Finish();

  // All entries from `from` on whose keys begin with `prefix`, in order. `visit` must not write.
  Status Scan(const Key& prefix, const Key& from, const Visitor& visit);
  Status Scan(const Key& prefix, const Visitor& visit) { return Scan(prefix, prefix, visit); }
  Status ScanAll(const Visitor& visit);
  // The last entry before `end` whose key begins with `prefix`, if there is one.
  Status VisitLastBefore(const Key& prefix, std::string_view end, const Visitor& visit);

  // LMDB's number of this transaction; of one that writes, the one committed last has one less.
  std::uint64_t number() const;
  // Whether a Put failed because the map is full.
  bool map_full() const { return map_full_; }

 private:
  struct CursorCloser {
    void operator()(MDB_cursor* cursor) const { mdb_cursor_close(cursor); }
  };
  using Cursor = std::unique_ptr<MDB_cursor, CursorCloser>;

  Result<Cursor> OpenCursor();
  // Puts the cursor for writing at `key`. The checksum of its value, or nothing if there is none.
  Result<std::optional<std::uint64_t>> Seek(const Key& key);
  Status PutSum();
  Status PutValue(const Key& key, std::string_view payload, std::uint64_t checksum);
  Status ScanFrom(std::string_view prefix, std::string_view from, const Visitor& visit);
  Result<bool> Visit(const MDB_val& key, const MDB_val& value, const Visitor& visit);

  Env& env_;
  MDB_txn* txn_;
  MDB_dbi table_;
  bool map_full_ = false;
  std::uint64_t sum_change_ = 0;  // modulo 2^64
  Cursor writer_;                 // finds its way from one key to the next of the same page
};

// The checksum that ends a stored value; 0 if it is too short to have one.
std::uint64_t KeptChecksum(std::string_view stored);
// The sum that is the payload of SumKey.
Result<std::uint64_t> DecodeSum(std::string_view payload);
// The checked payload of a stored value.
Result<std::string_view> CheckedPayload(std::string_view key, std::string_view stored);

}  // namespace reprise

#endif  // REPRISE_ENGINE_CATALOG_TXN_H_
