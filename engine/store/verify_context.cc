#include "engine/store/verify_context.h"

#include <fmt/format.h>

#include "engine/run/session_lock.h"
#include "engine/segment/pack_writer.h"
#include "engine/store/layout.h"

namespace reprise {

void VerifyContext::Add(Finding finding) {
  if (options.on_finding) options.on_finding(finding);
  report.findings.push_back(std::move(finding));
}

void VerifyContext::AddFailure(const Status& status, Severity damage, std::string_view code,
                               std::string file) {
  Add(MakeFinding(SeverityOf(status, damage), code, std::move(file), 0,
                  std::string(status.message())));
}

void VerifyContext::AddSegmentFailure(const Status& status, Severity damage, std::string_view code,
                                      const SegmentRef& segment) {
  if (!damaged.insert({segment.pack, segment.offset}).second) return;
  Finding finding = MakeFinding(SeverityOf(status, damage), code,
                                fmt::format("{}/{}", kPacksName, PackFileName(segment.pack)),
                                segment.offset, std::string(status.message()));
  finding.run = fold.Name(segment.branch);
  finding.steps = {segment.first, segment.last};
  Add(std::move(finding));
}

bool VerifyContext::IsAlive(SessionId session) const {
  return logs != nullptr && session != 0 && IsSessionAlive(*logs, session).value_or(false);
}

}  // namespace reprise
