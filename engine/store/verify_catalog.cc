// The catalog against what the changes say. A catalog that is missing, damaged or wrong can be
// built anew, so nothing found here is a loss.
#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <span>

#include "engine/catalog/page_walk.h"
#include "engine/store/catalog_digest.h"
#include "engine/store/catalog_outline.h"
#include "engine/store/gather.h"
#include "engine/store/layout.h"
#include "engine/store/scratch_directory.h"
#include "engine/store/verify_context.h"
#include "format/try.h"

namespace reprise {

namespace {

constexpr std::size_t kShownBytes = 400;

std::string Shown(const std::string& line) {
  if (line.empty()) return "nothing";
  return line.size() <= kShownBytes ? line : line.substr(0, kShownBytes) + " ...";
}

// The present catalog file; where there is none, the one that would name it.
std::string FileOf(Directory& root) {
  const std::uint64_t generation = CatalogGeneration(root).value_or(0);
  return generation == 0 ? "catalog.lock" : fmt::format("catalog.{}", generation);
}

class CatalogCheck {
 public:
  explicit CatalogCheck(VerifyContext* context) : context_(context), file_(FileOf(*context->root)) {
    options_.read_only = true;
    options_.store_uuid = context->uuid.empty() ? std::string(16, '\0') : context->uuid;
    options_.boot_id = context->boot_id;
  }

  void Run();

 private:
  Status WalkFirst();
  void OpenLive();
  void CountBytes();
  // A catalog of the changes up to `last`, made aside.
  Result<std::shared_ptr<Catalog>> Build(ChangeNumber last);
  Status BuildScratch(ChangeNumber last);
  Status Compare(const CatalogDigest& live);
  void CompareOutline(const CatalogOutline& live);
  void CheckBehind(const CatalogDigest& live);
  bool CheckAhead(const CatalogDigest& live);
  void CheckLive();
  void Distrust(const Status& status);
  void ReportUnchecked(const Status& status, std::string_view code, std::string file);
  void ReportDifference(const std::string& found, const std::string& expected);

  VerifyContext* context_;
  const std::string file_;
  CatalogOptions options_;
  std::shared_ptr<Catalog> live_;  // null: cannot be used
  std::unique_ptr<ScratchDirectory> scratch_;
  std::shared_ptr<Catalog> built_;
};

void CatalogCheck::Distrust(const Status& status) {
  live_.reset();
  const bool missing = status.code() == Code::kNotFound;
  context_->AddFailure(status, Severity::kCatalog, missing ? "catalog.missing" : "catalog.damaged",
                       file_);
}

// A scratch catalog could not be made, which says nothing of the store.
void CatalogCheck::ReportUnchecked(const Status& status, std::string_view code, std::string file) {
  context_->Add(
      MakeFinding(Severity::kIncomplete, code, std::move(file), 0, std::string(status.message())));
}

// LMDB trusts what it maps, so the pages are walked before it sees them.
Status CatalogCheck::WalkFirst() {
  const Status checked = CheckCatalog(*context_->root);
  if (checked.code() != Code::kIoError) return checked;
  // A copy that must not be written cannot be locked, and need not be.
  REPRISE_TRY_ASSIGN(const auto file, context_->root->Open(file_, OpenMode::kRead));
  REPRISE_TRY(WalkPages(*file));
  return {};
}

void CatalogCheck::OpenLive() {
  if (context_->uuid.empty()) return;
  const Status walked = WalkFirst();
  if (!walked.ok()) return Distrust(walked);
  auto live = OpenCatalog(*context_->root, options_);
  if (live) {
    live_ = std::move(*live);
  } else {
    Distrust(live.error());
  }
}

void CatalogCheck::CountBytes() {
  const auto names = context_->root->List();
  if (!names) return;
  for (const std::string& name : *names) {
    if (!name.starts_with("catalog.") || name.ends_with("lock")) continue;
    const auto file = context_->root->Open(name, OpenMode::kRead);
    if (file) context_->report.bytes += (*file)->Size().value_or(0);
  }
}

Status CatalogCheck::BuildScratch(ChangeNumber last) {
  built_.reset();
  scratch_.reset();
  REPRISE_TRY_ASSIGN(scratch_, ScratchDirectory::Make(context_->io));
  CatalogOptions options = options_;
  options.read_only = false;
  CatalogBuild build;
  build.changes = [&]() -> Result<std::vector<Change>> {
    std::vector<Change> changes = context_->changes;
    std::erase_if(changes, [&](const Change& change) { return change.number > last; });
    return changes;
  };
  // Those that contradict were left out, and told, before.
  build.left_out = [](const Change&, const Status&) {};
  REPRISE_TRY(BuildCatalog(scratch_->directory(), nullptr, options, build));
  REPRISE_TRY_ASSIGN(built_, OpenCatalog(scratch_->directory(), options));
  return {};
}

// Changes that a catalog does not have: of one transaction, if a process died before it could
// commit it; of more, if the catalog is an old copy.
void CatalogCheck::CheckBehind(const CatalogDigest& live) {
  std::set<std::pair<SessionId, std::uint64_t>> transactions;  // session and time
  ChangeNumber last = live.change;
  for (const Change& change : context_->changes) {
    if (change.number <= live.change) continue;
    transactions.insert({change.session, change.boot_nanos});
    last = change.number;
  }
  if (transactions.empty()) return;
  if (std::any_of(transactions.begin(), transactions.end(),
                  [&](const auto& made) { return context_->IsAlive(made.first); })) {
    return;
  }
  const bool is_old = transactions.size() > 1;
  context_->Add(MakeFinding(
      is_old ? Severity::kCatalog : Severity::kNote,
      is_old ? "catalog.stale" : "change.uncommitted", file_, 0,
      is_old ? fmt::format("the catalog is older than logs and packs: its last change is {}, "
                           "theirs {}; run 'reprise rebuild-catalog'",
                           live.change, last)
             : fmt::format("a process died before it could commit {}; nothing is to be done",
                           ChangesText(live.change + 1, last))));
}

// Whether the files have all changes that the catalog has. The catalog is read after they were
// gathered, so writers may have been at work meanwhile.
bool CatalogCheck::CheckAhead(const CatalogDigest& live) {
  if (context_->last_found >= live.change) return true;
  const auto on_problem = [&](const GatherProblem& problem) {
    const Severity severity = SeverityOf(problem.status, Severity::kLost);
    if (severity != Severity::kLost) context_->missing = severity;
  };
  auto again = CollectChanges(*context_->logs, *context_->packs, context_->boot_id, on_problem);
  if (!again) {
    context_->AddUnreadable(again.error(), "");
    return false;
  }
  context_->last_found = again->empty() ? 0 : again->back().number;
  ChangeFold fold;
  std::erase_if(*again, [&](const Change& change) { return !fold.Apply(change).ok(); });
  context_->changes = std::move(*again);
  context_->fold = std::move(fold);
  if (context_->last_found >= live.change) return true;
  context_->AddMissing(context_->last_found + 1, live.change,
                       "restore the log or pack that held it from a copy, and keep the catalog, "
                       "which has it");
  return false;
}

void CatalogCheck::ReportDifference(const std::string& found, const std::string& expected) {
  context_->Add(MakeFinding(
      Severity::kCatalog, "catalog.differs", file_, 0,
      fmt::format("the catalog does not say what the changes say: found {}, expected {}; run "
                  "'reprise rebuild-catalog'",
                  Shown(found), Shown(expected))));
  live_.reset();
}

Status CatalogCheck::Compare(const CatalogDigest& live) {
  REPRISE_TRY(BuildScratch(live.change));
  REPRISE_TRY_ASSIGN(CatalogDigest built, DigestCatalog(*built_));
  REPRISE_TRY_ASSIGN(auto expected, FirstDifference(*built_, live));
  if (!expected) return {};
  REPRISE_TRY_ASSIGN(const auto found, FirstDifference(*live_, built));
  ReportDifference(found.value_or(""), *expected);
  return {};
}

// Less than Compare does, but all that rows are found by.
void CatalogCheck::CompareOutline(const CatalogOutline& live) {
  ChangeFold fold;
  for (const Change& change : context_->changes) {
    if (change.number <= live.change) (void)fold.Apply(change);  // legal, as was found before
  }
  const auto mismatch = FindMismatch(live, fold);
  if (mismatch) ReportDifference(mismatch->found, mismatch->expected);
}

void CatalogCheck::CheckLive() {
  const VerifyDepth depth = context_->options.depth;
  // Before the digest: CheckAhead sees to it that all changes up to that are known.
  Result<CatalogOutline> outline;
  if (depth == VerifyDepth::kChecksums) outline = ReadOutline(*live_);
  if (!outline) return Distrust(outline.error());
  const auto digest = DigestCatalog(*live_);
  if (!digest) return Distrust(digest.error());
  if (!CheckAhead(*digest)) return;
  CheckBehind(*digest);
  // Where changes are missing the two must differ.
  if (!context_->complete || depth == VerifyDepth::kQuick) return;
  if (depth == VerifyDepth::kChecksums) return CompareOutline(*outline);
  const Status compared = Compare(*digest);
  if (!compared.ok()) ReportUnchecked(compared, "catalog.not_compared", file_);
}

void CatalogCheck::Run() {
  OpenLive();
  CountBytes();
  if (live_) CheckLive();
  if (live_) {
    const Status sessions = VerifySessions(context_, *live_);
    if (!sessions.ok()) Distrust(sessions);
  }
  if (live_ || context_->options.depth != VerifyDepth::kDeep) {
    context_->catalog = live_;
    return;
  }
  const Status built = BuildScratch(~ChangeNumber{0});
  if (!built.ok()) return ReportUnchecked(built, "history.not_checked", "");
  context_->scratch = std::move(scratch_);
  context_->catalog = std::move(built_);
}

}  // namespace

void VerifyCatalog(VerifyContext* context) { CatalogCheck(context).Run(); }

}  // namespace reprise
