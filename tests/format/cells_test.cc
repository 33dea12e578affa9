// Cells: what they keep of their values, and what of their bytes is refused.
#include "format/cells.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>
#include <random>
#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

#include "format/bytes.h"
#include "format/exact_sum.h"
#include "format/measure_numbers.h"
#include "format/segment_index.h"
#include "tests/support/golden.h"

namespace reprise {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

std::vector<std::uint64_t> BitsOf(const std::vector<double>& values) {
  std::vector<std::uint64_t> bits;
  for (const double value : values) bits.push_back(std::bit_cast<std::uint64_t>(value));
  return bits;
}

std::vector<Step> StepsFrom(Step first, std::size_t rows, Step gap) {
  std::vector<Step> steps;
  for (std::size_t i = 0; i < rows; ++i) steps.push_back(first + static_cast<Step>(i) * gap);
  return steps;
}

// Of a dense table's column.
Result<Cells> Recode(const Cells& cells) {
  std::string steps_chunk;
  std::string chunk;
  EncodeCellSteps(cells.steps, &steps_chunk);
  EncodeCells(cells, &chunk);
  CellSteps steps;
  const Status read_steps = DecodeCellSteps(steps_chunk, cells.rows, &steps);
  if (!read_steps.ok()) return Fail(read_steps);
  Cells read;
  const Status status = DecodeCells(chunk, cells.type, cells.rows, std::move(steps), &read);
  if (!status.ok()) return Fail(status);
  return read;
}

Cells LossCells(std::size_t rows) {
  std::mt19937_64 random(1);
  std::vector<double> values;
  for (std::size_t i = 0; i < rows; ++i) {
    const double noise = static_cast<double>(random() % 1000) / 5000;
    const double loss = 2 / std::sqrt(1 + 0.01 * static_cast<double>(i)) + noise;
    values.push_back(static_cast<double>(static_cast<float>(loss)));
  }
  return MeasureCells(Type::kDouble, StepsFrom(0, rows, 1), BitsOf(values));
}

TEST(Cells, ComeBackAsMeasured) {
  for (const std::size_t rows : {1U, 1024U, 1025U, 3073U, 65'536U}) {
    for (const Step gap : {1, 10, 1'000'000'007}) {
      const std::vector<Step> steps = StepsFrom(7, rows, gap);
      std::mt19937_64 random(rows);
      std::vector<std::uint64_t> bits(rows);
      for (const Type type : {Type::kBool, Type::kInt64, Type::kDouble}) {
        for (std::uint64_t& b : bits) b = type == Type::kBool ? random() % 2 : random();
        const Cells cells = MeasureCells(type, steps, bits);
        ASSERT_EQ(cells.size(), CellCount(rows));
        const auto read = Recode(cells);
        ASSERT_TRUE(read.has_value()) << read.error().ToString();
        EXPECT_TRUE(*read == cells) << rows << " rows, gap " << gap;
      }
    }
  }
}

TEST(Cells, OfASparseColumnHaveTheirSteps) {
  const Cells cells =
      MeasureCells(Type::kInt64, StepsFrom(3, 5000, 64), std::vector<std::uint64_t>(5000, 9));
  std::string chunk;
  EncodeSparseCells(cells, &chunk);
  Cells read;
  ASSERT_TRUE(DecodeSparseCells(chunk, Type::kInt64, 5000, &read).ok());
  EXPECT_TRUE(read == cells);
}

TEST(Cells, KeepTheFirstOfEqualExtremesBitForBit) {
  const Cells cells =
      MeasureCells(Type::kDouble, StepsFrom(10, 6, 2), BitsOf({kNan, 0.0, 1.0, -0.0, 1.0, kNan}));
  EXPECT_EQ(cells.min_steps[0], 12);
  EXPECT_EQ(std::signbit(std::bit_cast<double>(cells.min[0])), false);
  EXPECT_EQ(cells.max_steps[0], 14);
  EXPECT_EQ(cells.nans[0], 2);
  EXPECT_EQ(cells.means[0], 0.5);
  EXPECT_TRUE(std::isnan(std::bit_cast<double>(cells.last[0])));
}

TEST(Cells, TellInt64sApartThatAreOneDouble) {
  const std::uint64_t big = std::uint64_t{1} << 53;
  const Cells cells = MeasureCells(Type::kInt64, StepsFrom(0, 3, 1),
                                   std::vector<std::uint64_t>{big, big + 1, big - 1});
  EXPECT_EQ(cells.max_steps[0], 1);
  EXPECT_EQ(cells.min_steps[0], 2);
}

TEST(Cells, OfNansAloneHaveNoExtremes) {
  const Cells cells =
      MeasureCells(Type::kDouble, StepsFrom(0, 4, 1), BitsOf({kNan, kNan, kNan, kNan}));
  EXPECT_EQ(cells.count(0), 0u);
  EXPECT_TRUE(std::isnan(std::bit_cast<double>(cells.min[0])));
  EXPECT_TRUE(Recode(cells).has_value());
}

TEST(Cells, LeaveAMeanToInfinities) {
  const Cells cells = MeasureCells(Type::kDouble, StepsFrom(0, 3, 1), BitsOf({1, kInfinity, 2}));
  EXPECT_EQ(std::bit_cast<double>(cells.max[0]), kInfinity);
  EXPECT_EQ(cells.means[0], 0);
}

// Values of very different sizes, among them the largest and the smallest there are.
std::vector<double> WideValues(std::uint64_t seed, int least_exponent, int exponents) {
  std::mt19937_64 random(seed);
  std::vector<double> values;
  for (int i = 0; i < 1000; ++i) {
    const double fraction = static_cast<double>(random()) / 0x1p64;
    const int exponent = least_exponent + static_cast<int>(random() % 1000) * exponents / 1000;
    values.push_back(std::ldexp(random() % 2 == 0 ? fraction : -fraction, exponent));
  }
  return values;
}

TEST(MeasureNumbers, HasAMeanThatIsExactEnough) {
  struct Range {
    int least_exponent, exponents;
  };
  for (const Range range : {Range{0, 1}, {-40, 80}, {1000, 25}, {-1074, 30}, {-1074, 2098}}) {
    const std::vector<double> values = WideValues(7, range.least_exponent, range.exponents);
    ExactSum sum;
    ExactSum magnitudes;
    for (const double value : values) {
      sum.Add(value);
      magnitudes.Add(std::fabs(value));
    }
    const double exact = sum.RoundQuotient(values.size());
    const double room = magnitudes.RoundQuotient(values.size()) * 0x1p-45;
    const double mean = MeasureNumbers(Type::kDouble, BitsOf(values)).mean;
    EXPECT_LE(std::fabs(mean - exact), room + std::numeric_limits<double>::denorm_min())
        << range.least_exponent;
  }
}

TEST(MeasureNumbers, FindTheFirstOfTheLeastAndOfTheGreatest) {
  std::mt19937_64 random(8);
  const std::vector<double> few = {kNan,   -kNan,   -0.0,      0.0,        1,     -1,
                                   5e-324, -5e-324, kInfinity, -kInfinity, 1e300, -1e300};
  for (int round = 0; round < 500; ++round) {
    const std::size_t from = random() % few.size();
    const std::size_t kinds = 1 + random() % (few.size() - from);
    std::vector<double> values(1 + random() % 1024);
    for (double& value : values) value = few[from + random() % kinds];
    const NumberMeasures measures = MeasureNumbers(Type::kDouble, BitsOf(values));
    NumberMeasures expected;
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (std::isnan(values[i])) continue;
      if (expected.count++ == 0) expected.min_at = expected.max_at = i;
      if (values[i] < values[expected.min_at]) expected.min_at = i;
      if (values[i] > values[expected.max_at]) expected.max_at = i;
    }
    ASSERT_EQ(measures.count, expected.count);
    ASSERT_EQ(measures.nan, values.size() - expected.count);
    ASSERT_EQ(measures.min_at, expected.min_at) << round;
    ASSERT_EQ(measures.max_at, expected.max_at) << round;
  }
}

#if defined(__x86_64__)
// As torch.set_flush_denormal() does to a training program.
TEST(MeasureNumbers, FindSubnormalNumbersWhereTheyAreTakenForZero) {
  const std::vector<std::uint64_t> bits = BitsOf({0.0, 5e-324, -5e-324, 0.0});
  const unsigned control = _mm_getcsr();
  _mm_setcsr(control | 0x8040U);
  const NumberMeasures measures = MeasureNumbers(Type::kDouble, bits);
  const std::size_t least = FirstEqual(bits, -5e-324);
  _mm_setcsr(control);
  EXPECT_EQ(measures.min_at, 2U);
  EXPECT_EQ(measures.max_at, 1U);
  EXPECT_EQ(least, 2U);
}
#endif

TEST(MeasureNumbers, HasAMeanOfTheLargestDoubles) {
  const double most = std::numeric_limits<double>::max();
  const std::vector<double> values(1024, most);
  EXPECT_EQ(MeasureNumbers(Type::kDouble, BitsOf(values)).mean, most);
}

// What a writer that is wrong, or wishes ill, could write under the right checksum.
TEST(Cells, RefuseWhatNoRowsHave) {
  const auto refused = [](const std::function<void(Cells*)>& change) {
    Cells cells = LossCells(4000);
    change(&cells);
    const auto read = Recode(cells);
    return !read.has_value() && read.error().code() == Code::kCorrupt;
  };
  EXPECT_FALSE(refused([](Cells*) {}));
  EXPECT_TRUE(refused([](Cells* c) { c->nans[1] = 1025; }));
  EXPECT_TRUE(refused([](Cells* c) { c->nans[1] = -1; }));
  EXPECT_TRUE(refused([](Cells* c) { c->nans[3] = 928; }));  // all of the last cell
  EXPECT_TRUE(refused([](Cells* c) { std::swap(c->min[2], c->max[2]); }));
  EXPECT_TRUE(refused([](Cells* c) { c->min[2] = std::bit_cast<std::uint64_t>(kNan); }));
  EXPECT_TRUE(refused([](Cells* c) { c->min_steps[1] = 1023; }));
  EXPECT_TRUE(refused([](Cells* c) { c->max_steps[1] = 2048; }));
  EXPECT_TRUE(refused([](Cells* c) { c->means[0] = kInfinity; }));
  EXPECT_TRUE(refused([](Cells* c) { c->steps.first[2] = 2047; }));
  EXPECT_TRUE(refused([](Cells* c) { c->steps.last[2] = 3070; }));  // fewer steps than rows
  EXPECT_TRUE(refused([](Cells* c) { c->steps.last[2] = std::numeric_limits<Step>::max(); }));
  EXPECT_TRUE(refused([](Cells* c) { c->steps.first[0] = -1; }));
}

TEST(Cells, NeverReadOutsideDamagedBytes) {
  const Cells cells = LossCells(5000);
  std::string good;
  EncodeSparseCells(cells, &good);
  Cells read;
  for (std::size_t at = 0; at < good.size(); ++at) {
    EXPECT_FALSE(DecodeSparseCells(good.substr(0, at), cells.type, cells.rows, &read).ok());
    for (int bit = 0; bit < 8; ++bit) {
      std::string bytes = good;
      bytes[at] = static_cast<char>(bytes[at] ^ (1 << bit));
      // It may be cells again; a sanitizer sees the rest.
      static_cast<void>(DecodeSparseCells(bytes, cells.type, cells.rows, &read));
    }
  }
  EXPECT_FALSE(DecodeSparseCells(good + "x", cells.type, cells.rows, &read).ok());
}

TEST(Cells, TakeFewBytes) {
  std::string bytes;
  EncodeCells(LossCells(65'536), &bytes);
  EXPECT_LE(bytes.size(), 64 * 25u);
}

// --- in segments

// Rows of a bool, an int64, a double and a text.
RowBatch SomeRows(std::size_t rows) {
  const auto shape = std::make_shared<const Shape>(Shape{{{"done", Type::kBool},
                                                          {"epoch", Type::kInt64},
                                                          {"loss", Type::kDouble},
                                                          {"note", Type::kString}},
                                                         false});
  RowBatch batch;
  for (std::size_t i = 0; i < rows; ++i) {
    const auto step = static_cast<Step>(i) * 2;
    const double loss = i % 700 == 5 ? kNan : 0.25 * static_cast<double>(i % 37);
    const std::vector<ValueView> values = {i > 2000, step / 500, loss, "x"};
    batch.Append(shape, step, kNoTime, values);
  }
  return batch;
}

constexpr std::uint64_t kFileId = 77;
constexpr std::uint64_t kOffset = 1000;

Result<SegmentIndex> IndexOf(std::string_view segment, std::size_t rows) {
  const std::size_t footer_at = segment.size() - kSegmentFooterSize;
  const auto footer = DecodeSegmentFooter(segment.substr(footer_at), kFileId, kOffset + footer_at);
  if (!footer.has_value()) return Fail(footer.error());
  SegmentFacts known;
  known.last_step = static_cast<Step>(rows - 1) * 2;
  known.rows = rows;
  const std::size_t length = footer->index_length();
  return DecodeSegmentIndex(segment.substr(footer_at - length, length), *footer, known,
                            segment.size());
}

std::string SegmentOf(const RowBatch& rows) {
  return EncodeSegment({SegmentFacts(), &rows, nullptr}, kFileId, kOffset).value();
}

TEST(SegmentCells, AreOfColumnsOfNumbersFromFourVectorsUp) {
  for (const std::size_t rows : {3072U, 3073U}) {
    const auto index = IndexOf(SegmentOf(SomeRows(rows)), rows);
    ASSERT_TRUE(index.has_value()) << index.error().ToString();
    // The steps and four columns; then the steps of cells, and the cells of three columns.
    EXPECT_EQ(index->chunks.size(), rows == 3072 ? 5u : 9u);
    EXPECT_EQ(index->tables[0].columns[2].has_cells(), rows == 3073);
    EXPECT_FALSE(index->tables[0].columns[3].has_cells());
  }
}

TEST(SegmentCells, GoldenSegmentIsWrittenAndReadAsInVersion1) {
  const RowBatch rows = SomeRows(3200);
  EXPECT_TRUE(testing::MatchesGolden("segment.bin", SegmentOf(rows)));
  const std::string golden = testing::ReadGolden("segment.bin");
  const auto index = IndexOf(golden, 3200);
  ASSERT_TRUE(index.has_value()) << index.error().ToString();
  const SegmentTable& table = index->tables[0];
  const auto chunk = [&](std::size_t i) {
    return std::string_view(golden).substr(index->chunks[i].offset, index->chunks[i].length);
  };
  CellSteps steps;
  ASSERT_TRUE(DecodeCellSteps(chunk(table.cell_steps_chunk()), 3200, &steps).ok());
  for (std::size_t c = 0; c < 3; ++c) {
    const Column& column = rows.tables()[0].columns[c];
    Cells cells;
    ASSERT_TRUE(DecodeCells(chunk(table.columns[c].cells), column.type, 3200, steps, &cells).ok());
    EXPECT_TRUE(cells == MeasureCells(column.type, rows.tables()[0].steps, column.bits)) << c;
  }
}

}  // namespace
}  // namespace reprise
