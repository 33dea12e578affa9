// Sessions and leases that nobody holds any more. The next process that writes recovers them.
#include <fmt/format.h>

#include <set>

#include "engine/log/log_reader.h"
#include "engine/log/log_writer.h"
#include "engine/store/layout.h"
#include "engine/store/verify_context.h"
#include "format/try.h"

namespace reprise {

namespace {

// Sessions that are registered or have files.
Result<std::set<SessionId>> KnownSessions(VerifyContext* context, CatalogView& catalog) {
  std::set<SessionId> known;
  REPRISE_TRY_ASSIGN(const auto registered, catalog.Sessions());
  for (const SessionRecord& session : registered) known.insert(session.holder.session);
  REPRISE_TRY_ASSIGN(const auto listed, ListSessions(*context->logs));
  known.insert(listed.begin(), listed.end());
  return known;
}

void ReportDead(VerifyContext* context, SessionId session) {
  context->Add(MakeFinding(
      Severity::kNote, "session.dead", fmt::format("{}/{}", kLogsName, LockFileName(session)), 0,
      fmt::format("a process ended without closing the store: session {}; the next one that "
                  "writes recovers what it logged",
                  ToHex(session))));
}

void ReportHolderGone(VerifyContext* context, const FoldedRun& run, SessionId holder) {
  Finding finding = MakeFinding(
      Severity::kNote, "lease.holder_gone", "", 0,
      fmt::format("a run is held by a session that left no trace: {}; resume or finish the run",
                  ToHex(holder)));
  finding.run = run.name;
  context->Add(std::move(finding));
}

// A session that ends while it is looked at gives its leases back first, then goes from the
// catalog, then from the directory.
Result<bool> IsStillThere(VerifyContext* context, CatalogView& catalog, SessionId session) {
  REPRISE_TRY_ASSIGN(const auto known, KnownSessions(context, catalog));
  return known.contains(session) && !context->IsAlive(session);
}

}  // namespace

Status VerifySessions(VerifyContext* context, Catalog& catalog) {
  std::set<SessionId> known;
  REPRISE_TRY(catalog.Read([&](CatalogView& view) -> Status {
    REPRISE_TRY_ASSIGN(known, KnownSessions(context, view));
    return {};
  }));
  std::erase_if(known, [&](SessionId session) { return context->IsAlive(session); });
  return catalog.Read([&](CatalogView& view) -> Status {
    for (const SessionId session : known) {
      REPRISE_TRY_ASSIGN(const bool dead, IsStillThere(context, view, session));
      if (dead) ReportDead(context, session);
    }
    for (const auto& [uid, run] : context->fold.runs()) {
      if (run.holder == 0 || known.contains(run.holder) || context->IsAlive(run.holder)) continue;
      REPRISE_TRY_ASSIGN(const auto lease, view.GetLease(uid));
      if (lease && lease->holder.session == run.holder) ReportHolderGone(context, run, run.holder);
    }
    return {};
  });
}

}  // namespace reprise
