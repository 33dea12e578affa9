// The catalog against what the changes say. A catalog that is missing, damaged or wrong can be
// built anew, so nothing found here is a loss.
#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <span>

#include "engine/catalog/page_walk.h"
#include "engine/log/log_reader.h"
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
  // What the legal changes up to `last` say. Valid until the changes are gathered again.
  Result<const ChangeFold*> FoldUpTo(ChangeNumber last);
  void CheckBehind(ChangeNumber live);
  Result<bool> IsLogged(const ChangeTransaction& transaction, ChangeNumber first);
  void ReportStale(ChangeNumber live, ChangeNumber last);
  bool CheckAhead(ChangeNumber live);
  bool GatherAgain();
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
  ChangeFold earlier_;  // of some of the changes
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
  build.changes = [&]() -> Result<ChangeStream> {
    return [&](const auto& fold) { return context_->ReadLegal(last, fold); };
  };
  // Those that contradict were left out, and told, before.
  build.left_out = [](const Change&, const Status&) {};
  REPRISE_TRY(BuildCatalog(scratch_->directory(), nullptr, options, build));
  REPRISE_TRY_ASSIGN(built_, OpenCatalog(scratch_->directory(), options));
  return {};
}

// Changes that a catalog does not have: of one transaction that is still in a log, if a process
// died before it could commit it; of others, if the catalog is an old copy.
void CatalogCheck::CheckBehind(ChangeNumber live) {
  std::set<ChangeTransaction> transactions;
  ChangeNumber first = 0;
  ChangeNumber last = live;
  const auto& places = context_->changes->places();
  for (auto place = places.rbegin(); place != places.rend() && place->number > live; ++place) {
    if (!context_->IsLegal(place->number)) continue;
    transactions.insert(TransactionOf(*place));
    first = place->number;
    last = std::max(last, place->number);
  }
  if (transactions.empty()) return;
  if (std::any_of(transactions.begin(), transactions.end(),
                  [&](const auto& made) { return context_->IsAlive(made.first); })) {
    return;
  }
  const auto waits = transactions.size() == 1 ? IsLogged(*transactions.begin(), first) : false;
  if (!waits) return context_->AddUnreadable(waits.error(), kLogsName);
  if (!*waits) return ReportStale(live, last);
  context_->Add(MakeFinding(
      Severity::kNote, "change.uncommitted", file_, 0,
      fmt::format("a process died before it could commit or acknowledge {}; nothing is to be done",
                  ChangesText(first, last))));
}

// Whether a log has the transaction, which begins with change `first`. Changes are in packs alone
// once they were committed, and then nobody commits them again.
Result<bool> CatalogCheck::IsLogged(const ChangeTransaction& transaction, ChangeNumber first) {
  bool found = false;
  const auto on_change = [&](const LoggedChange& logged) -> Status {
    const auto change = DecodeChange(logged.bytes);
    found |= change && change->number == first && change->boot_nanos == transaction.second;
    return {};
  };
  const auto scanned =
      ScanChanges(*context_->logs, transaction.first, context_->boot_id, on_change);
  if (!scanned) return Fail(scanned.error());
  return found;
}

void CatalogCheck::ReportStale(ChangeNumber live, ChangeNumber last) {
  context_->Add(
      MakeFinding(Severity::kCatalog, "catalog.stale", file_, 0,
                  fmt::format("the catalog is older than logs and packs: its last change is {}, "
                              "theirs {}; run 'reprise rebuild-catalog'",
                              live, last)));
}

bool CatalogCheck::GatherAgain() {
  const auto on_problem = [&](const GatherProblem& problem) { context_->NoteProblem(problem); };
  auto again = CollectChanges(*context_->logs, *context_->packs, context_->boot_id, on_problem);
  ChangeFold fold;
  std::vector<ChangeNumber> illegal;
  const Status read =
      !again ? again.error() : again->Read(0, again->last(), [&](std::span<const Change> some) {
        for (const Change& change : some) {
          if (!fold.Apply(change).ok()) illegal.push_back(change.number);
        }
        return Status();
      });
  if (!read.ok()) {
    context_->AddUnreadable(read, "");
    return false;
  }
  context_->changes = std::move(*again);
  context_->fold = std::move(fold);
  context_->illegal = std::move(illegal);
  return true;
}

// Whether the files have all changes that the catalog has. The catalog is read after they were
// gathered, so writers may have been at work meanwhile.
bool CatalogCheck::CheckAhead(ChangeNumber live) {
  if (context_->last_found() >= live) return true;
  if (!GatherAgain()) return false;
  if (context_->last_found() >= live) return true;
  context_->AddMissing(context_->last_found() + 1, live,
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
  REPRISE_TRY_ASSIGN(CatalogDigest built, DigestCatalog(*built_, true));
  REPRISE_TRY_ASSIGN(auto expected, FirstDifference(*built_, live));
  if (!expected) return {};
  REPRISE_TRY_ASSIGN(const auto found, FirstDifference(*live_, built));
  ReportDifference(found.value_or(""), *expected);
  return {};
}

Result<const ChangeFold*> CatalogCheck::FoldUpTo(ChangeNumber last) {
  if (context_->last_found() <= last) return &context_->fold;
  earlier_ = ChangeFold();
  REPRISE_TRY(context_->ReadLegal(last, [&](std::span<const Change> some) {
    for (const Change& change : some) (void)earlier_.Apply(change);  // legal, as was found before
    return Status();
  }));
  return &earlier_;
}

// Less than Compare does, but all that rows are found by. Of each run a hash is compared; what one
// that differs is found to say is then read.
void CatalogCheck::CompareOutline(const CatalogOutline& live) {
  const auto said = FoldUpTo(live.change);
  if (!said) return context_->AddUnreadable(said.error(), "");
  const std::optional<RunUid> different = FindDifferent(live, **said);
  if (!different) return;
  const auto again = ReadOutline(*live_, different);
  if (!again) return Distrust(again.error());
  if (!CheckAhead(again->change)) return;
  const auto said_now = FoldUpTo(again->change);
  if (!said_now) return context_->AddUnreadable(said_now.error(), "");
  const auto mismatch = FindMismatch(*again, **said_now);
  if (mismatch) ReportDifference(mismatch->found, mismatch->expected);
}

void CatalogCheck::CheckLive() {
  const VerifyDepth depth = context_->options.depth;
  // Before all is read: CheckAhead sees to it that all changes up to that are known.
  Result<CatalogOutline> outline;
  if (depth == VerifyDepth::kChecksums) outline = ReadOutline(*live_, std::nullopt);
  if (!outline) return Distrust(outline.error());
  // Every value is read, which checks it; only kDeep keeps something of them.
  const auto digest = DigestCatalog(*live_, depth == VerifyDepth::kDeep);
  if (!digest) return Distrust(digest.error());
  if (!CheckAhead(digest->change)) return;
  CheckBehind(digest->change);
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
