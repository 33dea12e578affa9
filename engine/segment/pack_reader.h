// The reading end of packs, and of the segments in them. Reads with pread, checks every byte that
// it serves.
#ifndef REPRISE_ENGINE_SEGMENT_PACK_READER_H_
#define REPRISE_ENGINE_SEGMENT_PACK_READER_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/io/directory.h"
#include "format/cells.h"
#include "format/change.h"
#include "format/pack.h"
#include "format/segment.h"
#include "format/segment_size.h"
#include "format/summary_table.h"
#include "reprise/status.h"

namespace reprise {

class ColumnVectors;
struct SegmentPart;  // format/segment_join.h

// What a scan of a pack meets, in file order.
struct PackFrame {
  using Kind = FrameKind;
  Kind kind = Kind::kSegment;
  SegmentRef ref;  // kSegment: as the frame's header says; else pack, offset and length alone
  std::string_view payload;  // kEvents: for ForEachEvent; valid during the callback
};
struct PackDamage {
  std::uint64_t offset = 0;
  std::uint64_t length = 0;  // up to where the scan found a good frame again, or the end
  std::string message;
};

// One pack, held open: stays readable after it is removed. Thread-safe.
class PackFile {
 public:
  // kCorrupt also for a file without a whole header: its maker died before the first sync.
  static Result<std::shared_ptr<PackFile>> Open(Directory& packs, std::uint64_t pack);
  virtual ~PackFile() = default;

  virtual std::uint64_t id() const = 0;
  virtual std::uint64_t file_id() const = 0;  // seeds checksums
  virtual const std::string& path() const = 0;
  virtual Result<std::uint64_t> Size() = 0;
  // `size` bytes at `offset`; kCorrupt if the file ends before.
  virtual Result<std::string> Read(std::uint64_t offset, std::uint64_t size) = 0;
  // The payload of the events frame at `offset`, for ForEachEvent; kCorrupt if there is none.
  virtual Result<std::string> ReadEvents(std::uint64_t offset) = 0;
  // Visits every whole frame: its header verifies, and so does the footer of its segment or the
  // payload of its events. After damage it goes on at the next whole frame. Bytes that a later
  // session has named as skipped are no damage. Bytes that a living session is just appending may
  // show as damage at the end.
  virtual Status Scan(const std::function<Status(const PackFrame&)>& on_frame,
                      const std::function<Status(const PackDamage&)>& on_damage) = 0;
};

// The ids of all packs, ascending: those made last are at the end.
Result<std::vector<std::uint64_t>> ListPacks(Directory& packs);

// Whether the header of a segment's frame is compared with what is known of the segment. All else
// is under checksums that hold at this place only, so damage can be saved from without the header.
enum class FrameCheck : std::uint8_t { kCompare, kTrustRef };

// One segment: its footer and directory are read and checked at Open, its columns when asked for.
// Thread-safe. Errors name the pack, the offset, and what should be there.
class SegmentReader {
 public:
  // kCorrupt also if the frame is not the segment that `ref` describes.
  static Result<std::shared_ptr<const SegmentReader>> Open(std::shared_ptr<PackFile> pack,
                                                           const SegmentRef& ref,
                                                           FrameCheck check = FrameCheck::kCompare);
  virtual ~SegmentReader() = default;

  virtual const SegmentRef& ref() const = 0;
  virtual const SegmentFacts& facts() const = 0;
  // The tables with a value in each column of each row: shapes and rows, without data. Rows of
  // rare shapes are in none of them, but in ReadAll and Find.
  virtual std::size_t tables() const = 0;
  virtual const Shape& shape(std::size_t table) const = 0;  // requires table < tables()
  virtual std::size_t rows(std::size_t table) const = 0;
  // All keys, sorted.
  virtual std::vector<std::string> Keys() const = 0;
  // Where a key has values: a (table, column) for each type and table that has it. Among rows of
  // rare shapes each column counts as a table of its own, numbered from tables() up; rows,
  // ReadSteps, ReadTimes and ReadColumn take it like the others.
  struct ColumnPlace {
    std::size_t table = 0;
    std::size_t column = 0;
    Type type = Type::kNull;
  };
  virtual std::vector<ColumnPlace> Find(std::string_view key) const = 0;
  // All columns, table by table.
  virtual Status ForEachColumn(
      const std::function<Status(std::string_view key, const ColumnPlace& place)>& on_column)
      const = 0;

  // Every row once: the steps of each table, and of the rows of rare shapes.
  virtual Status ForEachSteps(const std::function<void(std::span<const Step>)>& on_steps) const = 0;

  virtual Status ReadSteps(std::size_t table, std::vector<Step>* steps) const = 0;
  // Empty where the shape has no time.
  virtual Status ReadTimes(std::size_t table, std::vector<TimeMicros>* times) const = 0;
  virtual Status ReadColumn(const ColumnPlace& place, Column* column) const = 0;
  // As ReadColumn, for who keeps something of several columns: kCorrupt too if these and what was
  // `read` of the segment so far have more text than a segment may have.
  virtual Status ReadColumnToo(const ColumnPlace& place, SegmentSize* read,
                               Column* column) const = 0;
  // What a plot needs of a column of numbers: its cells, or of one too short to have any those that
  // its values give; and single vectors of it (column_vectors.h), which do not outlive the reader.
  virtual Status ReadCells(const ColumnPlace& place, Cells* cells) const = 0;
  virtual std::unique_ptr<const ColumnVectors> Vectors(const ColumnPlace& place) const = 0;
  // The same vectors for who reads them all: the column is read and checked once, now.
  virtual Result<std::unique_ptr<const ColumnVectors>> Load(const ColumnPlace& place) const = 0;
  // Of the segment's bytes, those of cells.
  virtual std::uint64_t CellBytes() const = 0;
  // Everything, as the rows were before they were sealed. Replaces what `rows` held, if it
  // succeeds.
  virtual Status ReadAll(RowBatch* rows) const = 0;

  // All of it as it is stored, every chunk checked; refers to the reader.
  virtual Result<SegmentPart> ReadStored() const = 0;

  // Summaries of the visible history before this segment's first row (see SegmentFacts).
  virtual Result<SummaryTable> ReadPrefix() const = 0;
  // Reads and checks every byte of the frame.
  virtual Status VerifyBytes() const = 0;
};

}  // namespace reprise

#endif  // REPRISE_ENGINE_SEGMENT_PACK_READER_H_
