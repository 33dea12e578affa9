// A script on a disk that fails or is full, and what is left of it afterwards.
#ifndef REPRISE_TESTS_FAULTS_CRASH_FAULT_RUN_H_
#define REPRISE_TESTS_FAULTS_CRASH_FAULT_RUN_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "tests/faults/crash/image_check.h"
#include "tests/faults/crash/scripts.h"

namespace reprise {

struct FaultRun {
  std::uint64_t calls = 0;     // that the disk was asked
  std::uint64_t fired = 0;     // of them failed
  std::uint64_t no_space = 0;  // calls of the engine that met a full disk, and worked later
  std::uint64_t bytes = 0;     // that files held when they held most
  std::string fault;           // what is wrong; empty: nothing
};

// How a disk comes to fail, and what mends it.
struct FaultyDisk {
  std::function<void(Workload&)> begin;
  std::function<void(Workload&)> mend;
};

// Runs the script. A call that meets a full disk must work once the disk is mended; any other
// failure ends the script, and must be one of I/O. Whatever was acknowledged must be there on a
// mended disk: after the process ended in good order, after a kill, and after a power cut that took
// all that was not synced.
FaultRun RunOnFaultyDisk(const Script& script, std::uint64_t seed, const FaultyDisk& faulty,
                         ImageCheck& check);

}  // namespace reprise

#endif  // REPRISE_TESTS_FAULTS_CRASH_FAULT_RUN_H_
