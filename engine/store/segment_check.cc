#include "engine/store/segment_check.h"

#include <fmt/format.h>

#include <algorithm>

#include "format/try.h"

namespace reprise {

namespace {

Status Differs(const SegmentReader& segment, std::string_view what) {
  const SegmentRef& ref = segment.ref();
  return Status::Error(Code::kCorrupt,
                       fmt::format("{}: segment {}..{} at byte {} of pack {}; restore the pack "
                                   "from a copy",
                                   what, ref.first, ref.last, ref.offset, ToHex(ref.pack)));
}

Status CheckCount(const SegmentReader& segment, std::string_view name, std::uint64_t declared,
                  std::uint64_t found) {
  if (declared == found) return {};
  return Differs(segment, fmt::format("{} differ (declared {}, found {})", name, declared, found));
}

Status CheckSteps(const SegmentReader& segment, const RowBatch& rows) {
  Step last = segment.ref().first - 1;
  for (const RowBatch::Position& at : rows.order()) {
    const Step step = rows.tables()[at.table].steps[at.row];
    if (step <= last) {
      return Differs(segment, fmt::format("steps do not rise ({} follows {})", step, last));
    }
    last = step;
  }
  if (rows.first_step() == segment.ref().first && last == segment.ref().last) return {};
  return Differs(segment,
                 fmt::format("steps differ (declared {}..{}, found {}..{})", segment.ref().first,
                             segment.ref().last, rows.first_step(), last));
}

// Whether the stored aggregates are those of `before`, each that is stored.
Status CheckAggregates(const SegmentReader& segment, const SummaryTable& stored,
                       const SummaryTable& before) {
  for (const auto& [key, aggregate] : stored) {
    const Aggregate* expected = before.Find(key);
    if (expected != nullptr && *expected == aggregate) continue;
    return Differs(segment,
                   fmt::format("the summary of key '{}' before it is not that of the rows", key));
  }
  return {};
}

// Whether the column's cells are those of its values, to the last bit.
Status CheckColumnCells(const SegmentReader& segment, std::string_view key,
                        const SegmentReader::ColumnPlace& place) {
  if (!HasCells(place.type, segment.rows(place.table))) return {};
  Cells stored;
  std::vector<Step> steps;
  Column column;
  REPRISE_TRY(segment.ReadCells(place, &stored));
  REPRISE_TRY(segment.ReadSteps(place.table, &steps));
  REPRISE_TRY(segment.ReadColumn(place, &column));
  if (stored == MeasureCells(place.type, steps, column.bits)) return {};
  return Differs(segment, fmt::format("cells of key '{}' are not those of its values", key));
}

Status CheckDelta(const SegmentReader& segment, const SummaryTable& stored,
                  const PreviousSegment& previous) {
  const auto same = [](const auto& entry, const std::string& key) { return entry.first == key; };
  if (!std::equal(stored.begin(), stored.end(), previous.keys.begin(), previous.keys.end(), same)) {
    return Differs(segment, "summaries are not of the keys of the segment before");
  }
  const auto& full = previous.full_tables;
  if (std::find(full.begin(), full.end(), segment.facts().prefix_base) != full.end()) return {};
  return Differs(segment,
                 fmt::format("summaries build on a full table at step {} that is not there",
                             segment.facts().prefix_base));
}

}  // namespace

void PreviousSegment::Follow(const SegmentReader& segment) {
  keys = segment.Keys();
  if (segment.facts().prefix == PrefixKind::kFull) full_tables.push_back(segment.ref().first);
}

Status CheckRows(const SegmentReader& segment, const RowBatch& rows) {
  REPRISE_TRY(CheckCount(segment, "rows", segment.ref().rows, rows.rows()));
  REPRISE_TRY(CheckCount(segment, "rows", segment.facts().rows, rows.rows()));
  REPRISE_TRY(CheckCount(segment, "values", segment.facts().values, rows.values()));
  return CheckSteps(segment, rows);
}

Status CheckPrefix(const SegmentReader& segment, const RunningSummary& before,
                   const PreviousSegment& previous) {
  const SegmentFacts& facts = segment.facts();
  REPRISE_TRY(CheckCount(segment, "rows before it", facts.rows_before, before.rows));
  if (facts.prefix == PrefixKind::kNone) {
    return before.rows == 0 ? Status() : Differs(segment, "summaries of earlier rows are missing");
  }
  REPRISE_TRY_ASSIGN(const SummaryTable stored, segment.ReadPrefix());
  REPRISE_TRY(CheckAggregates(segment, stored, before.table));
  if (facts.prefix == PrefixKind::kDelta) return CheckDelta(segment, stored, previous);
  if (stored.size() == before.table.size()) return {};
  return Differs(segment, fmt::format("summaries are not of all keys before it ({} of {})",
                                      stored.size(), before.table.size()));
}

Status CheckCells(const SegmentReader& segment) {
  for (const std::string& key : segment.Keys()) {
    for (const SegmentReader::ColumnPlace& place : segment.Find(key)) {
      REPRISE_TRY(CheckColumnCells(segment, key, place));
    }
  }
  return {};
}

Status DecodeSegment(Directory& packs, const SegmentRef& ref) {
  REPRISE_TRY_ASSIGN(auto pack, PackFile::Open(packs, ref.pack));
  REPRISE_TRY_ASSIGN(const auto segment, SegmentReader::Open(std::move(pack), ref));
  RowBatch rows;
  REPRISE_TRY(segment->ReadAll(&rows));
  REPRISE_TRY(CheckRows(*segment, rows));
  return CheckCells(*segment);
}

}  // namespace reprise
