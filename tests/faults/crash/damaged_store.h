// A store whose processes died and whose bytes were damaged then: what a repair is for.
#ifndef REPRISE_TESTS_FAULTS_CRASH_DAMAGED_STORE_H_
#define REPRISE_TESTS_FAULTS_CRASH_DAMAGED_STORE_H_

#include <cstdint>
#include <memory>
#include <ostream>
#include <string>

#include "reprise/status.h"
#include "tests/faults/crash/crash_image.h"

namespace reprise {

enum class DamageTarget : std::uint8_t { kLog, kPack, kSuperblock, kCatalog, kTwoFiles };

// "log", "pack", ...
std::string DamageTargetName(DamageTarget target);
inline std::ostream& operator<<(std::ostream& out, DamageTarget target) {
  return out << DamageTargetName(target);
}

struct DamagedStore {
  CrashImage whole;    // all of it on stable storage, before it was damaged
  CrashImage damaged;  // the same afterwards
  std::string what;    // was done to it
};

// By the seed: what was logged, which byte of which file, and how much from there on. In logs only
// what a later group says is on stable storage is damaged: a power cut takes a torn tail for one
// that nobody was promised, and rightly so.
//
// Runs that begin with the same letter share rows, others do not. Values have no spaces.
Result<DamagedStore> MakeDamagedStore(DamageTarget target, std::uint64_t seed);

}  // namespace reprise

#endif  // REPRISE_TESTS_FAULTS_CRASH_DAMAGED_STORE_H_
