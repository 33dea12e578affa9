#include "engine/store/catalog_outline.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "format/bytes.h"
#include "format/checksum.h"
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

Result<RunOutline> ReadRun(CatalogView& catalog, const RunUid& uid) {
  RunOutline run;
  REPRISE_TRY_ASSIGN(const auto branches, catalog.Branches(uid));
  for (const BranchRecord& branch : branches) {
    run.branches.push_back(branch.node);
    REPRISE_TRY(AddSegments(catalog, branch.node.id, &run));
  }
  return run;
}

void Write(const BranchId& id, ByteWriter* writer) {
  writer->Fixed(id.uid.high);
  writer->Fixed(id.uid.low);
  writer->Fixed(id.ordinal);
}

void Write(const BranchNode& node, ByteWriter* writer) {
  Write(node.id, writer);
  writer->Fixed(static_cast<std::uint8_t>(node.has_parent));
  Write(node.parent, writer);
  writer->Fixed(node.fork_step);
  writer->Fixed(node.depth);
  Write(node.jump, writer);
}

void Write(const SegmentRef& ref, ByteWriter* writer) {
  Write(ref.branch, writer);
  writer->Fixed(ref.pack);
  writer->Fixed(ref.offset);
  writer->Fixed(ref.length);
  writer->Fixed(static_cast<std::uint8_t>(ref.stream));
  writer->Fixed(ref.first);
  writer->Fixed(ref.last);
  writer->Fixed(ref.rows);
  writer->Fixed(ref.generation);
}

// Of every field that a comparison would look at.
std::uint64_t HashOf(const RunOutline& run) {
  std::string bytes;
  ByteWriter writer(&bytes);
  writer.Fixed(std::uint64_t{run.branches.size()});
  for (const BranchNode& node : run.branches) Write(node, &writer);
  for (const SegmentRef& ref : run.segments) Write(ref, &writer);
  return Hash(bytes);
}

Status ReadRuns(CatalogView& catalog, CatalogOutline* outline) {
  std::optional<RunUid> before;
  while (true) {
    REPRISE_TRY_ASSIGN(const auto runs, catalog.RecentRuns(before, kRunsAtOnce));
    for (const RunUid& uid : runs) {
      REPRISE_TRY_ASSIGN(RunOutline run, ReadRun(catalog, uid));
      outline->runs.emplace_front(uid, HashOf(run));  // newest first is highest first
      if (uid == outline->full_uid) outline->full = std::move(run);
    }
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

}  // namespace

Result<CatalogOutline> ReadOutline(Catalog& catalog, const std::optional<RunUid>& full) {
  CatalogOutline outline;
  REPRISE_TRY(catalog.Read([&](CatalogView& view) -> Status {
    outline = CatalogOutline();
    outline.full_uid = full;
    REPRISE_TRY_ASSIGN(const MetaRecord meta, view.Meta());
    outline.change = meta.change;
    return ReadRuns(view, &outline);
  }));
  return outline;
}

std::optional<RunUid> FindDifferent(const CatalogOutline& outline, const ChangeFold& fold) {
  const auto find = [&](const RunUid& uid) {
    const auto found =
        std::lower_bound(outline.runs.begin(), outline.runs.end(), uid,
                         [](const auto& run, const RunUid& value) { return run.first < value; });
    return found != outline.runs.end() && found->first == uid ? found : outline.runs.end();
  };
  for (const auto& [uid, run] : fold.runs()) {
    const auto found = find(uid);
    const bool is_there = found != outline.runs.end();
    if (is_there == run.deleted) return uid;
    if (is_there && found->second != HashOf(OutlineOf(run))) return uid;
  }
  for (const auto& [uid, hash] : outline.runs) {
    if (fold.Find(uid) == nullptr) return uid;
  }
  return std::nullopt;
}

std::optional<OutlineMismatch> FindMismatch(const CatalogOutline& outline, const ChangeFold& fold) {
  const auto& found = outline.full;
  const FoldedRun* run = fold.Find(*outline.full_uid);
  if (run == nullptr) {
    if (!found) return std::nullopt;
    return OutlineMismatch{"run " + ToHex(*outline.full_uid), "nothing of it"};
  }
  if (run->deleted) {
    if (!found) return std::nullopt;
    return OutlineMismatch{"run " + run->name, "that it is deleted"};
  }
  if (!found) return OutlineMismatch{"nothing", "run " + run->name};
  const RunOutline expected = OutlineOf(*run);
  auto mismatch = Differ(run->name, found->branches, expected.branches);
  return mismatch ? mismatch : Differ(run->name, found->segments, expected.segments);
}

}  // namespace reprise
