// Joins segments, neighbours of one branch, into one with the rows of all of them, column by column
// and without making rows of them (column_join.h).
#ifndef REPRISE_FORMAT_SEGMENT_JOIN_H_
#define REPRISE_FORMAT_SEGMENT_JOIN_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "format/row_batch.h"
#include "format/segment.h"
#include "format/segment_index.h"
#include "reprise/status.h"

namespace reprise {

// One of the segments that are joined.
struct SegmentPart {
  const SegmentIndex* index = nullptr;
  std::vector<ShapePtr> shapes;  // of those tables that are not sparse
  std::string chunks;            // its bytes up to the index; all checksums of chunks hold
};

struct JoinInput {
  // Of the new segment; first_step, last_step and rows are those of all parts together. Its prefix
  // is the one of the first part.
  SegmentFacts facts;
  std::span<const SegmentPart> parts;  // at least one, in step order
  std::size_t most_bytes = 0;          // of all values as they are in memory
};

// Whether no part has rows of rare shapes, nor would all of them together.
bool CanJoin(std::span<const SegmentPart> parts);

// The bytes of the new segment, as EncodeSegment. Requires CanJoin. kCorrupt for parts that no
// writer has written; kInvalidArgument if they are too large for one segment.
Result<std::string> JoinSegments(const JoinInput& input, std::uint64_t file_id,
                                 std::uint64_t offset);

}  // namespace reprise

#endif  // REPRISE_FORMAT_SEGMENT_JOIN_H_
