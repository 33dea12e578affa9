// Columns that are encoded with what suited them before.
#include "format/plan_memory.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "tests/format/column_support.h"

namespace reprise {
namespace {

constexpr std::size_t kRows = 4096;

std::string Encode(const Bits& bits, ColumnPlans* known) {
  const ColumnView view = NumberView(Type::kDouble, bits);
  std::string chunk;
  EncodeColumn(view, known, &chunk);
  Column decoded;
  EXPECT_TRUE(DecodeColumn(chunk, Type::kDouble, bits.size(), &decoded).ok());
  EXPECT_EQ(decoded.bits, bits);
  return chunk;
}

class Columns {
 public:
  Bits Noise() {
    return MakeDoubles(kRows, [this](std::size_t) {
      return static_cast<double>(static_cast<float>(1 + normal_(random_) / 8));
    });
  }
  Bits Decimals() {
    return MakeDoubles(
        kRows, [this](std::size_t) { return static_cast<double>(random_() % 100'000) / 10'000; });
  }
  Bits Ramp() {
    return MakeDoubles(kRows, [](std::size_t i) { return static_cast<double>(i) * 0.25; });
  }
  Bits Few() {
    return MakeDoubles(kRows,
                       [this](std::size_t) { return static_cast<double>(random_() % 50) / 7; });
  }

 private:
  std::mt19937_64 random_{1};
  std::normal_distribution<double> normal_;
};

TEST(PlanMemory, IsUsedWhileItSuits) {
  Columns columns;
  ColumnPlans known;
  for (int i = 0; i < 10; ++i) {
    Encode(columns.Noise(), &known);
    EXPECT_EQ(known.uses, i);
  }
}

TEST(PlanMemory, CostsNextToNothing) {
  Columns columns;
  for (Bits (Columns::*make)() :
       {&Columns::Noise, &Columns::Decimals, &Columns::Ramp, &Columns::Few}) {
    ColumnPlans known;
    std::size_t with = 0;
    std::size_t without = 0;
    for (int i = 0; i < 20; ++i) {
      const Bits bits = (columns.*make)();
      with += Encode(bits, &known).size();
      without += Encode(bits, nullptr).size();
    }
    EXPECT_LE(with, without + without / 100 + 20);
  }
}

TEST(PlanMemory, IsChosenAnewWhenTheColumnChanges) {
  Columns columns;
  ColumnPlans known;
  Encode(columns.Ramp(), &known);
  const Bits changed = columns.Noise();
  EXPECT_EQ(Encode(changed, &known).size(), [&] {
    ColumnPlans fresh;
    return Encode(changed, &fresh).size();
  }());
  EXPECT_EQ(known.uses, 0);
}

// Else a column that becomes simpler would never be found to be.
TEST(PlanMemory, IsChosenAnewFromTimeToTime) {
  Columns columns;
  ColumnPlans known;
  Encode(columns.Noise(), &known);
  const std::size_t simple = Encode(columns.Ramp(), nullptr).size();
  std::size_t size = 0;
  for (int i = 0; i < 20 && size != simple; ++i) size = Encode(columns.Ramp(), &known).size();
  EXPECT_EQ(size, simple);
}

TEST(PlanMemory, KeepsDictionaries) {
  Columns columns;
  ColumnPlans known;
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(Encode(columns.Few(), &known).front(), '\1') << i;
    EXPECT_EQ(known.uses, i);
  }
}

TEST(PlanMemory, ShortColumnsLeaveItAlone) {
  Columns columns;
  ColumnPlans known;
  Bits bits = columns.Noise();
  bits.resize(1023);
  EXPECT_EQ(Encode(bits, &known), Encode(bits, nullptr));
  EXPECT_EQ(known.plans.size(), 0U);
}

TEST(PlanMemory, RemembersSoManyColumnsAndNoMore) {
  PlanMemory memory;
  ColumnPlans* const first = memory.Of("0", Type::kDouble);
  EXPECT_NE(first, memory.Of("0", Type::kInt64));
  for (int i = 1; i < 10'000; ++i) memory.Of(std::to_string(i), Type::kDouble);
  EXPECT_EQ(memory.Of("0", Type::kDouble), first);
  EXPECT_EQ(memory.Of("another", Type::kDouble), nullptr);
}

}  // namespace
}  // namespace reprise
