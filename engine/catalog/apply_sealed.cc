// Folder: rows that became segments, or segments that were merged.
#include <fmt/format.h>

#include <algorithm>

#include "engine/catalog/apply.h"
#include "format/try.h"

namespace reprise {
namespace {

bool SameLine(const SegmentRef& a, const SegmentRef& b) {
  return a.branch == b.branch && a.stream == b.stream;
}

bool Overlap(const SegmentRef& a, const SegmentRef& b) {
  return SameLine(a, b) && a.first <= b.last && b.first <= a.last;
}

bool Comes(const SegmentRef& a, const SegmentRef& b) {
  return std::tie(a.branch, a.stream, a.first) < std::tie(b.branch, b.stream, b.first);
}

// Whether two of them overlap.
bool AnyOverlap(std::vector<SegmentRef> segments) {
  std::sort(segments.begin(), segments.end(), Comes);
  return std::adjacent_find(segments.begin(), segments.end(), Overlap) != segments.end();
}

}  // namespace

// What is there in the same place must lie wholly inside the new segment, and all its rows must be
// in it: then the new one was merged from them. Anything else is a mistake.
Status Folder::CheckSegment(const SegmentRef& segment, Generation generation) {
  if (segment.branch.uid != change_->uid) return Contradiction("a segment is another run's");
  if (segment.first > segment.last || segment.rows == 0) return Contradiction("an empty segment");
  if (segment.generation > generation) {
    return Contradiction(
        fmt::format("a segment of generation {}, above {}", segment.generation, generation));
  }
  REPRISE_TRY_ASSIGN(const bool branch_exists, txn_.Has(BranchKey(segment.branch)));
  if (!branch_exists) return Contradiction("a segment of no branch");
  REPRISE_TRY_ASSIGN(const std::vector<SegmentRef> present,
                     view_.Segments(segment.branch, segment.stream, segment.first, segment.last));
  std::uint64_t rows = 0;
  for (const SegmentRef& old : present) {
    if (old.first < segment.first || old.last > segment.last) {
      return Contradiction(fmt::format("segment {}..{} overlaps {}..{}", segment.first,
                                       segment.last, old.first, old.last));
    }
    rows += old.rows;
  }
  if (present.empty() || rows == segment.rows) return {};
  return Contradiction(fmt::format("segment {}..{} has {} rows, those it replaces {}",
                                   segment.first, segment.last, segment.rows, rows));
}

Status Folder::ReplaceSegments(const SegmentRef& segment) {
  REPRISE_TRY_ASSIGN(const std::vector<SegmentRef> present,
                     view_.Segments(segment.branch, segment.stream, segment.first, segment.last));
  for (const SegmentRef& old : present) {
    REPRISE_TRY(txn_.Delete(SegmentKey(old.branch, old.stream, old.first)));
  }
  const SegmentRecord record{segment.pack, segment.offset, segment.length,
                             segment.last, segment.rows,   segment.generation};
  return txn_.Put(SegmentKey(segment.branch, segment.stream, segment.first), EncodeRecord(record));
}

// Whether each segment takes the place of one with the same rows, as when packs are rewritten.
Result<bool> Folder::OnlyMoves(const Sealed& body) {
  for (const SegmentRef& segment : body.segments) {
    REPRISE_TRY_ASSIGN(const std::vector<SegmentRef> present,
                       view_.Segments(segment.branch, segment.stream, segment.first, segment.last));
    if (present.size() != 1 || !IsSameRows(present.front(), segment)) return false;
  }
  return true;
}

Status Folder::Dispatch(const Sealed& body) {
  REPRISE_TRY_ASSIGN(std::optional<RunRecord> run, view_.GetRun(change_->uid));
  if (!run) return Contradiction("no such run");
  REPRISE_TRY_ASSIGN(const bool only_moves, OnlyMoves(body));
  // Living forks may need what a deleted run left: that moves too.
  if (run->deleted && !only_moves) return Contradiction("the run is deleted");
  if (AnyOverlap(body.segments)) return Contradiction("segments overlap one another");
  for (const SegmentRef& segment : body.segments) {
    REPRISE_TRY(CheckSegment(segment, run->generation));
  }
  for (const SegmentRef& segment : body.segments) REPRISE_TRY(ReplaceSegments(segment));
  return only_moves ? Status() : PutRun(*std::move(run));
}

}  // namespace reprise
