// The include law: includes only go down, siblings never meet, each third-party package has one
// home, public headers need nothing but themselves and tl/expected.
#ifndef REPRISE_TESTS_TIDY_INCLUDE_LAW_H_
#define REPRISE_TESTS_TIDY_INCLUDE_LAW_H_

#include <set>
#include <string>

#include "tests/tidy/tidy_finding.h"

namespace reprise::tidy {

// Checks one .h or .cc. `tree` holds the paths of all files, to tell which folder the public
// header "reprise/x.h" lives in, and whether an include names a file at all.
Findings CheckIncludes(const SourceFile& file, const std::set<std::string>& tree);

}  // namespace reprise::tidy

#endif  // REPRISE_TESTS_TIDY_INCLUDE_LAW_H_
