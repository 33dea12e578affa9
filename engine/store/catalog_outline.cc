#include "engine/store/catalog_outline.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "format/try.h"

namespace reprise {

namespace {

constexpr std::size_t kRunsAtOnce = 1000;
constexpr Stream kStreams[] = {Stream::kHistory, Stream::kSystem, Stream::kConsole};

Status AddSegments(CatalogView& catalog, const BranchId& branch, RunOutline* run) {
  for (const Stream stream : kStreams) {
    REPRISE_TRY_ASSIGN(const auto segments,
                       catalog.Segments(branch, stream, std::numeric_limits<std::int64_t>::min(),
                                        std::numeric_limits<std::int64_t>::max()));
    run->segments.insert(run->segments.end(), segments.begin(), segments.end());
  }
  return {};
}

Status AddRun(CatalogView& catalog, const RunUid& uid, CatalogOutline* outline) {
  RunOutline& run = outline->runs[uid];
  REPRISE_TRY_ASSIGN(const auto branches, catalog.Branches(uid));
  for (const BranchRecord& branch : branches) {
    run.branches.push_back(branch.node);
    REPRISE_TRY(AddSegments(catalog, branch.node.id, &run));
  }
  return {};
}

Status ReadRuns(CatalogView& catalog, CatalogOutline* outline) {
  std::optional<RunUid> before;
  while (true) {
    REPRISE_TRY_ASSIGN(const auto runs, catalog.RecentRuns(before, kRunsAtOnce));
    for (const RunUid& uid : runs) REPRISE_TRY(AddRun(catalog, uid, outline));
    if (runs.size() < kRunsAtOnce) return {};
    before = runs.back();
  }
}

RunOutline OutlineOf(const FoldedRun& run) {
  RunOutline outline;
  for (const FoldedBranch& branch : run.branches) {
    outline.branches.push_back(branch.node);
    for (const auto& [place, segment] : branch.segments) outline.segments.push_back(segment);
  }
  return outline;
}

std::string Text(const BranchNode& node) {
  const std::string name = fmt::format("branch {}", node.id.ordinal);
  if (!node.has_parent) return name + " without a parent";
  return fmt::format("{} behind step {} of branch {} of run {}", name, node.fork_step,
                     node.parent.ordinal, ToHex(node.parent.uid));
}

std::string Text(const SegmentRef& ref) {
  return fmt::format("segment {}..{} of branch {}, {} rows in {} bytes at byte {} of pack {}",
                     ref.first, ref.last, ref.branch.ordinal, ref.rows, ref.length, ref.offset,
                     ToHex(ref.pack));
}

// The first place in which two lists differ.
template <typename T>
std::optional<OutlineMismatch> Differ(const std::string& run, const std::vector<T>& found,
                                      const std::vector<T>& expected) {
  const auto at = std::mismatch(found.begin(), found.end(), expected.begin(), expected.end());
  if (at.first == found.end() && at.second == expected.end()) return std::nullopt;
  const auto text = [&](auto item, const std::vector<T>& list) {
    return fmt::format("{} of run {}", item == list.end() ? "nothing more" : Text(*item), run);
  };
  return OutlineMismatch{text(at.first, found), text(at.second, expected)};
}

std::optional<OutlineMismatch> CheckRun(const FoldedRun& run, const RunOutline* found) {
  if (run.deleted) {
    if (found == nullptr) return std::nullopt;
    return OutlineMismatch{"run " + run.name, "that it is deleted"};
  }
  if (found == nullptr) return OutlineMismatch{"nothing", "run " + run.name};
  const RunOutline expected = OutlineOf(run);
  auto mismatch = Differ(run.name, found->branches, expected.branches);
  return mismatch ? mismatch : Differ(run.name, found->segments, expected.segments);
}

}  // namespace

Result<CatalogOutline> ReadOutline(Catalog& catalog) {
  CatalogOutline outline;
  REPRISE_TRY(catalog.Read([&](CatalogView& view) -> Status {
    outline = CatalogOutline();
    REPRISE_TRY_ASSIGN(const MetaRecord meta, view.Meta());
    outline.change = meta.change;
    return ReadRuns(view, &outline);
  }));
  return outline;
}

std::optional<OutlineMismatch> FindMismatch(const CatalogOutline& outline, const ChangeFold& fold) {
  for (const auto& [uid, run] : fold.runs()) {
    const auto found = outline.runs.find(uid);
    auto mismatch = CheckRun(run, found == outline.runs.end() ? nullptr : &found->second);
    if (mismatch) return mismatch;
  }
  for (const auto& [uid, run] : outline.runs) {
    if (fold.Find(uid) == nullptr) return OutlineMismatch{"run " + ToHex(uid), "nothing of it"};
  }
  return std::nullopt;
}

}  // namespace reprise
