// What was asked of a store and what it acknowledged, kept outside of it; and from that, what may
// be found after a crash.
#ifndef REPRISE_TESTS_FAULTS_CRASH_ORACLE_H_
#define REPRISE_TESTS_FAULTS_CRASH_ORACLE_H_

#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "tests/faults/crash/store_text.h"

namespace reprise {

enum class Crash : std::uint8_t {
  kKill,   // the process ends; the system goes on
  kPower,  // the machine stops, and starts again
};

// What an acknowledgement promises.
enum class Promise : std::uint8_t {
  kNothing,  // a row under kNone
  kWritten,  // a row under kProcess: survives a kill
  kSynced,   // a change, a row under kDisk, Sync: survives a power cut
};

// Positions are those of a trace: how many effects came before.
class Oracle {
 public:
  // One call that changes something, and all its states.
  struct Call {
    std::string text;
    int session = 0;
    Promise promise = Promise::kNothing;
    std::vector<std::string> runs;  // that it is about
    std::size_t first_state = 0;    // the state after its first row; most calls have one state
    std::size_t last_state = 0;     // the state when it is done
    std::size_t begun = 0;
    std::size_t done = kNever;
  };
  static constexpr std::size_t kNever = std::numeric_limits<std::size_t>::max();

  // A call begins; its states, if all goes well, are `states`: of each run that it is about the
  // text afterwards, empty if there is no such run.
  void Begin(Call call, const std::vector<StoreText>& states, std::size_t position);
  // The last call that began is acknowledged.
  void Acknowledge(std::size_t position);

  const std::vector<Call>& calls() const { return calls_; }
  // How many calls were acknowledged up to a position.
  std::size_t CountAcknowledged(std::size_t position) const;
  // Whether a call of this text was.
  bool IsAcknowledged(const std::string& text, std::size_t position) const;

  // What is wrong with a store that is found after a crash at the position; empty: nothing. Each
  // run must be as it was at one moment: not before its last durable state, and not after what the
  // call that was going on would have made of it.
  std::string FindFault(const StoreText& found, Crash crash, std::size_t position) const;

 private:
  // The state that a run must have reached.
  std::size_t LeastState(const std::string& run, Crash crash, std::size_t position) const;
  std::size_t MostState(std::size_t position) const;
  const std::string& TextAt(const std::string& run, std::size_t state) const;

  std::vector<Call> calls_;
  std::map<std::string, std::map<std::size_t, std::string>> texts_;  // by run, by state
  std::size_t states_ = 1;                                           // state 0: nothing is there
};

}  // namespace reprise

#endif  // REPRISE_TESTS_FAULTS_CRASH_ORACLE_H_
