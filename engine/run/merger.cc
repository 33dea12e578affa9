#include "engine/run/merger.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <utility>

#include "engine/run/sealer.h"
#include "engine/segment/pack_reader.h"
#include "format/row_batch.h"
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

Result<SegmentRef> MergeSegments(const StoreContext& context, std::span<const SegmentRef> parts,
                                 Generation generation, PackWriter& packs) {
  PackSet set(*context.packs);
  SegmentInput merged;
  SummaryTable prefix;
  RowBatch rows;
  for (const SegmentRef& part : parts) {
    REPRISE_TRY_ASSIGN(const auto reader, set.Open(part));
    RowBatch read;
    REPRISE_TRY(reader->ReadAll(&read));
    rows.AppendAll(read);
    if (rows.bytes() > kMostBytes) {
      return Fail(Code::kInvalidArgument,
                  fmt::format("the segments from step {} to {} are too large to be merged",
                              parts.front().first, parts.back().last));
    }
    if (part.first != parts.front().first) continue;
    // What is visible before the first part is visible before all of them.
    merged.facts = reader->facts();
    REPRISE_TRY_ASSIGN(prefix, reader->ReadPrefix());
  }
  merged.facts.generation = generation;
  merged.facts.sealed_at = context.io.clock->Now();
  merged.rows = &rows;
  merged.prefix = merged.facts.prefix == PrefixKind::kNone ? nullptr : &prefix;
  return packs.AppendSegment(merged);
}

}  // namespace reprise
