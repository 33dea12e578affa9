// Folder: what a repair found lost.
#include <fmt/format.h>

#include <algorithm>

#include "engine/catalog/apply.h"
#include "format/try.h"

namespace reprise {

// Those dropped must be in force as they are said to be; those in their place lie within them.
Status Folder::CheckDropped(const GapRecorded& body) {
  for (const SegmentRef& dropped : body.dropped) {
    if (dropped.branch.uid != change_->uid) return Contradiction("a segment is another run's");
    REPRISE_TRY_ASSIGN(const auto present,
                       view_.Segments(dropped.branch, dropped.stream, dropped.first, dropped.last));
    if (present.size() == 1 && present.front() == dropped) continue;
    return Contradiction(
        fmt::format("segment {}..{} is not in force", dropped.first, dropped.last));
  }
  return {};
}

Status Folder::CheckInPlace(const GapRecorded& body, Generation generation) {
  for (const SegmentRef& segment : body.segments) {
    const auto covers = [&](const SegmentRef& dropped) {
      return dropped.branch == segment.branch && dropped.stream == segment.stream &&
             dropped.first <= segment.first && segment.last <= dropped.last &&
             segment.rows <= dropped.rows;
    };
    if (!std::any_of(body.dropped.begin(), body.dropped.end(), covers)) {
      return Contradiction(
          fmt::format("segment {}..{} is in no other's place", segment.first, segment.last));
    }
    if (segment.first > segment.last || segment.rows == 0) return Contradiction("an empty segment");
    if (segment.generation > generation) return Contradiction("a lease that was not granted");
  }
  return {};
}

Status Folder::DropSegments(const GapRecorded& body) {
  REPRISE_TRY_ASSIGN(RunRecord run, LivingRun());
  REPRISE_TRY(CheckDropped(body));
  REPRISE_TRY(CheckInPlace(body, run.generation));
  for (const SegmentRef& dropped : body.dropped) {
    REPRISE_TRY(txn_.Delete(SegmentKey(dropped.branch, dropped.stream, dropped.first)));
  }
  for (const SegmentRef& segment : body.segments) REPRISE_TRY(ReplaceSegments(segment));
  return PutRun(std::move(run));
}

// A gap may be about a run of which nothing else is known.
Status Folder::Dispatch(const GapRecorded& body) {
  const bool changes_segments = !body.dropped.empty() || !body.segments.empty();
  if (changes_segments) REPRISE_TRY(DropSegments(body));
  GapRecord record{change_->time, body};
  record.gap.dropped.clear();
  record.gap.segments.clear();
  return txn_.Put(GapKey(change_->uid, change_->number), EncodeRecord(record));
}

}  // namespace reprise
