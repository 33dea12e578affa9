// What a peer gives back is what was logged, bit for bit, or the program ends: a figure of
// something wrong is none.
#ifndef REPRISE_BENCH_PEERS_PEER_CHECKS_H_
#define REPRISE_BENCH_PEERS_PEER_CHECKS_H_

#include <cstddef>
#include <string>

#include "bench/peers/peer.h"
#include "bench/run_input.h"

namespace reprise::bench {

// What is read of the made run.
inline constexpr std::size_t kReadKey = 3;
inline constexpr StepRange kReadSteps{50'000, 50'999};
inline constexpr std::size_t kReadBuckets = 1000;

// Ends the program if `same` is false, naming the peer and `what`.
void MustBeSame(const Peer& peer, const std::string& what, bool same);

// All curves, and the last values.
void CheckRun(const Peer& peer, const RunInput& run, PeerReader* reader);
// The same for one key, where all would take longer than what is measured.
void CheckQuickly(Peer* peer, const RunInput& run, const std::string& directory, Which which);
// CheckRun, and a range and a sample of kReadKey.
void CheckReading(const Peer& peer, const RunInput& run, PeerReader* reader);

}  // namespace reprise::bench

#endif  // REPRISE_BENCH_PEERS_PEER_CHECKS_H_
