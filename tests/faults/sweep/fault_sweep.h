// Makes faults one after the other, asks the store everything, and judges what it answers.
//
// The law: each answer is the one that the sound store gives, or an error that says what is
// damaged; never another one. Rows at the end of a log that nobody closed may be missing where the
// protocol calls it torn (log_oracle.h). Verify finds every fault, or no answer is another.
#ifndef REPRISE_TESTS_FAULTS_SWEEP_FAULT_SWEEP_H_
#define REPRISE_TESTS_FAULTS_SWEEP_FAULT_SWEEP_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "reprise/verify.h"
#include "tests/faults/sweep/fault.h"
#include "tests/faults/sweep/log_oracle.h"
#include "tests/faults/sweep/store_reading.h"
#include "tests/support/shared_memory.h"

namespace reprise {

// What came of the faults; in memory that children share.
struct SweepTally {
  static constexpr std::size_t kCodes = 16;
  static constexpr std::size_t kDepths = 3;
  static constexpr std::size_t kTextSize = 8000;

  std::uint64_t next = 0;  // the fault under way, or the one that ended the child
  std::uint64_t faults = 0;
  std::uint64_t answers = 0;
  std::uint64_t refused = 0;                   // faults that some answer failed of
  std::uint64_t torn = 0;                      // faults that only shortened a log
  std::array<std::uint64_t, kCodes> errors{};  // answers, by code
  std::array<std::uint64_t, kDepths> found{};  // faults, by the first depth of verify that did
  std::uint64_t harmless = 0;                  // no depth found it, and no answer was another
  std::uint64_t cuts = 0;                      // no depth found it: a log ends with a whole group
  std::uint64_t mended = 0;                    // some answer failed until the store was written
  std::uint64_t wrong = 0;                     // against the law
  char wrong_text[kTextSize] = {};             // the first of those, a line each

  // Where the harmless ones are: ranges of bytes, of which faults close to each other share one.
  struct Range {
    char file[80] = {};
    std::size_t first = 0;
    std::size_t last = 0;
    std::uint64_t faults = 0;
  };
  static constexpr std::size_t kRanges = 200;
  std::size_t ranges = 0;  // those beyond kRanges are counted only
  std::array<Range, kRanges> range{};
};

class FaultSweep {
 public:
  enum class Opening : std::uint8_t {
    kToRead,
    kToWrite,  // which recovers and rebuilds: the store is given back its bytes after each fault
  };
  using FaultAt = std::function<Fault(std::size_t)>;

  // `files` of the store in its directory; their logs that no session closed end as `boot` says.
  FaultSweep(std::string store, Boot boot);

  // Makes the faults 0 to count - 1, in a child that may die of them; that is against the law, and
  // another child goes on behind it. That each was made and judged is expected; call it once.
  void Run(std::size_t count, const FaultAt& fault, Opening opening);
  // All counters, on a few lines.
  std::string ToText() const;

  const std::string& store() const { return store_; }
  const FileBytes& files() const { return files_; }
  const SweepTally& tally() const { return *tally_; }

 private:
  using Found = std::set<std::string>;

  // What a store without damage answers.
  struct Truth {
    Answers read;
    Answers recovered;  // after it was opened for writing; empty: not asked yet
  };

  void RunInside(std::size_t count, const FaultAt& fault, Opening opening);
  void TryReading(const Fault& fault);
  void TryWriting(const Fault& fault);
  // Each answer by the law: how many are none of the `accepted` ones, but errors.
  std::size_t Judge(const Fault& fault, const Answers& answers,
                    const std::vector<const Answers*>& accepted);
  void JudgeVerify(const Fault& fault, const Answers& answers, std::size_t errors);
  // The store's, its logs cut where the protocol says so of this fault; null: it does not.
  Truth* TornTruth(const Fault& fault);
  const Answers* Recovered(const FileBytes& files, Truth* truth);
  Answers AskAll() const;
  // Opens it for writing and goes on with the runs of the sessions that were killed.
  bool OpenToWrite() const;
  Found FindAt(VerifyDepth depth, int* exit_code) const;
  void CountHarmless(const Fault& fault);
  void ExpectAllAreCounted(std::size_t count, Opening opening) const;
  void Blame(const std::string& fault, const std::string& what);

  const std::string store_;
  const FileBytes files_;
  std::map<std::string, LogOracle> logs_;
  Questions questions_;
  Truth sound_;
  std::array<Found, SweepTally::kDepths> sound_findings_;
  std::map<std::pair<std::string, std::size_t>, Truth> cut_;  // by log and groups
  SharedMemory<SweepTally> tally_;
};

}  // namespace reprise

#endif  // REPRISE_TESTS_FAULTS_SWEEP_FAULT_SWEEP_H_
