// Any bytes as the catalog's file: what passes the walk through its pages is safe to give to LMDB.
// Input: folded_pages.h.
#include <lmdb.h>

#include <fstream>
#include <string>

#include "engine/catalog/page_walk.h"
#include "fuzz/folded_pages.h"
#include "fuzz/input_directory.h"
#include "tests/support/temp_dir.h"

namespace reprise::fuzz {
namespace {

void WriteFile(const std::string& path, const std::string& bytes) {
  std::ofstream file(path, std::ios::binary);
  file << bytes;
  Require(file.flush().good(), "a file can be written");
}

// The entries that LMDB finds one after the other; each is found by its key, too.
std::uint64_t CountEntries(MDB_txn* txn, MDB_dbi tree) {
  MDB_cursor* cursor = nullptr;
  Require(mdb_cursor_open(txn, tree, &cursor) == 0, "a tree that passed can be opened");
  std::uint64_t entries = 0;
  std::uint64_t sum = 0;
  MDB_val key;
  MDB_val value;
  while (mdb_cursor_get(cursor, &key, &value, MDB_NEXT) == 0) {
    ++entries;
    for (std::size_t i = 0; i < value.mv_size; ++i) {
      sum += static_cast<const unsigned char*>(value.mv_data)[i];
    }
    MDB_val found;
    Require(mdb_get(txn, tree, &key, &found) == 0 && found.mv_data == value.mv_data,
            "each key leads to its entry");
  }
  mdb_cursor_close(cursor);
  volatile std::uint64_t read = sum;  // so that each byte is
  (void)read;
  return entries;
}

void ReadByLmdb(const std::string& path, const PageWalk& walk) {
  MDB_env* env = nullptr;
  Require(mdb_env_create(&env) == 0, "LMDB starts");
  const int opened = mdb_env_open(env, path.c_str(), MDB_NOSUBDIR | MDB_RDONLY | MDB_NOLOCK, 0600);
  if (opened == 0) {
    MDB_txn* txn = nullptr;
    MDB_dbi tree = 0;
    Require(mdb_txn_begin(env, nullptr, MDB_RDONLY, &txn) == 0, "a file that passed can be read");
    Require(mdb_dbi_open(txn, nullptr, 0, &tree) == 0, "a file that passed has a tree");
    Require(CountEntries(txn, tree) == walk.entries, "LMDB finds what was counted");
    mdb_txn_abort(txn);
  }
  mdb_env_close(env);
}

void Try(FuzzInput input) {
  std::string bytes = UnfoldPages(&input);
  MemoryFile file("catalog", &bytes);
  const Result<PageWalk> walk = WalkPages(file);
  const Result<PageWalk> again = WalkPages(file);
  Require(walk.has_value() == again.has_value(), "a file is the same each time");
  if (!walk.has_value()) {
    Require(walk.error().code() == Code::kCorrupt, "what is wrong is the file");
    return;
  }
  Require(walk->pages <= bytes.size() / walk->page_size, "no page is visited twice");
  static const TempDir folder;
  WriteFile(folder.Of("catalog"), bytes);
  ReadByLmdb(folder.Of("catalog"), *walk);
}

}  // namespace
}  // namespace reprise::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  reprise::fuzz::Try(reprise::fuzz::FuzzInput(data, size));
  return 0;
}
