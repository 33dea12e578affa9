#include "format/aggregate.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace reprise {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr std::int64_t kTwo53 = std::int64_t{1} << 53;
constexpr double kTwo53Double = 9007199254740992.0;

struct Logged {
  Step step;
  Value value;
};

Aggregate Over(const std::vector<Logged>& rows, std::size_t first, std::size_t end) {
  Aggregate aggregate;
  for (std::size_t i = first; i < end; ++i) aggregate.Add(rows[i].step, rows[i].value);
  return aggregate;
}

// Values at steps 0, 1, 2 ...
Aggregate Of(const std::vector<Value>& values) {
  Aggregate aggregate;
  Step step = 0;
  for (const Value& value : values) aggregate.Add(step++, value);
  return aggregate;
}

std::string Encoded(const Aggregate& aggregate) {
  std::string bytes;
  ByteWriter writer(&bytes);
  aggregate.Encode(&writer);
  return bytes;
}

bool Decodes(std::string_view bytes, Aggregate* aggregate) {
  ByteReader reader(bytes);
  return aggregate->Decode(&reader) && reader.AtCleanEnd();
}

double RandomNumber(std::mt19937_64& random) {
  switch (random() % 6) {
    case 0:
      return std::bit_cast<double>(random());
    case 1:
      return random() % 2 == 0 ? kInfinity : -kInfinity;
    case 2:
      return std::bit_cast<double>(random() | 0x7FF0000000000001);
    default:
      return static_cast<double>(static_cast<float>(random() % 1000) / 100);
  }
}

Value RandomValue(std::mt19937_64& random) {
  switch (random() % 8) {
    case 0:
      return Value();
    case 1:
      return random() % 2 == 0;
    case 2:
    case 3:
      return static_cast<std::int64_t>(random()) >> (random() % 64);
    case 4:
      return std::string(random() % 20, 'x');
    case 5:
      return ValueView::Json("[1]");
    default:
      return RandomNumber(random);
  }
}

std::vector<Logged> RandomRows(std::mt19937_64& random, std::size_t most) {
  std::vector<Logged> rows(1 + random() % most);
  Step step = static_cast<Step>(random() % 1000) - 1;
  const bool only_numbers = random() % 2 == 0;
  for (Logged& row : rows) {
    step += 1 + static_cast<Step>(random() % (random() % 2 == 0 ? 2 : 1000));
    row = {step, only_numbers ? Value(RandomNumber(random)) : RandomValue(random)};
  }
  return rows;
}

// The numbers among `rows` as an extended double, which holds every int64 and double.
std::vector<std::pair<long double, Logged>> Numbers(const std::vector<Logged>& rows) {
  std::vector<std::pair<long double, Logged>> numbers;
  for (const Logged& row : rows) {
    if (!IsNumber(row.value.type())) continue;
    const bool is_double = row.value.type() == Type::kDouble;
    const auto number = is_double ? static_cast<long double>(row.value.as_double())
                                  : static_cast<long double>(row.value.as_int64());
    if (!std::isnan(number)) numbers.emplace_back(number, row);
  }
  return numbers;
}

TEST(Aggregate, AgreesWithARescan) {
  if (std::numeric_limits<long double>::digits < 64) GTEST_SKIP() << "no exact reference here";
  const std::uint64_t seed = std::random_device()();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  std::mt19937_64 random(seed);
  for (int round = 0; round < 1000; ++round) {
    const std::vector<Logged> rows = RandomRows(random, 50);
    const Aggregate aggregate = Over(rows, 0, rows.size());
    ASSERT_EQ(aggregate.first(), rows.front().value.view());
    ASSERT_EQ(aggregate.last(), rows.back().value.view());
    ASSERT_EQ(aggregate.first_step(), rows.front().step);
    ASSERT_EQ(aggregate.last_step(), rows.back().step);

    const auto numbers = Numbers(rows);
    ASSERT_EQ(aggregate.count(), numbers.size());
    ASSERT_EQ(aggregate.sum().has_value(), !numbers.empty());
    if (numbers.empty()) continue;
    const auto below = [](const auto& a, const auto& b) { return a.first < b.first; };
    const auto& min = std::min_element(numbers.begin(), numbers.end(), below)->second;
    const auto& max = std::max_element(numbers.begin(), numbers.end(), below)->second;
    ASSERT_EQ(aggregate.min(), min.value.view());
    ASSERT_EQ(aggregate.min_step(), min.step);
    ASSERT_EQ(aggregate.max(), max.value.view());
    ASSERT_EQ(aggregate.max_step(), max.step);
  }
}

TEST(Aggregate, IsTheSameBytesHoweverTheRowsWereCut) {
  const std::uint64_t seed = std::random_device()();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  std::mt19937_64 random(seed);
  for (int round = 0; round < 500; ++round) {
    const std::vector<Logged> rows = RandomRows(random, 300);
    const Aggregate straight = Over(rows, 0, rows.size());
    std::vector<Aggregate> parts;
    for (std::size_t i = 0; i < rows.size();) {
      const std::size_t end = std::min<std::size_t>(rows.size(), i + random() % 40);
      parts.push_back(Over(rows, i, end));
      i = end;
    }
    while (parts.size() > 1) {
      const auto at = static_cast<std::ptrdiff_t>(random() % (parts.size() - 1));
      parts[static_cast<std::size_t>(at)].Merge(parts[static_cast<std::size_t>(at) + 1]);
      parts.erase(parts.begin() + at + 1);
    }
    ASSERT_EQ(parts[0], straight);
    ASSERT_EQ(Encoded(parts[0]), Encoded(straight));
  }
}

TEST(Aggregate, IsTheSameBytesHoweverTheRowsWereDealtOut) {
  const std::uint64_t seed = std::random_device()();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  std::mt19937_64 random(seed);
  for (int round = 0; round < 500; ++round) {
    const std::vector<Logged> rows = RandomRows(random, 300);
    std::vector<Aggregate> parts(1 + random() % 5);
    for (const Logged& row : rows) parts[random() % parts.size()].Add(row.step, row.value);
    std::shuffle(parts.begin(), parts.end(), random);
    Aggregate merged;
    for (const Aggregate& part : parts) merged.Merge(part);
    ASSERT_EQ(Encoded(merged), Encoded(Over(rows, 0, rows.size())));
  }
}

TEST(Aggregate, TakesAColumnAsItsValuesOneByOne) {
  const std::uint64_t seed = std::random_device()();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  std::mt19937_64 random(seed);
  for (int round = 0; round < 500; ++round) {
    std::vector<Logged> before = RandomRows(random, 5);  // of any type
    Aggregate aggregate = Over(before, 0, before.size());
    Column column;
    column.type = random() % 4 == 0 ? Type::kInt64 : Type::kDouble;
    std::vector<Step> steps;
    const std::size_t skipped = random() % 3;
    for (std::size_t i = 0; i < 1 + skipped + random() % 200; ++i) {
      const double number = RandomNumber(random);
      column.bits.push_back(column.type == Type::kDouble ? std::bit_cast<std::uint64_t>(number)
                                                         : random());
      ++column.rows;
      if (i < skipped) continue;
      steps.push_back(before.back().step + 1 + static_cast<Step>(i));
    }
    Aggregate expected = aggregate;
    for (std::size_t i = 0; i < steps.size(); ++i) {
      expected.Add(steps[i], column.value(skipped + i));
    }
    aggregate.AddColumn(steps, column, skipped);
    ASSERT_EQ(Encoded(aggregate), Encoded(expected));
  }
}

// Values as columns have them: of one size, of many, with zeros of both signs, subnormals, and
// what has no sum.
double ColumnValue(int kind, std::mt19937_64& random) {
  const double unit = static_cast<double>(random() % 1'000'000) / 1e6 - 0.5;
  switch (kind) {
    case 0:
      return 1 + unit / 8;
    case 1:
      return unit;
    case 2:
      return std::ldexp(unit, static_cast<int>(random() % 200) - 100);
    case 3:
      return random() % 2 == 0 ? 0.0 : -0.0;
    case 4:
      return std::bit_cast<double>(random() >> 12);
    default:
      return random() % 500 == 0   ? std::numeric_limits<double>::quiet_NaN() * (unit < 0 ? 1 : -1)
             : random() % 500 == 0 ? std::numeric_limits<double>::infinity()
                                   : unit;
  }
}

TEST(Aggregate, TakesALongColumnAsItsValuesOneByOne) {
  const std::uint64_t seed = std::random_device()();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  std::mt19937_64 random(seed);
  for (int kind = 0; kind < 6; ++kind) {
    for (const std::size_t rows : {1023U, 1024U, 5000U}) {
      Column column;
      column.type = Type::kDouble;
      column.rows = rows;
      std::vector<Step> steps;
      Aggregate expected;
      for (std::size_t i = 0; i < rows; ++i) {
        steps.push_back(static_cast<Step>(3 * i));
        column.bits.push_back(std::bit_cast<std::uint64_t>(ColumnValue(kind, random)));
        expected.Add(steps.back(), column.value(i));
      }
      Aggregate aggregate;
      aggregate.AddColumn(steps, column, 0);
      ASSERT_EQ(Encoded(aggregate), Encoded(expected)) << "kind " << kind << ", rows " << rows;
    }
  }
}

TEST(Aggregate, DecodesWhatItEncoded) {
  const std::uint64_t seed = std::random_device()();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  std::mt19937_64 random(seed);
  for (int round = 0; round < 2000; ++round) {
    const std::vector<Logged> rows = RandomRows(random, 12);
    const Aggregate aggregate = Over(rows, 0, rows.size());
    Aggregate decoded;
    ASSERT_TRUE(Decodes(Encoded(aggregate), &decoded));
    ASSERT_EQ(decoded, aggregate);
  }
}

TEST(Aggregate, BreaksTiesByTheLowestStepAndShowsTheLoggedValue) {
  const Aggregate zeros = Of({-0.0, 0, 0.0, false});
  EXPECT_EQ(zeros.min(), ValueView(-0.0));
  EXPECT_EQ(zeros.max(), ValueView(-0.0));
  EXPECT_EQ(zeros.max_step(), 0);

  const Aggregate ones = Of({0, true, 1, 1.0});
  EXPECT_EQ(ones.max(), ValueView(true));
  EXPECT_EQ(ones.max_step(), 1);
}

TEST(Aggregate, TellsIntegersFromTheDoublesTheyRoundTo) {
  const Aggregate rising = Of({kTwo53Double, kTwo53 + 1, kTwo53Double});
  EXPECT_EQ(rising.max(), ValueView(kTwo53 + 1));
  EXPECT_EQ(rising.min(), ValueView(kTwo53Double));
  EXPECT_EQ(rising.min_step(), 0);
  const Aggregate falling = Of({-kTwo53Double, -kTwo53 - 1});
  EXPECT_EQ(falling.min(), ValueView(-kTwo53 - 1));
  EXPECT_EQ(Of({kTwo53, kTwo53Double}).max(), ValueView(kTwo53));
}

TEST(Aggregate, CountsNansApart) {
  const Aggregate aggregate = Of({std::nan(""), 2.0, std::nan(""), 4});
  EXPECT_EQ(aggregate.count(), 2u);
  EXPECT_EQ(aggregate.nan(), 2u);
  EXPECT_EQ(aggregate.mean(), 3.0);
  EXPECT_EQ(aggregate.min_step(), 1);
  EXPECT_TRUE(std::isnan(aggregate.first().as_double()));
}

TEST(Aggregate, SumsInfinitiesAsArithmeticDoes) {
  EXPECT_EQ(Of({1, kInfinity, 2}).sum(), kInfinity);
  EXPECT_EQ(Of({1, -kInfinity, 2}).mean(), -kInfinity);
  EXPECT_TRUE(std::isnan(*Of({kInfinity, 3, -kInfinity}).sum()));
  EXPECT_TRUE(std::isnan(*Of({kInfinity, 3, -kInfinity}).mean()));
  EXPECT_EQ(Of({1, kInfinity, 2}).max_step(), 1);
  EXPECT_EQ(Of({1, kInfinity, 2}).count(), 3u);
}

TEST(Aggregate, HasAFiniteMeanWhereOnlyTheSumOverflows) {
  const double most = std::numeric_limits<double>::max();
  EXPECT_EQ(Of({most, most}).sum(), kInfinity);
  EXPECT_EQ(Of({most, most}).mean(), most);
}

TEST(Aggregate, KeepsTextForFirstAndLastOnly) {
  const Aggregate aggregate = Of({"a", Value(), "c"});
  EXPECT_EQ(aggregate.first(), ValueView("a"));
  EXPECT_EQ(aggregate.last(), ValueView("c"));
  EXPECT_FALSE(aggregate.has_numbers());
  EXPECT_EQ(aggregate.sum(), std::nullopt);
  EXPECT_EQ(aggregate.mean(), std::nullopt);
  EXPECT_EQ(aggregate.min(), ValueView());
  EXPECT_EQ(aggregate.min_step(), kNoStep);
}

TEST(Aggregate, KeepsTheBitsOfEveryValue) {
  for (const std::uint64_t bits : std::vector<std::uint64_t>{
           0x7FF0000000000001, 0xFFF8000000000000, 0x7FF8000020000000, 0x7FF0000020000000,
           0x8000000000000000, 0x36A0000000000000, 0x3810000000000000, 0x47EFFFFFE0000000,
           0x47EFFFFFF0000000, 0x0000000000000001, 0x47F0000000000000, 0x3800000000000000}) {
    const Aggregate aggregate = Of({std::bit_cast<double>(bits), "end"});
    Aggregate decoded;
    ASSERT_TRUE(Decodes(Encoded(aggregate), &decoded)) << std::hex << bits;
    EXPECT_EQ(decoded.first().bits(), bits);
  }
}

TEST(Aggregate, IsSmallWhenStored) {
  Aggregate losses;
  Aggregate precise;
  std::mt19937_64 random(5);
  for (Step step = 0; step < 100000; ++step) {
    const double loss = 5.0 / (1.0 + static_cast<double>(random() % 4096));
    losses.Add(step, static_cast<double>(static_cast<float>(loss)));
    precise.Add(step, loss);
  }
  EXPECT_LE(Encoded(losses).size(), 45u);
  EXPECT_LE(Encoded(precise).size(), 60u);
}

TEST(Aggregate, RefusesEveryCutAndReadsNoAlteredBytesAsTheSame) {
  std::mt19937_64 random(11);
  for (int round = 0; round < 300; ++round) {
    const std::vector<Logged> rows = RandomRows(random, 6);
    const std::string bytes = Encoded(Over(rows, 0, rows.size()));
    Aggregate decoded;
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      ASSERT_FALSE(Decodes(std::string_view(bytes).substr(0, size), &decoded));
    }
    for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
      std::string altered = bytes;
      altered[bit / 8] = static_cast<char>(altered[bit / 8] ^ (1 << (bit % 8)));
      // Whatever decodes is canonical: it encodes to the bytes it came from.
      if (Decodes(altered, &decoded)) {
        ASSERT_EQ(Encoded(decoded), altered);
      }
    }
  }
}

TEST(Aggregate, RefusesWhatNoRowsGive) {
  using std::string_view_literals::operator""sv;
  Aggregate decoded;
  // Step 0, one row, int64 1, no NaN, count 1, min and max at it, sum 1.
  EXPECT_TRUE(Decodes("\x00\x00\x02\x02\x00\x01\x00\x00\x02\x00\x04"sv, &decoded));
  EXPECT_FALSE(Decodes("\x00\x00\x02\x02\x00\x00"sv, &decoded)) << "a number that is not counted";
  EXPECT_FALSE(Decodes("\x00\x00\x02\x02\x01\x00"sv, &decoded)) << "a NaN that is none";
  EXPECT_FALSE(Decodes("\x00\x00\x00\x00\x01\x00\x00\x02\x00\x04"sv, &decoded)) << "null as min";
  EXPECT_FALSE(Decodes("\x00\x00\x02\x02\x00\x02\x00\x00\x02\x00\x04"sv, &decoded)) << "2 in 1 row";
  EXPECT_FALSE(Decodes("\x00\x00\x02\x02\x00\x01\x01\x00\x02\x00\x04"sv, &decoded))
      << "min outside";
  // Rows 1 at step 0, 2 at step 1, with min and max exchanged.
  EXPECT_TRUE(Decodes("\x00\x01\x02\x02\x02\x04\x00\x02\x00\x01\x02\x00\x0C"sv, &decoded));
  EXPECT_FALSE(Decodes("\x00\x01\x02\x02\x02\x04\x00\x02\x01\x00\x02\x00\x0C"sv, &decoded));
  // Two rows of 1 with the second as max.
  EXPECT_FALSE(Decodes("\x00\x01\x02\x02\x02\x02\x00\x02\x00\x01\x02\x00\x08"sv, &decoded));
  EXPECT_FALSE(Decodes("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x7F\x01\x00\x00\x00\x00"sv, &decoded))
      << "steps beyond the last";
  EXPECT_FALSE(Decodes("\x00\x00\x03\x00\x00\x00\x00\x00\x00\xF0\x3F\x00\x01\x00\x00\x02\x00\x04"sv,
                       &decoded))
      << "the long form of 1.0";
}

}  // namespace
}  // namespace reprise
