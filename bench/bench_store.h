// What the benchmarks share: a directory on the disk under test, stores with runs of a given shape,
// and ways to see what an operation wrote.
//
// A benchmark that cannot do its work ends the program with the reason: a figure measured on
// something else would be worse than none.
#ifndef REPRISE_BENCH_BENCH_STORE_H_
#define REPRISE_BENCH_BENCH_STORE_H_

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "reprise/store.h"

namespace reprise::bench {

// Prints the reason to stderr and exits.
[[noreturn]] void GiveUp(std::string_view reason);

inline void Must(const Status& status) {
  if (!status.ok()) GiveUp(status.ToString());
}
template <typename T>
T Must(Result<T> result) {
  if (!result) GiveUp(result.error().ToString());
  return *std::move(result);
}

// A new directory for `name` in a directory of this program's own, which is removed when the
// program ends. That one lies in $REPRISE_BENCH_DIR, else $TMPDIR, else /tmp; figures hold for the
// disk it is on.
std::string MakeDirectory(std::string_view name);

// Such a directory for what is made anew at each repetition: named `name` with a number behind, and
// removed with this object.
class ScratchDirectory {
 public:
  explicit ScratchDirectory(std::string_view name);
  ~ScratchDirectory();
  ScratchDirectory(const ScratchDirectory&) = delete;
  ScratchDirectory& operator=(const ScratchDirectory&) = delete;

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// Bytes of all files in a directory and those below it, their holes left out: LMDB's lock file is
// 64 KiB long and takes 4.
std::uint64_t BytesIn(const std::string& directory);

// Makes the run, or goes on with it.
RunWriter StartOrResume(Store& store, const std::string& run_id);

// Appends `rows` rows with the key `loss`, at the steps after the last one; without `value`,
// 1 / (step + 1).
void AppendRows(RunWriter& run, std::uint64_t rows,
                const std::function<double(Step)>& value = nullptr);

// Makes the run's lineage deeper by `branches`: each is rewound to right after its first row, so
// that each owns one row and none is skipped.
void Deepen(RunWriter& run, std::uint32_t branches);

// Bytes in the log files of the store at `path`, of all sessions.
std::uint64_t LogBytes(const std::string& path);

// Returns when the store's background thread has sealed what it will: what it writes would be taken
// for an operation's.
void WaitUntilQuiet(const std::string& path);

// The bytes of the catalog of the store at `path`. Commits reach the file by writing, so all that
// was committed is there.
std::string ReadCatalog(const std::string& path);

// How many 4 KiB pages of the file differ, new ones included. LMDB never changes a page in place,
// so these are the pages that the transactions in between wrote; one written twice counts once.
std::uint64_t DifferingPages(std::string_view before, std::string_view after);

// The middle one of sorted values. Not for none.
double Median(std::vector<double> values);

// An append of `bytes` to a file and an fdatasync: what a durable operation takes at least.
class SyncedFile {
 public:
  explicit SyncedFile(const std::string& path);
  ~SyncedFile();
  SyncedFile(const SyncedFile&) = delete;
  SyncedFile& operator=(const SyncedFile&) = delete;

  void Append(std::size_t bytes);

 private:
  int descriptor_;
};

}  // namespace reprise::bench

#endif  // REPRISE_BENCH_BENCH_STORE_H_
