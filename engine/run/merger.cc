#include "engine/run/merger.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <utility>

#include "engine/run/sealer.h"
#include "engine/segment/pack_reader.h"
#include "format/row_batch.h"
#include "format/segment_join.h"
#include "format/try.h"

namespace reprise {

namespace {

// Fewer are not worth two syncs.
constexpr std::size_t kLeastParts = 4;
// Segments of one row each, at the end of a branch that was never merged.
constexpr std::size_t kMostParts = 256;
// Of all parts together, as they are stored and in memory.
constexpr std::uint64_t kMostStoredBytes = std::uint64_t{4} << 20;
constexpr std::size_t kMostBytes = 2 * kSealBytes;

// Opens each pack once.
class PackSet {
 public:
  explicit PackSet(Directory& packs) : packs_(packs) {}

  Result<std::shared_ptr<const SegmentReader>> Open(const SegmentRef& ref) {
    auto& pack = open_[ref.pack];
    if (!pack) {
      REPRISE_TRY_ASSIGN(pack, PackFile::Open(packs_, ref.pack));
    }
    return SegmentReader::Open(pack, ref);
  }

 private:
  Directory& packs_;
  std::map<std::uint64_t, std::shared_ptr<PackFile>> open_;
};

}  // namespace

// Every row comes into a segment at least twice as large as its own, so it is copied a logarithmic
// number of times.
std::size_t CountToMerge(std::span<const std::uint64_t> last_first) {
  std::uint64_t rows = 0;
  std::uint64_t largest = 0;
  std::size_t most = 0;
  for (std::size_t count = 1; count <= last_first.size(); ++count) {
    rows += last_first[count - 1];
    largest = std::max(largest, last_first[count - 1]);
    if (rows > kSealRows) break;
    if (count >= kLeastParts && largest <= rows - largest) most = count;
  }
  return most;
}

Result<std::vector<SegmentRef>> FindSegmentsToMerge(const StoreContext& context,
                                                    const BranchId& branch) {
  std::vector<SegmentRef> last;
  REPRISE_TRY(context.catalog->Read([&](CatalogView& view) -> Status {
    REPRISE_TRY_ASSIGN(last, view.LastSegments(branch, Stream::kHistory, kMostParts));
    return {};
  }));
  std::vector<std::uint64_t> rows;
  std::uint64_t bytes = 0;
  for (const SegmentRef& segment : last) {
    bytes += segment.length;
    if (bytes > kMostStoredBytes) break;
    rows.push_back(segment.rows);
  }
  last.resize(CountToMerge(rows));
  std::reverse(last.begin(), last.end());
  return last;
}

namespace {

using Readers = std::vector<std::shared_ptr<const SegmentReader>>;

Result<Readers> OpenParts(const StoreContext& context, std::span<const SegmentRef> parts) {
  PackSet set(*context.packs);
  Readers readers;
  for (const SegmentRef& part : parts) {
    REPRISE_TRY_ASSIGN(readers.emplace_back(), set.Open(part));
  }
  return readers;
}

// Of the new segment. What is visible before the first part is visible before all of them.
SegmentFacts JoinedFacts(const Readers& parts, Generation generation, TimeMicros now) {
  SegmentFacts facts = parts.front()->facts();
  facts.last_step = parts.back()->facts().last_step;
  facts.rows = 0;
  for (const auto& part : parts) facts.rows += part->facts().rows;
  facts.generation = generation;
  facts.sealed_at = now;
  return facts;
}

// Rare shapes share tables, and which are rare depends on all rows: these are made anew.
Result<SegmentRef> MergeAsRows(const Readers& parts, const SegmentFacts& facts, PackWriter& packs) {
  RowBatch rows;
  for (const auto& part : parts) {
    RowBatch read;
    REPRISE_TRY(part->ReadAll(&read));
    rows.AppendAll(read);
    if (rows.bytes() > kMostBytes) {
      return Fail(Code::kInvalidArgument,
                  fmt::format("the segments from step {} to {} are too large to be merged",
                              facts.first_step, facts.last_step));
    }
  }
  REPRISE_TRY_ASSIGN(const SummaryTable prefix, parts.front()->ReadPrefix());
  SegmentInput merged;
  merged.facts = facts;
  merged.rows = &rows;
  merged.prefix = facts.prefix == PrefixKind::kNone ? nullptr : &prefix;
  return packs.AppendSegment(merged);
}

}  // namespace

Result<SegmentRef> MergeSegments(const StoreContext& context, std::span<const SegmentRef> parts,
                                 Generation generation, PackWriter& packs) {
  REPRISE_TRY_ASSIGN(const Readers readers, OpenParts(context, parts));
  const SegmentFacts facts = JoinedFacts(readers, generation, context.io.clock->Now());
  std::vector<SegmentPart> stored;
  for (const auto& reader : readers) {
    REPRISE_TRY_ASSIGN(stored.emplace_back(), reader->ReadStored());
  }
  if (!CanJoin(stored)) return MergeAsRows(readers, facts, packs);
  Result<SegmentRef> joined = packs.AppendJoined({facts, stored, kMostBytes});
  if (joined || joined.error().code() != Code::kCorrupt) return joined;
  return Fail(Code::kCorrupt,
              fmt::format("the segments from step {} to {} cannot be merged: {}", facts.first_step,
                          facts.last_step, joined.error().message()));
}

}  // namespace reprise
