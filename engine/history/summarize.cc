// A segment holds the summaries of the visible history before it (its prefix), so a summary at any
// step is the prefix of the last segment that begins at or before it, plus a scan from there on.
// A delta prefix lists only the keys of the segment before; the rest is in earlier prefixes, back
// to the last full one.
#include "engine/history/summarize.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "engine/history/block.h"
#include "format/try.h"

namespace reprise {

namespace {

// The segments of `piece` from the one that begins at step `base` through `last`.
Result<std::vector<SegmentRef>> ChainFrom(const SnapshotPiece& piece, Step base,
                                          const SegmentRef& last) {
  std::vector<SegmentRef> chain;
  for (const SegmentRef& segment : piece.segments) {
    if (segment.first >= base && segment.first <= last.first) chain.push_back(segment);
  }
  if (!chain.empty() && chain.front().first == base) return chain;
  return Fail(Code::kCorrupt,
              fmt::format("the segment at step {} counts on full summaries at step {}, where no "
                          "segment of its branch begins; run 'reprise verify --deep'",
                          last.first, base));
}

// The summaries before `segment`'s first row.
Result<SummaryTable> PrefixTable(const SegmentCache& segments, const SnapshotPiece& piece,
                                 const SegmentReader& segment) {
  const SegmentFacts& facts = segment.facts();
  if (facts.prefix == PrefixKind::kNone) return SummaryTable();
  if (facts.prefix == PrefixKind::kFull) return segment.ReadPrefix();
  REPRISE_TRY_ASSIGN(const auto chain, ChainFrom(piece, facts.prefix_base, segment.ref()));
  SummaryTable table;
  for (const SegmentRef& ref : chain) {
    REPRISE_TRY_ASSIGN(const auto reader, segments.Get(ref));
    REPRISE_TRY_ASSIGN(const SummaryTable part, reader->ReadPrefix());
    for (const auto& [key, aggregate] : part) table.Put(key, aggregate);
  }
  return table;
}

// Column by column; the steps of a table are read once for all of them.
Status AddSegment(const SegmentReader& segment, const StepRange& visible, SummaryTable* table) {
  std::optional<std::size_t> known;
  std::vector<Step> steps;
  Column values;
  SegmentSize read;
  using Place = SegmentReader::ColumnPlace;
  return segment.ForEachColumn([&](std::string_view key, const Place& place) -> Status {
    if (known != place.table) REPRISE_TRY(segment.ReadSteps(place.table, &steps));
    known = place.table;
    const RowRange rows = RowsWithin(steps, visible);
    if (rows.count() == 0) return {};
    REPRISE_TRY(segment.ReadColumnToo(place, &read, &values));
    table->AddColumn(key, std::span(steps).subspan(rows.first, rows.count()), values, rows.first);
    return {};
  });
}

// Adds the visible rows of one block.
Status AddBlock(const SegmentCache& segments, const Block& block, RunningSummary* summary) {
  if (block.segment == nullptr) {
    AddRows(*block.tail, block.steps, summary);
    return {};
  }
  REPRISE_TRY_ASSIGN(const auto reader, segments.Get(*block.segment));
  REPRISE_TRY(AddSegment(*reader, block.steps, &summary->table));
  REPRISE_TRY_ASSIGN(const std::uint64_t rows, CountRows(segments, block));
  summary->rows += rows;
  return {};
}

// The place of the last segment that begins at or before `through`.
struct LastSegment {
  const SnapshotPiece* piece = nullptr;
  const SegmentRef* segment = nullptr;
};
LastSegment FindLastSegment(const Snapshot& snapshot, Step through) {
  for (auto piece = snapshot.pieces.rbegin(); piece != snapshot.pieces.rend(); ++piece) {
    for (auto ref = piece->segments.rbegin(); ref != piece->segments.rend(); ++ref) {
      if (ref->first <= through) return {&*piece, &*ref};
    }
  }
  return {};
}

}  // namespace

Result<RunningSummary> SummarizeThrough(const SegmentCache& segments, Step through) {
  RunningSummary summary;
  StepRange rest{0, through};
  const LastSegment last = FindLastSegment(segments.snapshot(), through);
  if (last.segment != nullptr) {
    REPRISE_TRY_ASSIGN(const auto reader, segments.Get(*last.segment));
    REPRISE_TRY_ASSIGN(summary.table, PrefixTable(segments, *last.piece, *reader));
    summary.rows = reader->facts().rows_before;
    rest.first = last.segment->first;
  }
  for (const Block& block : BlocksOf(segments.snapshot(), rest)) {
    REPRISE_TRY(AddBlock(segments, block, &summary));
  }
  return summary;
}

void AddRows(const RowBatch& rows, const StepRange& steps, RunningSummary* summary) {
  for (const RowTable& table : rows.tables()) {
    const RowRange part = RowsWithin(table.steps, steps);
    const std::span<const Step> at = std::span(table.steps).subspan(part.first, part.count());
    for (std::size_t c = 0; c < table.columns.size(); ++c) {
      summary->table.AddColumn(table.shape->columns[c].key, at, table.columns[c], part.first);
    }
    summary->rows += at.size();
  }
}

}  // namespace reprise
