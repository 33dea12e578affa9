// How findings of verify are made and counted.
#ifndef REPRISE_ENGINE_STORE_FINDING_H_
#define REPRISE_ENGINE_STORE_FINDING_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "reprise/status.h"
#include "reprise/verify.h"

namespace reprise {

// A finding about a place in a file; run and steps are the caller's to fill in. A message that does
// not say what to do gets the advice that fits its severity.
Finding MakeFinding(Severity severity, std::string_view code, std::string file,
                    std::uint64_t offset, std::string message);

// How bad it is that something failed with `status`, if damage there would be as bad as `damage`:
// the medium refused, a newer release wrote it, it could not be looked at now, or damage.
Severity SeverityOf(const Status& status, Severity damage);

}  // namespace reprise

#endif  // REPRISE_ENGINE_STORE_FINDING_H_
