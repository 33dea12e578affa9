#include "tools/sparkline.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tools/escape.h"

namespace reprise::tools {
namespace {

TEST(Sparkline, RisesWithTheValues) {
  EXPECT_EQ(Sparkline({{0, 1, 2, 3, 4, 5, 6, 7}, {0, 1, 2, 3, 4, 5, 6, 7}}, 8), "▁▂▃▄▅▆▇█");
}

TEST(Sparkline, IsNoWiderThanAsked) {
  NumericSeries series;
  for (Step i = 0; i < 1000; ++i) {
    series.steps.push_back(i * 7);
    series.values.push_back(std::sin(static_cast<double>(i)));
  }
  EXPECT_EQ(DisplayWidth(Sparkline(series, 24)), 24u);
}

TEST(Sparkline, DrawsAConstantAtMidHeight) { EXPECT_EQ(Sparkline({{0, 1}, {3, 3}}, 8), "▄▄"); }

TEST(Sparkline, LeavesGapsWhereNothingIsFinite) {
  EXPECT_EQ(Sparkline({{0, 1, 2}, {0, std::nan(""), 1}}, 3), "▁ █");
  EXPECT_EQ(Sparkline({{0}, {std::nan("")}}, 3), "");
  EXPECT_EQ(Sparkline({}, 3), "");
}

TEST(Sparkline, EnduresTheWidestRanges) {
  const double most = std::numeric_limits<double>::max();
  EXPECT_EQ(Sparkline({{0, std::numeric_limits<Step>::max()}, {-most, most}}, 2), "▁█");
}

TEST(Sparkline, DrawsBucketsAsItDrawsTheirValues) {
  Buckets buckets(3);
  buckets[0].mean = 0.0;
  buckets[2].mean = 1.0;
  EXPECT_EQ(Sparkline(buckets), "▁ █");
  EXPECT_EQ(Sparkline(Buckets(3)), "");
}

}  // namespace
}  // namespace reprise::tools
