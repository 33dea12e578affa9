// What verify says of cells that are whole and not those of their values.
#include <gmock/gmock.h>

#include <map>
#include <random>

#include "format/checksum.h"
#include "format/segment_index.h"
#include "tests/engine/store/forger.h"
#include "tests/engine/store/store_fixture.h"

namespace reprise {
namespace {

// The bytes of a pack with one segment of RowsAt, to change under the right checksums.
class SegmentForger {
 public:
  SegmentForger(const std::string& path, const SegmentRef& segment)
      : path_(path),
        bytes_(ReadFile(path)),
        file_id_(DecodePackHeader(bytes_)->file_id),
        begin_(segment.offset + kFrameHeaderSize),
        end_(segment.offset + segment.length) {
    const std::size_t at = end_ - kSegmentFooterSize;
    footer_ = DecodeSegmentFooter(View(at, kSegmentFooterSize), file_id_, at).value();
    SegmentFacts known;
    known.rows = segment.rows;
    index_ = DecodeSegmentIndex(View(at - footer_.index_length(), footer_.index_length()), footer_,
                                known, end_ - begin_)
                 .value();
  }

  // Changes some bits of the cells of the only column, or of their steps.
  void ChangeAnything(std::mt19937_64& random) {
    const SegmentTable& table = index_.tables[0];
    const bool steps = random() % 3 == 0;
    SegmentChunk& chunk = index_.chunks[steps ? table.cell_steps_chunk() : table.columns[0].cells];
    for (std::uint64_t i = 1 + random() % 3; i > 0; --i) {
      char& byte = bytes_[begin_ + chunk.offset + random() % chunk.length];
      byte = static_cast<char>(byte ^ (1 << (random() % 8)));
    }
    chunk.checksum = ChecksumOf(begin_ + chunk.offset, chunk.length);
    Write();
  }

  // Changes a bit of the cells of the only column, so that they can be read and are other ones.
  void ChangeCells() {
    const SegmentTable::Column& column = index_.tables[0].columns[0];
    const SegmentChunk& chunk = index_.chunks[column.cells];
    const Cells good = CellsAt(chunk, column).value();
    for (std::size_t at = begin_ + chunk.offset;; ++at) {
      ASSERT_LT(at, begin_ + chunk.offset + chunk.length);
      bytes_[at] = static_cast<char>(bytes_[at] ^ 1);
      const auto read = CellsAt(chunk, column);
      if (read && !(*read == good)) break;
      bytes_[at] = static_cast<char>(bytes_[at] ^ 1);
    }
    index_.chunks[column.cells].checksum = ChecksumOf(begin_ + chunk.offset, chunk.length);
    Write();
  }

 private:
  std::string_view View(std::size_t at, std::size_t length) const {
    return std::string_view(bytes_).substr(at, length);
  }
  std::uint64_t ChecksumOf(std::size_t at, std::size_t length) const {
    return Checksum(View(at, length), file_id_, at);
  }
  Result<Cells> CellsAt(const SegmentChunk& chunk, const SegmentTable::Column& column) const {
    const SegmentChunk& steps_chunk = index_.chunks[index_.tables[0].cell_steps_chunk()];
    CellSteps steps;
    EXPECT_TRUE(
        DecodeCellSteps(View(begin_ + steps_chunk.offset, steps_chunk.length), column.rows, &steps)
            .ok());
    Cells cells;
    const Status status = DecodeCells(View(begin_ + chunk.offset, chunk.length), column.type,
                                      column.rows, std::move(steps), &cells);
    if (!status.ok()) return Fail(status);
    return cells;
  }

  // The directory and the footer anew.
  void Write() {
    const std::size_t footer_at = end_ - kSegmentFooterSize;
    std::string directory;
    EncodeDirectory(index_.chunks, &directory);
    bytes_.replace(footer_at - footer_.facts_length - directory.size(), directory.size(),
                   directory);
    const std::size_t length = footer_.index_length();
    footer_.index_checksum = ChecksumOf(footer_at - length, length);
    bytes_.replace(footer_at, kSegmentFooterSize,
                   EncodeSegmentFooter(footer_, file_id_, footer_at));
    WriteFile(path_, bytes_);
  }

  const std::string path_;
  std::string bytes_;
  const std::uint64_t file_id_;
  const std::size_t begin_;
  const std::size_t end_;
  SegmentFooter footer_;
  SegmentIndex index_;
};

class VerifyCells : public StoreFixture {
 protected:
  void SetUp() override {
    MakeRun("a");
    std::vector<Step> steps;
    for (Step step = 0; step < 5000; ++step) steps.push_back(step * 3);
    Forger forger(path());
    segment_ = forger.Append(forger.FactsOf(forger.Uid("a"), 0), RowsAt(steps));
    forger.Publish(segment_);
  }

  SegmentRef segment_;
};

TEST_F(VerifyCells, FindsNothingInThoseThatAreRight) {
  EXPECT_THAT(Codes(Check()), ::testing::IsEmpty());
}

TEST_F(VerifyCells, TellsThoseThatAreNotOfTheValues) {
  const std::string file = "packs/" + PackFileName(segment_.pack);
  SegmentForger(path() + "/" + file, segment_).ChangeCells();
  EXPECT_TRUE(FindsOnly({Severity::kLost,
                         "segment.cells_differ",
                         file,
                         segment_.offset,
                         "e/p/a@0",
                         {segment_.first, segment_.last},
                         "cells of key 'loss' are not those of its values"}));
  EXPECT_THAT(Codes(CheckAt(VerifyDepth::kChecksums)), ::testing::IsEmpty()) << "decodes nothing";
  LeaveDamaged();
}

// A sample may be wrong then, as verify tells; it must not crash.
TEST_F(VerifyCells, SamplesEndureAnyThatAreWrong) {
  const std::string file = path() + "/packs/" + PackFileName(segment_.pack);
  const std::string good = ReadFile(file);
  std::mt19937_64 random(1);
  std::map<Code, int> codes;
  const Store store = Store::Open(path(), {.read_only = true}).value();
  for (int i = 0; i < 300; ++i) {
    SegmentForger(file, segment_).ChangeAnything(random);
    const History history = store.OpenHistory({"a", {}, {}}).value();
    for (const std::uint64_t buckets : {1U, 7U, 5000U}) {
      for (const bool snapped : {false, true}) {
        SampleOptions options;
        options.buckets = buckets;
        options.snapped = snapped;
        const auto sampled = history.Sample("loss", options);
        ++codes[sampled ? Code::kOk : sampled.error().code()];
      }
    }
    WriteFile(file, good);
  }
  EXPECT_GT(codes[Code::kOk], 0);
  EXPECT_GT(codes[Code::kCorrupt], 0);
  EXPECT_LE(codes.size(), 3U);  // kUnsupportedVersion, for an unknown kind of column
}

TEST_F(VerifyCells, StatCountsTheirBytes) {
  const auto stat = ReadStoreStat(path());
  ASSERT_TRUE(stat) << stat.error().ToString();
  EXPECT_GT(stat->cell_bytes, 0U);
  EXPECT_LT(stat->cell_bytes, stat->segment_bytes);
}

TEST_F(VerifyCells, DumpShowsWhereTheyAre) {
  std::string text;
  const Status dumped = DumpFile(path() + "/packs/" + PackFileName(segment_.pack),
                                 [&](const std::string& line) { text += line + "\n"; });
  ASSERT_TRUE(dumped.ok()) << dumped.ToString();
  EXPECT_THAT(text, ::testing::HasSubstr("steps of cells at "));
  EXPECT_THAT(text, ::testing::HasSubstr("5 cells of 'loss' at "));
}

}  // namespace
}  // namespace reprise
