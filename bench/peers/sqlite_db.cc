#include "bench/peers/sqlite_db.h"

#include <sqlite3.h>

#include "bench/bench_store.h"

namespace reprise::bench {

namespace {

[[noreturn]] void GiveUpOn(sqlite3* db, const std::string& sql) {
  GiveUp("SQLite: " + std::string(sqlite3_errmsg(db)) + ": " + sql);
}

std::shared_ptr<sqlite3_stmt> Compile(sqlite3* db, const std::string& sql) {
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v2(db, sql.c_str(), -1, &statement, nullptr) != SQLITE_OK) GiveUpOn(db, sql);
  return {statement, sqlite3_finalize};
}

}  // namespace

SqliteStatement::SqliteStatement(sqlite3* db, const std::string& sql)
    : db_(db), statement_(Compile(db, sql)) {}

void SqliteStatement::Check(int code) {
  if (code != SQLITE_OK) GiveUpOn(db_, sqlite3_sql(statement_.get()));
}

void SqliteStatement::Bind(int index, std::int64_t value) {
  Check(sqlite3_bind_int64(statement_.get(), index, value));
}

void SqliteStatement::Bind(int index, double value) {
  Check(sqlite3_bind_double(statement_.get(), index, value));
}

void SqliteStatement::Bind(int index, std::string_view value) {
  Check(sqlite3_bind_text(statement_.get(), index, value.data(), static_cast<int>(value.size()),
                          SQLITE_STATIC));
}

bool SqliteStatement::Step() {
  const int code = sqlite3_step(statement_.get());
  if (code == SQLITE_ROW) return true;
  if (code != SQLITE_DONE) GiveUpOn(db_, sqlite3_sql(statement_.get()));
  Reset();
  return false;
}

void SqliteStatement::Run() {
  if (Step()) GiveUp("rows from a statement that gives none");
}

void SqliteStatement::Reset() { Check(sqlite3_reset(statement_.get())); }

std::int64_t SqliteStatement::Integer(int column) {
  return sqlite3_column_int64(statement_.get(), column);
}

double SqliteStatement::Real(int column) { return sqlite3_column_double(statement_.get(), column); }

std::string_view SqliteStatement::Text(int column) {
  // As bytes first: as text they may be converted, and their number be another.
  const void* text = sqlite3_column_blob(statement_.get(), column);
  return {static_cast<const char*>(text),
          static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column))};
}

SqliteDb::SqliteDb(const std::string& path) {
  sqlite3* db = nullptr;
  const int code = sqlite3_open(path.c_str(), &db);
  // The last handle or statement to go closes it.
  db_ = std::shared_ptr<sqlite3>(db, sqlite3_close_v2);
  if (code != SQLITE_OK) GiveUpOn(db, path);
}

void SqliteDb::Run(const std::string& sql) {
  if (sqlite3_exec(db_.get(), sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
    GiveUpOn(db_.get(), sql);
  }
}

}  // namespace reprise::bench
