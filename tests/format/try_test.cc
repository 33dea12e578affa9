#include "format/try.h"

#include <gtest/gtest.h>

#include <utility>

namespace reprise {
namespace {

Status Bad() { return Status::Error(Code::kBusy, "held"); }
Result<int> BadNumber() { return Fail(Bad()); }
template <typename F>
Status Call(F f) {
  return f();
}

TEST(Try, ReturnsTheFailureAsStatusOrResult) {
  const auto status = []() -> Status {
    REPRISE_TRY(BadNumber());
    return {};
  };
  const auto result = []() -> Result<int> {
    REPRISE_TRY(Bad());
    return 1;
  };
  EXPECT_EQ(status().code(), Code::kBusy);
  ASSERT_FALSE(result().has_value());
  EXPECT_EQ(result().error().message(), "held");
}

TEST(Try, GoesOnAfterSuccess) {
  const auto sum = []() -> Result<int> {
    REPRISE_TRY(Status());
    REPRISE_TRY_ASSIGN(const int a, Result<int>(1));
    REPRISE_TRY_ASSIGN(const auto b, Result<std::pair<int, int>>(std::pair<int, int>(2, 3)));
    return a + b.first + b.second;
  };
  EXPECT_EQ(sum(), 6);
}

TEST(Try, NestsInALambdaInItsArgument) {
  int reached = 0;
  const auto nested = [&]() -> Status {
    REPRISE_TRY(Call([&]() -> Status {
      REPRISE_TRY(Status());
      REPRISE_TRY_ASSIGN(reached, Result<int>(1));
      REPRISE_TRY_ASSIGN(reached, Result<int>(2));
      REPRISE_TRY(Bad());
      return {};
    }));
    reached = 3;
    return {};
  };
  EXPECT_EQ(nested().code(), Code::kBusy);
  EXPECT_EQ(reached, 2);
}

}  // namespace
}  // namespace reprise
