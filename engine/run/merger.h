// Joining the small segments at the end of a branch, which short sessions and a lack of memory
// leave behind. Only there: what later segments know of the summaries before them stays as it is.
#ifndef REPRISE_ENGINE_RUN_MERGER_H_
#define REPRISE_ENGINE_RUN_MERGER_H_

#include <cstddef>
#include <span>
#include <vector>

#include "engine/run/store_context.h"
#include "engine/segment/pack_writer.h"
#include "format/change.h"

namespace reprise {

// How many of a branch's last segments should become one; 0: none. `last_first` are their rows, of
// the last segment first.
//
// As many as can be, of which the largest has no more rows than the others together: so a row is
// copied at most log2(kSealRows) times, and a branch has few small segments.
std::size_t CountToMerge(std::span<const std::uint64_t> last_first);

// The last segments of the branch that should become one, in step order; none: empty.
Result<std::vector<SegmentRef>> FindSegmentsToMerge(const StoreContext& context,
                                                    const BranchId& branch);

// Appends a segment with the rows of `parts`, neighbours of one branch, to the pack; not synced and
// not published. Full vectors are copied as they are stored, if their checksums hold; kCorrupt, and
// nothing is appended, if those of any part do not. kInvalidArgument: together they would take too
// much memory.
Result<SegmentRef> MergeSegments(const StoreContext& context, std::span<const SegmentRef> parts,
                                 Generation generation, PackWriter& packs);

}  // namespace reprise

#endif  // REPRISE_ENGINE_RUN_MERGER_H_
