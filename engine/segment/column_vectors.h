// Single vectors of one numeric column, with their steps: what a plot reads where a cell is too
// coarse.
#ifndef REPRISE_ENGINE_SEGMENT_COLUMN_VECTORS_H_
#define REPRISE_ENGINE_SEGMENT_COLUMN_VECTORS_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "engine/segment/pack_reader.h"
#include "engine/segment/table_reader.h"
#include "reprise/status.h"

namespace reprise {

// Obtained from SegmentReader::Vectors or Load, which it must not outlive. Thread safety: const
// calls from any thread.
class ColumnVectors {
 public:
  virtual ~ColumnVectors() = default;

  // The steps and the stored bits of the 1,024 values of vector number `vector`, or as many as it
  // has. kCorrupt if its steps do not rise; whether they rise from vector to vector is the caller's
  // to check.
  virtual Status ReadSteps(std::size_t vector, std::span<Step> steps) const = 0;
  virtual Status ReadValues(std::size_t vector, std::span<std::uint64_t> bits) const = 0;
};

// Of a column of a dense table: reads no more than it must. `reader` must outlive it.
std::unique_ptr<const ColumnVectors> MakeDenseVectors(const TableReader* reader, std::size_t table,
                                                      std::size_t column);
// Of any column: reads the whole of it each time. `segment` must outlive it.
std::unique_ptr<const ColumnVectors> MakeWholeVectors(const SegmentReader* segment,
                                                      const SegmentReader::ColumnPlace& place);

// Both again, for who wants most of the column: read and checked once, now.
Result<std::unique_ptr<const ColumnVectors>> LoadDenseVectors(const TableReader& reader,
                                                              std::size_t table,
                                                              std::size_t column);
Result<std::unique_ptr<const ColumnVectors>> LoadWholeVectors(
    const SegmentReader& segment, const SegmentReader::ColumnPlace& place);

// What is said of a vector that does not decode: ok if `why` is.
Status UnreadableVector(std::size_t vector, const Status& why);

}  // namespace reprise

#endif  // REPRISE_ENGINE_SEGMENT_COLUMN_VECTORS_H_
