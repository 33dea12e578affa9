// What the machine gives at best, to hold the other figures against.
#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <lmdb.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <string>
#include <vector>

#include "bench/bench_store.h"

namespace reprise::bench {
namespace {

constexpr std::size_t kCopyBytes = std::size_t{64} << 20U;
constexpr std::size_t kRowBytes = 128;  // a log record of about ten values
constexpr std::size_t kSyncBytes = 256;
constexpr std::size_t kFileLimit = std::size_t{256} << 20U;

// Google Benchmark calls a benchmark several times.
std::string NewDirectory(const std::string& name) {
  static int made = 0;
  return MakeDirectory(name + "-" + std::to_string(made++));
}

// More than caches hold.
void Memcpy64MiB(benchmark::State& state) {
  const std::vector<char> from(kCopyBytes, 'x');
  std::vector<char> to(kCopyBytes);
  for (auto unused : state) {
    std::memcpy(to.data(), from.data(), kCopyBytes);
    benchmark::ClobberMemory();
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(kCopyBytes));
}

void Write128Bytes(benchmark::State& state) {
  const std::string path = NewDirectory("write") + "/file";
  const int descriptor = ::open(path.c_str(), O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0600);
  if (descriptor < 0) GiveUp("cannot open " + path);
  const std::array<char, kRowBytes> row{};
  std::size_t written = 0;
  for (auto unused : state) {
    if (::write(descriptor, row.data(), row.size()) != kRowBytes) GiveUp("cannot write");
    written += row.size();
    if (written % kFileLimit == 0 && ::ftruncate(descriptor, 0) != 0) GiveUp("cannot truncate");
  }
  ::close(descriptor);
  ::unlink(path.c_str());
}

void AppendAndFdatasync256Bytes(benchmark::State& state) {
  static SyncedFile file(MakeDirectory("sync") + "/file");
  for (auto unused : state) file.Append(kSyncBytes);
}

void MustLmdb(int code) {
  if (code != MDB_SUCCESS) GiveUp(std::string("LMDB: ") + mdb_strerror(code));
}

void Put(MDB_env* env, std::uint64_t number) {
  MDB_txn* txn = nullptr;
  MustLmdb(mdb_txn_begin(env, nullptr, 0, &txn));
  MDB_dbi dbi = 0;
  MustLmdb(mdb_dbi_open(txn, nullptr, 0, &dbi));
  std::array<char, kSyncBytes> bytes{};
  MDB_val key{sizeof number, &number};
  MDB_val value{bytes.size(), bytes.data()};
  MustLmdb(mdb_put(txn, dbi, &key, &value, 0));
  MustLmdb(mdb_txn_commit(txn));
}

// One put of 256 bytes. Keys come again, so that the file stays small.
void LmdbCommit(benchmark::State& state, unsigned flags) {
  MDB_env* env = nullptr;
  const std::string directory = NewDirectory("lmdb");
  MustLmdb(mdb_env_create(&env));
  MustLmdb(mdb_env_set_mapsize(env, kFileLimit));
  MustLmdb(mdb_env_open(env, directory.c_str(), flags, 0600));
  std::uint64_t number = 0;
  for (auto unused : state) Put(env, number++ % 10'000);
  mdb_env_close(env);
}

void Limit(benchmark::internal::Benchmark* benchmark) {
  benchmark->UseRealTime()->MinTime(0.2)->Unit(benchmark::kMicrosecond);
}

BENCHMARK(Memcpy64MiB)->Apply(Limit);
BENCHMARK(Write128Bytes)->Apply(Limit);
BENCHMARK(AppendAndFdatasync256Bytes)->Apply(Limit);
BENCHMARK_CAPTURE(LmdbCommit, nosync, MDB_NOSYNC)->Apply(Limit);
BENCHMARK_CAPTURE(LmdbCommit, default, 0U)->Apply(Limit);

}  // namespace
}  // namespace reprise::bench
