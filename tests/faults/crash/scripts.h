// What is done to a store before it is crashed: a script for each protocol.
#ifndef REPRISE_TESTS_FAULTS_CRASH_SCRIPTS_H_
#define REPRISE_TESTS_FAULTS_CRASH_SCRIPTS_H_

#include <ostream>
#include <span>

#include "tests/faults/crash/workload.h"

namespace reprise {

struct Script {
  const char* name;
  // Ends with the first call that fails. Leaves stores open as it likes.
  Status (*run)(Workload& work);

  friend std::ostream& operator<<(std::ostream& out, const Script& script) {
    return out << script.name;
  }
};

std::span<const Script> Scripts();

}  // namespace reprise

#endif  // REPRISE_TESTS_FAULTS_CRASH_SCRIPTS_H_
