// What a segment gives whose checksums are right and whose steps are not.
#include "engine/history/append_numbers.h"

#include <bit>

#include "tests/engine/segment/segment_fixture.h"

namespace reprise {
namespace {

class AppendingNumbers : public SegmentFixture {
 protected:
  // 3,000 rows of `loss` at rising steps, but for the one at `at`.
  Result<NumericSeries> ReadWithStep(std::size_t at, Step step, const StepRange& range) {
    RowTable table;
    table.shape = std::make_shared<const Shape>(Shape{{{"loss", Type::kDouble}}, false});
    Column loss;
    loss.type = Type::kDouble;
    for (std::size_t i = 0; i < 3000; ++i) {
      table.steps.push_back(i == at ? step : static_cast<Step>(10 * i));
      loss.bits.push_back(std::bit_cast<std::uint64_t>(0.5));
    }
    loss.rows = table.steps.size();
    table.columns.push_back(std::move(loss));
    const RowBatch rows = RowBatch::Of(std::move(table));
    const SegmentRef ref = MakeWriter()->AppendSegment(InputOf(rows)).value();
    const auto segment = OpenSegment(ref).value();
    NumericSeries series;
    const Status appended = AppendNumbersOf(*segment, segment->Find("loss").at(0), range, &series);
    if (!appended.ok()) return Fail(appended);
    return series;
  }
};

TEST_F(AppendingNumbers, GivesRowsAtRisingSteps) {
  EXPECT_EQ(ReadWithStep(1500, 15'001, {})->steps.size(), 3000U);
}

TEST_F(AppendingNumbers, RefusesStepsThatFallAndSaysWhere) {
  // Within a vector, and from one to the next.
  for (const std::size_t at : {1500U, 1024U}) {
    const auto read = ReadWithStep(at, 7, {});
    ASSERT_FALSE(read.has_value()) << at;
    EXPECT_EQ(read.error().code(), Code::kCorrupt);
    const std::string message(read.error().message());
    EXPECT_NE(message.find("7 follows"), std::string::npos) << message;
    EXPECT_NE(message.find("pack "), std::string::npos) << message;
  }
}

TEST_F(AppendingNumbers, LooksOnlyAtTheVectorsOfARange) {
  EXPECT_EQ(ReadWithStep(2500, 7, {0, 99})->steps.size(), 10U);
}

}  // namespace
}  // namespace reprise
