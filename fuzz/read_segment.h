// A reader of segments for fuzzing: of bytes in memory, all at once, with no thought of speed. What
// it shares with the engine's reader are the decoders, which are what is tested.
#ifndef REPRISE_FUZZ_READ_SEGMENT_H_
#define REPRISE_FUZZ_READ_SEGMENT_H_

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "format/segment_index.h"

namespace reprise::fuzz {

struct ReadRow {
  TimeMicros time = kNoTime;
  std::vector<std::pair<std::string, Value>> fields;  // sorted by key

  friend bool operator==(const ReadRow&, const ReadRow&) = default;
};
using ReadRows = std::map<Step, ReadRow>;

// Ends the program where a chunk does not decode, as all of them come from our encoder.
class ReadSegment {
 public:
  // Of `known`, rows and steps are what a frame's header would say.
  ReadSegment(std::string_view bytes, const SegmentFacts& known, std::uint64_t file_id,
              std::uint64_t offset);

  const SegmentFooter& footer() const { return footer_; }
  const SegmentIndex& index() const { return index_; }
  std::string_view IndexBytes() const;
  ReadRows Rows() const;
  // The bytes of the prefix table, if there is one.
  std::string_view Prefix() const;

 private:
  std::string_view Chunk(std::size_t chunk) const;
  void AddTiny(const SegmentTable& table, ReadRows* rows) const;
  void AddDense(const SegmentTable& table, ReadRows* rows) const;
  void AddSparse(const SegmentTable& table, std::span<const Step> steps, ReadRows* rows) const;
  void CheckCells(const SegmentTable& table, const SegmentTable::Column& column,
                  std::span<const Step> steps, std::span<const std::uint64_t> bits) const;
  void AddField(const SegmentTable::Column& column, Step step, ValueView value,
                ReadRows* rows) const;

  std::string_view bytes_;
  std::uint64_t file_id_;
  std::uint64_t offset_;
  SegmentFooter footer_;
  SegmentIndex index_;
};

}  // namespace reprise::fuzz

#endif  // REPRISE_FUZZ_READ_SEGMENT_H_
