// Any bytes as a segment in its pack, read as the engine reads it. Input: rows (u32), first and
// last step (i64 each), the segment.
//
// The checksums of chunks, index and footer are made right before it is read, so that a change
// anywhere in the input is decoded.
#include "engine/segment/column_vectors.h"
#include "engine/segment/pack_writer.h"
#include "format/bytes.h"
#include "format/checksum.h"
#include "format/segment_join.h"
#include "fuzz/made_pack.h"
#include "fuzz/input_directory.h"

namespace reprise::fuzz {
namespace {

constexpr std::uint64_t kPayloadOffset = kPackHeaderSize + kFrameHeaderSize;
constexpr std::uint64_t kMostValues = std::uint64_t{1} << 20;
constexpr std::size_t kIndexChecksumOffset = 24;
constexpr std::size_t kFooterChecksumOffset = 32;

// The directory begins at `directory` of the segment: each chunk is where the lengths before it
// put it.
void SealChunks(std::size_t directory, std::size_t entries, std::string* segment) {
  std::size_t chunk = 0;
  for (std::size_t i = 0; i < entries; ++i) {
    char* const entry = segment->data() + directory + i * kDirectoryEntrySize;
    const auto length = LoadLittle<std::uint32_t>(entry + 8);
    if (length > directory - std::min(chunk, directory)) return;
    const std::string_view bytes = std::string_view(*segment).substr(chunk, length);
    StoreLittle(entry, Checksum(bytes, kMadePackFileId, kPayloadOffset + chunk));
    chunk += length;
  }
}

void SealSegment(std::string* segment) {
  if (segment->size() < kSegmentFooterSize) segment->resize(kSegmentFooterSize);
  const std::size_t footer = segment->size() - kSegmentFooterSize;
  std::uint64_t lengths[4];  // keys, tables, directory, facts
  std::uint64_t index_length = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    lengths[i] = LoadLittle<std::uint32_t>(segment->data() + footer + 8 + 4 * i);
    index_length += lengths[i];
  }
  if (index_length <= footer) {
    const std::size_t index = footer - index_length;
    SealChunks(index + lengths[0] + lengths[1], lengths[2] / kDirectoryEntrySize, segment);
    StoreLittle(segment->data() + footer + kIndexChecksumOffset,
                Checksum(std::string_view(*segment).substr(index, index_length), kMadePackFileId,
                         kPayloadOffset + index));
  }
  StoreLittle(segment->data() + footer + kFooterChecksumOffset,
              Checksum(std::string_view(*segment).substr(footer, kFooterChecksumOffset),
                       kMadePackFileId, kPayloadOffset + footer));
}

// The reference to the segment, which `file` is made to hold.
SegmentRef MakeFile(FuzzInput* input, std::string* file) {
  SegmentRef ref;
  ref.pack = kMadePack;
  ref.offset = kPackHeaderSize;
  ref.branch = {{1, 2}, 3};
  ref.rows = input->Number<std::uint32_t>();
  ref.first = input->Number<std::int64_t>();
  ref.last = input->Number<std::int64_t>();
  std::string segment(input->Rest());
  SealSegment(&segment);
  ref.length = kFrameHeaderSize + segment.size();
  FrameHeader header;
  header.branch = ref.branch;
  header.first = ref.first;
  header.last = ref.last;
  header.rows = static_cast<std::uint32_t>(ref.rows);
  header.payload_length = static_cast<std::uint32_t>(segment.size());
  *file = MadePackHeader() + EncodeFrameHeader(header, kMadePackFileId, ref.offset) + segment;
  return ref;
}

void RequireRefusal(const Status& status) {
  Require(status.code() == Code::kCorrupt || status.code() == Code::kUnsupportedVersion,
          "what is wrong is the file");
}

// A vector that decodes has the values that the whole column has.
void RequireVectors(const ColumnVectors& vectors, const std::vector<Step>& steps,
                    const Column& column) {
  for (std::size_t first = 0; first < column.rows; first += kCellRows) {
    const std::size_t rows = std::min<std::size_t>(kCellRows, column.rows - first);
    std::vector<std::uint64_t> bits(rows);
    std::vector<Step> vector_steps(rows);
    const auto at = static_cast<std::ptrdiff_t>(first);
    if (vectors.ReadValues(first / kCellRows, bits).ok()) {
      Require(std::equal(bits.begin(), bits.end(), column.bits.begin() + at),
              "a vector is a part of its column");
    }
    if (vectors.ReadSteps(first / kCellRows, vector_steps).ok()) {
      Require(std::equal(vector_steps.begin(), vector_steps.end(), steps.begin() + at),
              "so are its steps");
    }
  }
}

void ReadColumn(const SegmentReader& segment, const SegmentReader::ColumnPlace& place) {
  std::vector<Step> steps;
  std::vector<TimeMicros> times;
  Column column;
  if (segment.rows(place.table) > kMostValues / 16) return;
  if (!segment.ReadSteps(place.table, &steps).ok()) return;
  Require(steps.size() == segment.rows(place.table), "each row has a step");
  if (segment.ReadTimes(place.table, &times).ok()) {
    Require(times.empty() || times.size() == steps.size(), "each row has a time, or none has");
  }
  if (!segment.ReadColumn(place, &column).ok()) return;
  Require(column.type == place.type && column.rows == steps.size(), "each row has a value");
  if (!IsNumber(place.type)) return;
  Cells cells;
  (void)segment.ReadCells(place, &cells);
  RequireVectors(*segment.Vectors(place), steps, column);
  const auto loaded = segment.Load(place);
  if (loaded.has_value()) RequireVectors(**loaded, steps, column);
}

void RequireRows(const SegmentReader& segment) {
  RowBatch rows;
  if (!segment.ReadAll(&rows).ok()) {
    Require(rows.empty(), "rows that cannot be read leave nothing");
    return;
  }
  Require(rows.rows() == segment.ref().rows && rows.values() == segment.facts().values,
          "there are as many rows and values as stated");
  Require(rows.first_step() == segment.ref().first && rows.last_step() == segment.ref().last,
          "rows are where they should be");
  SegmentInput again;
  again.rows = &rows;
  Require(EncodeSegment(again, 1, 0).has_value(), "rows that were read can be sealed");
}

void RequirePrefix(const SegmentReader& segment) {
  const Result<SummaryTable> prefix = segment.ReadPrefix();
  if (!prefix.has_value()) return RequireRefusal(prefix.error());
  Require(segment.facts().prefix != PrefixKind::kNone || prefix->empty(),
          "a prefix that is not there is empty");
}

void Try(FuzzInput input) {
  MemoryDirectory packs;
  const SegmentRef ref = MakeFile(&input, &packs.files()[PackFileName(kMadePack)]);
  const auto pack = PackFile::Open(packs, kMadePack);
  Require(pack.has_value(), "a pack with a whole header opens");
  const auto opened = SegmentReader::Open(*pack, ref);
  if (!opened.has_value()) return RequireRefusal(opened.error());
  const SegmentReader& segment = **opened;
  Require(segment.VerifyBytes().ok(), "all checksums are right");
  Require(segment.ReadStored().has_value(), "what verifies can be copied");
  RequirePrefix(segment);
  if (segment.facts().values > kMostValues || ref.rows > kMostValues / 16) return;
  const Status columns = segment.ForEachColumn([&](std::string_view key, const auto& place) {
    const auto found = segment.Find(key);
    Require(std::any_of(found.begin(), found.end(),
                        [&](const auto& f) {
                          return f.table == place.table && f.column == place.column &&
                                 f.type == place.type;
                        }),
            "each column is found by its key");
    ReadColumn(segment, place);
    return Status();
  });
  Require(columns.ok(), "all columns are visited");
  RequireRows(segment);
}

}  // namespace
}  // namespace reprise::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  reprise::fuzz::Try(reprise::fuzz::FuzzInput(data, size));
  return 0;
}
