#include "engine/catalog/txn.h"

#include <fmt/format.h>

#include <memory>
#include <utility>

#include "engine/catalog/env.h"
#include "format/bytes.h"
#include "format/checksum.h"
#include "format/try.h"

namespace reprise {
namespace {

constexpr std::size_t kChecksumSize = sizeof(std::uint64_t);

MDB_val ToVal(std::string_view bytes) {
  return {bytes.size(), const_cast<char*>(bytes.data())};  // LMDB does not write through it
}

std::string_view ToView(const MDB_val& val) {
  return {static_cast<const char*>(val.mv_data), val.mv_size};
}

std::uint64_t ValueChecksum(std::string_view key, std::string_view payload) {
  return Checksum(payload, Hash(key), 0);
}

std::string HexOf(std::string_view bytes) {
  std::string hex;
  for (const char c : bytes) hex += fmt::format("{:02x}", static_cast<std::uint8_t>(c));
  return hex;
}

}  // namespace

std::uint64_t KeptChecksum(std::string_view stored) {
  if (stored.size() < kChecksumSize) return 0;
  return LoadLittle<std::uint64_t>(stored.data() + stored.size() - kChecksumSize);
}

Result<std::uint64_t> DecodeSum(std::string_view payload) {
  if (payload.size() == sizeof(std::uint64_t)) return LoadLittle<std::uint64_t>(payload.data());
  return Fail(Code::kCorrupt, fmt::format("catalog's sum has {} bytes, expected {}; rebuild the "
                                          "catalog",
                                          payload.size(), sizeof(std::uint64_t)));
}

Result<std::string_view> CheckedPayload(std::string_view key, std::string_view stored) {
  const std::size_t size = stored.size() < kChecksumSize ? 0 : stored.size() - kChecksumSize;
  const std::string_view payload = stored.substr(0, size);
  const std::uint64_t kept = KeptChecksum(stored);
  const std::uint64_t computed = ValueChecksum(key, payload);
  if (kept == computed) return payload;
  return Fail(Code::kCorrupt,
              fmt::format("catalog value does not verify: key {} (value of {} bytes, checksum at "
                          "byte {} is {:016x}, computed {:016x}); rebuild the catalog",
                          HexOf(key), stored.size(), size, kept, computed));
}

std::uint64_t Txn::number() const { return mdb_txn_id(txn_); }

Result<std::optional<std::string>> Txn::Get(const Key& key) {
  MDB_val name = ToVal(key.view());
  MDB_val value;
  const int rc = mdb_get(txn_, table_, &name, &value);
  if (rc == MDB_NOTFOUND) return std::nullopt;
  if (rc != 0) return Fail(env_.Explain(rc, "mdb_get"));
  REPRISE_TRY_ASSIGN(const std::string_view payload, CheckedPayload(key.view(), ToView(value)));
  return std::string(payload);
}

Result<bool> Txn::Has(const Key& key) {
  REPRISE_TRY_ASSIGN(const std::optional<std::string> payload, Get(key));
  return payload.has_value();
}

Result<Txn::Cursor> Txn::OpenCursor() {
  MDB_cursor* cursor = nullptr;
  const int rc = mdb_cursor_open(txn_, table_, &cursor);
  if (rc != 0) return Fail(env_.Explain(rc, "mdb_cursor_open"));
  return Cursor(cursor);
}

Result<std::optional<std::uint64_t>> Txn::Seek(const Key& key) {
  if (writer_ == nullptr) {
    REPRISE_TRY_ASSIGN(writer_, OpenCursor());
  }
  MDB_val name = ToVal(key.view());
  MDB_val value;
  const int rc = mdb_cursor_get(writer_.get(), &name, &value, MDB_SET_KEY);
  if (rc == MDB_NOTFOUND) return std::nullopt;
  if (rc != 0) return Fail(env_.Explain(rc, "mdb_cursor_get"));
  return KeptChecksum(ToView(value));
}

Status Txn::Put(const Key& key, std::string_view payload) {
  const std::uint64_t checksum = ValueChecksum(key.view(), payload);
  REPRISE_TRY_ASSIGN(const auto before, Seek(key));
  REPRISE_TRY(PutValue(key, payload, checksum));
  sum_change_ += checksum - before.value_or(0);
  return {};
}

Status Txn::PutValue(const Key& key, std::string_view payload, std::uint64_t checksum) {
  MDB_val name = ToVal(key.view());
  MDB_val value{payload.size() + kChecksumSize, nullptr};
  const int rc = mdb_cursor_put(writer_.get(), &name, &value, MDB_RESERVE);
  if (rc == MDB_MAP_FULL) map_full_ = true;
  if (rc != 0) return env_.Explain(rc, "mdb_cursor_put");
  char* to = static_cast<char*>(value.mv_data);
  payload.copy(to, payload.size());
  StoreLittle(to + payload.size(), checksum);
  return {};
}

Status Txn::Finish() {
  const Status put = sum_change_ == 0 ? Status() : PutSum();
  writer_.reset();  // a commit would close it
  return put;
}

Status Txn::PutSum() {
  REPRISE_TRY_ASSIGN(const std::optional<std::string> kept, Get(SumKey()));
  std::uint64_t sum = 0;
  if (kept) {
    REPRISE_TRY_ASSIGN(sum, DecodeSum(*kept));
  }
  std::string payload;
  ByteWriter(&payload).Fixed(sum + std::exchange(sum_change_, 0));
  return PutValue(SumKey(), payload, ValueChecksum(SumKey().view(), payload));
}

Status Txn::Delete(const Key& key) {
  REPRISE_TRY_ASSIGN(const auto before, Seek(key));
  if (!before) return {};
  const int rc = mdb_cursor_del(writer_.get(), 0);
  if (rc == MDB_MAP_FULL) map_full_ = true;
  if (rc != 0) return env_.Explain(rc, "mdb_cursor_del");
  sum_change_ -= *before;
  return {};
}

Result<bool> Txn::Visit(const MDB_val& key, const MDB_val& value, const Visitor& visit) {
  REPRISE_TRY_ASSIGN(const std::string_view payload, CheckedPayload(ToView(key), ToView(value)));
  return visit(ToView(key), payload);
}

Status Txn::ScanFrom(std::string_view prefix, std::string_view from, const Visitor& visit) {
  REPRISE_TRY_ASSIGN(const Cursor cursor, OpenCursor());
  MDB_val key = ToVal(from);
  MDB_val value;
  int rc = mdb_cursor_get(cursor.get(), &key, &value, from.empty() ? MDB_FIRST : MDB_SET_RANGE);
  while (rc == 0 && ToView(key).starts_with(prefix)) {
    REPRISE_TRY_ASSIGN(const bool more, Visit(key, value, visit));
    if (!more) return {};
    rc = mdb_cursor_get(cursor.get(), &key, &value, MDB_NEXT);
  }
  return rc == 0 || rc == MDB_NOTFOUND ? Status() : env_.Explain(rc, "mdb_cursor_get");
}

Status Txn::Scan(const Key& prefix, const Key& from, const Visitor& visit) {
  return ScanFrom(prefix.view(), from.view(), visit);
}

Status Txn::ScanAll(const Visitor& visit) { return ScanFrom({}, {}, visit); }

Status Txn::VisitLastBefore(const Key& prefix, std::string_view end, const Visitor& visit) {
  REPRISE_TRY_ASSIGN(const Cursor cursor, OpenCursor());
  MDB_val key = ToVal(end);
  MDB_val value;
  int rc = mdb_cursor_get(cursor.get(), &key, &value, MDB_SET_RANGE);
  // Nothing at or after `end`: the last entry of all is the one before it.
  if (rc == 0 || rc == MDB_NOTFOUND) {
    rc = mdb_cursor_get(cursor.get(), &key, &value, rc == 0 ? MDB_PREV : MDB_LAST);
  }
  if (rc == MDB_NOTFOUND) return {};
  if (rc != 0) return env_.Explain(rc, "mdb_cursor_get");
  if (!ToView(key).starts_with(prefix.view())) return {};
  REPRISE_TRY(Visit(key, value, visit));
  return {};
}

}  // namespace reprise
