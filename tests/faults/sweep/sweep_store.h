// The store that is damaged: small, and with everything in it that a store can hold.
#ifndef REPRISE_TESTS_FAULTS_SWEEP_SWEEP_STORE_H_
#define REPRISE_TESTS_FAULTS_SWEEP_SWEEP_STORE_H_

#include <string>

namespace reprise {

// Makes it at `path`, by child processes. Closed sessions leave two packs with several segments,
// merged ones and replaced ones among them; runs that were rewound, forked and deleted; values of
// all types. Two sessions that were killed leave logs with rows, changes, syncs and open rows.
// False if a child did not do as it should.
bool MakeSweepStore(const std::string& path);

// The same without the sessions that were killed: the catalog is left clean.
bool MakeClosedSweepStore(const std::string& path);

}  // namespace reprise

#endif  // REPRISE_TESTS_FAULTS_SWEEP_SWEEP_STORE_H_
