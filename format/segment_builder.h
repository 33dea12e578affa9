// The bytes of a segment in the making: chunk after chunk, then the index. What encoding rows
// (segment_writer.cc) and joining segments (segment_join.h) have in common.
#ifndef REPRISE_FORMAT_SEGMENT_BUILDER_H_
#define REPRISE_FORMAT_SEGMENT_BUILDER_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "format/row_batch.h"
#include "format/segment.h"
#include "format/segment_index.h"
#include "format/segment_size.h"
#include "reprise/status.h"

namespace reprise {

struct ColumnPlans;  // plan_memory.h

// What is said of rows that no segment takes.
Status TooLargeForSegment(std::string_view what, std::size_t size, std::size_t limit);
// The same of what there is too much of; ok if there is nothing.
Status TooLargeForSegment(const SegmentSize& size);

class SegmentBuilder {
 public:
  // Of a segment that will begin at `offset` of the file `file_id`. `keys` are all of its keys,
  // ascending; what they refer to must outlive it.
  SegmentBuilder(std::vector<std::string_view> keys, std::uint64_t file_id, std::uint64_t offset)
      : keys_(std::move(keys)), file_id_(file_id), offset_(offset) {}

  std::span<const std::string_view> keys() const { return keys_; }

  // Where chunks are appended; what was appended since the last one ended is the next one.
  std::string* bytes() { return &bytes_; }
  void EndChunk();
  void AddInt64Chunk(std::span<const std::int64_t> values, ColumnPlans* known);

  // A table of one shape, tiny if it may be: its chunks and its place among the tables.
  void AddRows(const RowTable& rows, PlanMemory* plans);
  // A table whose chunks the caller appends.
  void AddTable(SegmentTable table) { tables_.push_back(std::move(table)); }
  // One that is not tiny, of so many rows.
  SegmentTable DenseTable(const Shape& shape, std::size_t rows) const;

  // All bytes, when all tables are there, and the prefix if there is one. The values of `facts` are
  // counted here. kInvalidArgument beyond the limits of segment.md. Call it once.
  Result<std::string> Finish(SegmentFacts facts);

 private:
  void AddDenseChunks(const RowTable& table, PlanMemory* plans);
  void AddDenseCells(const RowTable& table);
  void AddIndex(const SegmentFacts& facts);

  const std::vector<std::string_view> keys_;
  const std::uint64_t file_id_;
  const std::uint64_t offset_;

  std::vector<SegmentTable> tables_;
  std::vector<SegmentChunk> chunks_;
  std::string bytes_;
  std::size_t chunk_begin_ = 0;
  std::vector<std::string_view> texts_;  // of the column at hand
};

}  // namespace reprise

#endif  // REPRISE_FORMAT_SEGMENT_BUILDER_H_
