#include "format/tiny_block.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <limits>
#include <random>
#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

#include "tests/format/column_support.h"

namespace reprise {
namespace {

// A table that owns what its view refers to.
class TinyTable {
 public:
  TinyTable(std::size_t rows, HasTime has_time) : rows_(rows) {
    for (std::size_t i = 0; i < rows; ++i) {
      steps_.push_back(static_cast<std::int64_t>(i * 100));
      if (has_time == HasTime::kNo) continue;
      times_.push_back(1'700'000'000'000'000 + static_cast<std::int64_t>(i) * 2'000'123);
    }
  }

  void AddNumbers(Type type, const std::function<std::uint64_t(std::size_t)>& value) {
    Bits& bits = bits_.emplace_back(rows_);
    for (std::size_t i = 0; i < rows_; ++i) bits[i] = value(i);
    types_.push_back(type);
  }
  void AddDoubles(const std::function<double(std::size_t)>& value) {
    AddNumbers(Type::kDouble,
               [&](std::size_t i) { return std::bit_cast<std::uint64_t>(value(i)); });
  }
  void AddTexts(Type type, const std::function<std::string(std::size_t)>& value) {
    auto& owned = owned_.emplace_back(rows_);
    for (std::size_t i = 0; i < rows_; ++i) owned[i] = value(i);
    types_.push_back(type);
  }

  std::vector<std::int64_t>& steps() { return steps_; }
  std::vector<std::int64_t>& times() { return times_; }
  const std::vector<Type>& types() const { return types_; }

  std::string Encode() {
    std::string block;
    EncodeTinyBlock(View(), &block);
    return block;
  }

  // Encodes, decodes and compares; gives the size of the block.
  std::size_t ExpectRoundTrip() {
    const std::string block = Encode();
    Table table;
    const Status status = DecodeTinyBlock(block, rows_, has_time(), types_, &table);
    EXPECT_TRUE(status.ok()) << status.ToString();
    if (!status.ok()) return block.size();
    EXPECT_EQ(table.steps, steps_);
    EXPECT_EQ(table.times, times_);
    EXPECT_EQ(table.columns.size(), types_.size());
    for (std::size_t c = 0; c < types_.size(); ++c) {
      for (std::size_t i = 0; i < rows_; ++i) {
        EXPECT_EQ(table.columns[c].value(i), views_[c].value(i)) << "column " << c << ", row " << i;
      }
    }
    return block.size();
  }

  HasTime has_time() const { return times_.empty() ? HasTime::kNo : HasTime::kYes; }

 private:
  TableView View() {
    views_.clear();
    texts_.clear();
    texts_.reserve(owned_.size());
    std::size_t next_bits = 0;
    std::size_t next_texts = 0;
    for (const Type type : types_) {
      if (IsText(type)) {
        const auto& owned = owned_[next_texts++];
        texts_.emplace_back(owned.begin(), owned.end());
        views_.push_back(TextView(type, texts_.back()));
      } else {
        views_.push_back(NumberView(type, bits_[next_bits++]));
      }
    }
    return {.rows = rows_, .steps = steps_, .times = times_, .columns = views_};
  }

  std::size_t rows_;
  std::vector<std::int64_t> steps_;
  std::vector<std::int64_t> times_;
  std::vector<Type> types_;
  std::vector<Bits> bits_;
  std::vector<std::vector<std::string>> owned_;
  std::vector<Texts> texts_;
  std::vector<ColumnView> views_;
};

TEST(TinyBlock, KeepsEveryTypeAtEveryRowCount) {
  std::mt19937_64 random(1);
  for (std::size_t rows = 1; rows <= kMaxTinyRows; ++rows) {
    for (const HasTime has_time : {HasTime::kNo, HasTime::kYes}) {
      TinyTable table(rows, has_time);
      table.AddNumbers(Type::kNull, [](std::size_t) { return 0; });
      table.AddNumbers(Type::kBool, [&](std::size_t) { return random() % 2; });
      table.AddNumbers(Type::kInt64, [&](std::size_t) { return random(); });
      table.AddNumbers(Type::kInt64, [&](std::size_t i) { return 1'000'000 + i; });
      table.AddNumbers(Type::kInt64, [&](std::size_t) { return 7; });
      table.AddNumbers(Type::kDouble, [&](std::size_t) { return random(); });
      table.AddDoubles([&](std::size_t) { return static_cast<double>(random() % 999) / 1000; });
      table.AddDoubles([&](std::size_t i) { return 1e6 + static_cast<double>(i) / 100; });
      table.AddDoubles(
          [&](std::size_t i) { return static_cast<double>(1.1F * static_cast<float>(i)); });
      table.AddDoubles([](std::size_t) { return 0.001; });
      table.AddTexts(Type::kString, [](std::size_t i) { return i < 3 ? "train" : "test"; });
      table.AddTexts(Type::kBytes, [&](std::size_t i) { return std::string(i % 3 * 40, '\0'); });
      table.AddTexts(Type::kJson, [&](std::size_t i) { return fmt::format("[{}]", i); });
      table.ExpectRoundTrip();
    }
  }
}

TEST(TinyBlock, KeepsSpecialDoublesBitForBit) {
  const Bits special = {0,
                        0x8000000000000000,
                        0x7FF0000000000000,
                        0xFFF0000000000000,
                        0x7FF8000000000000,
                        0x7FF8000000000001,
                        0x7FF0000000000001,
                        0x7FF0000020000000,  // a signalling NaN whose low bits are zero
                        1,
                        0x0010000000000000,
                        0x7FEFFFFFFFFFFFFF,
                        std::bit_cast<std::uint64_t>(static_cast<double>(1e-45F))};
  for (const std::uint64_t bits : special) {
    TinyTable table(3, HasTime::kNo);
    table.AddNumbers(Type::kDouble, [&](std::size_t) { return bits; });
    table.AddNumbers(Type::kDouble, [&](std::size_t i) {
      return i == 1 ? bits : std::bit_cast<std::uint64_t>(0.5);
    });
    table.AddNumbers(Type::kDouble, [&](std::size_t i) {
      return i == 1 ? bits : std::bit_cast<std::uint64_t>(static_cast<double>(0.1F));
    });
    table.ExpectRoundTrip();
  }
}

TEST(TinyBlock, KeepsExtremeStepsAndAbsentTimes) {
  TinyTable table(3, HasTime::kYes);
  table.steps() = {0, 1, std::numeric_limits<std::int64_t>::max()};
  table.times() = {kNoTime, std::numeric_limits<std::int64_t>::max(), kNoTime};
  table.AddNumbers(Type::kInt64, [](std::size_t i) { return i == 0 ? 1ULL << 63U : ~0ULL >> 1U; });
  table.ExpectRoundTrip();
}

// The median real run: what a million of them cost is decided here.
TEST(TinyBlock, TakesFewBytesForTheMedianRun) {
  std::mt19937_64 random(2);
  TinyTable table(3, HasTime::kYes);
  table.AddDoubles(
      [](std::size_t i) { return static_cast<double>(1.7F - 0.1F * static_cast<float>(i)); });
  table.AddDoubles([](std::size_t i) { return 0.8125 + static_cast<double>(i) / 10000; });
  table.AddDoubles([](std::size_t) { return 0.001; });
  table.AddNumbers(Type::kInt64, [](std::size_t i) { return i; });
  table.AddTexts(Type::kString, [](std::size_t) { return "train"; });
  EXPECT_LE(table.ExpectRoundTrip(), 60u);
}

TEST(TinyBlock, SurvivesDamage) {
  std::mt19937_64 random(3);
  TinyTable table(5, HasTime::kYes);
  table.AddDoubles([&](std::size_t) { return static_cast<double>(random() % 999) / 1000; });
  table.AddDoubles([&](std::size_t) { return static_cast<double>(static_cast<float>(random())); });
  table.AddNumbers(Type::kInt64, [&](std::size_t) { return random(); });
  table.AddNumbers(Type::kBool, [&](std::size_t) { return 1; });
  table.AddTexts(Type::kJson, [&](std::size_t i) { return std::string(i * 10, 'j'); });
  const std::string block = table.Encode();
  Table decoded;
  for (int round = 0; round < 20000; ++round) {
    std::vector<char> damaged(block.begin(), block.end());
    for (std::size_t flips = 1 + random() % 3; flips > 0; --flips) {
      damaged[random() % damaged.size()] = static_cast<char>(random());
    }
    damaged.resize(damaged.size() - (round % 4 == 0 ? random() % damaged.size() : 0));
    damaged.shrink_to_fit();
    const Status status = DecodeTinyBlock({damaged.data(), damaged.size()}, 5, HasTime::kYes,
                                          table.types(), &decoded);
    EXPECT_TRUE(status.ok() || !status.message().empty());
  }
  for (std::size_t size = 0; size < block.size(); ++size) {
    EXPECT_FALSE(DecodeTinyBlock(std::string_view(block).substr(0, size), 5, HasTime::kYes,
                                 table.types(), &decoded)
                     .ok());
  }
  EXPECT_EQ(DecodeTinyBlock(block + '\0', 5, HasTime::kYes, table.types(), &decoded).code(),
            Code::kCorrupt);
  EXPECT_EQ(DecodeTinyBlock(block, 17, HasTime::kYes, table.types(), &decoded).code(),
            Code::kCorrupt);
}

#if defined(__x86_64__)
// As torch.set_flush_denormal() does to a training program.
TEST(TinyBlock, KeepsSubnormalFloat32ValuesWhereTheyAreFlushed) {
  TinyTable table(9, HasTime::kNo);
  table.AddDoubles([](std::size_t i) {
    return static_cast<double>(std::bit_cast<float>(static_cast<std::uint32_t>(0x7F'FFFF - i)));
  });
  const unsigned control = _mm_getcsr();
  table.ExpectRoundTrip();
  _mm_setcsr(control | 0x8040U);
  table.ExpectRoundTrip();
  _mm_setcsr(control);
}
#endif

}  // namespace
}  // namespace reprise
