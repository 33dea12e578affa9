// Whether a repair took more from a store than it says.
#ifndef REPRISE_TESTS_FAULTS_CRASH_UNREPORTED_LOSS_H_
#define REPRISE_TESTS_FAULTS_CRASH_UNREPORTED_LOSS_H_

#include <string>

#include "reprise/repair.h"
#include "tests/faults/crash/store_text.h"

namespace reprise {

// What is wrong; empty: nothing. Each row is as it was, or lies in steps of which the report says
// that something is lost: there it may be missing, or lack values. Where changes are lost, or may
// be, rows and runs may be missing anywhere. Nothing is ever there that was not. Runs that begin
// with the same letter share rows, and values have no spaces.
std::string FindUnreportedLoss(const StoreText& whole, const StoreText& mended,
                               const RepairReport& report);

}  // namespace reprise

#endif  // REPRISE_TESTS_FAULTS_CRASH_UNREPORTED_LOSS_H_
