// What must hold of every store, whatever was done to it: checked at the end of each test.
#ifndef REPRISE_TESTS_SUPPORT_STORE_CHECKS_H_
#define REPRISE_TESTS_SUPPORT_STORE_CHECKS_H_

#include <string>

#include "reprise/verify.h"

namespace reprise {

// What a deep Verify finds that is not a note, one finding a line; empty for a sound store. Works
// beside live writers.
std::string FindDamage(const std::string& store_path);

// Rebuilds the catalog and says where it differs from the one before; empty if nowhere. Nobody may
// have the store open.
std::string FindRebuildDifference(const std::string& store_path);

}  // namespace reprise

#endif  // REPRISE_TESTS_SUPPORT_STORE_CHECKS_H_
