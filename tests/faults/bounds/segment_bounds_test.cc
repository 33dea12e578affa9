// What reading a segment takes that was made to take much: its checksums are right, and a few bytes
// stand for many values.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "engine/io/io.h"
#include "engine/store/layout.h"
#include "engine/store/segment_salvage.h"
#include "format/segment_size.h"
#include "reprise/repair.h"
#include "reprise/store.h"
#include "reprise/verify.h"
#include "tests/engine/store/forger.h"
#include "tests/faults/bounds/heap_meter.h"
#include "tests/faults/bounds/made_segment.h"
#include "tests/support/temp_dir.h"

namespace reprise {
namespace {

constexpr std::size_t kShortKey = 8;  // bytes
constexpr std::size_t kMib = std::size_t{1} << 20;

// Text is in memory twice while rows are made of columns, and strings grow by doubling.
constexpr std::size_t kMost = 256 * kMib;

class SegmentBounds : public ::testing::Test {
 protected:
  void SetUp() override { REPRISE_SKIP_UNLESS_METERED(); }

  std::string path() const { return temp_.Of("store"); }

  // A store with one run, whose only segment it is.
  void Publish(MadeSegment made) {
    {
      Store store = Store::Open(path()).value();
      ASSERT_TRUE(store.StartRun({.run_id = "made"})->Finish().ok());
    }
    Forger forger(path());
    const StoreLayout layout = OpenLayout(SystemIo(), path(), false).value();
    const SegmentFacts facts = forger.FactsOf(forger.Uid("made"), 0);
    ref_ = made.WriteTo(layout, 0xFF, facts);
    forger.Publish(ref_);
  }

  // What it takes (bytes) to open the run's history and read of it; `*status` says how that went.
  std::size_t PeakOf(const std::function<Status(const History&)>& read, Status* status) const {
    return HeapPeakOf([&] {
      Store store = Store::Open(path(), {.read_only = true}).value();
      const auto history = store.OpenHistory({.run = "made"});
      *status = history ? read(*history) : history.error();
    });
  }
  void ExpectRead(std::string_view how, const std::function<Status(const History&)>& read) const {
    Status status;
    EXPECT_LT(PeakOf(read, &status), kMost) << how;
    EXPECT_TRUE(status.ok()) << how << ": " << status.ToString();
  }
  void ExpectRefused(std::string_view how,
                     const std::function<Status(const History&)>& read) const {
    Status status;
    EXPECT_LT(PeakOf(read, &status), kMost) << how;
    EXPECT_EQ(status.code(), Code::kCorrupt) << how;
    EXPECT_NE(status.message().find("pack '"), std::string_view::npos) << status.ToString();
    EXPECT_NE(status.message().find("at most"), std::string_view::npos) << status.ToString();
  }

  static Status ReadRows(const History& history);
  static Status ReadKey(const History& history, std::size_t size) {
    const auto series = history.ReadSeries(LongKeys(1, size)[0]);
    return series ? Status() : series.error();
  }
  static Status ReadFirstKey(const History& history) { return ReadKey(history, kShortKey); }
  static Status ReadFirstLongKey(const History& history) { return ReadKey(history, kMaxKeyBytes); }
  static Status Summarize(const History& history) {
    const auto summary = history.ReadSummary();
    return summary ? Status() : summary.error();
  }

  // That verify tells of the segment, and at little cost what could be saved of it is found.
  void ExpectVerifyTellsOfIt(VerifyDepth depth) const {
    EXPECT_LT(HeapPeakOf([&] { EXPECT_EQ(Verify(path(), {.depth = depth})->ExitCode(), 2); }),
              kMost);
    EXPECT_LT(HeapPeakOf([&] { EXPECT_TRUE(Repair(path()).has_value()); }), kMost);
    const StoreLayout layout = OpenLayout(SystemIo(), path(), true).value();
    EXPECT_LT(HeapPeakOf([&] { EXPECT_TRUE(SalvageSegment(*layout.packs, ref_).has_value()); }),
              kMost);
  }

 private:
  TempDir temp_;
  SegmentRef ref_;
};

Status SegmentBounds::ReadRows(const History& history) {
  auto rows = history.Rows({});
  if (!rows) return rows.error();
  for (;;) {
    const auto next = rows->Next();
    if (!next) return next.error();
    if (!*next) return {};
  }
}

// A table with columns of the first keys that all have this chunk.
void AddTable(MadeSegment* made, TableForm form, std::uint32_t rows, std::uint32_t columns,
              Type type, const std::string& chunk) {
  made->BeginTable(form, rows);
  for (std::uint32_t key = 0; key < columns; ++key) made->AddColumn(key, type, chunk);
}

// Row i has the first i + 1 of as many keys: no two rows have one shape.
MadeSegment RowsOfDistinctShapes(std::uint32_t rows) {
  MadeSegment made(LongKeys(rows, kMaxKeyBytes));
  made.BeginTable(TableForm::kSparse, rows);
  for (std::uint32_t key = 0; key < rows; ++key) {
    made.AddColumn(key, Type::kNull, rows - key, NullsBehind(key, rows));
  }
  return made;
}

MadeSegment KeysInEachTable(std::uint32_t keys, std::uint32_t tables) {
  MadeSegment made(LongKeys(keys, kMaxKeyBytes));
  for (std::uint32_t i = 0; i < tables; ++i) {
    AddTable(&made, TableForm::kDense, 1, keys, Type::kNull, "");
  }
  return made;
}

// `tables` of `columns` each, with a text of some 4 MiB in every row.
MadeSegment Texts(std::uint32_t tables, std::uint32_t columns, std::uint32_t rows) {
  MadeSegment made(LongKeys(columns, kShortKey));
  const std::string chunk = PrintedTexts(rows, kMaxTextBytes);
  for (std::uint32_t i = 0; i < tables; ++i) {
    AddTable(&made, TableForm::kDense, rows, columns, Type::kString, chunk);
  }
  return made;
}

MadeSegment EqualColumns(std::uint32_t columns, std::uint32_t rows) {
  MadeSegment made(LongKeys(columns, kShortKey));
  AddTable(&made, TableForm::kDense, rows, columns, Type::kDouble, EqualNumbers(rows));
  return made;
}

MadeSegment SparseNulls(std::uint32_t columns, std::uint32_t rows) {
  MadeSegment made(LongKeys(columns, kShortKey));
  AddTable(&made, TableForm::kSparse, rows, columns, Type::kNull, NullsBehind(0, rows));
  return made;
}

TEST_F(SegmentBounds, MoreValuesThanASegmentHasAreNotDecoded) {
  Publish(EqualColumns(64, kMaxSegmentRows));
  ExpectRefused("as rows", ReadRows);
  ExpectRefused("one column", ReadFirstKey);
  ExpectRefused("as a summary", Summarize);
  ExpectVerifyTellsOfIt(VerifyDepth::kChecksums);
}

TEST_F(SegmentBounds, NullsAreValues) {
  Publish(SparseNulls(64, kMaxSegmentRows));
  ExpectRefused("as rows", ReadRows);
  ExpectVerifyTellsOfIt(VerifyDepth::kChecksums);
}

// 65,536 rows of a dictionary share a text.
TEST_F(SegmentBounds, TextCountsInEachRow) {
  constexpr std::uint32_t rows = 1 << 16;
  MadeSegment made(LongKeys(1, kShortKey));
  AddTable(&made, TableForm::kDense, rows, 1, Type::kString, EqualTexts(rows, 1 << 14));
  Publish(std::move(made));
  ExpectRefused("as rows", ReadRows);
  ExpectRefused("one column", ReadFirstKey);
  ExpectRefused("as a summary", Summarize);
  ExpectVerifyTellsOfIt(VerifyDepth::kDeep);
}

TEST_F(SegmentBounds, TextCountsInAllColumnsTogether) {
  Publish(Texts(1, 128, 2));
  ExpectRefused("as rows", ReadRows);
  ExpectRefused("as a summary", Summarize);
  ExpectRead("one column", ReadFirstKey);
  ExpectVerifyTellsOfIt(VerifyDepth::kDeep);
}

TEST_F(SegmentBounds, TextOfAKeyCountsInAllTablesTogether) {
  Publish(Texts(64, 1, 4));
  ExpectRefused("as rows", ReadRows);
  ExpectRefused("one key", ReadFirstKey);
  ExpectVerifyTellsOfIt(VerifyDepth::kDeep);
}

TEST_F(SegmentBounds, ShapesOfRareRowsAreNotMadeWithoutEnd) {
  Publish(RowsOfDistinctShapes(1024));
  ExpectRefused("as rows", ReadRows);
  ExpectRead("one column", ReadFirstLongKey);
  ExpectRead("as a summary", Summarize);
}

TEST_F(SegmentBounds, KeysCountInEachTable) {
  Publish(KeysInEachTable(8192, 64));
  ExpectRefused("as rows", ReadRows);
  ExpectRefused("one column", ReadFirstLongKey);
  ExpectVerifyTellsOfIt(VerifyDepth::kChecksums);
}

TEST_F(SegmentBounds, AsManyValuesAsASegmentHasAreRead) {
  Publish(EqualColumns(kMaxSegmentValues / 65'536, 65'536));
  ExpectRead("as rows", ReadRows);
  ExpectRead("as a summary", Summarize);
}

TEST_F(SegmentBounds, AsManyNullsAsASegmentHasAreRead) {
  Publish(SparseNulls(kMaxSegmentValues / 65'536, 65'536));
  ExpectRead("as rows", ReadRows);
}

// Each text is a few bytes short of 4 MiB.
TEST_F(SegmentBounds, AsMuchTextAsASegmentHasIsRead) {
  Publish(Texts(2, 1, kMaxColumnTextBytes / kMaxTextBytes / 2));
  ExpectRead("as rows", ReadRows);
  ExpectRead("one key", ReadFirstKey);
}

TEST_F(SegmentBounds, AsManyKeysAsASegmentHasAreRead) {
  Publish(KeysInEachTable(kMaxKeyTableBytes / kMaxKeyBytes / 64, 64));
  ExpectRead("as rows", ReadRows);
}

// Of 255 rows they have 32,640 columns.
TEST_F(SegmentBounds, AsManyShapesAsASegmentHasAreRead) {
  Publish(RowsOfDistinctShapes(255));
  ExpectRead("as rows", ReadRows);
}

}  // namespace
}  // namespace reprise
