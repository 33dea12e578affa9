// The store that is damaged: small, and with everything in it that a store can hold.
#ifndef REPRISE_TESTS_FAULTS_SWEEP_SWEEP_STORE_H_
#define REPRISE_TESTS_FAULTS_SWEEP_SWEEP_STORE_H_

#include <string>

namespace reprise {

// Makes it at `path`, by child processes: first closed sessions, then two that are killed. False if
// a child did not do as it should.
bool MakeSweepStore(const std::string& path);

// The first half. Two packs with several segments, merged ones and replaced ones among them; runs
// that were rewound, forked and deleted; values of all types. The catalog is left clean.
bool MakeClosedSweepStore(const std::string& path);
// The second half. Two logs with rows, changes, syncs, a rewind and open rows.
bool AddKilledSessions(const std::string& path);

}  // namespace reprise

#endif  // REPRISE_TESTS_FAULTS_SWEEP_SWEEP_STORE_H_
