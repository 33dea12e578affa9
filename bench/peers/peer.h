// What is measured of every store of run histories, Reprise among them.
//
// Each peer is the schema and the settings of a client that people use, written anew in C++ on the
// same library; "tuned" ones keep the schema and choose the best settings for it. All are given the
// same rows, and what is read back is compared with them: a figure of something wrong is none.
#ifndef REPRISE_BENCH_PEERS_PEER_H_
#define REPRISE_BENCH_PEERS_PEER_H_

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "bench/bench_store.h"
#include "reprise/history.h"
#include "reprise/value.h"

namespace reprise::bench {

using Keys = std::vector<std::string>;

// A row with a value for each key, in the order of the keys.
struct LoggedRow {
  Step step;
  TimeMicros time;
  std::span<const double> values;
};

// When rows leave the process.
enum class Flush {
  kOwn,      // as the client does it, or as is best for the schema if tuned
  kEachLog,  // a row is on stable storage when Log returns
  kBulk,     // as fast as the same files can be made: not measured
};

// The run that is logged, and the one that Fork makes of it.
enum class Which { kRun, kFork };

// Extends one run. Errors end the program.
class PeerWriter {
 public:
  virtual ~PeerWriter() = default;
  virtual Step next_step() = 0;
  virtual void Log(const LoggedRow& row) = 0;
  // Keeps rows up to `step`, after which next_step() is step + 1. Right after opening alone.
  virtual void Rewind(Step step) = 0;
  // Makes another run, Which::kFork, that has the rows up to `step`. Right after opening alone.
  virtual void Fork(Step step) = 0;
  // Everything logged can be read by others, and the files are as the client leaves them.
  virtual void Finish() = 0;
};

struct Bucket {
  double min;
  double max;
  friend bool operator==(const Bucket&, const Bucket&) = default;
};

// Cuts steps into buckets of the same length, within a unit.
class BucketRule {
 public:
  BucketRule(StepRange steps, std::size_t buckets)
      : first_(steps.first),
        span_(steps.last - steps.first + 1),
        buckets_(static_cast<Step>(buckets)) {}
  Step first() const { return first_; }
  Step span() const { return span_; }
  Step buckets() const { return buckets_; }
  std::size_t Of(Step step) const {
    return static_cast<std::size_t>((step - first_) * buckets_ / span_);
  }

 private:
  Step first_;
  Step span_;
  Step buckets_;
};

// The least and the greatest value of each bucket, in which there must be one.
std::vector<Bucket> SampleOf(const NumericSeries& curve, const BucketRule& rule);
// The part of a curve with steps in `range`.
NumericSeries CutOf(const NumericSeries& curve, StepRange range);

// Reads one finished run. What can stay open between two readings does.
class PeerReader {
 public:
  virtual ~PeerReader() = default;
  virtual NumericSeries ReadCurve(std::size_t key) = 0;
  // Those without a better way read the whole curve.
  virtual NumericSeries ReadRange(std::size_t key, StepRange range) {
    return CutOf(ReadCurve(key), range);
  }
  virtual std::vector<Bucket> Sample(std::size_t key, const BucketRule& rule) {
    return SampleOf(ReadCurve(key), rule);
  }
  // The last value of each key.
  virtual std::vector<double> ReadLast() = 0;
};

// What takes no row away for which Log has returned, with Flush::kOwn.
enum class Safety { kNothing, kKill, kPowerCut };

struct PeerInfo {
  std::string name;      // "store/variant"
  std::string settings;  // for the page
  Safety safe_from;
  std::size_t log_rows;         // how many rows a measurement of Log takes in about a second
  bool logs = true;             // false: differs from another variant in reading alone
  bool reads = true;            // false: differs from another variant in writing alone
  bool syncs_each_log = false;  // knows Flush::kEachLog
  bool float32 = false;         // keeps 32 bits of a value
  std::string rewind{};         // what stands in for a rewind
  std::string fork{};           // what stands in for a fork
};

class Peer {
 public:
  explicit Peer(PeerInfo info) : info_(std::move(info)) {}
  virtual ~Peer() = default;
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  const PeerInfo& info() const { return info_; }
  // Makes the run in an empty directory, else opens it to go on.
  virtual std::unique_ptr<PeerWriter> OpenWriter(const std::string& directory, const Keys& keys,
                                                 Flush flush) = 0;
  virtual std::unique_ptr<PeerReader> OpenReader(const std::string& directory, const Keys& keys,
                                                 Which which) = 0;
  std::unique_ptr<PeerReader> OpenReader(const std::string& directory, const Keys& keys) {
    return OpenReader(directory, keys, Which::kRun);
  }

 private:
  PeerInfo info_;
};

using PeerList = std::vector<std::unique_ptr<Peer>>;

void AddReprise(PeerList* peers);
void AddMlflow(PeerList* peers);
void AddTrackio(PeerList* peers);
void AddAim(PeerList* peers);
void AddPlainRocksdb(PeerList* peers);
void AddTfevents(PeerList* peers);
void AddWandb(PeerList* peers);
void AddLmdb(PeerList* peers);

}  // namespace reprise::bench

#endif  // REPRISE_BENCH_PEERS_PEER_H_
