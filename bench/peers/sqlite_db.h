// As much of SQLite as the two peers on it need. Errors end the program.
#ifndef REPRISE_BENCH_PEERS_SQLITE_DB_H_
#define REPRISE_BENCH_PEERS_SQLITE_DB_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace reprise::bench {

// A prepared statement, for any number of uses. Text that is bound must live until the next Reset.
class SqliteStatement {
 public:
  SqliteStatement(sqlite3* db, const std::string& sql);

  void Bind(int index, std::int64_t value);
  void Bind(int index, double value);
  void Bind(int index, std::string_view value);
  // Whether there is a row; at the end the statement is reset.
  bool Step();
  // Runs a statement that gives no rows.
  void Run();
  void Reset();

  std::int64_t Integer(int column);
  double Real(int column);
  // Valid until the next Step.
  std::string_view Text(int column);

 private:
  void Check(int code);

  sqlite3* db_;
  std::shared_ptr<sqlite3_stmt> statement_;
};

class SqliteDb {
 public:
  explicit SqliteDb(const std::string& path);

  // Runs statements whose rows nobody wants.
  void Run(const std::string& sql);
  SqliteStatement Prepare(const std::string& sql) { return {db_.get(), sql}; }

 private:
  std::shared_ptr<sqlite3> db_;
};

}  // namespace reprise::bench

#endif  // REPRISE_BENCH_PEERS_SQLITE_DB_H_
