// What whoever comes after a crash does with a store, and what it shows then.
#ifndef REPRISE_TESTS_FAULTS_CRASH_STORE_RECOVERY_H_
#define REPRISE_TESTS_FAULTS_CRASH_STORE_RECOVERY_H_

#include <cstdint>
#include <string>

#include "engine/io/io.h"
#include "reprise/verify.h"
#include "tests/faults/crash/store_text.h"

namespace reprise {

// How recovery is asked for.
enum class Recovery : std::uint8_t {
  kAdopt,   // a writing store adopts who died
  kResume,  // the same, and then every run that crashed is resumed
  kRace,    // every run is resumed at once, while others of its store are being adopted
};

// Opens the store to write, and closes it.
Result<StoreText> RecoverAndLook(const Io& io, const std::string& path, bool create,
                                 Recovery recovery);
// Opens it to read only.
Result<StoreText> LookOnly(const Io& io, const std::string& path);
// What is wrong by a verify of this depth; empty: nothing but notes.
std::string VerifyText(const Io& io, const std::string& path, VerifyDepth depth);

}  // namespace reprise

#endif  // REPRISE_TESTS_FAULTS_CRASH_STORE_RECOVERY_H_
