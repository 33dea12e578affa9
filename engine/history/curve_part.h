// One key's numbers in one table of a segment, or of live rows, as sampling reads them.
#ifndef REPRISE_ENGINE_HISTORY_CURVE_PART_H_
#define REPRISE_ENGINE_HISTORY_CURVE_PART_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "engine/history/block.h"
#include "engine/history/running_bucket.h"
#include "engine/segment/column_vectors.h"
#include "format/cells.h"
#include "format/row_batch.h"

namespace reprise {

// The rows of one cell.
struct CurveVector {
  std::span<const Step> steps;
  std::span<const std::uint64_t> bits;
};
// Where they are kept that lie nowhere else.
struct CurveBuffer {
  std::array<Step, kCellRows> steps;
  std::array<std::uint64_t, kCellRows> bits;
};

// Cells in memory, values where they are. Thread safety: const calls from any thread.
class CurvePart {
 public:
  static Result<CurvePart> OfSegment(std::shared_ptr<const SegmentReader> segment,
                                     const SegmentReader::ColumnPlace& place);
  // `table` must outlive the part.
  static CurvePart OfRows(const RowTable& table, std::size_t column);

  const Cells& cells() const { return cells_; }
  // All cells as one.
  const RunningBucket& total() const { return total_; }
  Step first_step() const { return cells_.steps.first.front(); }
  Step last_step() const { return cells_.steps.last.back(); }
  // Memory, near enough for a budget.
  std::size_t bytes() const;

  // Valid until the buffer is used again. kCorrupt if the steps are not those of the cell.
  Result<CurveVector> Read(std::size_t cell, CurveBuffer* buffer) const;

 private:
  explicit CurvePart(Cells cells);

  Status ReadSteps(std::size_t cell, std::span<Step> steps) const;

  Cells cells_;
  RunningBucket total_;
  std::shared_ptr<const SegmentReader> segment_;  // keeps `vectors_` readable
  std::unique_ptr<const ColumnVectors> vectors_;  // else the rows in memory
  std::span<const Step> steps_;
  std::span<const std::uint64_t> bits_;
};

// The parts of `key` in a block, in no order; none where it has no numbers.
Result<std::vector<CurvePart>> LoadParts(const SegmentCache& segments, const Block& block,
                                         std::string_view key);

}  // namespace reprise

#endif  // REPRISE_ENGINE_HISTORY_CURVE_PART_H_
