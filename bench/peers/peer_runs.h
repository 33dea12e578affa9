// The runs that peers are measured on, and each peer's files of them.
#ifndef REPRISE_BENCH_PEERS_PEER_RUNS_H_
#define REPRISE_BENCH_PEERS_PEER_RUNS_H_

#include <cstddef>
#include <optional>
#include <string>

#include "bench/bench_store.h"
#include "bench/peers/peer.h"
#include "bench/run_input.h"

namespace reprise::bench {

inline constexpr std::size_t kMadeKeys = 10;
inline constexpr std::size_t kMadeRows = 100'000;
inline constexpr std::size_t kChangedRows = 10'000;

// 10 keys and 100,000 rows: what is logged and read.
const RunInput& Made();
// Its first 10,000 rows: what is rewound and forked.
const RunInput& Changed();
// Rows of fewer or more keys: what is logged beside.
const RunInput& MadeOf(std::size_t keys);
// A real run, where it is there.
const std::optional<RunInput>& Pythia();

void LogAll(PeerWriter* writer, const RunInput& run);

// A peer's finished run, made when first asked for, compared with what was logged, and then kept.
struct FinishedRun {
  std::string directory;
  double bytes_a_value = 0;
};
const FinishedRun& Finished(Peer* peer, const RunInput& run);

// A copy of a finished run, to be changed, and all of it on stable storage: else the first sync of
// who changes it would be charged with the copy.
class CopiedRun {
 public:
  explicit CopiedRun(const FinishedRun& run);
  const std::string& path() const { return directory_.path(); }

 private:
  ScratchDirectory directory_;
};

}  // namespace reprise::bench

#endif  // REPRISE_BENCH_PEERS_PEER_RUNS_H_
